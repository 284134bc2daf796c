"""Reading from Kafka without a group: partitions and offsets are given, what is not committed is never seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Self

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from agents.broker.errors import OffsetOutOfRange, Unheld, Unreachable
from agents.broker.kafka import bounded_fetch
from agents.broker.kafka.bounded_fetch import Room
from agents.broker.kafka.client import meaning_of, start, stop
from agents.broker.kafka.metadata import Metadata
from agents.broker.kafka.producer import Timing
from schemas import topics
from schemas.records import Record, TopicPartition

FETCH_BYTES_MAX = 32 << 20
PARTITION_BYTES_MAX = 8 << 20
_OF_OTHERS = frozenset(topic.name for topic in topics.INPUTS)


def consumer(client: Mapping[str, Any], client_id: str, timing: Timing) -> Any:
    """An aiokafka consumer of committed records that never chooses an offset by itself."""
    bounded_fetch.install()
    return AIOKafkaConsumer(
        **client,
        client_id=client_id,
        isolation_level="read_committed",
        auto_offset_reset="none",
        enable_auto_commit=False,
        fetch_max_bytes=FETCH_BYTES_MAX,
        max_partition_fetch_bytes=PARTITION_BYTES_MAX,
        request_timeout_ms=timing.request_timeout_ms,
    )


class KafkaReader:
    """`agents.broker.interface.Reader` on Kafka."""

    def __init__(self, client: Any, metadata: Metadata) -> None:
        self._consumer, self._metadata = client, metadata
        self._assigned: set[TopicPartition] = set()
        self._paused: set[TopicPartition] = set()

    @classmethod
    async def open(cls, client: Mapping[str, Any], metadata: Metadata, timing: Timing) -> Self:
        """Connect."""

        def make() -> Any:
            return consumer(client, "bashgah-reader", timing)

        return cls(await start(make, client, timing.open_deadline_ms, "Describe", "the topics"), metadata)

    async def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the interface."""
        await self._metadata.require(positions, "Read")
        self._assigned = {TopicPartition(*place) for place in positions}
        self._paused.clear()
        if not positions:
            self._consumer.unsubscribe()
            return
        self._consumer.assign([KafkaPartition(*place) for place in positions])
        # Nothing is awaited between the two, so the fetcher never sees a partition without a position.
        for place, position in positions.items():
            self._consumer.seek(KafkaPartition(*place), position)

    async def fetch(self, timeout_ms: int, max_records: int) -> Mapping[TopicPartition, list[Record]]:
        """See the interface."""
        # What was fetched of a paused partition would be thrown away if it was asked for; and none is all to aiokafka.
        active = [KafkaPartition(*place) for place in self._assigned - self._paused]
        if not active:
            await asyncio.sleep(timeout_ms / 1000)
            return {}
        try:
            fetched = await self._consumer.getmany(*active, timeout_ms=timeout_ms, max_records=Room.of(max_records))
        except OffsetOutOfRangeError as error:
            ((topic, partition), position) = next(iter(error.args[0].items()))
            raise OffsetOutOfRange(topic, partition, position) from error
        except KafkaError as error:
            raise meaning_of(error, "Read", "fetch") or _unread(error) from error
        for (topic, _), records in fetched.items():
            if topic not in _OF_OTHERS:
                for record in records:
                    if record.withheld is not None:
                        self._return(fetched)
                        if record.withheld.refused is not None:
                            raise record.withheld.refused
                        raise Unheld(record.topic, record.partition, record.offset)
        return {TopicPartition(*place): records for place, records in fetched.items()}

    def _return(self, fetched: Mapping[KafkaPartition, list[Record]]) -> None:
        for place, records in fetched.items():
            self._consumer.seek(place, records[0].offset)

    async def position(self, partition: TopicPartition) -> int:
        """See the interface."""
        return int(await self._consumer.position(KafkaPartition(*partition)))

    def seek(self, partition: TopicPartition, position: int) -> None:
        """See the interface."""
        self._consumer.seek(KafkaPartition(*partition), position)

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """See the interface."""
        places = [TopicPartition(*place) for place in partitions]
        self._paused.update(places)
        self._consumer.pause(*(KafkaPartition(*place) for place in places))

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """See the interface."""
        places = [TopicPartition(*place) for place in partitions]
        self._paused.difference_update(places)
        self._consumer.resume(*(KafkaPartition(*place) for place in places))

    async def close(self) -> None:
        """See the interface."""
        await stop(self._consumer)


def _unread(error: KafkaError) -> Unreachable:
    return Unreachable("fetch", f"{type(error).__name__}: {error}", "try again; if it repeats, see the broker's log")
