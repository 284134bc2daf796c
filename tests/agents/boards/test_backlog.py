"""What operators are told of the coordinator: how far boards are behind, and what final ones wait for."""

import asyncio

from agents.boards.finals import WaitingRound
from engine.calendar import HOUR_MS
from tests.agents.boards.coordinated_club import CoordinatedClub, in_club
from tests.agents.boards.naive_lanes import FREEZE, Driven, NaiveLane

OVERALL, SHOPPER = "autumn/overall", "autumn/shopper"
START = FREEZE - 10 * 24 * HOUR_MS


def two_lanes() -> tuple[NaiveLane, NaiveLane]:
    """Three members each on both boards."""
    lanes = NaiveLane(0, 2), NaiveLane(1, 2)
    for lane in lanes:
        lane.tick = START
        for index in range(3):
            for board in (OVERALL, SHOPPER):
                lane.stand(board, f"m-{lane.number}-{index}", 5 + index)
    return lanes


def test_a_round_waits_for_the_lanes_that_have_not_told_all_of_it() -> None:
    first, second = two_lanes()
    driven = Driven(2)
    assert driven.core.backlog == (None, [])
    pages = {lane.number: lane.pages(OVERALL, "final", FREEZE, 1) for lane in (first, second)}
    name = f"{OVERALL}/final"
    driven.hear(*pages[0][:-1])
    assert driven.core.backlog.waiting == [WaitingRound(name, FREEZE, (0, 1))]
    driven.hear(pages[0][-1])
    assert driven.core.backlog.waiting == [WaitingRound(name, FREEZE, (1,))]
    driven.hear(*pages[1])
    assert driven.core.backlog.waiting == [WaitingRound(name, FREEZE, ())]
    driven.work()
    assert driven.core.backlog.waiting == []


def test_a_round_waits_until_its_last_award_is_out() -> None:
    first, second = two_lanes()
    driven = Driven(2)
    driven.hear(*first.pages(OVERALL, "final", FREEZE, 9), *second.pages(OVERALL, "final", FREEZE, 9))
    while not driven.core.merge(2):
        pass
    driven.core.work(1)
    assert driven.core.backlog.waiting == [WaitingRound(f"{OVERALL}/final", FREEZE, ())]


def test_the_board_that_is_furthest_behind_counts_as_published() -> None:
    first, second = two_lanes()
    driven = Driven(2)
    driven.hear(first.tell(opened=True)[0], second.tell(opened=True)[0])
    assert driven.core.backlog.oldest is None
    driven.publish(START)
    assert driven.core.backlog.oldest == START
    first.tick = second.tick = START + HOUR_MS
    first.stand(OVERALL, "m-0-0", 50)
    driven.hear(*first.tell(), *second.tell())
    assert driven.core.backlog.oldest == START
    driven.publish(START + 1_000)
    assert driven.core.backlog.oldest == START
    driven.publish(START + 20_000)
    assert driven.core.backlog.oldest == START + HOUR_MS


def test_a_running_coordinator_says_where_it_stands() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await club.programme(1)
        host = await club.host()
        for lane in club.naive.values():
            lane.tick = START
            lane.stand(OVERALL, f"m-{lane.number}", 5)
            await club.tell(*lane.tell(opened=True))
        await club.tell(*club.naive[0].pages(SHOPPER, "final", FREEZE, 1))
        await asyncio.sleep(2)
        assert host.backlog == (START, [WaitingRound(f"{SHOPPER}/final", FREEZE, (1,))])
        await host.close()

    in_club(scenario)
