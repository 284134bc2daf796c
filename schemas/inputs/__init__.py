"""What the club reads: one module a topic, one model a type."""
