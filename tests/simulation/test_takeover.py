"""A lane changes hands while its former owner still works: what that one does last counts once, or not at all."""

import asyncio

from agents.lanes.lane_driver import LaneDriver
from agents.process.exit_codes import ExitCode
from bashgah.embedded.broker import EmbeddedBroker, EmbeddedReader
from tests.agents.lanes.small_club import SmallClub, in_club


class Overlap(EmbeddedBroker):
    """A connection that lets the former owner work once more, between two steps of the opening: when it begins to
    read the changelog, whose end it already knows."""

    former: LaneDriver | None = None

    async def reader(self) -> EmbeddedReader:
        """See `Broker`."""
        former, self.former = self.former, None
        if former is not None:
            await _work(former)
        return await super().reader()


def test_what_the_former_owner_does_during_an_opening_is_not_done_twice() -> None:
    async def scenario(club: SmallClub) -> None:
        first, former = await club.worker()
        await club.purchase()
        broker = Overlap(club.log)
        club.stores = {}
        second = club.lanes(broker)
        await second.start()
        broker.former = former
        driver = LaneDriver(broker, second)
        await driver.open([0])
        await _work(driver)
        assert await club.points() == [("e1", 1)]
        assert [problem.code for problem in club.problems] == [ExitCode.FENCED]
        await first.stop()
        await second.stop()

    in_club(scenario)


async def _work(driver: LaneDriver) -> None:
    await driver.feed_once()
    await asyncio.sleep(1)
