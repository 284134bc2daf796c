"""How the lanes and the coordinator stand, as told by the broker alone: no worker is asked, and none is disturbed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agents.boards.options import CoordinatorOptions
from agents.boards.spec import coordinator_spec, coordinator_topics
from agents.broker.interface import Broker, TopicDescription
from agents.lanes.dead_letter_limit import Limit, at_limit
from agents.lanes.options import LaneOptions
from agents.lanes.spec import NEEDED, lane_spec
from agents.process.exit_codes import ClubError, ExitCode
from agents.task.checks import Extents, ids_of, obstacles, programme_obstacle
from agents.task.ownership import doubt
from agents.task.same_end import ends_of, lasting_differences
from agents.task.spec import TaskSpec, shown
from agents.topics.partition_counts import lanes_of
from agents.topics.programmes import PROGRAMME
from tables.watermark import DeadLetterWindow, Watermark


class TaskStatus(NamedTuple):
    """A task. `watermark` None: it has not begun. `lag` counts offsets between watermark and end by input; `obstacles`
    say why it would not open."""

    name: str
    watermark: Watermark | None
    lag: dict[str, int]
    obstacles: tuple[str, ...]


async def lane_status(broker: Broker, options: LaneOptions | None = None) -> list[TaskStatus]:
    """All lanes, in order. Raises `ClubError` when the topics are not there."""
    options = options or LaneOptions()
    described = await broker.describe(NEEDED)
    for name in NEEDED:
        if name not in described:
            raise ClubError(name, "no such topic", "`bashgah topics create` makes it", ExitCode.BAD_SETTING)
    specs = [lane_spec(number) for number in range(lanes_of(described))]
    found = await _statuses(broker, specs, described, options.app_id)
    return [_limited(each, options.dead_letters) for each in found]


async def coordinator_status(broker: Broker, options: CoordinatorOptions | None = None) -> TaskStatus:
    """The coordinator; nothing stands in the way of one that has not begun. Raises `TaskRefused` when the topics are
    not there."""
    described = await coordinator_topics(broker)
    spec = coordinator_spec(lanes_of(described))
    [found] = await _statuses(broker, [spec], described, (options or CoordinatorOptions()).app_id)
    return found


async def _statuses(
    broker: Broker, specs: Sequence[TaskSpec], described: Mapping[str, TopicDescription], app_id: str
) -> list[TaskStatus]:
    extents = await Extents.of(broker, [place for spec in specs for place in spec.inputs])
    programme_end = (await broker.end_offsets([PROGRAMME]))[PROGRAMME]
    ids = ids_of(described)
    found: list[TaskStatus] = []
    ends = await lasting_differences(lambda: ends_of(broker, specs))
    for spec, ((watermark, _), difference) in zip(specs, ends, strict=True):
        begun = {} if watermark is None else watermark.offsets
        lag = {
            place.topic: max(0, extents.ends[place] - begun.get(place.topic, extents.begins[place]))
            for place in spec.inputs
        }
        in_the_way: list[str] = []
        if watermark is not None:
            if owned := await doubt(broker, spec.name, watermark, app_id):
                in_the_way.append(owned.reason)
            in_the_way += map(str, obstacles(spec, watermark, extents, ids))
            if programme := programme_obstacle(watermark, programme_end, ids):
                in_the_way.append(str(programme))
        if difference is not None:
            in_the_way.append(f"{shown(spec.journal)}: {difference}")
        found.append(TaskStatus(spec.name, watermark, lag, tuple(in_the_way)))
    return found


def _limited(status: TaskStatus, limit: Limit) -> TaskStatus:
    """A lane's status, with what only a lane can have in its way: it never begins by itself, and dead letters."""
    if status.watermark is None:
        return status._replace(obstacles=("no watermark: see `bashgah topics create --from`",))
    window: DeadLetterWindow = status.watermark.window
    if not at_limit(window, limit):
        return status
    reason = (
        f"{window.dead} of {limit.window} records ({limit.percent} %) are dead letters, the most that may"
        " be: the worker stops at the next one, or has stopped there"
    )
    return status._replace(obstacles=(*status.obstacles, reason))
