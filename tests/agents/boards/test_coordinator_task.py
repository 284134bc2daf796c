"""The coordinator's turns: what makes a transaction, fencing, programmes, and catching up."""

import asyncio
import json

import pytest

from agents.boards.options import CoordinatorOptions
from agents.broker.errors import OutcomeUnknown
from agents.process.exit_codes import ClubError, ExitCode
from bashgah.embedded.broker import Point
from schemas import topics
from schemas.records import OutputRecord
from tables.coordinator_rows import decode_coordinator_entry
from tables.journal import Adopt, Take, Tick, Work, steps_of
from tests.agents.boards.coordinated_club import CoordinatedClub, in_club, transactions_rise
from tests.agents.boards.coordinating import coordinate
from tests.agents.boards.naive_lanes import FREEZE, expected_awards, places_of

OVERALL = "autumn/overall"
PARTIAL, JOURNAL = topics.PARTIAL.name, topics.JOURNAL.name


async def steps(club: CoordinatedClub) -> list[list[object]]:
    """The steps of each transaction."""
    records = await club.records(JOURNAL, club.partitions)
    return [list(steps_of(decode_coordinator_entry(each.value or b"").entry)) for each in records]


async def opening(club: CoordinatedClub) -> None:
    """Each lane opens with a member."""
    for lane in club.naive.values():
        lane.tick = club.now_ms
        lane.stand(OVERALL, f"m-{lane.number}", 5 + lane.number)
        await club.tell(*lane.tell(opened=True))


async def freeze(club: CoordinatedClub) -> None:
    """Each lane tells its pages of the final round."""
    for lane in club.naive.values():
        lane.tick = FREEZE
        await club.tell(*lane.tell(frozen=[OVERALL]), *lane.pages(OVERALL, "final", FREEZE, 1))


def test_what_is_told_becomes_boards_in_one_transaction_each() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        host = await club.host()
        await asyncio.sleep(1)
        first = await steps(club)
        assert first[0] == []
        adopt, take, tick = first[1]
        assert (adopt, take) == (Adopt(1), Take(PARTIAL, 0, 2))
        assert isinstance(tick, Tick)
        await freeze(club)
        await asyncio.sleep(1)
        await host.close()
        assert not club.ended
        assert any(isinstance(step, Work) for step in (await steps(club))[-1])
        assert transactions_rise(club.seen.batches)
        assert [each.key for each in await club.records(topics.LEADERBOARD.name)] == [
            OVERALL.encode(), f"{OVERALL}/final".encode(), OVERALL.encode(),
        ]  # fmt: skip
        everybody = {member: at for lane in club.naive.values() for member, at in lane.boards[OVERALL].items()}
        assert await club.awards() == sorted(expected_awards(places_of(everybody)))
        await club.check_boards()
        found = await club.verify()
        assert (found.transactions, found.decisions) == (host.watermark.transactions, 1)
        assert found.outputs == 3 + len(await club.awards())

    in_club(scenario)


def test_nothing_is_written_while_nothing_happens() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work(1)
        before = await steps(club)
        await club.work(60)
        assert await steps(club) == before

    in_club(scenario)


def test_a_burst_becomes_few_transactions() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        host = await club.host()
        for score in range(100):
            club.naive[0].stand(OVERALL, "m-0", score + 10)
            await club.tell(*club.naive[0].tell())
            await asyncio.sleep(0.01)
        await asyncio.sleep(1)
        await host.close()
        assert 25 <= len(club.seen.batches) <= 50
        assert 6 <= len(await club.boards()) <= 12
        await club.check_boards()
        data = json.loads((await club.boards())[-1].value or b"")["data"]
        assert data["entries"][0]["score"] == 109

    in_club(scenario)


def test_a_coordinator_that_catches_up_publishes_no_boards_of_the_past() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        for score in range(50):
            club.naive[0].stand(OVERALL, "m-0", score + 10)
            await club.tell(*club.naive[0].tell())
        await club.work(5, batch_records_max=1)
        [board] = await club.boards()
        assert json.loads(board.value or b"")["data"]["entries"][0]["score"] == 59

    in_club(scenario)


