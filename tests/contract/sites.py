"""The brokers under test, with the few things that their interface does not offer: hold a commit, lose old records."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import uuid4

from kafka import KafkaAdminClient

from agents.broker.interface import Broker, Producer, TopicSpec
from agents.broker.kafka.broker import KafkaBroker
from bashgah.embedded.broker import EmbeddedBroker, Point
from bashgah.embedded.log import Log
from schemas.records import OutputRecord, Record, TopicPartition

WHOLE_RUN_S_MAX = 30.0


class Held:
    """A transaction stopped between its last record and its commit."""

    def __init__(self) -> None:
        self.arrived, self.released = asyncio.Event(), asyncio.Event()

    async def stop_here(self) -> None:
        """Wait for `released`."""
        self.arrived.set()
        await self.released.wait()


class Site(Protocol):
    """A broker under test."""

    def connect(self) -> Broker:
        """A new connection."""
        ...

    async def held_producer(self, broker: Broker, transactional_id: str) -> tuple[Producer, Held]:
        """A producer whose transactions stop before their commit until released."""
        ...

    async def lose_records(self, partition: TopicPartition, before: int) -> None:
        """Take the records before this offset away, as retention does."""
        ...


class _HoldAtCommit:
    def __init__(self, held: Held) -> None:
        self._held = held

    async def reached(self, point: Point, transactional_id: str) -> None:
        del transactional_id
        if point == "before_commit":
            await self._held.stop_here()


class EmbeddedSite:
    """An embedded broker."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def connect(self) -> Broker:
        return EmbeddedBroker(self.log)

    async def held_producer(self, broker: Broker, transactional_id: str) -> tuple[Producer, Held]:
        del broker
        held = Held()
        return await EmbeddedBroker(self.log, _HoldAtCommit(held)).producer(transactional_id), held

    async def lose_records(self, partition: TopicPartition, before: int) -> None:
        records = [entry.offset for entry in self.log.entries(partition) if entry.offset < before]
        self.log.remove(partition, records, before)


class KafkaSite:
    """A real Kafka."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def connect(self) -> Broker:
        return KafkaBroker(self.bootstrap)

    async def held_producer(self, broker: Broker, transactional_id: str) -> tuple[Producer, Held]:
        assert isinstance(broker, KafkaBroker)
        producer, held = await broker.producer(transactional_id), Held()
        inner = producer._producer
        commit = inner.commit_transaction

        async def held_commit() -> None:
            await held.stop_here()
            await commit()

        inner.commit_transaction = held_commit
        return producer, held

    async def lose_records(self, partition: TopicPartition, before: int) -> None:
        def ask() -> None:
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
            try:
                admin.delete_records({_kafka_partition(partition): before})
            finally:
                admin.close()

        await asyncio.to_thread(ask)


def _kafka_partition(partition: TopicPartition) -> object:
    from kafka import TopicPartition as KafkaPartition

    return KafkaPartition(*partition)


@asynccontextmanager
async def connected(site: Site) -> AsyncIterator[Broker]:
    """A connection that is closed afterwards; a test that hangs is ended."""
    broker = site.connect()
    try:
        async with asyncio.timeout(WHOLE_RUN_S_MAX):
            yield broker
    finally:
        await broker.close()


async def new_topic(broker: Broker, partitions: int = 1, **config: str) -> str:
    """A topic that no other test knows."""
    name = f"contract-{uuid4().hex[:12]}"
    await broker.create_topics([TopicSpec(name, partitions, 1, {k.replace("_", "."): v for k, v in config.items()})])
    return name


def outputs(topic: str, *values: str, partition: int = 0) -> list[OutputRecord]:
    """Outputs whose key and value are the text."""
    return [OutputRecord(topic, partition, value.encode(), value.encode()) for value in values]


async def read_to_end(
    broker: Broker, topic: str, partitions: int = 1, begin: Mapping[TopicPartition, int] | None = None
) -> dict[int, list[Record]]:
    """Everything visible now, by partition, from the first offsets or from `begin`."""
    places = [TopicPartition(topic, number) for number in range(partitions)]
    reader = await broker.reader()
    try:
        ends = await broker.end_offsets(places)
        await reader.assign(begin or await broker.begin_offsets(places))
        found: dict[int, list[Record]] = {number: [] for number in range(partitions)}
        while any([await reader.position(place) < ends[place] for place in places]):
            for place, records in (await reader.fetch(200, 10_000)).items():
                found[place.partition] += records
        return found
    finally:
        await reader.close()


async def values(broker: Broker, topic: str, partition: int = 0) -> list[str]:
    """The visible values of one partition as text."""
    found = await read_to_end(broker, topic, partition + 1)
    return [(record.value or b"").decode() for record in found[partition]]
