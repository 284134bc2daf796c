"""The club's dead letters: found, counted, and replayed.

A replay puts the same bytes under the same key on the input topic again, on the partition that murmur2 of the key
gives, all chosen letters of a batch in one transaction. What the lanes would refuse again is left where it is. The
record of a letter that does not hold all of it is read from its input, as long as retention has left it there.
"""

import asyncio
import heapq
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple

from agents.broker.interface import Broker, Producer
from agents.lanes.spec import inputs_of
from agents.process.exit_codes import ClubError, ExitCode
from agents.scoring.age_signatures import ReplayKeys
from agents.scoring.ages import span
from agents.scoring.batch import Limits
from agents.scoring.intake import decode_record
from agents.task.ownership import check_club
from agents.topics.cursor import Cursor
from agents.topics.partition_counts import club_lanes
from bashgah.admin.masking import shown_detail
from engine.outcome import Reason
from schemas import topics
from schemas.dead_letter import TOO_OLD, Whole, accepts_age, replay_headers, whole_of
from schemas.kafka.partitioner import partition_of
from schemas.records import BATCH_BYTES_MAX, OutputRecord, Record, TopicPartition, content_bytes, record_bytes

log = logging.getLogger(__name__)

NAME = topics.DEAD_LETTER.name
BATCH_LETTERS_MAX = 500
_BATCH_BYTES_MAX = 4 << 20


class Letter(NamedTuple):
    """A dead letter: where it stands on `club.dead-letter` and since when (ms), why, and where the record stood.

    `whole_key` and `whole_value` are set where `key` or `value` is only the first part of what the record had.
    """

    partition: int
    offset: int
    at: int
    code: str
    detail: str
    topic: str
    source_partition: int
    source_offset: int
    key: bytes | None
    value: bytes
    whole_key: Whole | None = None
    whole_value: Whole | None = None

    @property
    def cut(self) -> bool:
        """Whether the record has more than the letter holds."""
        return self.whole_key is not None or self.whole_value is not None

    @property
    def name(self) -> str:
        """How people call it: `3:17` is offset 17 of partition 3."""
        return f"{self.partition}:{self.offset}"

    @property
    def place(self) -> str:
        """Where it stands, for headers and logs."""
        return f"{NAME}/{self.partition}/{self.offset}"


class Filter(NamedTuple):
    """Which letters are meant; None lets everything pass. `since` and `until` (exclusive) in ms, of the letter."""

    code: str | None = None
    topic: str | None = None
    member: str | None = None
    since: int | None = None
    until: int | None = None

    def holds(self, letter: Letter) -> bool:
        """Whether the letter is meant."""
        return (
            self.code in (None, letter.code)
            and self.topic in (None, letter.topic)
            and (self.member is None or letter.key == self.member.encode())
            and (self.since is None or letter.at >= self.since)
            and (self.until is None or letter.at < self.until)
        )


class LetterList(NamedTuple):
    """The newest letters that a filter holds for, oldest first, and how many there are by code and topic."""

    newest: list[Letter]
    counts: Counter[tuple[str, str]]


class Passed(NamedTuple):
    """A letter that was not replayed, and why."""

    letter: Letter
    why: str


class Replayed(NamedTuple):
    """What a replay came to: each letter with the partition of its topic that it went to."""

    sent: list[tuple[Letter, int]]
    passed: list[Passed]


async def letters(broker: Broker, wanted: Filter = Filter()) -> AsyncIterator[Letter]:
    """The letters that a filter holds for, partition by partition in order of offsets.

    What no lane has written is passed over, and the log says so once.
    """
    strays = 0
    for place in await _places(broker):
        cursor = await Cursor.open(broker, place)
        try:
            if wanted.since is not None:
                await cursor.seek((await broker.offsets_at([place], wanted.since))[place])
            while (record := await cursor.next()) is not None:
                try:
                    letter = letter_of(record)
                except ClubError as problem:
                    strays += 1
                    if strays == 1:
                        log.warning("passed over, and others like it: %s", problem)
                    continue
                if wanted.holds(letter):
                    yield letter
        finally:
            await cursor.close()


async def listed(broker: Broker, wanted: Filter, newest: int) -> LetterList:
    """Count the letters and keep the newest of them."""
    counts: Counter[tuple[str, str]] = Counter()
    kept: list[tuple[int, int, int, Letter]] = []
    async for letter in letters(broker, wanted):
        counts[letter.code, letter.topic] += 1
        entry = (letter.at, letter.partition, letter.offset, letter)
        if len(kept) < newest:
            heapq.heappush(kept, entry)
        elif newest:
            heapq.heappushpop(kept, entry)
    return LetterList([entry[-1] for entry in sorted(kept)], counts)


