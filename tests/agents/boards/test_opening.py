"""The coordinator opens only when it can go on without a doubt; every refusal names its way out, and that works."""

import asyncio
import json

import msgspec
import pytest

from agents.boards.options import CoordinatorOptions
from agents.process.exit_codes import ClubError, ExitCode
from agents.task.refusal import TaskRefused
from bashgah.admin.coordinator import RESTART, resume_coordinator
from bashgah.admin.resume import Action, Skip
from bashgah.admin.status import TaskStatus, coordinator_status
from bashgah.embedded.upkeep import apply_retention
from schemas import topics
from schemas.partial import BoardPart
from schemas.records import OutputRecord
from tables.coordinator_rows import BoardTerms, decode_coordinator_entry, encode_coordinator_entry
from tables.journal import OperatorDecision
from tables.store import WATERMARK_KEY, Copy, MemoryStore
from tables.watermark import encode_watermark
from tests.agents.boards.coordinated_club import CoordinatedClub, in_club
from tests.agents.boards.naive_lanes import FREEZE
from tests.agents.boards.test_coordinator_task import OVERALL, freeze, opening

PARTIAL, COORDINATOR, JOURNAL = topics.PARTIAL.name, topics.COORDINATOR.name, topics.JOURNAL.name
DAY_MS = 86_400_000


async def refusal(club: CoordinatedClub) -> ClubError:
    """How it refuses to open."""
    with pytest.raises(ClubError) as found:
        await club.host()
    return found.value


async def decide(club: CoordinatedClub, action: Action = "accept") -> tuple[str, ...]:
    """Resume; what was changed."""
    done = await resume_coordinator(club.broker, action, "m.karimi", "ticket 4711", wall_ms=club.wall_ms)
    last = decode_coordinator_entry((await club.records(JOURNAL, club.partitions))[-1].value or b"").entry
    assert last.transaction == done.after.transactions
    assert last.decision is not None
    assert (last.decision.operator, last.decision.reason) == ("m.karimi", "ticket 4711")
    return done.changes


async def lanes_open_again(club: CoordinatedClub) -> None:
    """What workers do when they are restarted."""
    for lane in club.naive.values():
        await club.tell(*lane.tell(opened=True))


def test_the_first_start_is_in_the_journal() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        assert await coordinator_status(club.broker) == TaskStatus("coordinator", None, {PARTIAL: 0}, ())
        await club.work(1)
        _, mark, lag, obstacles = await coordinator_status(club.broker)
        assert mark is not None
        assert (mark.offsets, lag, obstacles) == ({PARTIAL: 0}, {PARTIAL: 0}, ())
        [record] = await club.records(JOURNAL, club.partitions)
        decision = decode_coordinator_entry(record.value or b"").entry.decision
        assert decision == OperatorDecision("first", "", "the first start", {PARTIAL: 0}, 0)
        await club.verify()

    in_club(scenario)


@pytest.mark.parametrize("name", [PARTIAL, COORDINATOR, topics.LEADERBOARD.name])
def test_a_missing_topic(name: str) -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await club.broker.delete_topics([name])
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.BAD_SETTING, name)

    in_club(scenario)


def test_a_topic_with_another_number_of_partitions() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await club.broker.delete_topics([JOURNAL])
        await club.create(JOURNAL, partitions=2)
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, JOURNAL)
        assert "needs 3" in refused.reason

    in_club(scenario)


def test_records_deleted_before_the_first_start() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        club.now_ms += (topics.PARTIAL.retention_days or 0) * DAY_MS + DAY_MS
        await lanes_open_again(club)
        apply_retention(club.log, club.now_ms)
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, PARTIAL)
        assert "lane resume coordinator --accept" in refused.remedy
        with pytest.raises(TaskRefused):
            await decide(club, Skip(PARTIAL, 2))
        assert "goes on at 2" in (await decide(club))[0]
        await club.work()
        assert len(await club.boards()) == 1
        await club.check_boards()

    in_club(scenario)


def test_a_changelog_that_was_lost_after_it_had_worked() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await freeze(club)
        await club.work()
        before, awards = len(await club.finals()), await club.awards()
        await club.broker.delete_topics([COORDINATOR])
        await club.create(COORDINATOR)
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, COORDINATOR)
        assert "worked before" in refused.reason
        await decide(club)
        await club.work()
        first, second = await club.finals()
        assert before == 1
        assert first.value == second.value
        repeated = await club.awards()
        assert repeated == sorted(awards * 2)
        ids = [
            json.loads(each.value or b"")["id"]
            for number in range(club.partitions)
            for each in await club.records(topics.COMMAND.name, number)
        ]
        assert len(set(ids)) == len(awards)  # lanes drop a command that they have had
        await club.verify()

    in_club(scenario)


