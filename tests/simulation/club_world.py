"""The world that a simulated club lives in: a broker, topics, programme versions, and a bank that publishes.

The wall clock is that of the workload: it moves when an event is published. Time-outs run on the loop's virtual time.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from agents.broker.interface import TopicSpec
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.embedded.broker import EmbeddedBroker, Point
from bashgah.embedded.log import Log
from bashgah.embedded.storage import MemoryStorage
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.programme_file import load
from schemas.programmes import encode_programme
from schemas.records import OutputRecord, TopicPartition
from tests.simulation.workload import arrivals, generate, programmes

Published = tuple[str, Any]


class Abort(Exception):
    """A publisher gives a transaction up."""


class _Aborting:
    """Ends a publisher's transactions at a given point, by turns."""

    def __init__(self) -> None:
        self.abort = False

    async def reached(self, point: Point, transactional_id: str) -> None:
        if self.abort and point == "before_commit":
            raise Abort


class ClubWorld:
    """Everything outside of the workers. `published` numbers the records in the order of their publication."""

    def __init__(self, seed: int, partitions: int, events: int, festivals: bool = False) -> None:
        self.seed = seed
        self.partitions = partitions
        self.texts = programmes(seed, festivals)
        self.stream = generate(seed, events, festivals=festivals)
        self.arrivals = arrivals(self.stream)
        self.now_ms = self.arrivals[0]
        self.failures: list[str] = []
        self.published: dict[tuple[str, int, int], int] = {}
        ids = count(1)
        self.log = Log(MemoryStorage(), self.wall_ms, transaction_timeout_ms=2**50, new_id=lambda: UUID(int=next(ids)))
        self.log.open()
        self.broker = EmbeddedBroker(self.log)
        self._draw = Random(f"bank {seed}")

    def wall_ms(self) -> int:
        """What every clock in this world shows."""
        return self.now_ms

    async def prepare(self) -> None:
        """Topics, programme versions and first watermarks."""
        await self.broker.create_topics(
            [
                TopicSpec(topic.name, topic.partition_count(self.partitions), 1, topic.config())
                for topic in topics.TOPICS
            ]
        )
        for text in self.texts:
            version = load(text, "programme")
            key, value = encode_programme(version.id, version.version, version.effective, text, self.now_ms)
            await self.broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])
        await first_watermarks(self.broker, "earliest", operator="simulation", wall_ms=self.wall_ms)

    async def publish_all(self, pause_s: Callable[[], float]) -> None:
        """Publish the stream; some of it in transactions, some of which are aborted first and leave holes."""
        faults = _Aborting()
        bank = EmbeddedBroker(self.log, faults)
        for (topic, envelope), arrival in zip(self.stream, self.arrivals, strict=True):
            self.now_ms = max(self.now_ms, arrival)
            record = self._record(topic, envelope)
            place = TopicPartition(record.topic, record.partition)
            kind = self._draw.random()
            if kind < 0.8:
                await self.broker.publish([record])
                end = self.log.partition(place).end
            else:
                if kind < 0.9:
                    faults.abort = True
                    with suppress(Abort):
                        await (await bank.producer("bank")).transact([record])
                    faults.abort = False
                end = (await (await bank.producer("bank")).transact([record]))[place]
            self.published[record.topic, record.partition, end - 1] = len(self.published)
            pause = pause_s()
            if pause:
                await asyncio.sleep(pause)

    def _record(self, topic: str, envelope: Any) -> OutputRecord:
        value = json.dumps(envelope, ensure_ascii=False).encode()
        key = str(envelope["subject"]).encode()
        return OutputRecord(topic, partition_of(key, self.partitions), key, value)
