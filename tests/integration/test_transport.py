"""The Kafka transport without lanes: what an agent receives is what was committed, in runs that leave nothing out."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from faust.types import TP
from kafka import KafkaAdminClient

from agents.broker.kafka.broker import KafkaBroker
from agents.transport import delivery
from agents.transport.batch import BatchConsumer
from schemas import topics
from schemas.records import OutputRecord, TopicPartition
from tests.agents.transport.recording import PARTITIONS, RecordingLanes, create_inputs, outputs, running, until
from tests.kafka.broker import Cluster

pytestmark = pytest.mark.kafka


@asynccontextmanager
async def fresh_broker(cluster: Cluster) -> AsyncIterator[KafkaBroker]:
    broker = KafkaBroker(cluster.bootstrap)
    await create_inputs(broker)
    try:
        yield broker
    finally:
        await broker.close()


async def test_runs_hold_exactly_what_was_committed_and_chain_over_aborted_records(
    cluster: Cluster, tmp_path: Path
) -> None:
    card = topics.CARD.name
    async with fresh_broker(cluster) as broker:
        producer = await broker.producer("publisher")
        await producer.transact(outputs(card, 0, range(2500)))
        await _abort(cluster, outputs(card, 0, range(9000, 9100)))
        producer = await broker.producer("publisher")
        await producer.transact(outputs(card, 0, range(2500, 3000)) + outputs(topics.MEMBER.name, 2, range(5)))
        await _abort(cluster, outputs(card, 1, range(9100, 9200)))
        lanes = RecordingLanes()
        async with running(broker, f"kafka://{cluster.bootstrap}", lanes, tmp_path, "chain"):
            await until(lambda: len(lanes.values(TP(card, 0))) == 3000)
            assert lanes.values(TP(card, 0)) == [b"%d" % value for value in range(3000)]
            assert lanes.values(TP(topics.MEMBER.name, 2)) == [b"%d" % value for value in range(5)]
            ends = await broker.end_offsets([TopicPartition(*tp) for tp in lanes.next])
            # Also where only aborted and control records are: the position passes them, so the lanes know the end.
            await until(lambda: lanes.next == ends)
            assert lanes.values(TP(card, 1)) == []
            assert all(len(run.records) <= 2000 for run in lanes.runs[TP(card, 0)])


async def test_a_paused_partition_gets_nothing_and_the_others_go_on(cluster: Cluster, tmp_path: Path) -> None:
    card, member = topics.CARD.name, topics.MEMBER.name
    async with fresh_broker(cluster) as broker:
        lanes = RecordingLanes()
        async with running(broker, f"kafka://{cluster.bootstrap}", lanes, tmp_path, "pause") as app:
            await until(lambda: lanes.epoch > 0)
            app.consumer.pause_partitions({TP(card, 0)})
            await asyncio.sleep(0.3)  # what was on its way
            await broker.publish(
                outputs(card, 0, range(10)) + outputs(card, 1, range(10)) + outputs(member, 0, range(10))
            )
            await until(lambda: len(lanes.values(TP(card, 1))) == 10 == len(lanes.values(TP(member, 0))))
            await asyncio.sleep(0.5)
            assert lanes.values(TP(card, 0)) == []
            app.consumer.resume_partitions({TP(card, 0)})
            await until(lambda: len(lanes.values(TP(card, 0))) == 10)


async def test_group_offsets_show_no_lag_for_control_records(cluster: Cluster, tmp_path: Path) -> None:
    card = topics.CARD.name
    async with fresh_broker(cluster) as broker:
        producer = await broker.producer("publisher")
        await producer.transact(outputs(card, 0, range(100)))
        lanes = RecordingLanes()
        async with running(broker, f"kafka://{cluster.bootstrap}", lanes, tmp_path, "lag") as app:
            await until(lambda: len(lanes.values(TP(card, 0))) == 100)
            await app.consumer.commit()
            shown = await asyncio.to_thread(_group_offset, cluster, "lag", card, 0)
            (end,) = (await broker.end_offsets([TopicPartition(card, 0)])).values()
            assert shown == end == 101


async def test_two_members_share_partition_numbers_and_a_takeover_loses_nothing(
    cluster: Cluster, tmp_path: Path
) -> None:
    card = topics.CARD.name
    async with fresh_broker(cluster) as broker:
        first, second = RecordingLanes(), RecordingLanes()
        async with running(broker, f"kafka://{cluster.bootstrap}", first, tmp_path / "1", "pair") as one:
            await broker.publish([each for p in range(PARTITIONS) for each in outputs(card, p, range(100))])
            await until(lambda: all(len(first.values(TP(card, p))) == 100 for p in range(PARTITIONS)))
            async with running(broker, f"kafka://{cluster.bootstrap}", second, tmp_path / "2", "pair") as two:
                await until(lambda: second.generation is not None and second.generation == first.generation)
                numbers = [{tp.partition for tp in each.consumer.assignment()} for each in (one, two)]
                assert numbers[0] | numbers[1] == set(range(PARTITIONS))
                assert not numbers[0] & numbers[1]
                for each in (one, two):
                    of_each_topic = defaultdict(set)
                    for tp in each.consumer.assignment():
                        of_each_topic[tp.topic].add(tp.partition)
                    assert len(of_each_topic) == 5
                    assert len({frozenset(group) for group in of_each_topic.values()}) == 1
            await broker.publish([each for p in range(PARTITIONS) for each in outputs(card, p, range(100, 150))])
            await until(lambda: all(len(first.values(TP(card, p))) == 150 for p in range(PARTITIONS)))
            for p in range(PARTITIONS):
                assert first.values(TP(card, p)) == [b"%d" % value for value in range(150)]


async def test_what_a_fetch_brings_between_the_seek_and_the_flow_is_delivered(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The fetch waits from before the rebalance until after its seek, and comes back before the flow has resumed.
    card, seek = topics.CARD.name, BatchConsumer.perform_seek
    monkeypatch.setattr(delivery, "WAIT_S", 1.0)
    async with fresh_broker(cluster) as broker:

        async def seek_and_dawdle(consumer: BatchConsumer) -> None:
            await seek(consumer)
            await broker.publish([each for p in range(PARTITIONS) for each in outputs(card, p, range(20))])
            await asyncio.sleep(0.5)

        monkeypatch.setattr(BatchConsumer, "perform_seek", seek_and_dawdle)
        first, url = RecordingLanes(), f"kafka://{cluster.bootstrap}"
        async with running(broker, url, first, tmp_path / "1", "dawdle"):
            for number in range(4):
                second = RecordingLanes()
                async with running(broker, url, second, tmp_path / f"2-{number}", "dawdle"):
                    await until(lambda: second.generation is not None and second.generation == first.generation)  # noqa: B023
                    await asyncio.sleep(0.7)
                assert not second.holes
            await asyncio.sleep(1)
            ends = await broker.end_offsets([TopicPartition(*tp) for tp in first.next])
            await until(lambda: first.next == ends or bool(first.holes))
            assert not first.holes


async def _abort(cluster: Cluster, records: list[OutputRecord]) -> None:
    """Write records in a transaction that is aborted: offsets that nobody may ever see."""
    producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, transactional_id="publisher")
    await producer.start()
    await producer.begin_transaction()
    for each in records:
        await producer.send(each.topic, each.value, each.key, each.partition)
    await producer.flush()
    await producer.abort_transaction()
    await producer.stop()


def _group_offset(cluster: Cluster, group: str, topic: str, partition: int) -> int:
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    try:
        found = admin.list_group_offsets({group: None})[group]
        return next(each.offset for place, each in found.items() if tuple(place) == (topic, partition))
    finally:
        admin.close()
