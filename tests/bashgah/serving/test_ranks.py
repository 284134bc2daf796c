"""What a worker's lanes say of members' ranks: the same as counting everybody, over HTTP too."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from agents.lanes.lane import Lane
from agents.process.settings import load
from bashgah.serving import frozen_boards
from bashgah.serving.frozen_boards import FrozenBoards
from bashgah.serving.internal import Internal
from bashgah.serving.ranks import LaneRanks
from bashgah.web.workers import HttpWorkers
from engine.programme.rounds import FINAL
from schemas.internal import Counts, FinalScore, RanksUnavailable
from tables.rows import FROZEN_END, FROZEN_PREFIX
from tables.store import MemoryStore
from tests.agents.boards.naive_lanes import FESTIVALS, FREEZE
from tests.agents.lanes.small_club import SmallClub

SECRET = "what the web shows to the workers of this test"
PURCHASES = {f"m-{n}": n % 5 for n in range(12)}
"""How many purchases each member makes; the last two register only after the festival was frozen."""
ENDED = {member: count for member, count in list(PURCHASES.items())[:-2] if count}


def test_without_lanes_there_is_no_rank() -> None:
    ranks = LaneRanks(dict)
    assert ranks.scores_here("m") is None
    assert ranks.counts_here("f", "c", 1) is None
    assert asyncio.run(ranks.final_counts_here("f", "c", FINAL, 1)) is None
    for question in (ranks.counts("f", "c", 1), ranks.final_counts("f", "c", FINAL, 1), ranks.member("m")):
        with pytest.raises(RanksUnavailable):
            asyncio.run(question)  # type: ignore[arg-type]


@asynccontextmanager
async def frozen_club() -> AsyncIterator[Mapping[int, Lane]]:
    """The lanes of a club whose festival is over; three partitions."""
    club = SmallClub(3)
    await club.prepare()
    await club.programme(2, FESTIVALS)
    for member in list(PURCHASES)[:-2]:
        await club.registration(member)
    for member, count in PURCHASES.items():
        for _ in range(count):
            await club.purchase(member)
    club.now_ms = FREEZE
    lanes, driver = await club.worker()
    try:
        while not all(_rounds(lane) for lane in lanes.lanes.values()):
            await driver.feed_once()
        for member in list(PURCHASES)[-2:]:
            await club.registration(member, FREEZE)
        while not all(
            (found := LaneRanks(lambda: lanes.lanes).scores_here(each)) and found.registered for each in PURCHASES
        ):
            await driver.feed_once()
        yield lanes.lanes
    finally:
        await lanes.stop()
    assert not club.problems


def _rounds(lane: Lane) -> int:
    return len(list(lane.store.scan(FROZEN_PREFIX, FROZEN_END)))


def _around(found: Counts) -> tuple[int, int, tuple[int, int] | None, tuple[int, int] | None]:
    return found.above, found.listed, found.next_above, found.next_below


def _counted(score: int) -> tuple[int, int, tuple[int, int] | None, tuple[int, int] | None]:
    """The same, naively."""
    scores = list(ENDED.values())
    above, below = [each for each in scores if each > score], [each for each in scores if each < score]
    nearest = [(best(some), some.count(best(some))) if some else None for best, some in ((min, above), (max, below))]
    return len(above), len(scores), nearest[0], nearest[1]


async def test_a_final_board_is_counted_out_of_the_rows_and_asked_for_over_http() -> None:
    async with frozen_club() as lanes:
        pages = web.Application()
        Internal(LaneRanks(lambda: lanes), SECRET).add_to(pages)
        runner = web.AppRunner(pages)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        workers = HttpWorkers(load(worker_urls=url, internal_secret=SECRET))
        stranger = HttpWorkers(load(worker_urls=url, internal_secret=f"{SECRET}, guessed"))
        try:
            for score in range(6):
                assert _around(await workers.final_counts("autumn", "overall", FINAL, score)) == _counted(score)
            for member, count in PURCHASES.items():
                (told,) = (await workers.member(member)).festivals or [None]
                ended = [each for each in told.finals if each.round == FINAL] if told else []
                wanted = [FinalScore(round=FINAL, category=each, score=count) for each in ("overall", "shopper")]
                assert ended == (wanted if member in ENDED else []), member
            for category, round_name in (
                ("overall", "1405-06"),
                ("none", FINAL),
                ("overall", "1399-01"),
                ("overall", "é"),
            ):
                with pytest.raises(RanksUnavailable):
                    await workers.final_counts("autumn", category, round_name, 1)
            assert _around(await workers.final_counts("autumn", "shopper", "1405-06", 1)) == _counted(1)
            with pytest.raises(RanksUnavailable):
                await workers.counts("autumn", "overall", 1)
            for question in (stranger.member("m-1"), stranger.final_counts("autumn", "overall", FINAL, 1)):
                with pytest.raises(RanksUnavailable, match="401"):
                    await question
        finally:
            await workers.close()
            await stranger.close()
            await runner.cleanup()


async def test_a_final_board_is_counted_once_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    async with frozen_club() as lanes:
        scans = 0
        scan = MemoryStore.scan

        def counted(*arguments: bytes) -> object:
            nonlocal scans
            scans += 1
            return scan(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(MemoryStore, "scan", counted)
        ranks = LaneRanks(lambda: lanes)
        found = await asyncio.gather(*(ranks.final_counts("autumn", "overall", FINAL, n % 4) for n in range(20)))
        assert [_around(each) for each in found] == [_counted(n % 4) for n in range(20)]
        assert scans == len(lanes)


async def test_a_lane_that_closes_ends_a_count_that_is_begun_anew_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frozen_boards, "_ROWS_A_SLICE", 1)
    async with frozen_club() as lanes:
        running = dict(lanes)
        boards = FrozenBoards(lambda: running)
        lane = max(lanes.values(), key=lambda each: sum(1 for _ in each.store.scan(b"", b"\xff")))
        asked = asyncio.ensure_future(boards.board(lane, "autumn", "overall", FINAL))
        await asyncio.sleep(0)
        running.clear()
        with pytest.raises(RanksUnavailable):
            await asked
        running.update(lanes)
        board = await boards.board(lane, "autumn", "overall", FINAL)
        assert board is not None
        assert board.listed > 0


async def test_the_boards_that_were_asked_for_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async with frozen_club() as lanes:
        lane = max(lanes.values(), key=lambda each: sum(1 for _ in each.store.scan(b"", b"\xff")))
        boards = FrozenBoards(lambda: lanes)
        first = await boards.board(lane, "autumn", "overall", FINAL)
        assert first is not None
        monkeypatch.setattr(frozen_boards, "_MEMBERS_KEPT_MAX", 2 * first.listed)
        second = await boards.board(lane, "autumn", "shopper", FINAL)
        assert await boards.board(lane, "autumn", "overall", FINAL) is first
        await boards.board(lane, "autumn", "shopper", "1405-06")
        assert await boards.board(lane, "autumn", "overall", FINAL) is first
        assert await boards.board(lane, "autumn", "shopper", FINAL) is not second
