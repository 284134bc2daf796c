"""A lane opens only when it can go on without a doubt; every refusal names its way out, and the way out works."""

import asyncio

import msgspec
import pytest

from agents.lanes.options import LaneOptions
from agents.lanes.spec import lane_spec
from agents.process.exit_codes import ClubError, ExitCode
from agents.task.same_end import Ends, check_ends, ends_of
from bashgah.admin.lanes import resume
from bashgah.admin.status import lane_status
from bashgah.embedded.upkeep import apply_retention
from schemas import topics
from schemas.records import OutputRecord, TopicPartition
from tables.journal import OperatorDecision, decode_entry, encode_entry
from tables.store import WATERMARK_KEY, Copy
from tables.watermark import encode_watermark
from tests.agents.lanes.small_club import NOW_MS, SmallClub, in_club
from tests.agents.lanes.test_lane import feed

CARD = topics.CARD.name
DAY_MS = 86_400_000


async def score(club: SmallClub) -> None:
    """Run a worker until it has done all there is."""
    lanes, driver = await club.worker()
    await feed(driver, 2)
    await lanes.stop()
    await driver.close()
    assert not club.problems, club.problems


async def refusal(club: SmallClub) -> ClubError:
    """How the worker refuses to start."""
    with pytest.raises(ClubError) as found:
        await club.worker()
    return found.value


async def decide(club: SmallClub) -> tuple[str, ...]:
    """Accept for lane 0 what is there; what was changed."""
    done = await resume(club.broker, 0, "accept", "m.karimi", "ticket 4711", wall_ms=lambda: club.now_ms)
    last = decode_entry((await club.records(topics.JOURNAL.name))[-1].value or b"")
    assert last.decision == OperatorDecision(
        "accept", "m.karimi", "ticket 4711", dict(done.after.offsets), done.after.programme_offset
    )
    assert last.transaction == done.before.transactions + 1
    return done.changes


def test_a_changelog_without_a_watermark() -> None:
    async def scenario(club: SmallClub) -> None:
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, "club.state/0")
        assert "topics create --from" in refused.remedy
        assert "no watermark" in (await lane_status(club.broker))[0].obstacles[0]

    in_club(scenario, watermarks=False)


def test_inputs_with_different_numbers_of_partitions() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.broker.delete_topics([CARD])
        await club.create(CARD, partitions=3)
        refused = await refusal(club)
        assert refused.code == ExitCode.REFUSED
        assert "bank.card has 3" in refused.reason

    in_club(scenario)


def test_a_missing_topic() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.broker.delete_topics([CARD])
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.BAD_SETTING, CARD)

    in_club(scenario)


def test_a_lane_that_is_not_there_is_not_resumed() -> None:
    async def scenario(club: SmallClub) -> None:
        with pytest.raises(ClubError, match="there is no such partition"):
            await resume(club.broker, 99, "accept", "m.karimi", "ticket 4711")

    in_club(scenario)


def test_records_deleted_before_they_were_read() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await club.purchase()
        club.now_ms += topics.EVENT_KEYS_DAYS * DAY_MS + DAY_MS
        await club.purchase()
        apply_retention(club.log, club.now_ms)
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, "bank.card/0")
        assert "begins at 2" in refused.reason
        assert "lane resume 0 --accept" in refused.remedy
        assert "--skip" not in refused.remedy, "no skip passes records that it does not name"
        assert (await lane_status(club.broker))[0].obstacles
        assert "goes on at 2" in (await decide(club))[0]
        await score(club)
        assert await club.points() == [("e3", 1)]

    in_club(scenario)


def test_a_topic_made_anew() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await score(club)
        await club.broker.delete_topics([CARD])
        await club.create(CARD)
        await club.purchase()  # one record again: offsets alone would say that nothing is new
        refused = await refusal(club)
        assert refused.code == ExitCode.REFUSED
        assert "created anew" in refused.reason
        assert "--skip" not in refused.remedy
        await decide(club)
        await score(club)
        assert await club.points() == [("e1", 1), ("e2", 1)]
        assert (await lane_status(club.broker))[0].obstacles == ()

    in_club(scenario)


