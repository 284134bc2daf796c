"""What auditors ask: whether all that was written follows from what was read, and why a member has these points."""