@pytest.mark.parametrize("behind", ["journal", "changelog"])
def test_a_transaction_that_was_committed_in_part(behind: str) -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work()
        before = (await coordinator_status(club.broker)).watermark
        assert before is not None
        torn = before.transactions + 1
        if behind == "journal":
            mark = encode_watermark(msgspec.structs.replace(before, transactions=torn))
            await club.broker.publish([OutputRecord(COORDINATOR, 0, WATERMARK_KEY, mark)])
        else:
            last = decode_coordinator_entry((await club.records(JOURNAL, club.partitions))[-1].value or b"")
            entry = msgspec.structs.replace(last.entry, transaction=torn)
            await club.broker.publish(
                [OutputRecord(JOURNAL, club.partitions, None, encode_coordinator_entry(entry, BoardTerms()))]
            )
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, "coordinator")
        ends = (torn, torn - 1) if behind == "journal" else (torn - 1, torn)
        assert "ends with transaction {}, its journal with {}".format(*ends) in refused.reason
        assert "lane resume coordinator --accept" in refused.remedy
        assert refused.reason in (await coordinator_status(club.broker)).obstacles[0]
        assert "taken as it is" in (await decide(club))[0]
        assert (await coordinator_status(club.broker)).obstacles == ()
        await freeze(club)
        await club.work()
        assert len(await club.finals()) == 1

    in_club(scenario)


def test_records_deleted_before_they_were_read() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work()
        club.naive[0].stand(OVERALL, "m-0", 50)
        await club.tell(*club.naive[0].tell())
        club.now_ms += (topics.PARTIAL.retention_days or 0) * DAY_MS + DAY_MS
        await club.tell(*club.naive[1].tell())
        apply_retention(club.log, club.now_ms)
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, PARTIAL)
        assert "lane resume coordinator --accept" in refused.remedy
        assert "--skip" not in refused.remedy
        with pytest.raises(TaskRefused, match="records went unread"):
            await decide(club, Skip(PARTIAL, 3))
        assert RESTART in await decide(club)
        await club.work()
        assert len(await club.boards()) == 1
        await lanes_open_again(club)
        await club.work()
        assert len(await club.boards()) == 2
        await club.check_boards()

    in_club(scenario)


def test_a_topic_made_anew() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work()
        await club.broker.delete_topics([PARTIAL])
        await club.create(PARTIAL)
        await lanes_open_again(club)
        refused = await refusal(club)
        assert "created anew" in refused.reason
        assert refused.reason in (await coordinator_status(club.broker)).obstacles[0]
        with pytest.raises(TaskRefused, match="created anew"):
            await decide(club, Skip(PARTIAL, 0))
        assert "goes on at 0" in (await decide(club))[0]
        await club.work()
        club.naive[0].tick = club.now_ms + 60_000
        await lanes_open_again(club)
        await club.work()
        await club.check_boards()

    in_club(scenario)


def test_a_topic_that_ends_before_what_was_read() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work()
        described = await club.broker.describe([PARTIAL])
        club.log.partition((PARTIAL, 0)).end = 1  # type: ignore[arg-type]  # as after an unclean election
        assert described
        refused = await refusal(club)
        assert "it ends at 1" in refused.reason
        assert "lane resume coordinator --accept" in refused.remedy

    in_club(scenario)


def test_what_does_not_follow_stops_it_until_it_is_left_out() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.broker.publish([OutputRecord(PARTIAL, 0, b"0", b"\x01rubbish")])
        club.naive[1].stand(OVERALL, "m-1", 60)
        await club.tell(*club.naive[1].tell())
        for _ in range(2):
            host = await club.host()
            await asyncio.sleep(1)
            [problem] = club.ended
            assert (problem.code, problem.field) == (ExitCode.REFUSED, f"{PARTIAL}/0 offset 2")
            assert f"lane resume coordinator --skip {PARTIAL}:2 --operator" in problem.remedy
            await host.close()
            club.ended.clear()
        assert host.watermark.offsets[PARTIAL] == 2  # what comes before it is done
        with pytest.raises(TaskRefused, match="the next record there is 2"):
            await decide(club, Skip(PARTIAL, 3))
        with pytest.raises(TaskRefused, match="was taken already"):
            await decide(club, Skip(PARTIAL, 1))
        with pytest.raises(TaskRefused, match="is not what the coordinator reads"):
            await decide(club, Skip(topics.CARD.name, 2))
        assert "offset 2 is left out" in (await decide(club, Skip(PARTIAL, 2)))[0]
        await club.work()
        await lanes_open_again(club)
        await club.work()
        data = json.loads((await club.boards())[-1].value or b"")["data"]
        assert data["entries"][0]["score"] == 60
        await club.check_boards()
        assert (await club.verify()).decisions == 2

    in_club(scenario)


