"""The club's rules, pure: values in, values out; no I/O, no clock, no randomness.

Read `engine.scoring.decide` first. Everything the club can do to a member's points happens below it.
"""
