"""How the lanes stand, as told by the broker alone: no worker is asked, and none is disturbed."""

from typing import NamedTuple

from agents.broker.interface import Broker, TopicPartition
from agents.lanes.dead_letter_limit import at_limit
from agents.lanes.direct_feed import inputs_of
from agents.lanes.opening import INPUT_NAMES
from agents.lanes.options import LaneOptions
from agents.process.exit_codes import ExitCode, Problem
from agents.task.checks import NEEDED, Extents, obstacles, programme_obstacle
from agents.task.ownership import doubt
from agents.topics.journal import lane_ends, lasting_differences
from agents.topics.partition_counts import lanes_of
from agents.topics.programmes import PROGRAMME
from schemas import topics
from tables.watermark import Watermark


class LaneStatus(NamedTuple):
    """One lane. `lag` counts offsets between watermark and end by input; `obstacles` say why it would not open."""

    partition: int
    watermark: Watermark | None
    lag: dict[str, int]
    obstacles: tuple[str, ...]


async def lane_status(broker: Broker, options: LaneOptions | None = None) -> list[LaneStatus]:
    """All lanes, in order. Raises `Problem` when the topics are not there."""
    options = options or LaneOptions()
    described = await broker.describe(NEEDED)
    for name in NEEDED:
        if name not in described:
            raise Problem(name, "no such topic", "`bashgah topics create` makes it", ExitCode.BAD_SETTING)
    ids = {name: each.id for name, each in described.items()}
    partitions = range(lanes_of(described))
    places = inputs_of(partitions)
    extents = Extents(await broker.begin_offsets(places), await broker.end_offsets(places))
    programme_end = (await broker.end_offsets([PROGRAMME]))[PROGRAMME]
    lanes = await lasting_differences(lambda: lane_ends(broker, partitions))
    found = [
        _status(number, ends.watermark, extents, programme_end, ids, difference, options)
        for number, (ends, difference) in zip(partitions, lanes, strict=True)
    ]
    return [await _owned(broker, each, options.app_id) for each in found]


async def _owned(broker: Broker, status: LaneStatus, app_id: str) -> LaneStatus:
    """The status, with what about the lane's owner stands in the way."""
    if status.watermark is None:
        return status
    found = await doubt(broker, str(status.partition), status.watermark, app_id)
    return status if found is None else status._replace(obstacles=(found.reason, *status.obstacles))


def _status(
    partition: int,
    watermark: Watermark | None,
    extents: Extents,
    programme_end: int,
    ids: dict[str, str],
    difference: str | None,
    options: LaneOptions,
) -> LaneStatus:
    if watermark is None:
        return LaneStatus(partition, None, {}, ("no watermark: see `bashgah topics create --from`",))
    ends = {name: extents.ends[TopicPartition(name, partition)] for name in INPUT_NAMES}
    lag = {name: max(0, end - watermark.offsets.get(name, 0)) for name, end in ends.items()}
    found = [
        f"{each.place.topic}/{each.place.partition}: {each.reason}"
        for each in obstacles(partition, watermark, extents, ids)
    ]
    programme = programme_obstacle(watermark, programme_end, ids)
    if programme is not None:
        found.append(f"{programme.place.topic}: {programme.reason}")
    if difference is not None:
        found.append(f"{topics.JOURNAL.name}/{partition}: {difference}")
    if at_limit(watermark.window, options.dead_letters):
        limit = options.dead_letters
        found.append(
            f"{watermark.window.dead} of {limit.window} records ({limit.percent} %) are dead letters, the most that may"
            " be: the worker stops at the next one, or has stopped there"
        )
    return LaneStatus(partition, watermark, lag, tuple(found))
