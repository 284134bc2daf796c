"""Opening the lanes of one process: several at a time, with one reader for all their changelogs."""

from collections.abc import Callable, Sequence
from functools import partial

from agents.broker.interface import Broker
from agents.lanes.observer import LaneObserver
from agents.lanes.options import LaneOptions
from agents.lanes.spec import NEEDED, check_topics, lane_spec, no_watermark
from agents.task.commit import OpenTask
from agents.task.opening import open_tasks
from agents.task.spec import Opening
from agents.topics.programmes import ProgrammeFollower
from tables.store import Store
from tables.watermark import Watermark

StoreFactory = Callable[[int], Store]
"""Opens the rows of a partition number."""


async def open_lanes(
    broker: Broker,
    follower: ProgrammeFollower,
    partitions: Sequence[int],
    stores: StoreFactory,
    options: LaneOptions,
    observer: LaneObserver,
    wall_ms: Callable[[], int],
) -> dict[int, OpenTask]:
    """Open these lanes, all or none. Raises what stands in the way; what was opened is closed again."""
    described = await broker.describe(NEEDED)
    check_topics(described, partitions)
    openings = [
        Opening(
            lane_spec(number),
            partial(stores, number),
            partial(_without_watermark, number),
            partial(observer.recovering, number),
            partial(observer.copy_discarded, number),
        )
        for number in partitions
    ]
    opened = await open_tasks(broker, follower, described, openings, options, wall_ms)
    return dict(zip(partitions, opened, strict=True))


async def _without_watermark(partition: int) -> Watermark:
    """A lane never makes up where to begin: reading from the wrong place would lose or repeat points in silence."""
    raise no_watermark(partition)