async def one(broker: Broker, partition: int, offset: int) -> Letter:
    """The letter at an offset. Raises `ClubError` where there is none."""
    place = TopicPartition(NAME, partition)
    if place in await _places(broker):
        cursor = await Cursor.open(broker, place)
        try:
            if (record := await cursor.at(offset)) is not None:
                return letter_of(record)
        finally:
            await cursor.close()
    raise ClubError(
        f"{partition}:{offset}", "there is no such dead letter", "see `bashgah dead-letter list`", ExitCode.BAD_FILE
    )


def letter_of(record: Record) -> Letter:
    """The letter that a record of the topic is. Raises `ClubError` for one that no lane has written."""
    headers = dict(record.headers)
    try:
        return Letter(
            record.partition, record.offset, record.timestamp, headers["error"].decode(), headers["detail"].decode(),
            headers["topic"].decode(), int(headers["partition"]), int(headers["offset"]), record.key,
            record.value or b"", whole_of("key", headers), whole_of("value", headers),
        )  # fmt: skip
    except (KeyError, ValueError):
        where = f"{record.topic}/{record.partition} offset {record.offset}"
        remedy = "find out who writes to the topic besides the lanes"
        raise ClubError(where, "lacks the headers of a dead letter", remedy, ExitCode.BAD_FILE) from None


async def replay(
    broker: Broker,
    chosen: Sequence[Letter],
    operator: str,
    reason: str,
    *,
    now: int,
    app_id: str,
    limits: Limits = Limits(),
    keys: ReplayKeys = ReplayKeys(),
    dry_run: bool = False,
) -> Replayed:
    """Replay letters; `now` (ms) tells which are still from the future. `keys` sign what is accepted in spite of its
    age: without any, such a letter stays.

    One replay at a time: a second one fences the first. A letter that was too old is replayed once only, whoever asks
    and whichever of several letters of the same event, because the lanes no longer remember such an event's key.
    Raises `TaskRefused` where the club is another app id's: two ids would not fence one another.
    """
    await check_club(broker, app_id)
    producer = None if dry_run else await broker.producer(f"{app_id}-dead-letter")
    try:
        known = await _accepted_before(broker, chosen)
        lanes = await club_lanes(broker)
        batch = _Batch(producer)
        sent: list[tuple[Letter, int]] = []
        passed: list[Passed] = []
        for each in chosen:
            letter, why = await _complete(broker, each, now, limits)
            if why is None and letter.code == TOO_OLD and not keys:
                why = "no lane would believe the decision: BASHGAH_REPLAY_KEYS_FILE names no keys to sign it with"
            event = _event(letter.topic, letter.key, letter.value) if letter.code == TOO_OLD else b""
            if why is None and letter.code == TOO_OLD:
                why = known.get(event)
            partition = letter.source_partition
            if letter.key is not None:
                partition = partition_of(letter.key, lanes)
            headers = replay_headers(letter.place, letter.code, operator, reason)
            if letter.code == TOO_OLD and keys:
                headers = keys.signed(letter.topic, letter.key, letter.value, headers, now)
            output = OutputRecord(letter.topic, partition, letter.key, letter.value, headers)
            if why is None and (record_bytes(output) > BATCH_BYTES_MAX or _held(output) > limits.record_bytes_max):
                why = "it is larger than a record of the club may be: let its source publish it with less in it"
            if why is not None:
                passed.append(Passed(each, why))
                continue
            if letter.code == TOO_OLD:
                known[event] = f"the same event is accepted with {letter.name}"
            await batch.add(output)
            sent.append((each, partition))
        await batch.send()
        return Replayed(sent, passed)
    finally:
        if producer is not None:
            await producer.close()


class _Batch:
    """What goes out together; without a producer nothing does."""

    def __init__(self, producer: Producer | None) -> None:
        self._producer = producer
        self._outputs: list[OutputRecord] = []
        self._bytes = 0

    async def add(self, output: OutputRecord) -> None:
        """One more; what waits goes out when it is enough."""
        if self._producer is not None:
            self._outputs.append(output)
            self._bytes += record_bytes(output)
            if len(self._outputs) == BATCH_LETTERS_MAX or self._bytes >= _BATCH_BYTES_MAX:
                await self.send()

    async def send(self) -> None:
        """Publish what waits, in one transaction."""
        if self._producer is not None and self._outputs:
            await self._producer.transact(self._outputs)
        self._outputs, self._bytes = [], 0