def test_nothing_stays_of_a_record_of_which_only_a_part_follows() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        lane = club.naive[1]
        lane.stand(OVERALL, "m-1", 60)
        [told] = lane.tell()
        unknown = BoardPart("autumn", "shopper", 0, 3, False, (), ())
        await club.tell(msgspec.structs.replace(told, boards=(*told.boards, unknown)))
        await club.host()
        await asyncio.sleep(1)
        assert [problem.code for problem in club.ended] == [ExitCode.REFUSED]
        assert (await club.verify()).records == 2

    in_club(scenario)


def test_a_record_of_a_later_release_is_refused_and_stays() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await club.broker.publish([OutputRecord(PARTIAL, 0, b"0", b"\x02")])
        await club.host()
        await asyncio.sleep(1)
        [problem] = club.ended
        assert problem.code == ExitCode.REFUSED
        assert "later one" in problem.remedy

    in_club(scenario)


def test_there_is_nothing_to_skip() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work()
        with pytest.raises(TaskRefused, match="no such record yet"):
            await decide(club, Skip(PARTIAL, 2))

    in_club(scenario)


def test_programmes_that_are_gone() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await club.programme(2)
        await opening(club)
        await club.work()
        await club.broker.delete_topics([topics.PROGRAMME.name])
        await club.create(topics.PROGRAMME.name)
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, topics.PROGRAMME.name)
        await club.programme(1)
        await club.broker.publish([OutputRecord(PARTIAL, 0, b"0", b"\x01rubbish")])
        with pytest.raises(TaskRefused, match="created anew"):  # not while the topics are not those that it knows
            await decide(club, Skip(PARTIAL, 2))
        assert "versions are those it holds now" in (await decide(club))[0]
        await decide(club, Skip(PARTIAL, 2))
        await lanes_open_again(club)
        await freeze(club)
        await club.work()
        assert len(await club.finals()) == 1

    in_club(scenario)


def test_a_changelog_that_lost_records() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work()
        copy = club.disk.copy()
        assert copy is not None
        club.disk.write([], Copy(copy.changelog, copy.offset + 10, copy.applied_at))
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, "coordinator")
        assert "the changelog is taken as it is" in (await decide(club))[0]
        await freeze(club)
        await club.work()
        assert len(await club.finals()) == 1

    in_club(scenario)


def test_a_copy_that_is_too_old_is_made_anew() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work()
        club.now_ms += 4 * DAY_MS
        await club.work()
        assert club.seen.discarded == ["it is too old"]
        assert dict(club.disk.snapshot())

    in_club(scenario)


def test_a_coordinator_on_another_machine_goes_on() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await opening(club)
        await club.work()
        club.disk = MemoryStore()
        club.naive[0].tick = FREEZE
        club.naive[0].stand(OVERALL, "m-0", 70)
        await club.tell(*club.naive[0].tell())
        await club.work()
        assert len(await club.boards()) == 2
        await club.check_boards()

    in_club(scenario)


def test_a_coordinator_of_another_app_id_writes_nothing() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await club.work(1)
        mark = (await coordinator_status(club.broker)).watermark
        assert mark is not None
        assert mark.app_id == "bashgah"
        other = CoordinatorOptions(app_id="other")
        before = len(await club.records(COORDINATOR)), len(await club.records(JOURNAL, club.partitions))
        with pytest.raises(TaskRefused, match="coordinator: it belongs to the app id 'bashgah'"):
            await club.host(app_id="other")
        actions: list[Action] = ["accept", Skip(PARTIAL, 0)]
        for action in actions:
            with pytest.raises(TaskRefused, match="belongs to the app id 'bashgah'"):
                await resume_coordinator(club.broker, action, "o", "r", other)
        assert (len(await club.records(COORDINATOR)), len(await club.records(JOURNAL, club.partitions))) == before
        assert "belongs to" in (await coordinator_status(club.broker, other)).obstacles[0]

    in_club(scenario)


def test_of_two_coordinators_that_begin_at_once_one_does() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        begun = await asyncio.gather(club.host(app_id="one"), club.host(app_id="two"), return_exceptions=True)
        assert sum(isinstance(each, ClubError) for each in begun) == 1, begun
        assert len(await club.records(JOURNAL, club.partitions)) == 1
        for host in begun:
            if not isinstance(host, BaseException):
                await host.close()

    in_club(scenario)