def test_a_changelog_that_lost_records() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await score(club)
        copy = club.stores[0].copy()
        assert copy is not None
        club.stores[0].write([(b"m-9\x00h", b"lost")], Copy(copy.changelog, 1_000, copy.applied_at))
        refused = await refusal(club)
        assert refused.code == ExitCode.REFUSED
        assert "lost records" in refused.reason
        assert "lane resume 0 --accept" in refused.remedy
        await decide(club)
        await score(club)
        assert club.stores[0].get_many([b"m-9\x00h"]) == [None]

    in_club(scenario)


@pytest.mark.parametrize("behind", ["journal", "changelog"])
def test_a_transaction_that_was_committed_in_part(behind: str) -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await score(club)
        before = await club.watermark()
        last = decode_entry((await club.records(topics.JOURNAL.name))[-1].value or b"")
        assert last.transaction == before.transactions
        torn = before.transactions + 1
        if behind == "journal":
            mark = encode_watermark(msgspec.structs.replace(before, transactions=torn))
            await club.broker.publish([OutputRecord(topics.STATE.name, 0, WATERMARK_KEY, mark)])
        else:
            entry = encode_entry(msgspec.structs.replace(last, transaction=torn))
            await club.broker.publish([OutputRecord(topics.JOURNAL.name, 0, None, entry)])
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, "lane 0")
        ends = (torn, torn - 1) if behind == "journal" else (torn - 1, torn)
        assert "ends with transaction {}, its journal with {}".format(*ends) in refused.reason
        assert "`bashgah verify`" in refused.remedy
        assert (await lane_status(club.broker))[0].obstacles == (f"club.journal/0: {refused.reason}",)
        assert "taken as it is" in (await decide(club))[0]
        assert (await lane_status(club.broker))[0].obstacles == ()
        await club.purchase()
        await score(club)
        assert await club.points() == [("e1", 1), ("e2", 1)]

    in_club(scenario)


def test_a_lane_that_is_at_work_is_not_taken_for_torn() -> None:
    async def scenario(club: SmallClub) -> None:
        last = decode_entry((await club.records(topics.JOURNAL.name))[-1].value or b"")

        async def commit_the_rest() -> None:
            await asyncio.sleep(0.1)
            mark = encode_watermark(msgspec.structs.replace(await club.watermark(), transactions=1))
            await club.broker.publish([OutputRecord(topics.STATE.name, 0, WATERMARK_KEY, mark)])

        entry = encode_entry(msgspec.structs.replace(last, transaction=1))
        await club.broker.publish([OutputRecord(topics.JOURNAL.name, 0, None, entry)])
        async with asyncio.TaskGroup() as together:
            together.create_task(commit_the_rest())
            [status] = await lane_status(club.broker)
        assert status.obstacles == ()

    in_club(scenario)


def test_what_the_next_owner_commits_during_an_opening_is_no_tear() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        before = await club.watermark()
        await score(club)
        newest = (await club.watermark()).transactions
        assert newest > before.transactions
        lane = lane_spec(0)
        await check_ends(lane, Ends(before, newest), lambda: ends_of(club.broker, [lane]))
        with pytest.raises(ClubError, match="its journal with"):
            await check_ends(lane, Ends(before, newest), lambda: asyncio.sleep(0, [Ends(before, newest)]))

    in_club(scenario)


def test_a_journal_that_retention_has_emptied() -> None:
    async def scenario(club: SmallClub) -> None:
        club.now_ms += (topics.JOURNAL.retention_days or 0) * DAY_MS + DAY_MS
        apply_retention(club.log, club.now_ms)
        assert await club.records(topics.JOURNAL.name) == []
        await club.purchase()
        await score(club)
        assert await club.points() == [("e1", 1)]

    in_club(scenario)


def test_a_changelog_that_is_not_only_compacted() -> None:
    async def scenario(club: SmallClub) -> None:
        stored = club.log.topic(topics.STATE.name)
        stored.config["cleanup.policy"] = "delete"
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, "club.state")

    in_club(scenario)


