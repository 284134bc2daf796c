"""Kafka's topics: described with ids and settings, created and deleted, through kafka-python's admin client.

aiokafka's admin client does not show topic ids. kafka-python blocks, so each call runs in a thread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)

from agents.broker.errors import TopicRefused, UnknownTopic, Unreachable
from agents.broker.interface import TopicDescription, TopicPartition, TopicSpec

BOOTSTRAP_MS_MAX = 10_000
COORDINATOR_POLL_S = 0.2
COORDINATOR_POLLS_MAX = 100
DELETED_POLL_S = 0.1
DELETED_POLLS_MAX = 300

Answer = TypeVar("Answer")


class Metadata:
    """What a cluster knows about topics. `client` are connection settings, `timeout_ms` bounds each request."""

    def __init__(self, bootstrap: str, client: Mapping[str, Any], timeout_ms: int) -> None:
        self._bootstrap = bootstrap
        self._settings = {**client, "request_timeout_ms": timeout_ms, "bootstrap_timeout_ms": BOOTSTRAP_MS_MAX}
        self._admin: Any = None
        self._turn = asyncio.Lock()
        self._partitions: dict[str, int] = {}

    async def require(self, places: Iterable[TopicPartition]) -> None:
        """Raise `UnknownTopic` unless every partition exists. Counts are asked for once: a topic cannot shrink."""
        places = list(places)
        doubtful = {topic for topic, partition in places if partition >= self._partitions.get(topic, 0)}
        if not doubtful:
            return
        for name, found in (await self._found(doubtful)).items():
            self._partitions[name] = len(found["partitions"])
        for topic, partition in places:
            if topic not in self._partitions:
                raise UnknownTopic(topic)
            if not 0 <= partition < self._partitions[topic]:
                raise UnknownTopic(topic, partition)

    async def describe(self, topics: Iterable[str]) -> Mapping[str, TopicDescription]:
        """See `Broker.describe`."""
        found = await self._found(topics)
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in found]
        if not resources:
            return {}
        answer = await self._ask(lambda admin: admin.describe_configs(resources, config_filter="all"))
        return {
            name: TopicDescription(
                id=str(topic["topic_id"]),
                partitions=len(topic["partitions"]),
                replication=min(len(partition["replica_nodes"]) for partition in topic["partitions"]),
                config={key: entry["value"] for key, entry in answer["topic"][name].items()},
            )
            for name, topic in found.items()
        }

    async def group_offsets(self, group: str) -> Mapping[TopicPartition, int]:
        """What the consumer group has committed; nothing of one that is not known."""

        def asked(admin: Any) -> Any:
            for _ in range(COORDINATOR_POLLS_MAX):
                with suppress(CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
                    return admin.list_group_offsets(group)
                # The first question of a cluster's life makes the topic in which the answer would stand.
                time.sleep(COORDINATOR_POLL_S)
            return admin.list_group_offsets(group)

        answer = await self._ask(asked)
        return {
            TopicPartition(*place): committed.offset
            for place, committed in answer.get(group, {}).items()
            if committed.offset >= 0
        }

    async def create(self, specs: Sequence[TopicSpec]) -> None:
        """See `Broker.create_topics`."""
        if not specs:
            return
        wanted = {
            spec.name: {
                "num_partitions": spec.partitions,
                "replication_factor": spec.replication,
                "configs": dict(spec.config),
            }
            for spec in specs
        }
        answer = await self._ask(lambda admin: admin.create_topics(wanted, raise_errors=False))
        for topic in answer["topics"]:
            if topic["error_code"] == TopicAlreadyExistsError.errno:
                raise TopicRefused(topic["name"], "exists already", "leave it out, or choose another name")
            if topic["error_code"]:
                reason = topic["error_message"] or f"Kafka's error {topic['error_code']}"
                raise TopicRefused(topic["name"], reason, "change partitions, replication or settings")
        await self._ask(lambda admin: admin.wait_for_topics(list(wanted)))

    async def delete(self, topics: Sequence[str]) -> None:
        """See `Broker.delete_topics`."""
        answer = await self._ask(lambda admin: admin.delete_topics(list(topics), raise_errors=False))
        for topic in answer["topics"]:
            self._partitions.pop(topic["name"], None)
            if topic["error_code"] == UnknownTopicOrPartitionError.errno:
                raise UnknownTopic(topic["name"])
            if topic["error_code"]:
                reason = topic["error_message"] or f"Kafka's error {topic['error_code']}"
                raise TopicRefused(topic["name"], reason, "check the rights and the broker's settings")
        for _ in range(DELETED_POLLS_MAX):
            if not await self._found(topics):
                return
            await asyncio.sleep(DELETED_POLL_S)
        raise Unreachable(topics[0], "is still there after its deletion", "try again; check that the brokers are well")

    async def close(self) -> None:
        """Let go of the connection."""
        async with self._turn:
            admin, self._admin = self._admin, None
            if admin is not None:
                await asyncio.to_thread(admin.close)

    async def _found(self, topics: Iterable[str]) -> dict[str, Any]:
        names = list(topics)
        if not names:
            return {}
        answer = await self._ask(lambda admin: admin.describe_topics(names))
        for topic in answer:
            if topic["error_code"] not in (0, UnknownTopicOrPartitionError.errno):
                reason = f"Kafka's error {topic['error_code']}"
                raise Unreachable(topic["name"], reason, "try again; check that the brokers are well")
        return {topic["name"]: topic for topic in answer if not topic["error_code"]}

    async def _ask(self, question: Callable[[Any], Answer]) -> Answer:
        def asked() -> Answer:
            if self._admin is None:
                self._admin = KafkaAdminClient(bootstrap_servers=self._bootstrap.split(","), **self._settings)
            return question(self._admin)

        async with self._turn:
            try:
                return await asyncio.to_thread(asked)
            except (KafkaError, OSError) as error:
                remedy = "check that the broker runs, its address and the credentials"
                raise Unreachable(self._bootstrap, f"no answer ({error})", remedy) from error
