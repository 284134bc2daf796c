"""From an event to what a browser is told of it: probes among other purchases, each found again by its score.

A probe is a purchase so large that its member, who has bought nothing before, takes the first place with a score that
nobody else has. So the first event of the stream that shows this score beside this member's alias tells of that very
purchase. On the way its score can be read in the lane's part and in the board's record; when each could be is noted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

import aiohttp
import msgspec
from aiokafka import AIOKafkaProducer

from agents.broker.interface import Broker
from agents.process.clock import wall_clock
from engine.calendar import iso
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.partial import Partial, decode_partial
from schemas.records import OutputRecord, TopicPartition
from tests.benchmarks.card_task import INPUT, purchases
from tests.benchmarks.festival_club import LEADERBOARD, RIAL_PER_POINT, member_event
from tests.benchmarks.site import PARTITIONS

PARTIAL = TopicPartition(topics.PARTIAL.name, 0)
POINTS = 10_000_000
"""Of the first probe; each has one more than the one before."""
STAGES = ("in the lane's part", "in the board's record", "in the event stream")
_SLICE_S = 0.001
_DRAIN_S = 5.0
_AHEAD_S = 2.0


class Load(NamedTuple):
    """Events a second in all, for so many seconds, the first of which are not counted; `members` buy."""

    rate: int
    probes: int
    warm_up_s: float
    seconds: float
    members: int

    @property
    def probes_max(self) -> int:
        """More probes than will be sent."""
        return int(self.probes * (self.warm_up_s + self.seconds)) + 100


class Found(NamedTuple):
    """For each stage of the way the delays of the counted probes, in seconds, sorted; events sent in all."""

    delays_s: dict[str, list[float]]
    sent: int
    rate: float


class _Line(msgspec.Struct):
    score: int
    alias: str | None = None
    name: str | None = None


class _Shown(msgspec.Struct):
    entries: list[_Line]


class _Record(msgspec.Struct):
    data: _Shown


_shown = msgspec.json.Decoder(_Shown).decode
_record = msgspec.json.Decoder(_Record).decode


def member(number: int) -> str:
    """A probe's member."""
    return f"probe-{number:06d}"


def registrations(first: int, count: int, at: int) -> Iterator[OutputRecord]:
    """The probes' members register, with their references for aliases."""
    for number in range(first, first + count):
        data = f'{{"channel":"web","alias":"{member(number)}"}}'
        yield member_event("member.registered", f"p{number}", member(number), at, data)


class Probing:
    """One stretch of time in which purchases are sent and probes among them are looked for; `first`: its first one."""

    def __init__(self, load: Load, category: str, first: int) -> None:
        self._load = load
        self._category = category
        self._first = first
        self._random = Random(first)
        self._sent: dict[int, float] = {}
        self._came: dict[str, dict[int, float]] = {stage: {} for stage in STAGES}
        self._following = True

    async def run(self, broker: Broker, bootstrap: str, stream: str) -> Found:
        """Send for as long as the load says; AssertionError unless all probes came."""
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=0)
        await producer.start()
        tasks = [asyncio.create_task(self._watch(stream)), asyncio.create_task(self._follow(broker))]
        try:
            await asyncio.sleep(_AHEAD_S)  # both stand at the end of what there is
            began = time.perf_counter()
            events = await self._send(producer, began)
            seconds = time.perf_counter() - began
            await producer.flush()
            await asyncio.sleep(_DRAIN_S)
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            self._following = False
            tasks[0].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await producer.stop()
        counted = [number for number, at in self._sent.items() if at >= began + self._load.warm_up_s]
        delays = {}
        for stage, came in self._came.items():
            missing = [number for number in counted if number not in came]
            assert not missing, f"{len(missing)} probes of {len(counted)} did not come {stage}, the first {missing[0]}"
            delays[stage] = sorted(came[number] - self._sent[number] for number in counted)
        return Found(delays, events, events / seconds)

    async def _send(self, producer: Any, began: float) -> int:
        """Purchases at the rate, probes among them at random moments; how many events there were."""
        load = self._load
        others = purchases(10**9, wall_clock() - 10_000, load.members, seed=self._first + 11)
        until = began + load.warm_up_s + load.seconds
        probe_at = began + 1.0
        events = 0
        while (now := time.perf_counter()) < until:
            for _ in range(int((now - began) * load.rate) - events):
                key, value = next(others)
                # Several stretches send to one club: their events must not have the same ids.
                await self._put(producer, key, value.replace(b'"id":"c', b'"id":"c%d-' % self._first, 1))
                events += 1
            if now >= probe_at:
                number = self._first + len(self._sent)
                key, value = self._probe(number)
                self._sent[number] = time.perf_counter()
                await self._put(producer, key, value)
                probe_at = now + self._random.uniform(0.5, 1.5) / load.probes
                events += 1
            await asyncio.sleep(_SLICE_S)
        return events

    @staticmethod
    async def _put(producer: Any, key: bytes, value: bytes) -> None:
        await producer.send(INPUT, value, key, partition=partition_of(key, PARTITIONS))

    @staticmethod
    def _probe(number: int) -> tuple[bytes, bytes]:
        amount = (POINTS + number) * RIAL_PER_POINT
        value = (
            f'{{"specversion":"1.0","id":"p{number}","source":"/core/card-switch","type":"card.purchase.settled",'
            f'"subject":"{member(number)}","time":"{iso(wall_clock())}","data":{{"amount":{amount},"mcc":"5411",'
            f'"merchant":"t000001","terminal":"00000001","channel":"pos"}}}}'
        )
        return member(number).encode(), value.encode()

    # -- what is found

    def _found(self, stage: str, score: int, who: str | None, at: float) -> None:
        number = score - POINTS
        if number >= self._first and number not in self._came[stage]:
            assert who == member(number), f"{who} {stage} with the score of {member(number)}"
            self._came[stage][number] = at

    async def _watch(self, address: str) -> None:
        """A browser."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address) as response:
            assert response.status == 200, await response.text()
            rest = b""
            async for chunk in response.content.iter_any():
                now = time.perf_counter()
                *events, rest = (rest + chunk).split(b"\n\n")
                for event in events:
                    if b"event: board\n" in event:
                        for line in _shown(event.partition(b"\ndata: ")[2]).entries:
                            if line.score >= POINTS:
                                self._found(STAGES[2], line.score, line.name or line.alias, now)

    async def _follow(self, broker: Broker) -> None:
        """Whoever reads the topics between."""
        reader = await broker.reader()
        try:
            await reader.assign(await broker.end_offsets([PARTIAL, LEADERBOARD]))
            while self._following:
                found = await reader.fetch(50, 500)
                now = time.perf_counter()
                for record in found.get(PARTIAL, ()):
                    told = decode_partial(record.value or b"")
                    for part in told.boards if isinstance(told, Partial) else ():
                        if part.category == self._category:
                            for place in part.places:
                                self._found(STAGES[0], place.score, place.member, now)
                for record in found.get(LEADERBOARD, ()):
                    if (record.key or b"").endswith(b"/" + self._category.encode()):
                        for line in _record(record.value or b"").data.entries:
                            self._found(STAGES[1], line.score, line.alias, now)
        finally:
            await reader.close()
