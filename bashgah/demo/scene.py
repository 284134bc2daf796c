"""One moment of a demonstration: all that its views show."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from bashgah.demo.consumer import Ledger
from engine.programme.terms import Programme
from engine.words import Words


class Scene(msgspec.Struct, frozen=True):
    """Events are counted in this run only; points, rewards and messages are those of the whole story."""

    programme: Programme
    rules: Mapping[str, Words]
    """What each rule and each reward of points is called."""
    ledger: Ledger
    doing: str
    """What is going on, for people."""
    instant: int | None
    """Simulated time: the furthest clock of a lane."""
    began: int
    """Simulated time at the beginning of the story."""
    processed: int
    goal: int | None
    waiting: int
    """Published and not processed."""
    rate: int
    """Events a second, over the last few seconds."""
    history: Sequence[int]
    """Events in each of the last seconds."""
    refusals: Counter[str]
    top: Sequence[tuple[str, int]]
    """Members and their points, highest first."""
    dashboard: str
    """Where a browser finds the festivals; empty until it does."""
    member_page: str
    """A link to one member's own page, good for minutes; empty until somebody stands on a board."""


class View(Protocol):
    """Shows scenes."""

    def starting(self, step: str) -> None:
        """Nothing is to be seen yet; this is what the start is at."""

    def show(self, scene: Scene) -> None:
        """Show a moment."""

    def close(self) -> None:
        """Give the terminal back; safe to call twice, also out of a signal handler."""


def shown_rules(scene: Scene) -> list[tuple[Words, int, int]]:
    """Name, points granted and points taken back: the programme's rules in its order, then rewards that gave some."""
    ledger = scene.ledger
    ids = [rule.id for rule in scene.programme.rules]
    ids += sorted(set(ledger.granted) - set(ids))
    return [(scene.rules.get(id, Words(id, "")), ledger.granted[id], ledger.taken[id]) for id in ids]
