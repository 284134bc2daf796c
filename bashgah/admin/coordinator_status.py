"""How the coordinator stands, as told by the broker alone: no worker is asked, and none is disturbed."""

from typing import NamedTuple

from agents.boards.opening import NAME, PARTIAL, ends_of, extent, find, obstacle
from agents.boards.options import CoordinatorOptions
from agents.broker.interface import Broker
from agents.task.checks import programme_obstacle
from agents.task.ownership import doubt
from agents.topics.journal import lasting_differences
from agents.topics.programmes import PROGRAMME
from tables.watermark import Watermark


class CoordinatorStatus(NamedTuple):
    """`watermark` None: it has not begun. `lag`: offsets of `club.partial` between its watermark and the end;
    `obstacles` say why it would not open."""

    watermark: Watermark | None
    lag: int
    obstacles: tuple[str, ...]


async def coordinator_status(broker: Broker, options: CoordinatorOptions | None = None) -> CoordinatorStatus:
    """Where it stands. Raises `Refused` when the topics are not there."""
    app_id = (options or CoordinatorOptions()).app_id
    place, _ = await find(broker)
    begin, end = await extent(broker)
    [(ends, difference)] = await lasting_differences(lambda: ends_of(broker, place))
    watermark = ends.watermark
    if watermark is None:
        return CoordinatorStatus(None, end - begin, ())
    found = []
    if owned := await doubt(broker, NAME, watermark, app_id):
        found.append(owned.reason)
    hole = obstacle(watermark, place.ids, begin, end)
    if hole is not None:
        found.append(f"{PARTIAL.topic}: {hole}")
    programme = programme_obstacle(watermark, (await broker.end_offsets([PROGRAMME]))[PROGRAMME], place.ids)
    if programme is not None:
        found.append(f"{programme.place.topic}: {programme.reason}")
    if difference is not None:
        found.append(f"{place.journal.topic}/{place.journal.partition}: {difference}")
    return CoordinatorStatus(watermark, max(0, end - watermark.offsets[PARTIAL.topic]), tuple(found))
