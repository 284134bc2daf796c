"""A small club on an embedded broker in a directory: what the commands are tried on. Its lanes run as a worker's do."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from agents.broker.interface import Broker
from agents.lanes.catch_up import replay
from agents.lanes.dead_letter_limit import Limit
from agents.lanes.lane_driver import LaneDriver
from agents.lanes.lane_set import LaneSet
from agents.lanes.options import LaneOptions
from agents.lanes.spec import inputs_of
from agents.process.clock import wall_clock
from agents.scoring.age_signatures import ReplayKeys
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.provision import TopicPlan, create_missing
from bashgah.audit.lanes import verify
from bashgah.brokers import open_broker
from bashgah.cli.main import main
from schemas import topics
from schemas.contract import INPUT_MODELS, models_of
from schemas.kafka.partitioner import partition_of
from schemas.programme_file import load
from schemas.programmes import encode_programme
from schemas.records import OutputRecord, Record, TopicPartition
from tables.store import MemoryStore

Answer = TypeVar("Answer")

TOPIC_OF_TYPE = {model.__struct_config__.tag: topic for topic in INPUT_MODELS for model in models_of(topic)}

RULES = """\
programme: club
version: 1
effective: 1404-01-01
title: {fa: باشگاه, en: Club}
rules:
  - id: card
    title: {fa: خرید با کارت, en: Card purchase}
    event: card.purchase.settled
    when: {amount: {min: 50_000}}
    earn: {points: 1, per: 100_000}
    caps: {transaction: 20, day: 30}
  - id: grocery
    title: {fa: خواربار, en: Grocery}
    event: card.purchase.settled
    when: {mcc: ["5411"], channel: [web]}
    earn: {points: 5}
  - id: bill
    event: ebanking.bill.paid
    earn: {points: 10}
multipliers:
  - {id: registered, by: "1.5", when: {member: registered}, rules: [card]}
  - {id: nowruz, by: "2", when: {dates: {from: 1405-01-01, until: 1405-01-14}}, rules: [card]}
"""


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


def event(id: str, type: str, time: str, member: str = "m-1", source: str = "/core", **data: Any) -> dict[str, Any]:
    """An envelope."""
    return {
        "specversion": "1.0", "id": id, "source": source, "type": type, "subject": member, "time": time, "data": data,
    }  # fmt: skip


def purchase(id: str, time: str, amount: object, member: str = "m-1", **data: Any) -> dict[str, Any]:
    """A purchase by card."""
    known = {"amount": amount, "mcc": "5411", "merchant": "shop", "terminal": "t-1", "channel": "pos", **data}
    return event(id, "card.purchase.settled", time, member, **known)


class DiskClub:
    """Topics, programme and watermarks in a directory of its own; every use opens it anew, as commands do."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], partitions: int = 3) -> None:
        self.url = f"embedded://{folder}/broker"
        self.partitions = partitions
        self.keys = ReplayKeys()
        """Whose decisions its lanes believe."""
        self._capsys = capsys

    def prepare(self, *programmes: str) -> "DiskClub":
        """Create the topics, publish programmes as they are, write first watermarks."""

        async def ask(broker: Broker) -> None:
            await create_missing(broker, {}, TopicPlan(self.partitions, 1, 1))
            for text in programmes:
                read = load(text, "programme")
                key, value = encode_programme(read.id, read.version, read.effective, text, wall_clock(), "tests")
                await broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])
            await first_watermarks(broker, "earliest")

        self.ask(ask)
        return self

    def publish(self, *events: dict[str, Any] | tuple[str, bytes, bytes]) -> None:
        """Publish envelopes to the topic of their type, or (topic, key, value) as they are."""

        async def ask(broker: Broker) -> None:
            await broker.publish([self._output(each) for each in events])

        self.ask(ask)

    def score(self, now: int | None = None) -> None:
        """Let lanes take all there is: on a replay clock, or with `now` on a wall clock that stands there."""
        self.ask(lambda broker: self._score(broker, now))

    def run(self, *arguments: object) -> Ended:
        """Run a command on this club's broker."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--broker", self.url])
        return Ended(int(ended.value.code or 0), *self._capsys.readouterr())

    def read(self, topic: str, partitions: Iterable[int] | None = None) -> list[Record]:
        """Every committed record of a topic."""

        async def ask(broker: Broker) -> list[Record]:
            numbers = range(self.partitions) if partitions is None else partitions
            reader = await broker.reader()
            await reader.assign({TopicPartition(topic, number): 0 for number in numbers})
            found = await reader.fetch(0, 100_000)
            return [record for number in numbers for record in found.get(TopicPartition(topic, number), [])]

        return self.ask(ask)

    def verify(self) -> None:
        """Everything follows from what was read, byte for byte."""

        async def ask(broker: Broker) -> None:
            for number in range(self.partitions):
                await verify(broker, number)

        self.ask(ask)

    def lane_of(self, member: str) -> int:
        """The partition number of a member."""
        return partition_of(member.encode(), self.partitions)

    def ask(self, question: Callable[[Broker], Awaitable[Answer]]) -> Answer:
        """Open the broker, ask, close it."""

        async def asked() -> Answer:
            broker = open_broker(self.url)
            try:
                return await question(broker)
            finally:
                await broker.close()

        return asyncio.run(asked())

    def _output(self, each: dict[str, Any] | tuple[str, bytes, bytes]) -> OutputRecord:
        if isinstance(each, tuple):
            return OutputRecord(each[0], partition_of(each[1], self.partitions), each[1], each[2])
        key = str(each["subject"]).encode()
        topic = TOPIC_OF_TYPE[each["type"]]
        return OutputRecord(
            topic, partition_of(key, self.partitions), key, json.dumps(each, ensure_ascii=False).encode()
        )

    async def _score(self, broker: Broker, now: int | None) -> None:
        options = LaneOptions(
            replay=now is None, merge_wait_ms=None, dead_letters=Limit(100, 10_000), replay_keys=self.keys
        )
        lanes = LaneSet(
            broker, lambda _: MemoryStore(), options, lambda _: None, wall_ms=lambda: now or 0
        )  # fmt: skip
        await lanes.start()
        try:
            if now is None:
                await replay(broker, lanes)
            else:
                await self._drive(broker, lanes)
        finally:
            await lanes.stop()

    async def _drive(self, broker: Broker, lanes: LaneSet) -> None:
        until = dict(await broker.end_offsets(inputs_of(range(self.partitions))))
        driver = LaneDriver(broker, lanes, until)
        await driver.open(range(self.partitions))
        while not driver.arrived or any(lane.busy for lane in lanes.lanes.values()):
            await driver.feed_once()
            if lanes.problem is not None:
                raise lanes.problem
        await driver.close()
