"""The first watermark of each lane, written when its topics are created: without one no lane opens.

A worker never makes up where to begin: reading from the wrong place would lose or repeat points in silence.
"""

import asyncio
from collections.abc import Mapping
from typing import Literal

from agents.broker.interface import Broker, TopicDescription
from agents.lanes.spec import NEEDED, inputs_of, lane_spec
from agents.process.clock import Clock, wall_clock
from agents.task.checks import check_count
from agents.task.commit import decided, transaction_of, with_watermark
from agents.task.options import TaskOptions
from agents.task.ownership import check_club
from agents.topics.changelog import last_watermark
from agents.topics.partition_counts import INPUT_NAMES, lanes_of
from agents.topics.programmes import PROGRAMME
from schemas.records import TopicPartition
from tables.journal import OperatorDecision
from tables.watermark import Watermark

From = Literal["earliest", "latest"] | int
"""Where lanes begin: at the first record kept, behind the last one, or at an instant (ms since 1970 UTC)."""


async def first_watermarks(
    broker: Broker, begin: From, app_id: str = "bashgah", operator: str = "", wall_ms: Clock = wall_clock
) -> list[int]:
    """Write the first watermark of every lane that has none; return their numbers.

    The topics exist and are co-partitioned. Done by each lane's transactional id, so that a worker that was quicker is
    fenced rather than contradicted, and at the changelog's end that was looked at: of two that begin one lane at once,
    whatever their app ids, one does. Raises `TaskRefused` where a lane is another app id's, `Overtaken` where it has
    just become somebody's, and what the broker raises. """
    described = await broker.describe(NEEDED)
    lanes = lanes_of(described)
    for number, watermark in (await check_club(broker, app_id)).items():
        check_count(lane_spec(number), watermark, lanes)
    partitions = range(lanes)
    offsets = await _offsets(broker, begin, partitions)
    written = await asyncio.gather(
        *(_write(broker, number, offsets, described, app_id, operator, wall_ms()) for number in partitions)
    )
    return [number for number, done in zip(partitions, written, strict=True) if done]


async def _offsets(broker: Broker, begin: From, partitions: range) -> Mapping[TopicPartition, int]:
    places = inputs_of(partitions)
    if begin == "earliest":
        return await broker.begin_offsets(places)
    if begin == "latest":
        return await broker.end_offsets(places)
    assert isinstance(begin, int)
    return await broker.offsets_at(places, begin)


async def _write(
    broker: Broker,
    partition: int,
    offsets: Mapping[TopicPartition, int],
    described: Mapping[str, TopicDescription],
    app_id: str,
    operator: str,
    now: int,
) -> bool:
    if await last_watermark(broker, partition) is not None:
        return False
    spec = lane_spec(partition)
    producer = await broker.producer(TaskOptions(app_id).transactional_id(partition))
    try:
        end = (await broker.end_offsets([spec.changelog]))[spec.changelog]
        if await last_watermark(broker, partition) is not None:  # written before we fenced the other one
            return False
        starts = {name: offsets[TopicPartition(name, partition)] for name in INPUT_NAMES}
        ids = {name: described[name].id for name in (*INPUT_NAMES, PROGRAMME.topic)}
        watermark = Watermark(offsets=starts, topics=ids, app_id=app_id, lanes=lanes_of(described))
        decision = OperatorDecision("first", operator, "topics created", starts, 0)
        entry = decided(spec, watermark, watermark, decision, now)
        await producer.transact(transaction_of(spec, with_watermark([], watermark), [], entry), {spec.changelog: end})
    finally:
        await producer.close()
    return True
