"""Does what the coordinator has written follow from what the lanes told? Its journal says what was taken, in which
order, and when boards were due; that is run through the same core once more and compared byte for byte.

Old records of `club.leaderboard` go when it is compacted: one that is missing is passed over if a later one of its key
is there, or if its board has ended. Other records of `club.command` than the coordinator's are not looked at.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple

import msgspec

from agents.boards.coordinator import Coordinator, Unusable
from agents.boards.observer import CoordinatorObserver
from agents.boards.opening import CHANGELOG, NAME, PARTIAL, Place, find, last_watermark, recovered
from agents.boards.records import LEADERBOARD
from agents.broker.interface import Broker, Output, Record, TopicPartition
from agents.task.refusal import Refused
from agents.topics.cursor import Cursor
from agents.topics.programmes import ProgrammeFollower
from bashgah.admin.coordinator import ANEW
from bashgah.audit.replay import Difference, incomplete, written_as
from engine.programme.versions import Shelf
from schemas import topics
from schemas.commands import SOURCE
from tables.coordination import BoardTerms, CoordinatorEntry, decode_coordinator_entry, is_row
from tables.journal import Adopt, Take, Tick, Work, ends_of, steps_of
from tables.store import MemoryStore, Store
from tables.watermark import Watermark

_MERGED_AT_ONCE = 10_000


class CoordinatorVerified(NamedTuple):
    """What was found to be right. `cut`: outputs whose records compaction or retention has deleted."""

    transactions: int
    decisions: int
    records: int
    outputs: int
    rows: int
    cut: int


async def verify_coordinator(
    broker: Broker, progress: Callable[[int, int], None] = lambda done, of: None
) -> CoordinatorVerified:
    """Replay it. Raises `Difference`, or `Problem` when its history is not whole. It may go on working meanwhile.

    `progress` hears of transactions done, and of how many.
    """
    place, described = await find(broker)
    written_places = [TopicPartition(LEADERBOARD, 0)]
    written_places += [TopicPartition(topics.COMMAND.name, number) for number in range(place.lanes)]
    found: dict[TopicPartition, _Written] = {}
    cursors: list[Cursor] = []
    follower = ProgrammeFollower(broker)
    try:
        for each in written_places:  # before the changelog: so that each output found is of a transaction that it has
            cursors.append(cursor := await Cursor.open(broker, each))
            found[each] = _Written(cursor)
        rows = MemoryStore()
        await recovered(broker, rows, described[CHANGELOG.topic], CoordinatorObserver())
        watermark = last_watermark(rows)
        if watermark is None:
            raise Refused(CHANGELOG.topic, "the coordinator has not worked yet", "run a worker that owns lane 0")
        cursors.append(journal := await Cursor.open(broker, place.journal))
        cursors.append(partial := await Cursor.open(broker, PARTIAL))
        await follower.open()
        replay = _Replay(place, follower, partial, found)
        async for entry in _entries(journal, watermark.transactions):
            await replay.apply(entry)
            progress(entry.entry.transaction, watermark.transactions)
        await replay.finish(watermark)
        return replay.verified(_same_rows(rows, replay.store))
    finally:
        for cursor in cursors:
            await cursor.close()
        await follower.close()


async def _entries(journal: Cursor, transactions: int) -> AsyncIterator[CoordinatorEntry]:
    """The entries up to a transaction. Raises `Difference` unless each follows the one before."""
    if journal.begin > 0:
        raise incomplete(journal.place, f"its first record is {journal.begin}, the earlier ones were deleted")
    where = f"{journal.place.topic}/{journal.place.partition}"
    ends: dict[str, int] | None = None
    for number in range(transactions + 1):
        record = await journal.next()
        if record is None:
            raise Difference(f"{where}: the end of the journal", f"transaction {transactions}", f"{number} entries")
        found = decode_coordinator_entry(record.value or b"")
        if found.entry.transaction != number:
            raise Difference(f"{where} offset {record.offset}", f"transaction {number}", found.entry.transaction)
        anew = found.entry.decision is not None and found.entry.decision.action == ANEW
        if ends is not None and not anew and found.entry.starts != ends:
            raise Difference(f"{where} offset {record.offset}: next offset", ends, found.entry.starts)
        ends = ends_of(found.entry)
        yield found


class _Written:
    """What one partition holds of what the coordinator has put out, compared in order."""

    def __init__(self, cursor: Cursor) -> None:
        self.compared = self.cut = 0
        self._cursor = cursor
        self._compacted = cursor.place.topic == LEADERBOARD
        self._next: Record | None = None
        self._missing: dict[bytes | None, Output] = {}

    async def compare(self, output: Output) -> None:
        """Find an output there next, or note that it is missing. Raises `Difference` where that cannot be."""
        found = await self._peek()
        if found is not None and written_as(output, found):
            self._next = None
            self.compared += 1
            self._missing.pop(output.key, None)
            return
        begun = self.compared > 0 or self._cursor.begin == 0
        if begun and not self._compacted:
            raise self._difference(output, found)
        self.cut += 1
        self._missing[output.key] = output

    async def finish(self) -> None:
        """Nothing may be left over, and what is missing must have been followed by another record of its key."""
        extra = await self._peek()
        if extra is not None and extra.offset >= self._cursor.end:
            extra = None  # it has worked on since
        missing = [output for output in self._missing.values() if output.value is not None]
        if missing and self._compacted:
            raise self._difference(missing[0], extra)
        if extra is not None:
            raise Difference(f"{self._where(extra)}: follows from nothing that was read", None, extra.value)

    async def _peek(self) -> Record | None:
        while self._next is None:
            record = await self._cursor.further()
            if record is None:
                return None
            if self._compacted or _source(record) == SOURCE:
                self._next = record
        return self._next

    def _difference(self, output: Output, found: Record | None) -> Difference:
        if found is None:
            return Difference(f"{output.topic}/{output.partition}: a record is missing", output.value, None)
        field = "value" if output.key == found.key else "key"
        if output[2:4] == found[4:6]:
            return Difference(f"{self._where(found)}: headers", output.headers, found.headers)
        return Difference(f"{self._where(found)}: {field}", output.value, found.value)

    def _where(self, record: Record) -> str:
        return f"{record.topic}/{record.partition} offset {record.offset}"


class _Replay:
    """The core, fed from the journal. `store`: the rows that come of it."""

    def __init__(
        self, place: Place, follower: ProgrammeFollower, partial: Cursor, written: dict[TopicPartition, _Written]
    ) -> None:
        self.store = MemoryStore()
        self._place = place
        self._follower = follower
        self._partial = partial
        self._written = written
        self._coordinator = self._new()
        self._transactions = self._decisions = self._records = 0
        self._end = 0

    async def apply(self, found: CoordinatorEntry) -> None:
        """Take the steps of one transaction."""
        entry, coordinator = found.entry, self._coordinator
        self._transactions = entry.transaction
        self._end = ends_of(entry)[PARTIAL.topic]
        if entry.decision is not None:
            self._decisions += 1
            if entry.decision.action == ANEW:
                self.store = MemoryStore()
                coordinator = self._coordinator = self._new()
            elif entry.decision.offsets != entry.starts:
                coordinator.forget()
            if entry.decision.programme_offset != coordinator.programme_offset:
                offset = entry.decision.programme_offset
                coordinator.adopt(self._follower.shelf(offset), offset)
        coordinator.terms, coordinator.meaning, coordinator.replay = found.terms, entry.meaning, bool(entry.replay)
        for step in steps_of(entry):
            match step:
                case Take(_, start, end):
                    await self._take(start, end)
                case Adopt(offset):
                    coordinator.adopt(self._follower.shelf(offset), offset)
                case Work(commands_max):
                    while not coordinator.merge(_MERGED_AT_ONCE):
                        pass
                    coordinator.work(commands_max)
                case Tick(now):
                    coordinator.publish(now)
        changes = coordinator.changes()
        self.store.write(changes.rows)
        for output in changes.outputs:
            await self._written[TopicPartition(output.topic, output.partition)].compare(output)

    async def finish(self, watermark: Watermark) -> None:
        """Everything has been replayed: the watermark must agree, and no output may be left over."""
        for written in self._written.values():
            await written.finish()
        expected = (self._end, self._coordinator.as_of, self._coordinator.programme_offset)
        found = (watermark.offsets[PARTIAL.topic], watermark.last_tick, watermark.programme_offset)
        if expected != found:
            raise Difference(f"{NAME}: watermark (offset, as of, programmes)", expected, found)

    def verified(self, rows: int) -> CoordinatorVerified:
        """The result, with the number of rows that were compared."""
        return CoordinatorVerified(
            self._transactions,
            self._decisions,
            self._records,
            sum(each.compared for each in self._written.values()),
            rows,
            sum(each.cut for each in self._written.values()),
        )

    async def _take(self, start: int, end: int) -> None:
        if start < self._partial.begin:
            raise incomplete(PARTIAL, f"offset {start} is needed, its first record is {self._partial.begin}")
        await self._partial.seek(start)
        records = await self._partial.until(end)
        try:
            taken = self._coordinator.take(records)
        except Unusable as error:
            where = f"{PARTIAL.topic} offset {error.record.offset}"
            raise Difference(where, "what follows from the records before", error.reason) from error
        self._records += taken
        if taken != len(records):
            raise Difference(f"{PARTIAL.topic} offset {records[taken].offset}", "to be taken", "versions are missing")

    def _new(self) -> Coordinator:
        """One without rows: there is nothing to load."""
        return Coordinator(self.store, Shelf(), 0, lanes=self._place.lanes, as_of=None, terms=BoardTerms())


class _Named(msgspec.Struct):
    source: str


def _source(record: Record) -> str:
    try:
        return msgspec.json.decode(record.value or b"", type=_Named).source
    except ValueError:
        return ""


def _same_rows(written: Store, replayed: Store) -> int:
    """Compare all rows; how many there are."""
    mine, theirs = dict(_rows(replayed)), dict(_rows(written))
    for key in sorted(mine.keys() | theirs.keys()):
        if mine.get(key) != theirs.get(key):
            raise Difference(f"row {key!r}", mine.get(key), theirs.get(key))
    return len(mine)


def _rows(store: Store) -> Iterator[tuple[bytes, bytes]]:
    return (row for row in store.scan(b"", b"\xff") if is_row(row[0]))
