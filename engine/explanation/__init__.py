"""Why an event came to what it came to."""
