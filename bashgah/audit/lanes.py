"""Does what the lanes have written follow from what they have read? The journal says what was read and in which order;
that is run through the same core once more, and everything that comes out is compared byte for byte with the topics.

The outputs on the broker are compared in their order, the rows at the end. A lane may go on working meanwhile: what is
verified is everything up to the transaction that its changelog ended with at the start.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from agents.broker.interface import Broker, Output, Record, TopicPartition
from agents.lanes.opening import INPUT_NAMES, no_watermark
from agents.scoring.batch import Changes
from agents.topics.changelog import PartitionReader, changelog_of
from agents.topics.cursor import Cursor
from agents.topics.partition_counts import club_lanes
from agents.topics.programmes import ProgrammeFollower
from bashgah.audit.replay import Difference, Retracing, entries, written_as
from schemas import topics
from tables.recovery import recover
from tables.rows import is_row
from tables.store import WATERMARK_KEY, MemoryStore, Store
from tables.watermark import Watermark, decode_watermark

_OUTPUT_NAMES = tuple(
    topic.name for topic in topics.OUTPUTS if topic.partitions == "club" and topic is not topics.RECEIPT
)


class Verified(NamedTuple):
    """What was found to be right. `cut`: outputs whose records retention has deleted, by topic."""

    partition: int
    transactions: int
    decisions: int
    records: int
    outputs: int
    rows: int
    cut: dict[str, int]


async def verify(
    broker: Broker,
    partition: int,
    stores: Callable[[], Store] = MemoryStore,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Verified:
    """Replay one lane. Raises `Difference`, or `Problem` when its history is not whole.

    `stores` gives an empty store each time: two are needed. `progress` hears of transactions done, and of how many.
    """
    outputs = {name: await Cursor.open(broker, TopicPartition(name, partition)) for name in _OUTPUT_NAMES}
    inputs = {name: await Cursor.open(broker, TopicPartition(name, partition)) for name in INPUT_NAMES}
    journal: Cursor | None = None
    written, replayed = stores(), stores()
    follower = ProgrammeFollower(broker)
    try:
        # The outputs' ends were read before the changelog's, so that every output below them is of a transaction that
        # the changelog has too; the journal's end after it, so that it has them all.
        watermark = await _written_rows(broker, partition, written)
        journal = await Cursor.open(broker, TopicPartition(topics.JOURNAL.name, partition))
        await follower.open()
        replay = _Replay(partition, await club_lanes(broker), follower, inputs, outputs, replayed)
        await replay.begin()
        async for entry in entries(journal, watermark.transactions):
            await replay.apply(entry)
            progress(entry.transaction, watermark.transactions)
        await replay.finish(watermark)
        return replay.verified(_same_rows(written, replayed))
    finally:
        for cursor in [*outputs.values(), *inputs.values(), *([journal] if journal else [])]:
            await cursor.close()
        await follower.close()
        written.close()
        replayed.close()


async def _written_rows(broker: Broker, partition: int, store: Store) -> Watermark:
    place = changelog_of(partition)
    end = (await broker.end_offsets([place]))[place]
    reader = await broker.reader()
    try:
        await recover(store, PartitionReader(reader, place), "", end)
    finally:
        await reader.close()
    value = store.get_many([WATERMARK_KEY])[0]
    if value is None:
        raise no_watermark(partition)
    return decode_watermark(value)


class _Replay(Retracing):
    """The lane's core, whose outputs are compared with those on the broker."""

    def __init__(
        self,
        partition: int,
        partitions: int,
        follower: ProgrammeFollower,
        inputs: dict[str, Cursor],
        outputs: dict[str, Cursor],
        store: Store,
    ) -> None:
        super().__init__(partition, partitions, follower.shelf, inputs, store)
        self._outputs = outputs
        self._compared = 0
        self._cut: dict[str, Record | None] = {}
        self._unseen: dict[str, int] = {}

    async def begin(self) -> None:
        """Look where outputs begin: those whose first records retention has deleted are compared from the next on."""
        for name, cursor in self._outputs.items():
            if cursor.begin > 0:
                self._cut[name] = await cursor.next()
                self._unseen[name] = 0

    async def came_out(self, changes: Changes) -> None:
        """Compare everything with what is on the broker next."""
        for output in changes.outputs:
            await self._compare(output)

    async def finish(self, watermark: Watermark) -> None:
        """Everything has been replayed: the watermark must agree, and no output may be left over."""
        for name, cursor in self._outputs.items():
            extra = self._cut.get(name) or await cursor.next()
            if extra is not None:
                where = f"{extra.topic}/{extra.partition} offset {extra.offset}"
                raise Difference(f"{where}: follows from nothing that was read", None, extra.value)
        clock = self.processor.clock if self.processor else None
        last_tick = self.processor.last_tick if self.processor else None
        expected = (self.ends, clock, last_tick)
        found = (dict(watermark.offsets), watermark.clock, watermark.last_tick)
        if expected != found:
            raise Difference(f"lane {self.partition}: watermark (offsets, clock, last tick)", expected, found)

    def verified(self, rows: int) -> Verified:
        """The result, with the number of rows that were compared."""
        return Verified(
            self.partition,
            self.transactions,
            self.decisions,
            self.records,
            self._compared,
            rows,
            {name: count for name, count in self._unseen.items() if count},
        )

    async def _compare(self, output: Output) -> None:
        cursor = self._outputs[output.topic]
        if output.topic in self._cut:
            first = self._cut[output.topic]
            if first is None or not written_as(output, first):
                self._unseen[output.topic] += 1
                return
            del self._cut[output.topic]
            self._compared += 1
            return
        found = await cursor.further()
        if found is None:
            raise Difference(f"{output.topic}/{output.partition}: a record is missing", output.value, None)
        if not written_as(output, found):
            raise _difference(output, found)
        self._compared += 1


def _difference(output: Output, record: Record) -> Difference:
    where = f"{record.topic}/{record.partition} offset {record.offset}"
    if output.key != record.key:
        return Difference(f"{where}: key", output.key, record.key)
    if output.value != record.value:
        return Difference(f"{where}: value", output.value, record.value)
    return Difference(f"{where}: headers", output.headers, record.headers)


def _same_rows(written: Store, replayed: Store) -> int:
    """Compare all rows in order of keys; how many there are."""
    count = 0
    mine, theirs = replayed.scan(b"", b"\xff"), written.scan(b"", b"\xff")
    expected, found = _next_row(mine), _next_row(theirs)
    while expected is not None or found is not None:
        if expected != found:
            key = min(row[0] for row in (expected, found) if row is not None)
            raise Difference(
                f"row {key!r}",
                expected[1] if expected and expected[0] == key else None,
                found[1] if found and found[0] == key else None,
            )
        count += 1
        expected, found = _next_row(mine), _next_row(theirs)
    return count


def _next_row(rows: Iterator[tuple[bytes, bytes]]) -> tuple[bytes, bytes] | None:
    return next((row for row in rows if is_row(row[0])), None)