async def _complete(broker: Broker, letter: Letter, now: int, limits: Limits) -> tuple[Letter, str | None]:
    """The letter with all of its record, or why it cannot be replayed."""
    if letter.code in _NEVER:
        return letter, _NEVER[letter.code]
    if letter.cut:
        where = f"{letter.topic}/{letter.source_partition} offset {letter.source_offset}"
        cursor = await Cursor.open(broker, TopicPartition(letter.topic, letter.source_partition))
        try:
            if letter.source_offset < cursor.begin:
                return letter, f"it holds only a part of its record, and retention has taken {where}"
            record = await cursor.at(letter.source_offset)
        finally:
            await cursor.close()
        if record is not None and record.withheld is not None:
            return letter, _NEVER[Reason.TOO_LARGE.value]
        if record is None or not _is_whole(letter, record):
            return letter, f"it holds only a part of its record, and what stands at {where} is not that record"
        letter = letter._replace(key=record.key, value=record.value or b"")
    return letter, hopeless(letter, now, limits)


def _is_whole(letter: Letter, record: Record) -> bool:
    """Whether this is the record of which the letter holds a part."""
    parts = ((letter.whole_key, letter.key, record.key), (letter.whole_value, letter.value, record.value or b""))
    return all(found == held if whole is None else Whole.of(found or b"") == whole for whole, held, found in parts)


_NEVER = {
    Reason.TOO_LARGE.value: "a record is not read whole when it is so large: let its source publish it with less in it",
    Reason.UNREADABLE.value: "nobody can read it: let its source publish again what it meant",
    Reason.ERASED.value: "the member was erased and the value emptied: there is nothing to replay",
    Reason.CONFLICTING_DUPLICATE.value: (
        "an event of this id was taken with other content: let its source publish it under a new id"
    ),
}
"""Codes of letters that no replay helps."""


def hopeless(letter: Letter, now: int, limits: Limits) -> str | None:
    """Why a lane would refuse a whole letter again, as far as that can be known; None where a replay may help."""
    record = Record(letter.topic, letter.partition, letter.offset, letter.at, letter.key, letter.value, ())
    item = decode_record(record, limits.record_bytes_max)
    if item.activity is None:
        assert item.fault is not None
        said = shown_detail(item.fault.detail, reveal=False)
        return f"it is still no event of the contract ({said}): let its source publish it mended"
    ahead = item.activity.time - now
    if ahead > limits.ahead_ms_max:
        return f"its time is still {span(ahead, up=True)} ahead: replay it when that has passed"
    if item.activity.is_of_the_future():
        return "its date is after the day of its own time: let its source publish it mended"
    return None


async def _accepted_before(broker: Broker, chosen: Iterable[Letter]) -> dict[bytes, str]:
    """The events that operators have accepted in spite of their age, since the oldest such letter was written.

    Identity -> where it is. Nothing is read where no letter was too old. A record that only pretends to a decision has
    become a dead letter itself, or will: then the event may be replayed.
    """
    old = [letter.at for letter in chosen if letter.code == TOO_OLD]
    if not old:
        return {}
    places = inputs_of(range(await club_lanes(broker)))
    starts = await broker.offsets_at(places, min(old))
    refused = {
        (letter.topic, letter.source_partition, letter.source_offset)
        async for letter in letters(broker, Filter(since=min(old)))
    }
    found: dict[bytes, str] = {}

    async def look(place: TopicPartition) -> None:
        cursor = await Cursor.open(broker, place)
        try:
            await cursor.seek(max(cursor.begin, starts[place]))
            while (record := await cursor.next()) is not None:
                if record.headers and accepts_age(record.headers) and record[:3] not in refused:
                    event = _event(record.topic, record.key, record.value or b"")
                    found[event] = f"it was replayed before: {record.topic}/{record.partition} {record.offset}"
        finally:
            await cursor.close()

    await asyncio.gather(*map(look, places))
    return found


def _held(output: OutputRecord) -> int:
    """What a lane counts against its limit on a record, the headers of the replay included."""
    topic, partition, key, value, headers = output
    return content_bytes(Record(topic, partition, 0, 0, key, value, headers))


def _event(topic: str, key: bytes | None, value: bytes) -> bytes:
    """What the event is known by: its member and its identity; empty for what is no event."""
    activity = decode_record(Record(topic, 0, 0, 0, key, value, ())).activity
    return b"" if activity is None else (key or b"") + b"\0" + activity.identity


async def _places(broker: Broker) -> list[TopicPartition]:
    found = (await broker.describe([NAME])).get(NAME)
    if found is None:
        raise ClubError(NAME, "no such topic", "`bashgah topics create` makes it", ExitCode.BAD_SETTING)
    return [TopicPartition(NAME, number) for number in range(found.partitions)]
