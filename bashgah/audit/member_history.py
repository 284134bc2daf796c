"""One event of one member, or all of them, decided once more: the lane's way is retraced from its journal, up to its
present end.

What comes out must be what stands on `club.points` and `club.festival`, or the answer would be about another club. On
a wall clock the member's own records and the ticks suffice. A replay clock is moved by everybody's records, so all are
taken; so they are where the short way comes to anything else than what was posted.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from agents.broker.interface import Broker
from agents.lanes.spec import no_watermark
from agents.scoring.intake import StampedRecord, decode_record
from agents.scoring.processor import Processor
from agents.topics.changelog import last_watermark
from agents.topics.cursor import Cursor
from agents.topics.partition_counts import INPUT_NAMES, club_lanes
from agents.topics.programmes import ProgrammeFollower
from bashgah.admin.masking import shown_detail
from bashgah.audit.comparison import Difference
from bashgah.audit.journal import entries
from bashgah.audit.replay import LaneReplay
from engine.explanation.events import Explanation, explain
from engine.outcome import Outcome, Reason
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import OutputRecord, Record, TopicPartition
from tables.journal import JournalEntry, OperatorDecision, decode_entry
from tables.overlay import MemberRows
from tables.store import MemoryStore


class Wanted(NamedTuple):
    """Which event of which member; without source and id all of them."""

    member: str
    source: str | None = None
    id: str | None = None

    @property
    def key(self) -> bytes:
        """The key of the member's records."""
        return self.member.encode()

    def named(self, source: object, id: object) -> bool:
        """Whether these are the source and the id of what is asked for."""
        return self.id is None or (source, id) == (self.source, self.id)


class Occurrence(NamedTuple):
    """One time that the event was taken: where it stood, in which transaction of the lane, and what became of it.

    `detail` is the dead letter's; `explanation` is given where the event was decided.
    """

    record: Record
    transaction: int
    outcome: Outcome
    reason: Reason
    detail: str | None
    explanation: Explanation | None


class History(NamedTuple):
    """All there is on an event. `waiting`: published and not taken yet. `postings`: the records of `club.points` that
    go back to it, which are those that were worked out again; `deleted`: how many of these retention has deleted.
    `scores` and `scores_deleted`: the same of `club.festival`.

    `unreadable`: records of the member from which no id can be read, so that one of them may be it. `versions`: the
    versions that the lane knows, `rows`: the member's rows, both as they are now.
    """

    wanted: Wanted
    partition: int
    occurrences: tuple[Occurrence, ...]
    waiting: tuple[Record, ...]
    postings: tuple[Record, ...]
    deleted: int
    scores: tuple[Record, ...]
    scores_deleted: int
    unreadable: int
    versions: ProgrammeVersions
    rows: MemberRows


async def history(broker: Broker, wanted: Wanted, progress: Callable[[int, int], None]) -> History:
    """Everything about an event. Raises `Difference` where the postings are not what follows from the journal, and
    `ClubError` where the lane's history is not whole. `progress` hears of transactions done, and of how many."""
    partition = partition_of(wanted.key, await club_lanes(broker))
    try:
        return await _retraced(broker, wanted, partition, progress, everybody=False)
    except Difference:
        return await _retraced(broker, wanted, partition, progress, everybody=True)


async def _retraced(
    broker: Broker, wanted: Wanted, partition: int, progress: Callable[[int, int], None], *, everybody: bool
) -> History:
    cursors: list[Cursor] = []
    follower = ProgrammeFollower(broker)

    async def opened(topic: str) -> Cursor:
        cursors.append(await Cursor.open(broker, TopicPartition(topic, partition)))
        return cursors[-1]

    try:
        # The outputs' end is read before the watermark, so that each below it is of a transaction that is retraced.
        points, festivals = await opened(topics.POINTS.name), await opened(topics.FESTIVAL.name)
        watermark = await last_watermark(broker, partition)
        if watermark is None:
            raise no_watermark(partition)
        inputs = {name: await opened(name) for name in INPUT_NAMES}
        journal = await opened(topics.JOURNAL.name)
        await follower.open()
        way = _Way(wanted, partition, await club_lanes(broker), inputs, follower.versions, everybody)
        async for entry, value in entries(journal, watermark.transactions, decode_entry):
            await way.apply(entry, value)
            progress(entry.transaction, watermark.transactions)
        postings, deleted = await _compared(broker, wanted, points, way.outputs[topics.POINTS.name])
        scores, scores_deleted = await _compared(broker, wanted, festivals, way.outputs[topics.FESTIVAL.name])
        waiting = [record for name, cursor in inputs.items() for record in await way.behind(cursor, way.ends[name])]
        return History(
            wanted, partition, tuple(way.occurrences), tuple(waiting), tuple(postings), deleted, tuple(scores),
            scores_deleted, way.unreadable, follower.versions(watermark.programme_offset),
            MemberRows(wanted.member, way.store),
        )  # fmt: skip
    finally:
        for cursor in cursors:
            await cursor.close()
        await follower.close()


