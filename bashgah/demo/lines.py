"""The view without a terminal: one plain line a second."""

import time
from typing import TextIO

from bashgah.cli.text.members import clock_text
from bashgah.demo.people import date_words, grouped
from bashgah.demo.scene import Scene
from monitoring.terminal import say

_INTERVAL_S = 1.0


class Lines:
    """Writes to a file or a pipe."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._next_s = 0.0
        self._invited = False
        self._page = ""

    def starting(self, step: str) -> None:
        """See `View`."""
        say(step, to=self._out)

    def show(self, scene: Scene) -> None:
        """See `View`."""
        if scene.dashboard and not self._invited:
            self._invited = True
            say(f"the festivals, live: {scene.dashboard}", to=self._out)
        if scene.member_page != self._page:
            self._page = scene.member_page
            say(f"a member's own page: {self._page}", to=self._out)
        now_s = time.monotonic()
        if scene.instant is not None and now_s >= self._next_s:
            self._next_s = now_s + _INTERVAL_S
            say(line(scene, scene.instant), to=self._out)

    def close(self) -> None:
        """See `View`."""


def line(scene: Scene, instant: int) -> str:
    """A moment in a line."""
    ledger = scene.ledger
    goal = f" of {grouped(scene.goal)}" if scene.goal is not None else ""
    facts = (
        f"{date_words(instant).en} {clock_text(instant)} Tehran",
        f"{grouped(scene.processed)}{goal} events",
        f"{grouped(scene.rate)}/s",
        f"{grouped(scene.waiting)} waiting",
        f"{grouped(sum(ledger.granted.values()))} points granted",
        f"{grouped(ledger.total.active)} active",
        f"{ledger.rewards.total():,} rewards",
        f"{ledger.messages:,} messages",
        f"{ledger.letters.total():,} dead letters",
    )
    return "  ".join(facts)
