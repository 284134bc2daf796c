"""The Kafka broker away, frozen, killed or unwilling: what producers, readers and publishers say then."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.broker.errors import OutcomeUnknown, Unreachable
from agents.broker.interface import TopicSpec
from agents.broker.kafka.broker import KafkaBroker
from agents.broker.kafka.producer import Timing
from schemas.records import OutputRecord, TopicPartition
from tests.contract.sites import new_topic, outputs, values
from tests.kafka.broker import Cluster, free_port
from tests.kafka.fixtures import require_kafka

pytestmark = pytest.mark.kafka

HASTY = Timing(request_timeout_ms=5_000, transaction_timeout_ms=10_000, transaction_deadline_ms=3_000)


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A broker that a test may break."""
    require_kafka()
    with Cluster(tmp_path / "kafka") as cluster:
        yield cluster


async def test_a_refused_batch_takes_the_whole_transaction_with_it(kafka_cluster: Cluster) -> None:
    broker = KafkaBroker(kafka_cluster.bootstrap)
    roomy, narrow = await new_topic(broker, 2), await new_topic(broker, max_message_bytes="2000")
    producer = await broker.producer(f"id-{roomy}")
    # aiokafka would commit the other batches happily: every answer must be seen before the commit.
    with pytest.raises(OutcomeUnknown, match="MessageSizeTooLarge"):
        await producer.transact([*outputs(roomy, "a", "b"), OutputRecord(narrow, 0, b"k", b"x" * 5_000)])
    with pytest.raises(OutcomeUnknown):
        await producer.transact(outputs(roomy, "c"))
    await producer.close()
    after = await broker.producer(f"id-{roomy}")
    await after.transact(outputs(roomy, "d"))
    assert await values(broker, roomy) == ["d"]
    assert await values(broker, narrow) == []
    await after.close()
    await broker.close()


async def test_nobody_there() -> None:
    broker = KafkaBroker(f"127.0.0.1:{free_port()}", timing=HASTY)
    for attempt in (broker.producer("p"), broker.reader(), broker.publish([OutputRecord("t", 0, None, b"v")])):
        with pytest.raises(Unreachable):
            await attempt
    with pytest.raises(Unreachable, match="nobody listens there"):
        await broker.ping()
    await broker.close()


async def test_frozen_inside_a_transaction(own_cluster: Cluster) -> None:
    broker = KafkaBroker(own_cluster.bootstrap, timing=HASTY)
    await broker.create_topics([TopicSpec("t", 1)])
    place = TopicPartition("t", 0)
    producer = await broker.producer("p")
    await producer.transact(outputs("t", "before"))
    reader = await broker.reader()
    await reader.assign({place: 0})
    assert len((await reader.fetch(5_000, 10))[place]) == 1
    own_cluster.nodes[0].freeze()
    try:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown, match="3000 ms"):
            await producer.transact(outputs("t", "doubtful"))
        assert time.monotonic() - began < 5
        assert await reader.fetch(200, 10) == {}
        with pytest.raises(Unreachable):
            await broker.publish(outputs("t", "maybe"))
        began = time.monotonic()
        await producer.close()
        assert time.monotonic() - began < 20
    finally:
        own_cluster.nodes[0].thaw()
    after = await broker.producer("p")
    await after.transact(outputs("t", "after"))
    found = await values(broker, "t")
    assert (found[0], found[-1]) == ("before", "after")
    assert found.count("doubtful") <= 1
    await after.close()
    await reader.close()
    await broker.close()


async def test_killed_and_started_again(own_cluster: Cluster) -> None:
    broker = KafkaBroker(own_cluster.bootstrap, timing=HASTY)
    await broker.create_topics([TopicSpec("t", 1)])
    place = TopicPartition("t", 0)
    idle = await broker.producer("idle")
    await idle.transact(outputs("t", "a"))
    reader = await broker.reader()
    await reader.assign({place: 0})
    assert len((await reader.fetch(5_000, 10))[place]) == 1
    await broker.publish(outputs("t", "b"))
    own_cluster.nodes[0].kill()
    assert len((await reader.fetch(500, 10)).get(place, ())) <= 1
    await asyncio.to_thread(own_cluster.nodes[0].start)
    await broker.publish(outputs("t", "c"))
    # An idle producer and a reader find the broker again by themselves; whatever else is an honest doubt.
    try:
        await idle.transact(outputs("t", "d"))
        expected = [["a", "b", "c", "d"]]
    except OutcomeUnknown:
        expected = [["a", "b", "c"], ["a", "b", "c", "d"]]
    reader.seek(place, 0)
    found: list[bytes | None] = []
    for _ in range(30):
        found += [record.value for record in (await reader.fetch(1_000, 10)).get(place, ())]
        if len(found) >= len(expected[0]):
            break
    assert [(value or b"").decode() for value in found] in expected
    await idle.close()
    await reader.close()
    await broker.close()
