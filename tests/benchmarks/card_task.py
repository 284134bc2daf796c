"""The common task: card purchases in contract form, what must come of them, and whether that is what came.

4 partitions, 200,000 members of whom a few buy much more than most, 300 bytes an event. For each purchase one point
per 100,000 Rial is added to the member's total, and (id, points, total) goes out; below 100,000 nothing does.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable, Iterator
from random import Random
from typing import NamedTuple

import msgspec

from agents.broker.interface import Broker
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import OutputRecord, Record, TopicPartition
from tests.benchmarks.site import PARTITIONS

MEMBERS = 200_000
RIAL_PER_POINT = 100_000
INPUT = topics.CARD.name
_CHUNK = 20_000
_SKEW = 2
"""A member's number is drawn as random ** 2: the busiest 1% of the members make 10% of the purchases."""


class Purchase(NamedTuple):
    """One event on its way to the broker."""

    key: bytes
    value: bytes


def purchases(count: int, begin_ms: int, members: int = MEMBERS, seed: int = 7) -> Iterator[Purchase]:
    """`count` purchases, a millisecond apart from `begin_ms` on. The same arguments give the same bytes."""
    random = Random(seed).random
    begin = dt.datetime.fromtimestamp(begin_ms // 1000, dt.UTC).replace(tzinfo=None)
    second, text = -1, ""
    for number in range(count):
        if number // 1000 != second:
            second = number // 1000
            text = (begin + dt.timedelta(seconds=second)).isoformat()
        draw = random()
        member = f"m{int(members * random() ** _SKEW):08d}"
        amount = 10_000 + int(draw * 49_990_000)
        mcc = ("5411", "5812", "5541", "5912", "5311", "5999")[number % 6]
        value = (
            f'{{"specversion":"1.0","id":"c{number:012d}","source":"/core/card-switch","type":"card.purchase.settled",'
            f'"subject":"{member}","time":"{text}.{number % 1000:03d}Z","data":{{"amount":{amount},"mcc":"{mcc}",'
            f'"merchant":"t{int(draw * 50_000):06d}","terminal":"{int(draw * 10**8):08d}",'
            f'"channel":"{("pos", "web", "ussd")[number % 3]}","card":"tok_{number % 9_999_991:010d}"}}}}'
        )
        yield Purchase(member.encode(), value.encode())


async def fill(broker: Broker, count: int, members: int = MEMBERS) -> float:
    """Publish `count` purchases of the last hours; the size of one in bytes, on average."""
    partitions: dict[bytes, int] = {}
    chunk: list[OutputRecord] = []
    size = 0
    for key, value in purchases(count, int(time.time() * 1000) - count - 60_000, members):
        place = partitions.get(key)
        if place is None:
            place = partitions[key] = partition_of(key, PARTITIONS)
        size += len(value)
        chunk.append(OutputRecord(INPUT, place, key, value))
        if len(chunk) == _CHUNK:
            await broker.publish(chunk)
            chunk = []
    if chunk:
        await broker.publish(chunk)
    return size / count


class Scored(NamedTuple):
    """One output, or what one should be."""

    id: str
    points: int
    total: int


Decode = Callable[[bytes], Scored]


class _Amount(msgspec.Struct):
    amount: int


class _Event(msgspec.Struct):
    id: str
    subject: str
    data: _Amount


class _Balance(msgspec.Struct):
    active: int


class _Cause(msgspec.Struct):
    id: str


class _Movement(msgspec.Struct):
    points: int
    balance: _Balance
    activity: _Cause


class _Posting(msgspec.Struct):
    type: str
    data: _Movement


_event = msgspec.json.Decoder(_Event).decode
_posting = msgspec.json.Decoder(_Posting).decode
_triple = msgspec.json.Decoder(tuple[str, int, int]).decode


def decode_posting(value: bytes) -> Scored:
    """Our output."""
    posting = _posting(value)
    assert posting.type == "points.accrued", posting.type
    data = posting.data
    return Scored(data.activity.id, data.points, data.balance.active)


def decode_triple(value: bytes) -> Scored:
    """A peer's output."""
    return Scored(*_triple(value))


class Recount:
    """What the input topic, as the broker holds it, must come to: for each member the outputs in order."""

    def __init__(self) -> None:
        self.events = 0
        self.outputs = 0
        self.by_member: dict[bytes, list[Scored]] = {}

    @classmethod
    async def of(cls, broker: Broker) -> Recount:
        """Count the input topic."""
        recount = cls()
        totals: dict[bytes, int] = {}
        async for record in records(broker, INPUT):
            event = _event(record.value or b"")
            key = event.subject.encode()
            assert record.key == key, record
            recount.events += 1
            points = event.data.amount // RIAL_PER_POINT
            if points:
                total = totals[key] = totals.get(key, 0) + points
                recount.by_member.setdefault(key, []).append(Scored(event.id, points, total))
                recount.outputs += 1
        return recount


class Verdict(NamedTuple):
    """Whether outputs are right, and when the broker appended each, in seconds since 1970, sorted."""

    outputs: int
    complete: bool
    wrong: list[str]
    appended: list[float]


async def verify(broker: Broker, topic: str, decode: Decode, recount: Recount) -> Verdict:
    """Compare all committed outputs with the recount. Each member's must be the first of what is due, in order, none
    left out and none twice; `complete` when nothing of any member is missing."""
    seen: dict[bytes, int] = {}
    wrong: list[str] = []
    appended: list[float] = []
    async for record in records(broker, topic):
        appended.append(record.timestamp / 1000)
        key = record.key or b""
        number = seen.get(key, 0)
        seen[key] = number + 1
        due = recount.by_member.get(key, [])
        found = decode(record.value or b"")
        if number >= len(due) or found != due[number]:
            wrong.append(f"{key.decode()}: {found}, not {due[number] if number < len(due) else 'anything'}")
    return Verdict(len(appended), len(appended) == recount.outputs, wrong, sorted(appended))


async def records(broker: Broker, topic: str) -> AsyncIterator[Record]:
    """Every committed record of a topic's partitions."""
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    ends, begins = await broker.end_offsets(places), await broker.begin_offsets(places)
    reader = await broker.reader()
    try:
        await reader.assign(begins)
        while places := [place for place in places if await reader.position(place) < ends[place]]:
            for found in (await reader.fetch(250, 20_000)).values():
                for record in found:
                    yield record
    finally:
        await reader.close()


def settle(seconds: float) -> None:
    """Let the machine come to rest between two runs."""
    asyncio.run(asyncio.sleep(seconds))
