"""What one transaction of a lane consists of, and its entry in the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agents.lanes.merge import BatchPart
from agents.scoring.batch import Limits
from agents.scoring.intake import StampedRecord
from engine.meaning import CURRENT
from tables.journal import Adopt, JournalEntry, Step, Take, Tick, pairs_of
from tables.watermark import Watermark

STEPS_MAX = 10_000
"""Steps that are carried from turn to turn, at 11 bytes each in the journal, before they are written down."""


@dataclass(slots=True)
class LaneTransaction:
    """The steps of a lane on the way to its next transaction. `now` is the wall clock read for its records, `published`
    are frozen rounds that it has told the coordinator whole."""

    now: int
    steps: list[Step] = field(default_factory=list)
    parts: list[BatchPart] = field(default_factory=list)
    published: list[str] = field(default_factory=list)

    @property
    def items(self) -> list[StampedRecord]:
        """All records taken, in order."""
        return [item for part in self.parts for item in part.items]

    @property
    def ticked(self) -> bool:
        """Whether the clock ticked in it."""
        return any(isinstance(step, Tick) for step in self.steps)

    @property
    def full(self) -> bool:
        """Whether it is to be committed though nothing came of it: a club that is idle for years may adopt versions."""
        return len(self.steps) >= STEPS_MAX

    def standing(self) -> list[Step]:
        """The steps that stand even when nothing came of them, because what a later transaction does depends on them:
        versions adopted, and members rescheduled because of them."""
        return self.steps if any(isinstance(step, Adopt) for step in self.steps) else []

    def took(self, parts: Sequence[BatchPart], offsets: Mapping[str, int]) -> None:
        """Note what was consumed, after `offsets`."""
        self.parts.extend(parts)
        reached = dict(offsets)
        for source, items in parts:
            end = items[-1].record.offset + 1
            self.steps.append(Take(source.topic, reached[source.topic], end))
            reached[source.topic] = end

    def entry(
        self, before: Watermark, after: Watermark, limits: Limits, passed: tuple[tuple[str, int], ...] = ()
    ) -> JournalEntry:
        """The journal's entry. Offsets that hold no records, behind the last one taken, are covered by it too."""
        starts = dict(before.offsets)
        reached = starts | {step.topic: step.end for step in self.steps if isinstance(step, Take)}
        gaps = [Take(topic, reached[topic], end) for topic, end in after.offsets.items() if end > reached[topic]]
        return JournalEntry(
            transaction=after.transactions,
            now=self.now,
            replay=after.replay,
            ahead_ms_max=limits.ahead_ms_max,
            behind_ms_max=limits.behind_ms_max,
            record_bytes_max=limits.record_bytes_max,
            starts=starts,
            steps=pairs_of(starts, [*self.steps, *gaps]),
            published=tuple(self.published),
            meaning=CURRENT,
            passed=passed,
        )
