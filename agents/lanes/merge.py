"""The order in which a lane's inputs are consumed: by time, so that no purchase overtakes the registration before it.

The lowest `time` of the inputs' heads goes first, ties in the order of inputs, as `score` merges files. A head whose
record is invalid has no time and passes at once. No head passes while an input without a head is known to hold records
that have not been received; that wait has a limit, and an input that exceeds it is left out until it moves.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from agents.lanes.input import Input
from agents.scoring.intake import StampedRecord


class Halt(Enum):
    """Why a merge handed out less than it could have."""

    EMPTY = "nothing waits"
    FULL = "the batch is full"
    BEHIND = "an input is behind"
    STALE = "it is not known well enough where the inputs end"


class BatchPart(NamedTuple):
    """Items of one input that follow one another."""

    input: Input
    items: list[StampedRecord]


class MergedBatch(NamedTuple):
    """What a merge handed out, in order, and why it stopped."""

    parts: list[BatchPart]
    halt: Halt

    @property
    def items(self) -> list[StampedRecord]:
        """All items in order."""
        return [item for part in self.parts for item in part.items]


class Wait(NamedTuple):
    """A wait that has ended: for which topics, how long in seconds, and whether it ended without them."""

    topics: tuple[str, ...]
    seconds: float
    gave_up: bool


class Merge:
    """Merges inputs given in the order that breaks ties. Times are seconds of the event loop.

    `wait_s` None: it waits for an input as long as it takes. `ends_age_s`: a head may pass when the ends of the inputs
    were asked for at most this long before it was received.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        wait_s: float | None,
        ends_age_s: float,
        on_wait: Callable[[Wait], None] = lambda _: None,
    ) -> None:
        self._inputs = inputs
        self._wait_s = wait_s
        self._ends_age_s = ends_age_s
        self._on_wait = on_wait
        self._blocked_since: float | None = None
        self._blocked_by: tuple[str, ...] = ()

    def take(self, records_max: int, bytes_max: int, now: float) -> MergedBatch:
        """Hand out at most `records_max` items, and no further one once they reach `bytes_max` bytes."""
        parts: list[BatchPart] = []
        while records_max > 0 and bytes_max > 0:
            chosen = self._choose(now)
            if isinstance(chosen, Halt):
                return MergedBatch(parts, chosen)
            source, index, bound = chosen
            before = source.bytes
            items = source.pop_until(bound, index, records_max, bytes_max)
            records_max -= len(items)
            bytes_max -= before - source.bytes
            if parts and parts[-1].input is source:
                parts[-1].items.extend(items)
            else:
                parts.append(BatchPart(source, items))
        return MergedBatch(parts, Halt.FULL)

    @property
    def waits_until(self) -> float | None:
        """When the present wait for an input that is behind ends; None without one, or without a limit."""
        if self._blocked_since is None or self._wait_s is None:
            return None
        return self._blocked_since + self._wait_s

    def _choose(self, now: float) -> tuple[Input, int, tuple[int, int] | None] | Halt:
        """The input whose head goes next, its index, and the (time, index) below which it may go on alone."""
        best: tuple[int, int] | None = None
        second: tuple[int, int] | None = None
        empty: list[Input] = []
        for index, source in enumerate(self._inputs):
            head = source.head()
            if head is None:
                empty.append(source)
            elif head.activity is None:
                return source, index, _BEFORE_ALL
            else:
                key = (head.activity.time, index)
                if best is None or key < best:
                    best, second = key, best
                elif second is None or key < second:
                    second = key
        if best is None:
            self._unblock(now, False)
            return Halt.EMPTY
        chosen = self._inputs[best[1]]
        halt = self._halt(empty, chosen, now)
        return halt if halt is not None else (chosen, best[1], second)

    def _halt(self, empty: Sequence[Input], chosen: Input, now: float) -> Halt | None:
        behind = [source for source in empty if source.behind and not source.overdue]
        if not behind:
            self._unblock(now, False)
            oldest = chosen.head_received_at - self._ends_age_s
            return Halt.STALE if any(each.asked_at < oldest for each in empty if not each.overdue) else None
        if self._blocked_since is None:
            self._blocked_since = now
        self._blocked_by = tuple(source.topic for source in behind)
        limit = self.waits_until
        if limit is None or now < limit:
            return Halt.BEHIND
        for source in behind:
            source.overdue = True
        self._unblock(now, True)
        return None

    def _unblock(self, now: float, gave_up: bool) -> None:
        if self._blocked_since is not None:
            self._on_wait(Wait(self._blocked_by, now - self._blocked_since, gave_up))
            self._blocked_since = None


def put_back(parts: Sequence[BatchPart], consumed: int) -> list[BatchPart]:
    """Give all but the first `consumed` items back to their inputs; the parts that remain."""
    kept: list[BatchPart] = []
    returned: list[BatchPart] = []
    for source, items in parts:
        here = min(consumed, len(items))
        consumed -= here
        if here:
            kept.append(BatchPart(source, items[:here]))
        if here < len(items):
            returned.append(BatchPart(source, items[here:]))
    for source, items in reversed(returned):
        source.put_back(items)
    return kept


_BEFORE_ALL = (-(2**63), -1)
"""A bound that no valid item is below: invalid ones pass alone, and whether the next may follow is decided anew."""
