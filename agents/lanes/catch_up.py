"""`bashgah worker --clock replay`: one worker alone scores everything that the inputs hold, as `score` does with files.

It reads every input to the end offset that it found at its start, ticks once at the greatest clock of all lanes, takes
the awards that came of it, and is done. Run again, it goes on with what has come since.
"""

import asyncio

from agents.broker.interface import Broker
from agents.lanes.lane_driver import LaneDriver
from agents.lanes.lane_set import LaneSet
from agents.lanes.spec import inputs_of
from agents.topics.partition_counts import club_lanes
from schemas import topics
from schemas.records import TopicPartition

PARTIAL = TopicPartition(topics.PARTIAL.name, 0)

_POLL_S = 0.02


async def replay(broker: Broker, lanes: LaneSet) -> None:
    """Score all there is. `lanes` has been started, with options for a replay clock. Raises `ClubError`."""
    partitions = range(await club_lanes(broker))
    until = dict(await broker.end_offsets(inputs_of(partitions)))
    driver = LaneDriver(broker, lanes, until)
    try:
        await driver.open(partitions)
        lanes.fix_ends(until)
        await _arrive(driver, lanes)
        await last_tick(lanes)
        while await _coordinated(broker, lanes, driver):
            await _arrive(driver, lanes)
            await _settled(lanes)
    finally:
        await driver.close()


async def _arrive(driver: LaneDriver, lanes: LaneSet) -> None:
    while not driver.arrived:
        await driver.feed_once()
        if lanes.problem is not None:
            raise lanes.problem


async def _coordinated(broker: Broker, lanes: LaneSet, driver: LaneDriver) -> bool:
    """Let the coordinator do all that the lanes have told it; True if it has commands for them to take."""
    companion = lanes.companion
    if companion is None:
        return False
    told = (await broker.end_offsets([PARTIAL]))[PARTIAL]
    while not companion.done(told):
        if lanes.problem is not None:
            raise lanes.problem
        await asyncio.sleep(_POLL_S)
    commands = [place for place in driver.until if place.topic == topics.COMMAND.name]
    ends = await broker.end_offsets(commands)
    if all(driver.until[place] == end for place, end in ends.items()):
        return False
    driver.extend(ends)
    lanes.fix_ends(driver.until)
    return True


async def last_tick(lanes: LaneSet) -> None:
    """When the lanes have done all that they received, tick once at the greatest clock of all. Raises `ClubError`."""
    await _settled(lanes)
    clocks = [lane.clock for lane in lanes.lanes.values() if lane.clock is not None]
    if clocks:
        for lane in lanes.lanes.values():
            lane.tick_at(max(clocks))
        await _settled(lanes)


async def _settled(lanes: LaneSet) -> None:
    while any(lane.busy for lane in lanes.lanes.values()):
        if lanes.problem is not None:
            raise lanes.problem
        await asyncio.sleep(_POLL_S)
