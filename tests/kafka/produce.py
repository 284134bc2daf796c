"""Batches sent to a broker as they are, which no client's library would make."""

from aiokafka import AIOKafkaProducer
from aiokafka.protocol.produce import ProduceRequest

from schemas.records import TopicPartition


async def produce(bootstrap: str, place: TopicPartition, batch: bytes) -> int:
    """Send one batch; the offset that its first record got. AssertionError with the broker's code for a refusal."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        await producer.partitions_for(place.topic)
        node = producer.client.cluster.leader_for_partition(place)
        request = ProduceRequest(None, -1, 60_000, [(place.topic, [(place.partition, batch)])])
        answer = await producer.client.send(node, request)
        ((_, ((_, code, offset, *_),)),) = answer.topics
        assert code == 0, f"the broker refuses the batch with code {code}"
        return int(offset)
    finally:
        await producer.stop()
