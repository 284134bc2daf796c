"""The clock of recorded events: it stands at the latest time of those that were taken, and its midnights are ticks.

Each midnight that an event passes or reaches ticks ahead of that event. Midnights at which nothing happens are passed
over, so that a year without events costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.calendar import day_of, midnight

if TYPE_CHECKING:
    from agents.scoring.processor import Processor


class ReplayClock:
    """`time`: what it shows, in ms; None before the first event. `ahead`: whether midnights have ticked ahead of an
    event that has not been taken yet. `halts`: it stops at a tick that froze a round, until that is handed over."""

    def __init__(self, time: int | None, *, halts: bool) -> None:
        self.time = time
        self.ahead = False
        self._halts = halts

    def show(self, time: int) -> None:
        """An event of this time was taken. The clock never goes back."""
        if self.time is None or time > self.time:
            self.time = time

    def halted(self, processor: Processor) -> bool:
        """Whether a round that was frozen is to be handed over first."""
        return self._halts and bool(processor.frozen_rounds.newly)

    def passes_midnight(self, processor: Processor, time: int) -> bool:
        """Whether a midnight has to tick before an event of this time."""
        return self._last_midnight(processor, time) is not None

    def tick_ahead_of(self, processor: Processor, time: int) -> bool:
        """Tick at the midnights that come before an event of this time. False where a batch must end before that is
        done: come again with the same event."""
        target = self._last_midnight(processor, time)
        if target is not None and not self.tick_until(processor, target):
            self.ahead = True
            return False
        if self.time is None or time > self.time:
            self.ahead = False
        return True

    def tick_until(self, processor: Processor, target: int) -> bool:
        """Tick at the midnights up to `target`, itself one. False where a batch must end before that is done."""
        while (reached := self._reached(processor)) < target:
            due = processor.first_due(target)
            first_due = target if due is None else midnight(day_of(due - 1) + 1)
            next_change = min(first_due, processor.frozen_rounds.next_midnight(target))
            processor.begin_tick(max(midnight(day_of(reached) + 1), next_change))
            if due is not None and not processor.apply_due():
                return False
            if self.halted(processor):
                return False
        return True

    def _last_midnight(self, processor: Processor, time: int) -> int | None:
        """The last midnight that has to tick before the clock shows `time`, if any."""
        if self.time is None or time <= self.time:
            return None
        target = midnight(day_of(time))
        return target if target > self._reached(processor) else None

    def _reached(self, processor: Processor) -> int:
        """How far midnights have ticked."""
        assert self.time is not None, "the first event passes no midnight"
        return self.time if processor.last_tick is None else max(self.time, processor.last_tick)
