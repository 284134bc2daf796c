"""`verify` finds any byte of the coordinator's that does not follow from what lanes told."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from agents.process.exit_codes import ClubError
from bashgah.audit.comparison import Difference
from bashgah.embedded.upkeep import compact
from schemas import topics
from schemas.records import OutputRecord, Record, TopicPartition
from tables.coordinator_rows import LANES
from tests.agents.boards.coordinated_club import CoordinatedClub, in_club
from tests.agents.boards.naive_lanes import FREEZE
from tests.agents.boards.test_coordinator_task import OVERALL, freeze, opening

COMMAND, LEADERBOARD, STATE = topics.COMMAND.name, topics.LEADERBOARD.name, topics.COORDINATOR.name
JOURNAL, PARTIAL = topics.JOURNAL.name, topics.PARTIAL.name


async def worked(club: CoordinatedClub) -> None:
    """Live boards, then a final one with awards, in several starts."""
    await opening(club)
    await club.work()
    club.naive[0].stand("autumn/shopper", "m-0", 3)
    club.naive[0].stand(OVERALL, "m-0", 8)
    await club.tell(*club.naive[0].tell())
    await club.work()
    await freeze(club)
    await club.work()


def test_what_the_coordinator_wrote_is_right() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await worked(club)
        awards = await club.awards()
        other = {"specversion": "1.0", "id": "1", "source": "/club/transfers", "type": "x", "subject": "m-1"}
        await club.broker.publish([OutputRecord(COMMAND, 0, b"m-1", json.dumps(other).encode())])
        found = await club.verify()
        records = await club.records(LEADERBOARD)
        assert (found.outputs, found.cut) == (len(records) + len(awards), {})
        assert (found.records, found.decisions) == (len(await club.records(PARTIAL)), 1)
        assert found.rows > 0

    in_club(scenario)


def test_compaction_takes_nothing_that_is_needed() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await worked(club)
        whole = await club.verify()
        club.now_ms += 8 * 86_400_000
        compact(club.log, LEADERBOARD)
        compact(club.log, STATE)
        found = await club.verify()
        cut = sum(found.cut.values())
        assert 0 < cut < whole.outputs
        assert found.outputs + cut == whole.outputs

    in_club(scenario)


async def first(club: CoordinatedClub, topic: str) -> Record:
    """The first record of a topic."""
    for number in range(2 if topic == COMMAND else 1):
        if records := await club.records(topic, number):
            return records[0]
    raise AssertionError(topic)


async def _extra_board(club: CoordinatedClub) -> None:
    await club.broker.publish([OutputRecord(LEADERBOARD, 0, b"a/b", b"{}")])


async def _extra_command(club: CoordinatedClub) -> None:
    each = await first(club, COMMAND)
    await club.broker.publish([OutputRecord(COMMAND, each.partition, each.key, each.value)])


async def _changed_row(club: CoordinatedClub) -> None:
    row = next(each for each in await club.records(STATE) if (each.key or b"").startswith(LANES))
    await club.broker.publish([OutputRecord(STATE, 0, row.key, (row.value or b"") + b"\x00")])


async def _missing_command(club: CoordinatedClub) -> None:
    each = await first(club, COMMAND)
    club.log.remove(TopicPartition(COMMAND, each.partition), [each.offset], 0)


async def _missing_final(club: CoordinatedClub) -> None:
    [final] = await club.finals()
    club.log.remove(TopicPartition(LEADERBOARD, 0), [final.offset], 0)


async def _changed_partial(club: CoordinatedClub) -> None:
    partition = TopicPartition(PARTIAL, 0)
    club.log.remove(partition, [(await club.records(PARTIAL))[2].offset], 0)


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (_extra_board, "follows from nothing"),
        (_extra_command, "follows from nothing"),
        (_changed_row, "row b'L"),
        (_missing_command, "club.command/"),
        (_missing_final, "club.leaderboard/0: a record is missing"),
        (_changed_partial, "offset 3"),
    ],
)
def test_what_was_added_changed_or_taken_is_found(
    tamper: Callable[[CoordinatedClub], Awaitable[None]], named: str
) -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await worked(club)
        await tamper(club)
        with pytest.raises(Difference, match=named):
            await club.verify()

    in_club(scenario)


def test_a_history_that_is_not_whole_is_said_to_be_so() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        with pytest.raises(ClubError, match="not worked yet"):
            await club.verify()
        await worked(club)
        club.log.remove(TopicPartition(PARTIAL, 0), [0], 1)
        with pytest.raises(ClubError, match="offset 0 is needed"):
            await club.verify()
        club.log.remove(TopicPartition(JOURNAL, 2), [0], 1)
        with pytest.raises(ClubError, match="deleted"):
            await club.verify()

    in_club(scenario)


def test_it_may_work_on_while_it_is_verified() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        host = await club.host()
        for step in range(20):
            club.naive[0].stand(OVERALL, "m-0", step + 10)
            club.naive[0].tick = FREEZE - 1_000 + step
            await club.tell(*club.naive[0].tell())
            await asyncio.sleep(0.03)
            await club.verify()
        await host.close()
        assert len(club.seen.batches) > 3

    in_club(scenario)
