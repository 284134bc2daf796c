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
    ClusterAuthorizationFailedError,
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    InvalidReplicationFactorError,
    KafkaError,
    NotCoordinatorError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from agents.broker.errors import NotPermitted, TopicRefused, UnknownTopic, Unreachable
from agents.broker.interface import TopicDescription, TopicSpec
from agents.broker.kafka.client import meaning_of
from agents.broker.kafka.diagnosis import why_unreachable
from schemas.records import TopicPartition

BOOTSTRAP_MS_MAX = 10_000
COORDINATOR_POLL_S = 0.2
COORDINATOR_POLLS_MAX = 100
DELETED_POLL_S = 0.1
DELETED_POLLS_MAX = 300

NO_RIGHT = (TopicAuthorizationFailedError.errno, ClusterAuthorizationFailedError.errno)

Answer = TypeVar("Answer")


class Metadata:
    """What a cluster knows about topics. `client` are connection settings, `timeout_ms` bounds each request."""

    def __init__(self, bootstrap: str, client: Mapping[str, Any], timeout_ms: int) -> None:
        self._bootstrap = bootstrap
        self._client = {"bootstrap_servers": bootstrap, **client}
        self._settings = {
            **client,
            "request_timeout_ms": timeout_ms,
            "bootstrap_timeout_ms": min(timeout_ms, BOOTSTRAP_MS_MAX),
        }
        self._admin: Any = None
        self._turn = asyncio.Lock()
        self._partitions: dict[str, int] = {}
        self._allowed: set[tuple[str, str]] = set()

    async def require(self, places: Iterable[TopicPartition], operation: str) -> None:
        """Raise `UnknownTopic` unless every partition exists, `NotPermitted` unless the user may do this on each topic.
        Both are asked for once: a topic cannot shrink, and a right that is taken away later the broker tells."""
        places = list(places)
        doubtful = {
            topic
            for topic, partition in places
            if partition >= self._partitions.get(topic, 0) or (topic, operation) not in self._allowed
        }
        if not doubtful:
            return
        for name, found in (await self._found(doubtful)).items():
            self._partitions[name] = len(found["partitions"])
            if not _may(found, operation):
                raise NotPermitted(operation, "topic", name)
            self._allowed.add((name, operation))
        for topic, partition in places:
            if topic not in self._partitions:
                raise UnknownTopic(topic)
            if not 0 <= partition < self._partitions[topic]:
                raise UnknownTopic(topic, partition)

    async def lacking(self, places: Iterable[TopicPartition], operation: str) -> NotPermitted | None:
        """The right that the user lacks, as the broker says now; None where it has it on all these topics."""
        found = await self._found({topic for topic, _ in places})
        names = sorted(name for name, each in found.items() if not _may(each, operation))
        return NotPermitted(operation, "topic", ", ".join(names)) if names else None

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
                # Without the right to read them there is an empty answer; nothing else is without settings.
                config={key: entry["value"] for key, entry in answer["topic"][name].items()} or None,
                allowed=_allowed(topic),
            )
            for name, topic in found.items()
        }

    async def group_offsets(self, group: str) -> Mapping[TopicPartition, int]:
        """What the consumer group has committed; nothing of one that is not known."""
        answer = await self._ask_of_group(lambda admin: admin.list_group_offsets(group), group)
        return {
            TopicPartition(*place): committed.offset
            for place, committed in answer.get(group, {}).items()
            if committed.offset >= 0
        }

    async def check_group(self, group: str) -> None:
        """See `Broker.check_group`."""
        answer = await self._ask_of_group(lambda admin: admin.describe_groups([group]), group)
        allowed = answer[group].get("authorized_operations")
        if allowed and "READ" not in allowed:
            raise NotPermitted("Read", "group", group)

    async def _ask_of_group(self, question: Callable[[Any], Answer], group: str) -> Answer:
        """Ask a group's coordinator. The first question of a cluster's life makes the topic that has the answer."""

        def asked(admin: Any) -> Answer:
            for _ in range(COORDINATOR_POLLS_MAX):
                with suppress(CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
                    return question(admin)
                time.sleep(COORDINATOR_POLL_S)
            return question(admin)

        return await self._ask(asked, "Read", group)

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
            if topic["error_code"] in NO_RIGHT:
                raise NotPermitted("Create", "topic", topic["name"])
            if topic["error_code"]:
                reason = topic["error_message"] or f"Kafka's error {topic['error_code']}"
                remedy = "change partitions, replication or settings"
                if topic["error_code"] == InvalidReplicationFactorError.errno:
                    remedy = "start more brokers, or ask for fewer --replication; for a trial on one broker, --dev"
                raise TopicRefused(topic["name"], reason, remedy)
        await self._ask(lambda admin: admin.wait_for_topics(list(wanted)))

    async def delete(self, topics: Sequence[str]) -> None:
        """See `Broker.delete_topics`."""
        answer = await self._ask(lambda admin: admin.delete_topics(list(topics), raise_errors=False))
        for topic in answer["topics"]:
            self._partitions.pop(topic["name"], None)
            if topic["error_code"] == UnknownTopicOrPartitionError.errno:
                raise UnknownTopic(topic["name"])
            if topic["error_code"] in NO_RIGHT:
                raise NotPermitted("Delete", "topic", topic["name"])
            if topic["error_code"]:
                reason = topic["error_message"] or f"Kafka's error {topic['error_code']}"
                raise TopicRefused(topic["name"], reason, "check the broker's settings")
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
            if topic["error_code"] in NO_RIGHT:
                raise NotPermitted("Describe", "topic", topic["name"])
            if topic["error_code"] not in (0, UnknownTopicOrPartitionError.errno):
                reason = f"Kafka's error {topic['error_code']}"
                raise Unreachable(topic["name"], reason, "try again; check that the brokers are well")
        return {topic["name"]: topic for topic in answer if not topic["error_code"]}

    async def _ask(
        self, question: Callable[[Any], Answer], operation: str = "Describe", resource: str = "the topics"
    ) -> Answer:
        def asked() -> Answer:
            if self._admin is None:
                self._admin = KafkaAdminClient(bootstrap_servers=self._bootstrap.split(","), **self._settings)
            return question(self._admin)

        async with self._turn:
            try:
                return await asyncio.to_thread(asked)
            except (KafkaError, OSError) as error:
                found = meaning_of(error, operation, resource) or await why_unreachable(self._client, error)
                raise found from error


def _allowed(topic: Mapping[str, Any]) -> frozenset[str] | None:
    """The operations that the user may do on a topic; None where the broker does not say."""
    return frozenset(topic["authorized_operations"]) if topic.get("authorized_operations") else None


def _may(topic: Mapping[str, Any], operation: str) -> bool:
    allowed = _allowed(topic)
    return allowed is None or operation.upper() in allowed
