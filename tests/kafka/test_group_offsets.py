"""Which consumer groups have read a partition, as Kafka tells."""

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from agents.broker.kafka.broker import KafkaBroker
from schemas.records import TopicPartition
from tests.contract.sites import new_topic
from tests.kafka.broker import Cluster

pytestmark = pytest.mark.kafka


async def test_a_group_has_read_what_it_has_committed_offsets_of(kafka_cluster: Cluster) -> None:
    broker = KafkaBroker(kafka_cluster.bootstrap)
    topic, other = await new_topic(broker, 2), await new_topic(broker)
    assert not await broker.has_read(topic, [TopicPartition(topic, 0)])
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_cluster.bootstrap, group_id=topic, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([KafkaPartition(topic, 1)])
    await consumer.commit({KafkaPartition(topic, 1): 0})
    await consumer.stop()
    assert await broker.has_read(topic, [TopicPartition(other, 0), TopicPartition(topic, 1)])
    assert not await broker.has_read(topic, [TopicPartition(topic, 0), TopicPartition(other, 0)])
    assert not await broker.has_read(f"{topic}-2", [TopicPartition(topic, 1)])
    await broker.close()
