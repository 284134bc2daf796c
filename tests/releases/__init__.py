"""Clubs that earlier releases have recorded, and that this one verifies and goes on with."""
