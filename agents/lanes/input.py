"""One input of a lane: the runs that wait, and how far the partition has been read, known and consumed."""

from collections import deque
from collections.abc import Callable, Sequence

from agents.lanes.run import Run
from agents.scoring.intake import StampedRecord, decode_record
from agents.task.refusal import Fault
from schemas.records import Record, content_bytes

Decode = Callable[[Record], StampedRecord]
_NEVER = float("-inf")


class Input:
    """A queue of runs, each decoded when it comes to the front.

    `position` is the read position: everything below has been received. `stable` is the partition's end as last known,
    `asked_at` the event loop's time at which that was asked for. `records` and `bytes` wait here. `overdue`: the merge
    has waited for this input as long as it may.
    """

    def __init__(self, topic: str, position: int, decode: Decode = decode_record) -> None:
        self.topic = topic
        self.position = position
        self.stable = position
        self.asked_at = _NEVER
        self.head_received_at = _NEVER
        self.records = 0
        self.bytes = 0
        self.overdue = False
        self._end_is_fixed = False
        self._decode = decode
        self._runs: deque[tuple[Run, float]] = deque()
        self._items: list[StampedRecord] = []
        self._index = 0

    def receive(self, run: Run, now: float) -> None:
        """Queue a run. Raises `Fault` when it does not begin where the last one ended: records would be lost."""
        if run.start != self.position:
            reason = f"a run begins at {run.start}, the lane expects {self.position}"
            raise Fault(f"{run.topic}/{run.partition}", reason, "the restart reads on from the watermark")
        self.position = run.end
        self.overdue = False
        self.stable = max(self.stable, run.stable, run.end)
        if run.records:
            self._runs.append((run, now))
            self.records += len(run.records)
            self.bytes += sum(content_bytes(record) for record in run.records)

    def learn(self, stable: int, asked_at: float) -> None:
        """Note where the partition ends, asked for at `asked_at`."""
        if not self._end_is_fixed:
            self.stable = max(stable, self.stable)
            self.asked_at = max(asked_at, self.asked_at)

    def fix_end(self, end: int) -> None:
        """The partition ends here for this lane, whatever is added to it."""
        self._end_is_fixed = True
        self.stable, self.asked_at = end, float("inf")

    def head(self) -> StampedRecord | None:
        """The next item, or None when nothing waits."""
        if self._index == len(self._items):
            if not self._runs:
                return None
            run, self.head_received_at = self._runs.popleft()
            decode = self._decode
            self._items = [decode(record) for record in run.records]
            self._index = 0
        return self._items[self._index]

    def pop_until(
        self, bound: tuple[int, int] | None, index: int, records_max: int, bytes_max: int
    ) -> list[StampedRecord]:
        """Take the head, and what follows it in its run while (time, `index`) stays below `bound` and it fits."""
        items = self._items
        begin = end = self._index
        last = min(len(items), begin + records_max)
        room = bytes_max
        while end < last and room > 0:
            item = items[end]
            if bound is not None and end > begin:
                activity = item.activity
                if activity is not None and (activity.time, index) > bound:
                    break
            room -= content_bytes(item.record)
            end += 1
        self._index = end
        self.records -= end - begin
        self.bytes -= bytes_max - room
        return items[begin:end]

    def put_back(self, items: Sequence[StampedRecord]) -> None:
        """Undo `pop_until` for its last items, in their order."""
        self._items = [*items, *self._items[self._index :]]
        self._index = 0
        self.records += len(items)
        self.bytes += sum(content_bytes(item.record) for item in items)

    @property
    def consumed(self) -> int:
        """Everything below this offset has been taken."""
        if self._index < len(self._items):
            return self._items[self._index].record.offset
        return self._runs[0][0].start if self._runs else self.position

    @property
    def behind(self) -> bool:
        """Whether the partition holds committed records that have not been received."""
        return self.position < self.stable
