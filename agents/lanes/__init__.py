"""Lanes: one for each partition number, which turns what its inputs hold into transactions, in order, exactly once."""
