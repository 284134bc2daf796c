"""What a batch came to, counted for people: nothing is decided by it and none of it is written."""

from collections import Counter

from engine.outcome import Outcome, Reason


class Tallies:
    """What a batch came to: events by (type, outcome, reason), points by (rule, kind of posting), names that were
    none by the rule, and the (rule, member) of whom a cap kept something back."""

    __slots__ = ("capped", "events", "names_dropped", "points")

    def __init__(self) -> None:
        self.events: Counter[tuple[str, Outcome, Reason]] = Counter()
        self.points: Counter[tuple[str, str]] = Counter()
        self.names_dropped = 0
        self.capped: set[tuple[str, str]] = set()