class _Way(LaneReplay):
    """The lane's way with an eye on one event, or on all of the member's."""

    def __init__(
        self,
        wanted: Wanted,
        partition: int,
        partitions: int,
        inputs: Mapping[str, Cursor],
        versions: Callable[[int], ProgrammeVersions],
        everybody: bool,
    ) -> None:
        super().__init__(partition, partitions, inputs, versions, MemoryStore(), self._keep_those)
        self.occurrences: list[Occurrence] = []
        self.outputs: dict[str, list[bytes]] = {topics.POINTS.name: [], topics.FESTIVAL.name: []}
        self.unreadable = 0
        self._wanted = wanted
        self._everybody = everybody

    async def apply(self, entry: JournalEntry, value: bytes) -> None:
        """See `LaneReplay`. A replay clock goes by everybody's records."""
        self._everybody = self._everybody or bool(entry.replay)
        await super().apply(entry, value)

    def counts(self, record: Record) -> bool:
        """See `LaneReplay`."""
        return self._everybody or record.key == self._wanted.key

    async def take(self, processor: Processor, items: list[StampedRecord], now: int) -> None:
        """Take the items, the wanted one by itself."""
        begin = 0
        for index, item in enumerate(items):
            if item.record.key == self._wanted.key and self._is_it(item):
                await super().take(processor, items[begin:index], now)
                await self._witness(processor, item, now)
                begin = index + 1
        await super().take(processor, items[begin:], now)

    async def skipped(self, record: Record, decision: OperatorDecision) -> None:
        """See `LaneReplay`."""
        await super().skipped(record, decision)
        if record.key == self._wanted.key and self._is_it(decode_record(record)):
            detail = f"{decision.operator}: {decision.reason}"
            found = Occurrence(record, self.transactions, Outcome.DEAD_LETTER, Reason.SKIPPED, detail, None)
            self.occurrences.append(found)

    async def _keep_those(self, outputs: Sequence[OutputRecord]) -> None:
        """Keep the postings and the scores that go back to the event, whenever they come."""
        for output in outputs:
            if output.topic in self.outputs and output.key == self._wanted.key:
                assert output.value is not None
                if _goes_back_to(output.value, self._wanted):
                    self.outputs[output.topic].append(output.value)

    async def behind(self, cursor: Cursor, end: int) -> list[Record]:
        """The event's records from an offset on."""
        await cursor.seek(max(end, cursor.begin))
        found: list[Record] = []
        while (record := await cursor.next()) is not None:
            if record.key == self._wanted.key and self._is_it(decode_record(record)):
                found.append(record)
        return found

    async def _witness(self, processor: Processor, item: StampedRecord, now: int) -> None:
        await self.keep(processor)
        while not processor.take([item], now):
            await self.keep(processor)
        changes = processor.changes()
        ((_, outcome, reason),) = changes.tallies.events
        detail, explanation = None, None
        if outcome is Outcome.DEAD_LETTER:
            letter = next(each for each in changes.outputs if each.topic == topics.DEAD_LETTER.name)
            detail = shown_detail(dict(letter.headers)["detail"].decode(), reveal=False)
        elif outcome is not Outcome.DUPLICATE:
            assert item.activity is not None
            before = MemberRows(self._wanted.member, self.store)  # its rows as they stood: nothing is written yet
            explanation = explain(before, item.activity, processor.versions, processor.present)
            assert (explanation.outcome, explanation.reason) == (outcome, reason)
        self.store.write(changes.rows)
        await self._keep_those(changes.outputs)
        self.occurrences.append(Occurrence(item.record, self.transactions, outcome, reason, detail, explanation))

    def _is_it(self, item: StampedRecord) -> bool:
        if item.activity is not None:
            return self._wanted.named(item.activity.source, item.activity.id)
        found = _named(item.record.value or b"")
        if found is None:
            self.unreadable += 1
        return self._wanted.named(*(found or (None, None)))


class _Names(msgspec.Struct):
    source: Any
    id: Any


def _named(value: bytes) -> tuple[Any, Any] | None:
    """Source and id of a record that is no event of the contract, as far as they can be read."""
    try:
        names = msgspec.json.decode(value, type=_Names)
    except (ValueError, RecursionError):
        return None
    return names.source, names.id


class _Posting(msgspec.Struct):
    data: "_Data"


class _Data(msgspec.Struct):
    activity: _Names


_decode_posting = msgspec.json.Decoder(_Posting).decode


def _goes_back_to(value: bytes, wanted: Wanted) -> bool:
    cause = _decode_posting(value).data.activity
    return wanted.named(cause.source, cause.id)


async def _compared(
    broker: Broker, wanted: Wanted, outputs: Cursor, worked_out: list[bytes]
) -> tuple[list[Record], int]:
    """The event's records on an output, and how many of those worked out were deleted. Raises `Difference`."""
    place = outputs.place
    end_now = (await broker.end_offsets([place]))[place]
    found = [
        record
        for record in await outputs.until(end_now)
        if record.key == wanted.key and record.value is not None and _goes_back_to(record.value, wanted)
    ]
    deleted = max(0, len(worked_out) - len(found)) if outputs.begin > 0 else 0
    expected = worked_out[deleted:]
    for index in range(max(len(expected), len(found))):
        posted = found[index] if index < len(found) else None
        if index >= len(expected) and posted is not None and posted.offset >= outputs.end:
            return found[:index], deleted  # of a later transaction than those retraced
        value = expected[index] if index < len(expected) else None
        if posted is None or posted.value != value:
            where = f"{place.topic}/{place.partition}"
            where += " a record is missing" if posted is None else f" offset {posted.offset}"
            raise Difference(where, value, posted.value if posted else None)
    return found, deleted
