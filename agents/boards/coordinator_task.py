"""The coordinator's turns: from what lanes told to transactions.

Each turn: read → adopt new programmes → take what lanes told → merge a slice of the final board that comes next, or
publish it → publish live boards that are due → one transaction with rows, outputs, watermark and journal → one write to
the store. A commit is never retried, and whatever leaves a doubt ends the process.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import msgspec

from agents.boards.coordinator import BoardBacklog, ClubChanges, Coordinator, Unusable
from agents.boards.observer import CoordinatorCommitted, CoordinatorObserver
from agents.boards.options import CoordinatorOptions
from agents.boards.spec import NAME, PARTIAL
from agents.broker.interface import Reader
from agents.task.commit import OpenTask
from agents.task.refusal import TaskRefused, way
from agents.topics.programmes import PROGRAMME, ProgrammeFollower
from engine.meaning import CURRENT
from schemas.records import Record
from tables.coordinator_rows import encode_coordinator_entry
from tables.journal import Adopt, JournalEntry, Step, Take, Tick, Work, pairs_of

_FETCH_WAIT_MS = 250


class CoordinatorTask:
    """The coordinator at work, between opening and closing."""

    def __init__(
        self,
        opened: OpenTask,
        reader: Reader,
        follower: ProgrammeFollower,
        options: CoordinatorOptions,
        observer: CoordinatorObserver,
        wall_ms: Callable[[], int],
    ) -> None:
        self.opened = opened
        self._reader = reader
        self._follower = follower
        self._options = options
        self._observer = observer
        self._wall_ms = wall_ms
        self._waiting: Sequence[Record] = ()
        self._position = opened.watermark.offsets[PARTIAL.topic]
        self._records_max = self._options.batch_records_max
        self._carried: list[Step] = []
        self._next_at = 0.0
        self._progress_at = asyncio.get_running_loop().time()
        self._resting = False
        self._coordinator: Coordinator

    async def load(self) -> None:
        """Stand where the last transaction left off; others have their turns meanwhile."""
        watermark = self.opened.watermark
        offset = watermark.programme_offset
        coordinator = Coordinator(
            self.opened.store,
            self._follower.versions(offset),
            offset,
            lanes=self.opened.lanes,
            as_of=watermark.last_tick,
            terms=self._options.boards,
        )
        coordinator.replay = self._options.replay
        for _ in coordinator.load():
            await asyncio.sleep(0)
        self._coordinator = coordinator

    @property
    def caught_up(self) -> bool:
        """Whether there is nothing to do but to wait for lanes, or for boards to become due."""
        return self._resting and not self._behind

    @property
    def backlog(self) -> BoardBacklog:
        """What operators want to know, what is not yet committed included."""
        return self._coordinator.backlog

    def stalled_s(self, now: float) -> float:
        """For how long, by the loop's clock, there has been something to do and nothing of it was done."""
        if self._resting:
            self._progress_at = now
        return now - self._progress_at

    async def take(self) -> None:
        """One turn."""
        await self._read()
        steps, self._carried = self._carried, []
        self._adopt(steps)
        taken = await self._consume(steps)
        if taken is None:
            return
        self._merge(steps)
        now = self._wall_ms()
        if not self._behind and self._coordinator.publish(now):
            steps.append(Tick(now))
        changes = self._coordinator.changes()
        if taken or changes.rows or changes.outputs:
            await self._commit(steps, taken, changes, now)
        else:
            self._carried = steps

    @property
    def _behind(self) -> bool:
        """Whether what the topic held at the opening is not all taken: boards as they once were serve nobody."""
        return self._offset_after(0) < self.opened.ends[PARTIAL.topic]

    # -- steps

    async def _read(self) -> None:
        """Wait for records, or for boards that become due; not while there is other work."""
        if self._waiting:
            return
        if not self._coordinator.working:
            await asyncio.sleep(self._next_at - asyncio.get_running_loop().time())
        timeout_ms = self._timeout_ms()
        self._resting = timeout_ms > 0
        found = await self._reader.fetch(timeout_ms, self._options.batch_records_max)
        self._waiting = found.get(PARTIAL, ())
        self._resting = self._resting and not self._waiting
        self._position = await self._reader.position(PARTIAL)

    def _timeout_ms(self) -> int:
        if self._coordinator.working:
            return 0
        if self._behind:
            return _FETCH_WAIT_MS
        now = self._wall_ms()
        due_at = self._coordinator.due_at(now)
        return _FETCH_WAIT_MS if due_at is None else min(_FETCH_WAIT_MS, max(0, due_at - now))

    def _adopt(self, steps: list[Step]) -> None:
        end = self._follower.end
        if end > self._coordinator.programme_offset:
            self._coordinator.adopt(self._follower.versions(end), end)
            steps.append(Adopt(end))

    async def _consume(self, steps: list[Step]) -> int | None:
        """Take a batch; how many records. None: the turn was undone, the next one stops ahead of a record."""
        start = self.opened.watermark.offsets[PARTIAL.topic]
        batch = _fitting(self._waiting, self._records_max, self._options.batch_bytes_max)
        taken = 0
        while taken < len(batch):
            try:
                taken += self._coordinator.take(batch[taken:])
            except Unusable as error:
                if taken + error.index == 0:
                    raise _refused(error) from error
                await self.load()
                self._records_max = taken + error.index
                return None
            end = self._offset_after(taken)
            if end > start:
                steps.append(Take(PARTIAL.topic, start, end))
                start = end
            if taken < len(batch):
                await self._learn_of(batch[taken])
                self._adopt(steps)
        self._waiting = self._waiting[taken:]
        return taken

    def _offset_after(self, taken: int) -> int:
        """The next offset when so many of those that wait are taken. It passes what no reader sees."""
        return self._waiting[taken].offset if taken < len(self._waiting) else self._position

    async def _learn_of(self, record: Record) -> None:
        """Read the versions that the lane knew which wrote this record."""
        await self._follower.catch_up()
        if self._follower.end <= self._coordinator.programme_offset:
            reason = f"the lane that wrote offset {record.offset} of {PARTIAL.topic} knew versions that are not there"
            raise TaskRefused(PROGRAMME.topic, reason, "publish the versions again")

    def _merge(self, steps: list[Step]) -> None:
        if not self._coordinator.working:
            return
        began = time.perf_counter()
        ready = self._coordinator.merge(self._options.slice_places)
        if ready:
            self._coordinator.work(self._options.commands_max)
            steps.append(Work(self._options.commands_max))
        self._observer.merged(time.perf_counter() - began)
        self._progress_at = asyncio.get_running_loop().time()

    async def _commit(self, steps: list[Step], taken: int, changes: ClubChanges, now: int) -> None:
        before = self.opened.watermark
        starts = dict(before.offsets)
        ends = starts | {step.topic: step.end for step in steps if isinstance(step, Take)}
        after = msgspec.structs.replace(
            before,
            offsets=ends,
            last_tick=self._coordinator.as_of,
            programme_offset=self._coordinator.programme_offset,
            transactions=before.transactions + 1,
            app_id=self._options.app_id,
        )
        entry = JournalEntry(
            transaction=after.transactions,
            now=now,
            replay=self._coordinator.replay or None,
            starts=starts,
            steps=pairs_of(starts, steps),
            meaning=CURRENT,
        )
        value = encode_coordinator_entry(entry, self._coordinator.terms)
        self._next_at = asyncio.get_running_loop().time() + self._options.gather_ms / 1000
        times = await self.opened.commit(changes.rows, changes.outputs, after, value, self._wall_ms)
        self._records_max = self._options.batch_records_max
        self._progress_at = asyncio.get_running_loop().time()
        self._observer.committed(CoordinatorCommitted(taken, changes, after, times))


def _fitting(records: Sequence[Record], records_max: int, bytes_max: int) -> Sequence[Record]:
    """The first records that fit a transaction, one at least where there is one."""
    room = bytes_max
    for index, record in enumerate(records[:records_max]):
        room -= len(record.value or b"")
        if room < 0 and index > 0:
            return records[:index]
    return records[:records_max]


def _refused(error: Unusable) -> TaskRefused:
    record = error.record
    where = f"{record.topic}/{record.partition} offset {record.offset}"
    if error.newer:
        return TaskRefused(where, error.reason, "run the release that wrote it, or a later one")
    reason = f"what a lane tells does not follow from what was told before: {error.reason}"
    skip = way(NAME, f"--skip {record.topic}:{record.offset}")
    return TaskRefused(where, reason, f"report it with the log; {skip} leaves it out")
