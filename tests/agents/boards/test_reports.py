"""What a lane tells the coordinator, and when."""

from agents.lanes.options import LaneOptions
from engine.calendar import DAY_MS, day_of, jalali
from schemas import topics
from schemas.partial import Partial, decode_partial
from tests.agents.boards.naive_lanes import FESTIVALS
from tests.agents.lanes.small_club import NOW_MS, SmallClub, in_club
from tests.agents.lanes.test_lane import feed

TICK_MS = LaneOptions().tick_interval_ms


async def _partials(club: SmallClub) -> list[Partial]:
    found = [decode_partial(each.value or b"") for each in await club.records(topics.PARTIAL.name)]
    return [each for each in found if isinstance(each, Partial)]


def test_each_tick_is_told_even_if_nothing_else_happens() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.programme(2, FESTIVALS)
        lanes, driver = await club.worker()
        for _ in range(3):
            await feed(driver, 1)
            club.now_ms += TICK_MS
            await feed(driver, TICK_MS / 1000)
        await lanes.stop()
        assert not club.problems
        ticks = [each.tick for each in await _partials(club) if each.tick is not None]
        assert ticks[-1] == NOW_MS + 3 * TICK_MS
        assert ticks == sorted(set(ticks)), "a tick was told twice"
        assert len(ticks) >= 4

    in_club(scenario)


def test_only_the_first_part_after_an_opening_is_whole() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.programme(2, FESTIVALS)
        for _ in range(2):
            lanes, driver = await club.worker()
            await feed(driver, 1)
            await club.registration()
            await club.purchase()
            await feed(driver, 10)
            await lanes.stop()
        assert not club.problems
        told = await _partials(club)
        assert [each.opened for each in told].count(True) == 2
        assert all(part.whole == each.opened for each in told for part in each.boards)

    in_club(scenario)


def test_boards_follow_categories_that_change_before_the_opening() -> None:
    async def scenario(club: SmallClub) -> None:
        planned = FESTIVALS.replace("opens: 1405-06-01", f"opens: {jalali(day_of(NOW_MS) + 1)}")
        await club.programme(2, planned)
        lanes, driver = await club.worker()
        await club.registration()
        await feed(driver, 5)
        await club.programme(
            3, planned.replace("overall", "all").replace("weigh: {shop: 1, bills", "weigh: {shop: 5, bills")
        )
        await feed(driver, 5)
        await club.registration("m-2")
        await feed(driver, 5)
        club.now_ms += 2 * DAY_MS
        await feed(driver, 5)
        await club.purchase()
        await feed(driver, 10)
        await lanes.stop()
        assert not club.problems
        told = {part.category: part.places for each in await _partials(club) for part in each.boards}
        assert told["overall"] == ()
        assert [(place.member, place.score) for place in told["all"]] == [("m-1", 5)]
        assert [(place.member, place.score) for place in told["shopper"]] == [("m-1", 1)]

    in_club(scenario)