def test_state_made_on_another_clock() -> None:
    async def scenario(club: SmallClub) -> None:
        await score(club)
        lanes = club.lanes(replay=True, merge_wait_ms=None)
        await lanes.start()
        with pytest.raises(ClubError, match="wall clock"):
            await lanes.open_all([(topic.name, 0) for topic in topics.INPUTS], 1)
        await lanes.stop()

    in_club(scenario)


def test_an_assignment_without_one_of_the_inputs() -> None:
    async def scenario(club: SmallClub) -> None:
        lanes = club.lanes()
        await lanes.start()
        with pytest.raises(ClubError, match=r"without bank\.deposit"):
            await lanes.open_all([(topic.name, 0) for topic in topics.INPUTS[:-1]], 1)
        await lanes.stop()

    in_club(scenario)


def test_a_programme_topic_made_anew() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await score(club)
        await club.broker.delete_topics([topics.PROGRAMME.name])
        await club.create(topics.PROGRAMME.name)
        refused = await refusal(club)
        assert (refused.code, refused.field) == (ExitCode.REFUSED, topics.PROGRAMME.name)
        await club.programme(3)
        await decide(club)
        await club.purchase()
        await score(club)
        assert await club.points() == [("e1", 1), ("e2", 3)]

    in_club(scenario)


def test_a_decision_fences_the_worker_that_runs_the_lane() -> None:
    async def scenario(club: SmallClub) -> None:
        lanes, driver = await club.worker()
        await feed(driver, 1)
        await decide(club)
        await club.purchase()
        await feed(driver, 1)
        assert [problem.code for problem in club.problems] == [ExitCode.FENCED]
        await lanes.stop()

    in_club(scenario)


def test_a_copy_that_is_too_old_or_of_another_changelog_is_made_anew() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await score(club)
        club.stores[0].write([(b"m-9\x00h", b"stale")])
        club.now_ms += 4 * DAY_MS  # deletions stay for 7
        await score(club)
        assert club.told.discarded == ["it is too old"]
        assert club.stores[0].get_many([b"m-9\x00h"]) == [None]
        copy = club.stores[0].copy()
        assert copy is not None
        club.stores[0].write([(b"m-9\x00h", b"foreign")], Copy("another", copy.offset, copy.applied_at))
        await score(club)
        assert club.told.discarded == ["it is too old", "it is of another changelog"]
        assert club.stores[0].get_many([b"m-9\x00h"]) == [None]

    in_club(scenario)


def test_a_copy_is_kept_while_it_may_be() -> None:
    async def scenario(club: SmallClub) -> None:
        await score(club)
        club.now_ms += 3 * DAY_MS
        await score(club)
        assert club.told.discarded == []

    in_club(scenario)


def test_first_watermarks_begin_where_they_are_told() -> None:
    async def scenario(club: SmallClub) -> None:
        from bashgah.admin.first_watermarks import first_watermarks

        await club.purchase(time=NOW_MS)
        club.now_ms += 1_000
        await club.purchase(time=NOW_MS)
        assert await first_watermarks(club.broker, NOW_MS + 500, wall_ms=lambda: club.now_ms) == [0]
        assert await first_watermarks(club.broker, "earliest") == []
        assert (await club.watermark()).offsets[CARD] == 1
        await score(club)
        assert await club.points() == [("e2", 1)]

    in_club(scenario, watermarks=False)


def test_status_tells_how_far_lanes_are_behind() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        before = (await lane_status(club.broker, LaneOptions()))[0]
        await score(club)
        after = (await lane_status(club.broker, LaneOptions()))[0]
        assert (before.lag[CARD], after.lag[CARD]) == (1, 0)
        assert after.obstacles == ()

    in_club(scenario)


def test_closing_during_an_opening_gives_it_up() -> None:
    async def scenario(club: SmallClub) -> None:
        import asyncio

        lanes = club.lanes()
        await lanes.start()
        places = [TopicPartition(topic.name, 0) for topic in topics.INPUTS]
        opening = asyncio.ensure_future(lanes.open_all(places, 1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await lanes.close_all()
        await opening
        assert lanes.seek_targets(1, 1) is None
        await lanes.open_all(places, 2)
        assert lanes.seek_targets(2, 1) is not None
        await lanes.stop()

    in_club(scenario)
