"""A coordinator alone, without lanes beside it."""

import asyncio
from collections.abc import Callable
from typing import Any

from agents.boards.host import CoordinatorHost
from agents.boards.options import CoordinatorOptions
from agents.broker.interface import Broker
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError
from agents.topics.programmes import ProgrammeFollower
from tables.store import MemoryStore, Store


async def coordinate(
    broker: Broker,
    options: CoordinatorOptions,
    stores: Callable[[], Store] = MemoryStore,
    wall_ms: Callable[[], int] = wall_clock,
) -> None:
    """Coordinate with a follower of its own, until it is cancelled. Raises `ClubError`."""
    ended: asyncio.Future[ClubError] = asyncio.get_running_loop().create_future()
    follower = ProgrammeFollower(broker)
    host = CoordinatorHost(broker, follower, stores, options, ended.set_result, wall_ms=wall_ms)
    await follower.open()
    try:
        await host.open()
        following = asyncio.create_task(follower.follow(), name="programmes")
        try:
            host.start()
            waits: list[asyncio.Future[Any]] = [ended, following]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise ended.result()
            following.result()
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await host.close()
    finally:
        await follower.close()
