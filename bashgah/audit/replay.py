"""A lane's way, taken once more: the journal says what was read, in which order, and when the clock ticked.

`verify` takes it with every record and compares what comes out; `member explain` with one member's records only.
"""

from collections.abc import Callable, Mapping
from functools import partial

from agents.scoring.batch import Limits
from agents.scoring.intake import StampedRecord, decode_record
from agents.scoring.processor import Processor
from agents.topics.cursor import Cursor
from agents.topics.dead_letters import left_out
from bashgah.audit.comparison import Difference
from bashgah.audit.journal import between, check_kept, incomplete
from bashgah.audit.verify import CameOut
from engine.programme.versions import ProgrammeVersions
from schemas.dead_letter import accepts_age
from schemas.records import RECORD_BYTES_HELD_MAX, Record
from tables.journal import Adopt, JournalEntry, OperatorDecision, Take, Tick, TicksAhead, Work, ends_of, steps_of
from tables.store import Store
from tables.watermark import Watermark

_NO_LIMIT = 1 << 62


class LaneReplay:
    """One lane's core, fed from its journal. `came_out` takes what it puts out; subclasses may leave records out.

    `ends`: next offset of each input after what was applied. `records` and `decisions` (of operators) are counted.
    """

    def __init__(
        self,
        partition: int,
        partitions: int,
        inputs: Mapping[str, Cursor],
        versions: Callable[[int], ProgrammeVersions],
        store: Store,
        came_out: CameOut,
    ) -> None:
        self.partition = partition
        self.partitions = partitions
        self.store = store
        self.processor: Processor | None = None
        self.ends: dict[str, int] = {}
        self.records = self.decisions = self.transactions = 0
        self._versions = versions
        self._inputs = inputs
        self._came_out = came_out

    async def apply(self, entry: JournalEntry, value: bytes) -> None:
        """See `Replay`. The entry says all."""
        self.transactions = entry.transaction
        self.ends = ends_of(entry)
        if entry.decision is not None:
            self.decisions += 1
            if self.processor is not None:
                self.processor.adopt(self._versions(entry.decision.programme_offset))
            if entry.decision.record is not None:
                await self.skipped(await self._left_out(*entry.decision.record), entry.decision)
            return
        processor = self.processor = self.processor or self._new(entry)
        processor.meaning = entry.meaning
        processor.exempts = partial(_passed, frozenset(entry.passed)) if entry.meaning >= 1 else _decided_by_headers
        processor.limits = Limits(
            ahead_ms_max=entry.ahead_ms_max,
            behind_ms_max=entry.behind_ms_max,
            record_bytes_max=entry.record_bytes_max or _NO_LIMIT,
        )
        items: list[StampedRecord] = []
        for step in steps_of(entry):
            if isinstance(step, Take):
                items += await self.items(step, processor.limits.record_bytes_max)
                continue
            await self.take(processor, items, entry.now)
            items = []
            if isinstance(step, Adopt):
                processor.adopt(self._versions(step.offset))
            elif isinstance(step, Tick):
                processor.begin_tick(step.instant)
            elif isinstance(step, Work):
                processor.apply_due(step.budget)
            elif isinstance(step, TicksAhead):
                while not processor.advance_to(step.instant):
                    await self.keep(processor)
        await self.take(processor, items, entry.now)
        for name in entry.published:
            processor.frozen_rounds.published(name)
        await self.keep(processor)

    async def skipped(self, record: Record, decision: OperatorDecision) -> None:
        """An operator has left out this record."""
        letter = left_out(record, self.partition, decision.operator, decision.reason, self.store)
        await self._came_out([letter])

    async def _left_out(self, topic: str, offset: int) -> Record:
        cursor = self._inputs[topic]
        check_kept(cursor, offset)
        record = await cursor.at(offset)
        if record is None:
            raise Difference(f"{topic}/{self.partition} offset {offset}", "the record that was left out", None)
        return record

    async def items(self, step: Take, record_bytes_max: int) -> list[StampedRecord]:
        """The records of a step that count, decoded as they were under this limit."""
        cursor = self._inputs[step.topic]
        records = await between(cursor, step.start, step.end)
        self.records += len(records)
        for record in records:
            if record.withheld is not None and record_bytes_max > RECORD_BYTES_HELD_MAX:
                where = f"its record {record.offset} was taken by a release that held records of any size"
                raise incomplete(cursor.place, f"{where}; this one holds at most {RECORD_BYTES_HELD_MAX} bytes")
        return [decode_record(record, record_bytes_max) for record in records if self.counts(record)]

    def counts(self, record: Record) -> bool:
        """Whether a record is taken; all are, unless a subclass looks for less."""
        return True

    async def take(self, processor: Processor, items: list[StampedRecord], now: int) -> None:
        """Let the core take the items."""
        while items:
            taken = processor.take(items, now)
            items = items[taken:]
            if items:
                await self.keep(processor)

    async def keep(self, processor: Processor) -> None:
        """Write what changed to the store, and pass on what came out."""
        changes = processor.changes()
        self.store.write(changes.rows)
        await self._came_out(changes.outputs)

    def expected(self, watermark: Watermark) -> tuple[str, object, object]:
        """See `Replay`."""
        clock, last_tick = (self.processor.clock, self.processor.last_tick) if self.processor else (None, None)
        found = (dict(watermark.offsets), watermark.clock, watermark.last_tick)
        return "offsets, clock, last tick", (self.ends, clock, last_tick), found

    def _new(self, entry: JournalEntry) -> Processor:
        return Processor(
            self.store, ProgrammeVersions(),
            partition=self.partition, partitions=self.partitions, replay=bool(entry.replay),
        )  # fmt: skip


def _passed(passed: frozenset[tuple[str, int]], record: Record, now: int) -> bool:
    """The journal lists what was let pass, so that nobody needs the keys to retrace it."""
    return (record.topic, record.offset) in passed


def _decided_by_headers(record: Record, now: int) -> bool:
    """Earlier releases believed the headers."""
    return accepts_age(record.headers)
