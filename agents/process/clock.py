"""The wall clock, read in one place. Everything that decides receives instants as arguments: ms since 1970 UTC."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Gives the present instant; a test or a simulation passes its own."""


def wall_clock() -> int:
    """The instant that the machine's clock shows, in ms since 1970 UTC."""
    return time.time_ns() // 1_000_000
