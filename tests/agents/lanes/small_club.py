"""A small club for tests of lanes: one rule, an embedded broker, virtual time, and a wall clock that the test moves."""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from agents.broker.interface import TopicSpec
from agents.lanes.lane_driver import LaneDriver
from agents.lanes.lane_set import LaneSet
from agents.lanes.merge import Wait
from agents.lanes.observer import CommittedTransaction, LaneObserver
from agents.lanes.options import LaneOptions
from agents.process.exit_codes import ClubError
from agents.topics.changelog import last_watermark
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.embedded.broker import EmbeddedBroker, Faults
from bashgah.embedded.log import Log
from bashgah.embedded.storage import MemoryStorage
from engine.calendar import iso
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.programme_file import load
from schemas.programmes import encode_programme
from schemas.records import OutputRecord, Record, TopicPartition
from tables.store import MemoryStore
from tables.watermark import Watermark
from tests.simulation.virtual_time import run

NOW_MS = 1_790_000_000_000
PROGRAMME = """
programme: club
version: 1
effective: 1404-01-01
title: {fa: باشگاه, en: Club}
points: {}
rules:
  - {id: card, event: card.purchase.settled, earn: {points: 1, per: 100_000}}
"""


class Told(LaneObserver):
    """Remembers what lanes told."""

    def __init__(self) -> None:
        self.batches: list[CommittedTransaction] = []
        self.waits: list[Wait] = []
        self.discarded: list[str] = []

    def committed(self, batch: CommittedTransaction) -> None:
        self.batches.append(batch)

    def waited(self, partition: int, wait: Wait) -> None:
        self.waits.append(wait)

    def copy_discarded(self, partition: int, reason: str) -> None:
        self.discarded.append(reason)


class SmallClub:
    """A broker with the club's topics, and whatever workers the test starts."""

    def __init__(self, partitions: int = 1) -> None:
        self.partitions = partitions
        self.now_ms = NOW_MS
        self.log = Log(MemoryStorage(), lambda: self.now_ms, transaction_timeout_ms=2**50)
        self.log.open()
        self.broker = EmbeddedBroker(self.log)
        self.stores: dict[int, MemoryStore] = {}
        self.problems: list[ClubError] = []
        self.told = Told()
        self._ids = 0

    async def prepare(self, watermarks: bool = True) -> None:
        """Topics, the programme, first watermarks."""
        for topic in topics.TOPICS:
            await self.create(topic.name)
        await self.programme(1)
        if watermarks:
            await first_watermarks(self.broker, "earliest", wall_ms=lambda: self.now_ms)

    async def create(self, name: str, partitions: int | None = None) -> None:
        """One of the club's topics, with another number of partitions where that is asked for."""
        topic = topics.BY_NAME[name]
        count = partitions or topic.partition_count(self.partitions)
        await self.broker.create_topics([TopicSpec(name, count, 1, topic.config())])

    async def programme(self, version: int, more: str = "") -> None:
        """Publish a version of the programme, with more sections; each gives as many points as its number says."""
        text = PROGRAMME.replace("version: 1", f"version: {version}").replace("points: 1,", f"points: {version},")
        text += more
        compiled = load(text, "programme")
        key, value = encode_programme("club", version, compiled.effective, text, self.now_ms)
        await self.broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])

    # -- what the bank publishes

    async def publish(self, topic: str, type_: str, member: str, time: int, data: Mapping[str, Any]) -> None:
        """Publish one event of a member."""
        self._ids += 1
        envelope = {
            "specversion": "1.0",
            "id": f"e{self._ids}",
            "source": "/test",
            "type": type_,
            "subject": member,
            "time": iso(time),
            "data": data,
        }
        await self.raw(topic, member.encode(), json.dumps(envelope).encode())

    async def raw(self, topic: str, key: bytes, value: bytes) -> None:
        """Publish any bytes."""
        await self.broker.publish([OutputRecord(topic, partition_of(key, self.partitions), key, value)])

    async def purchase(self, member: str = "m-1", time: int | None = None, amount: int = 100_000) -> None:
        """A card purchase."""
        data = {"amount": amount, "mcc": "5411", "merchant": "shop", "terminal": "t", "channel": "pos"}
        at = self.now_ms if time is None else time
        await self.publish(topics.CARD.name, "card.purchase.settled", member, at, data)

    async def registration(self, member: str = "m-1", time: int | None = None) -> None:
        """A registration."""
        at = self.now_ms if time is None else time
        await self.publish(topics.MEMBER.name, "member.registered", member, at, {"channel": "web"})

    # -- workers

    def lanes(self, broker: EmbeddedBroker | None = None, **options: Any) -> LaneSet:
        """The lanes of one worker."""
        return LaneSet(
            broker or self.broker,
            lambda partition: self.stores.setdefault(partition, MemoryStore()),
            LaneOptions(**options),
            self.problems.append,
            self.told,
            lambda: self.now_ms,
        )

    def faulty(self, faults: Faults) -> EmbeddedBroker:
        """A connection whose transactions meet these faults."""
        return EmbeddedBroker(self.log, faults)

    async def worker(self, **options: Any) -> tuple[LaneSet, LaneDriver]:
        """A worker with all lanes open and nothing fetched yet."""
        lanes = self.lanes(**options)
        await lanes.start()
        driver = LaneDriver(self.broker, lanes)
        try:
            await driver.open(range(self.partitions))
        except ClubError:
            await lanes.stop()
            raise
        return lanes, driver

    # -- what is there

    async def watermark(self, partition: int = 0) -> Watermark:
        """The lane's last watermark in the changelog."""
        found = await last_watermark(self.broker, partition)
        assert found is not None
        return found

    async def records(self, topic: str, partition: int = 0) -> list[Record]:
        """Every committed record."""
        place = TopicPartition(topic, partition)
        end = (await self.broker.end_offsets([place]))[place]
        reader = await self.broker.reader()
        await reader.assign({place: (await self.broker.begin_offsets([place]))[place]})
        found: list[Record] = []
        while await reader.position(place) < end:
            found += (await reader.fetch(100, 10_000)).get(place, [])
        return found

    async def points(self, partition: int = 0) -> list[tuple[str, int]]:
        """(cause, points) of what was accrued, in order."""
        events = [json.loads(each.value or b"") for each in await self.records(topics.POINTS.name, partition)]
        return [
            (event["data"]["activity"]["id"], event["data"]["points"])
            for event in events
            if event["type"] == "points.accrued"
        ]


def in_club(
    scenario: Callable[[SmallClub], Coroutine[Any, Any, None]], partitions: int = 1, watermarks: bool = True
) -> None:
    """Run a scenario in a prepared club, on virtual time."""

    async def whole() -> None:
        club = SmallClub(partitions)
        await club.prepare(watermarks)
        await scenario(club)

    run(whole())
