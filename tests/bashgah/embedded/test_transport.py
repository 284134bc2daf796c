"""The embedded transport gives the same runs as the Kafka transport does; see tests/integration/test_transport.py."""

import asyncio
from pathlib import Path

from faust.types import TP

from agents.broker.interface import Broker
from bashgah.brokers import open_broker
from schemas import topics
from schemas.records import TopicPartition
from tests.agents.transport.recording import PARTITIONS, RecordingLanes, create_inputs, outputs, running, until

CARD, MEMBER = topics.CARD.name, topics.MEMBER.name


def test_runs_hold_what_was_committed_and_one_worker_has_every_partition(tmp_path: Path) -> None:
    async def scenario(broker: Broker) -> None:
        producer = await broker.producer("publisher")
        await producer.transact(outputs(CARD, 0, range(2500)))
        lanes = RecordingLanes()
        async with running(broker, "embedded://", lanes, tmp_path, "whole") as app:
            await until(lambda: len(lanes.values(TP(CARD, 0))) == 2500)
            assert len(app.consumer.assignment()) == 5 * PARTITIONS
            await producer.transact(outputs(CARD, 0, range(2500, 2600)) + outputs(MEMBER, 2, range(5)))
            await until(lambda: len(lanes.values(TP(CARD, 0))) == 2600)
            assert lanes.values(TP(CARD, 0)) == [b"%d" % value for value in range(2600)]
            assert lanes.values(TP(MEMBER, 2)) == [b"%d" % value for value in range(5)]
            ends = await broker.end_offsets([TopicPartition(*tp) for tp in lanes.next])
            await until(lambda: lanes.next == ends)
        await producer.close()

    _with_broker("runs", scenario)


def test_a_paused_partition_gets_nothing_and_the_others_go_on(tmp_path: Path) -> None:
    async def scenario(broker: Broker) -> None:
        lanes = RecordingLanes()
        async with running(broker, "embedded://", lanes, tmp_path, "pause") as app:
            await until(lambda: lanes.epoch > 0)
            app.consumer.pause_partitions({TP(CARD, 0)})
            await asyncio.sleep(0.3)  # what was on its way
            await broker.publish(outputs(CARD, 0, range(10)) + outputs(CARD, 1, range(10)))
            await until(lambda: len(lanes.values(TP(CARD, 1))) == 10)
            await asyncio.sleep(0.5)
            assert lanes.values(TP(CARD, 0)) == []
            app.consumer.resume_partitions({TP(CARD, 0)})
            await until(lambda: len(lanes.values(TP(CARD, 0))) == 10)

    _with_broker("paused", scenario)


def _with_broker(name: str, scenario: object) -> None:
    async def whole() -> None:
        broker = open_broker(f"embedded://#{name}")
        await create_inputs(broker)
        try:
            await scenario(broker)  # type: ignore[operator]
        finally:
            await broker.close()

    asyncio.run(whole())
