"""`agents.broker.interface.Broker` on Apache Kafka: aiokafka for records, kafka-python for topics."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka.errors import KafkaError

from agents.broker.errors import Unreachable
from agents.broker.interface import TopicDescription, TopicSpec
from agents.broker.kafka.client import meaning_of, start, stop
from agents.broker.kafka.diagnosis import nobody_answers
from agents.broker.kafka.metadata import Metadata
from agents.broker.kafka.producer import Publisher, Timing, TransactionalProducer
from agents.broker.kafka.reader import KafkaReader, consumer
from agents.broker.security import Security
from schemas.records import OutputRecord, TopicPartition

PING_S_MAX = 5.0


class KafkaBroker:
    """A cluster. `bootstrap` is host:port, comma separated. Connections open when they are first needed."""

    def __init__(self, bootstrap: str, security: Security | None = None, timing: Timing | None = None) -> None:
        self.bootstrap = bootstrap
        self._timing = timing or Timing()
        secured = (security or Security()).client_settings()
        self._client = {"bootstrap_servers": bootstrap, **secured}
        self._metadata = Metadata(bootstrap, secured, self._timing.request_timeout_ms)
        self._publisher = Publisher(self._client, self._metadata, self._timing)
        self._offsets: Any = None
        self._opening = asyncio.Lock()

    async def producer(self, transactional_id: str) -> TransactionalProducer:
        """See the interface."""
        return await TransactionalProducer.open(self._client, self._metadata, transactional_id, self._timing)

    async def reader(self) -> KafkaReader:
        """See the interface."""
        return await KafkaReader.open(self._client, self._metadata, self._timing)

    async def publish(self, outputs: Sequence[OutputRecord]) -> None:
        """See the interface."""
        await self._publisher.publish(outputs)

    async def begin_offsets(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """See the interface."""
        places = await self._existing(partitions)
        return await self._ask("beginning_offsets", places) if places else {}

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """See the interface. The broker answers a read_committed consumer with the last stable offset."""
        places = await self._existing(partitions)
        return await self._ask("end_offsets", places) if places else {}

    async def offsets_at(self, partitions: Iterable[TopicPartition], instant: int) -> Mapping[TopicPartition, int]:
        """See the interface."""
        places = await self._existing(partitions)
        if not places:
            return {}
        found = await self._ask("offsets_for_times", dict.fromkeys(places, instant))
        ends = await self._ask("end_offsets", places)
        return {place: ends[place] if found[place] is None else found[place].offset for place in places}

    async def has_read(self, group: str, partitions: Iterable[TopicPartition]) -> bool:
        """See the interface."""
        committed = await self._metadata.group_offsets(group)
        return any(TopicPartition(*place) in committed for place in partitions)

    async def check_group(self, group: str) -> None:
        """See the interface."""
        await self._metadata.check_group(group)

    async def ping(self) -> None:
        """See the interface. The servers that the client knows are asked, which are more than those of the URL; then
        each of the URL is looked at, so that one which hangs does not stand for all."""
        try:
            async with asyncio.timeout(PING_S_MAX):
                await (await self._offsets_client()).topics()
        except (KafkaError, OSError, TimeoutError, Unreachable) as error:
            if (found := await nobody_answers(self._client)) is not None:
                raise found from error

    async def describe(self, topics: Iterable[str]) -> Mapping[str, TopicDescription]:
        """See the interface."""
        return await self._metadata.describe(topics)

    async def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """See the interface."""
        await self._metadata.create(specs)

    async def delete_topics(self, topics: Sequence[str]) -> None:
        """See the interface."""
        await self._metadata.delete(topics)

    async def close(self) -> None:
        """See the interface."""
        await self._publisher.close()
        offsets, self._offsets = self._offsets, None
        if offsets is not None:
            await stop(offsets)
        await self._metadata.close()

    async def _existing(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        places = [TopicPartition(*each) for each in partitions]
        await self._metadata.require(places, "Describe")
        return places

    async def _ask(self, question: str, about: Any) -> dict[TopicPartition, Any]:
        client = await self._offsets_client()
        try:
            answer = await getattr(client, question)(about)
        except KafkaError as error:
            unanswered = Unreachable(self.bootstrap, f"no answer ({error})", "check that the brokers are well")
            raise (
                meaning_of(error, "Describe", ", ".join(sorted({place[0] for place in about}))) or unanswered
            ) from error
        return {TopicPartition(*place): found for place, found in answer.items()}

    async def _offsets_client(self) -> Any:
        async with self._opening:
            if self._offsets is None:
                self._offsets = await start(
                    lambda: consumer(self._client, "bashgah-offsets", self._timing),
                    self._client,
                    self._timing.open_deadline_ms,
                    "Describe",
                    "the topics",
                )
            return self._offsets
