"""A lane to be verified: all that it writes follows from its inputs and its journal."""

from collections.abc import Callable
from functools import partial

from agents.broker.interface import Broker
from agents.lanes.spec import lane_spec, no_watermark
from agents.topics.partition_counts import club_lanes
from bashgah.audit.replay import LaneReplay
from bashgah.audit.verify import Progress, Verifiable, Verified, verify_task
from schemas import topics
from schemas.records import TopicPartition
from tables.rows import is_row
from tables.store import MemoryStore, Store

_OUTPUT_NAMES = tuple(
    topic.name for topic in topics.OUTPUTS if topic.partitions == "club" and topic is not topics.RECEIPT
)


async def verify(
    broker: Broker,
    partition: int,
    stores: Callable[[], Store] = MemoryStore,
    progress: Progress = lambda done, of: None,
) -> Verified:
    """Replay one lane. Raises `Difference`, or `ClubError` when its history is not whole.

    `stores` gives an empty store each time: two are needed.
    """
    lane = Verifiable(
        spec=lane_spec(partition),
        outputs=[TopicPartition(name, partition) for name in _OUTPUT_NAMES],
        mine=lambda _: True,
        is_row=is_row,
        none=no_watermark(partition),
        replay=partial(LaneReplay, partition, await club_lanes(broker)),
    )
    return await verify_task(broker, lane, stores, progress)
