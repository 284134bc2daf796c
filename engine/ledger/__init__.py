"""Members' points: how they are earned, held, capped, lapse and are told of."""