def test_batches_are_cut_by_bytes_and_nothing_depends_on_the_cut() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await freeze(club)
        await club.work(5, batch_bytes_max=1, commands_max=1, slice_places=1)
        assert len(await club.finals()) == 1
        assert len(await club.awards()) == 3
        assert len(await club.boards()) == 1  # before the merge was at its end
        assert (await club.verify()).outputs == 1 + 1 + 1 + 3

    in_club(scenario)


def test_two_coordinators_the_older_one_is_fenced() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        older = await club.host()
        await asyncio.sleep(1)
        club.disk = type(club.disk)()
        younger = await club.host()
        await freeze(club)
        await asyncio.sleep(2)
        assert [problem.code for problem in club.ended] == [ExitCode.FENCED]
        assert older.problem is club.ended[0]
        await older.close()
        await younger.close()
        assert len(await club.finals()) == 1
        assert len(await club.awards()) == 3
        await club.check_boards()
        await club.verify()

    in_club(scenario)


def test_a_commit_without_an_answer_ends_the_coordinator() -> None:
    class Unanswered:
        async def reached(self, point: Point, transactional_id: str) -> None:
            if point == "after_commit":
                raise OutcomeUnknown(transactional_id, "simulated")

    async def scenario(club: CoordinatedClub) -> None:
        await club.work(0.5)
        await opening(club)
        await club.host(club.faulty(Unanswered()))
        await asyncio.sleep(1)
        assert [problem.code for problem in club.ended] == [ExitCode.OUTCOME_UNKNOWN]
        assert club.seen.codes == [ExitCode.OUTCOME_UNKNOWN]
        club.ended.clear()
        await freeze(club)
        await club.work(2)
        assert len(await club.awards()) == 3
        await club.verify()

    in_club(scenario)


def test_versions_that_a_lane_knew_are_adopted_before_what_it_tells() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        host = await club.host()
        await asyncio.sleep(1)
        await club.programme(2)  # nobody follows the topic in this test
        for lane in club.naive.values():
            lane.programme_offset = 2
        await opening(club)
        await asyncio.sleep(1)
        await host.close()
        assert not club.ended
        taken = [step for each in await steps(club) for step in each]
        assert taken.index(Adopt(2)) < taken.index(Take(PARTIAL, 0, 2))
        await club.verify()

    in_club(scenario)


def test_versions_that_are_not_there_stop_it() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        for lane in club.naive.values():
            lane.programme_offset = 9
        await opening(club)
        await club.host()
        await asyncio.sleep(1)
        [problem] = club.ended
        assert (problem.code, problem.field) == (ExitCode.REFUSED, topics.PROGRAMME.name)

    in_club(scenario)


def test_a_long_merge_lets_live_boards_go_on() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        lane = club.naive[0]
        for number in range(200):
            lane.stand("autumn/shopper", f"s-{number}", number + 1)
        host = await club.host(slice_places=1, gather_ms=0)
        await asyncio.sleep(0.5)
        before = len(club.seen.batches)
        await club.tell(*lane.pages("autumn/shopper", "1405-06", FREEZE, 10))
        await club.tell(*club.naive[1].pages("autumn/shopper", "1405-06", FREEZE, 10))
        for _ in range(50):
            await asyncio.sleep(0)
        lane.stand(OVERALL, "m-0", 50)
        await club.tell(*lane.tell())
        await asyncio.sleep(3)
        await host.close()
        batches = club.seen.batches[before:]
        final = next(index for index, each in enumerate(batches) if each.changes.finals)
        assert any(each.records and not each.changes.finals for each in batches[1:final])
        await club.verify()

    in_club(scenario)


def test_coordinate_runs_until_it_is_cancelled_or_fails() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        task = asyncio.create_task(coordinate(club.broker, CoordinatorOptions(), wall_ms=club.wall_ms))
        await asyncio.sleep(1)
        assert len(await club.boards()) == 1
        await club.broker.publish([OutputRecord(PARTIAL, 0, b"0", b"\x01rubbish")])
        with pytest.raises(ClubError, match="does not follow"):
            await task
        other = asyncio.create_task(coordinate(club.broker, CoordinatorOptions(), wall_ms=club.wall_ms))
        await asyncio.sleep(0)
        other.cancel()
        with pytest.raises(asyncio.CancelledError):
            await other

    in_club(scenario)
