"""A lane's turns: what goes into one transaction, ticks, limits, programmes, and how it ends."""

import asyncio

import pytest

from agents.broker.errors import OutcomeUnknown
from agents.lanes.dead_letter_limit import Limit
from agents.lanes.lane_set import LaneSet
from agents.lanes.options import LaneOptions
from agents.lanes.run import Run
from agents.process.exit_codes import ExitCode
from bashgah.admin.lanes import resume
from bashgah.embedded.broker import Point
from schemas import topics
from schemas.kafka.batch_body import PieceCount
from schemas.records import OutputRecord, TopicPartition
from tables.journal import Adopt, Take, Tick, decode_entry, steps_of
from tests.agents.lanes.small_club import NOW_MS, SmallClub, in_club

CARD, MEMBER = topics.CARD.name, topics.MEMBER.name


async def feed(driver: object, seconds: float) -> None:
    """Feed for a while."""
    task = asyncio.ensure_future(driver.feed())  # type: ignore[attr-defined]
    await asyncio.sleep(seconds)
    task.cancel()


async def journal(club: SmallClub, partition: int = 0) -> list[object]:
    """All steps of a lane, in order."""
    entries = [decode_entry(each.value or b"") for each in await club.records(topics.JOURNAL.name, partition)]
    return [step for entry in entries for step in steps_of(entry)]


def test_everything_of_a_batch_is_in_one_transaction() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await club.raw(CARD, b"m-1", b"rubbish")
        lanes, driver = await club.worker()
        await feed(driver, 1)
        await lanes.stop()
        assert not club.problems
        ends = {name: len(await club.records(name)) for name in (topics.POINTS.name, topics.DEAD_LETTER.name)}
        assert ends == {topics.POINTS.name: 1, topics.DEAD_LETTER.name: 1}
        watermark = await club.watermark()
        assert watermark.offsets[CARD] == 2
        assert watermark.window.seen == 2
        assert watermark.window.dead == 1
        assert Take(CARD, 0, 2) in await journal(club)

    in_club(scenario)


def test_nothing_is_written_while_nothing_happens() -> None:
    async def scenario(club: SmallClub) -> None:
        lanes, driver = await club.worker(tick_interval_ms=1_000)
        await feed(driver, 30)
        await lanes.stop()
        assert [step for step in await journal(club) if isinstance(step, Tick)] == [Tick(NOW_MS)]
        assert (await club.watermark()).transactions == 1

    in_club(scenario)


def test_a_tick_takes_its_place_after_what_the_inputs_held_when_the_clock_read_it() -> None:
    async def scenario(club: SmallClub) -> None:
        for _ in range(5):
            await club.purchase()
        lanes, driver = await club.worker(batch_records_max=2)
        await asyncio.sleep(1)
        assert await journal(club) == []  # the tick waits for records that nobody has fetched yet
        await club.purchase()  # came later: may go before or after it
        await feed(driver, 1)
        await lanes.stop()
        steps = await journal(club)
        reached = 0
        for step in steps[: steps.index(Tick(NOW_MS))]:
            if isinstance(step, Take) and step.topic == CARD:
                reached = step.end
        assert reached >= 5

    in_club(scenario)


def test_a_tick_never_goes_back_with_the_wall_clock() -> None:
    async def scenario(club: SmallClub) -> None:
        lanes, driver = await club.worker(tick_interval_ms=1_000)
        await feed(driver, 2)
        club.now_ms -= 60_000
        await feed(driver, 3)
        club.now_ms += 120_000
        await feed(driver, 3)
        await lanes.stop()
        assert [step for step in await journal(club) if isinstance(step, Tick)] == [Tick(NOW_MS), Tick(NOW_MS + 60_000)]

    in_club(scenario)


def test_a_purchase_does_not_overtake_the_registration_before_it() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.registration(time=NOW_MS - 2_000)
        await club.purchase(time=NOW_MS - 1_000)
        lanes, _ = await club.worker()
        card, member = TopicPartition(CARD, 0), TopicPartition(MEMBER, 0)
        targets = lanes.seek_targets(1, 1)
        assert targets is not None
        records = {place: (await club.records(place.topic)) for place in (card, member)}
        await lanes.submit(Run(CARD, 0, 0, 1, 1, 1, records[card]))
        await asyncio.sleep(1)
        assert await club.points() == []
        await lanes.submit(Run(MEMBER, 0, 0, 1, 1, 1, records[member]))
        await asyncio.sleep(1)
        await lanes.stop()
        takes = [step for step in await journal(club) if isinstance(step, Take)]
        assert takes == [Take(MEMBER, 0, 1), Take(CARD, 0, 1)]
        assert [(wait.topics, wait.gave_up) for wait in club.told.waits] == [((MEMBER,), False)]

    in_club(scenario)


def test_an_input_that_stays_behind_is_waited_for_only_so_long() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.registration()
        await club.purchase()
        lanes, _ = await club.worker(merge_wait_ms=5_000)
        assert lanes.seek_targets(1, 1) is not None
        await lanes.submit(Run(CARD, 0, 0, 1, 1, 1, await club.records(CARD)))
        await asyncio.sleep(4.5)
        assert await club.points() == []
        await asyncio.sleep(1)
        assert await club.points() == [("e2", 1)]
        await lanes.stop()
        assert [wait.gave_up for wait in club.told.waits] == [True]

    in_club(scenario)


def test_new_programme_versions_come_into_use_between_batches() -> None:
    async def scenario(club: SmallClub) -> None:
        lanes, driver = await club.worker()
        await club.purchase()
        await feed(driver, 2)
        await club.programme(7)
        await asyncio.sleep(2)
        await club.purchase()
        await feed(driver, 2)
        await lanes.stop()
        assert await club.points() == [("e1", 1), ("e2", 7)]
        assert [step for step in await journal(club) if isinstance(step, Adopt)] == [Adopt(1), Adopt(2)]
        assert (await club.watermark()).programme_offset == 2

    in_club(scenario)


def test_a_run_of_another_epoch_is_dropped_and_a_hole_is_a_fault() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await club.purchase()
        lanes, _ = await club.worker()
        records = await club.records(CARD)
        await lanes.submit(Run(CARD, 0, 0, 2, 2, 99, records))
        await asyncio.sleep(1)
        assert (await club.points(), club.problems) == ([], [])
        await lanes.submit(Run(CARD, 0, 1, 2, 2, 1, records[1:]))
        assert [problem.code for problem in club.problems] == [ExitCode.FAULT]
        await lanes.stop()

    in_club(scenario)


def test_a_worker_that_was_replaced_is_fenced() -> None:
    async def scenario(club: SmallClub) -> None:
        first, driver = await club.worker()
        second, _ = await club.worker()
        await club.purchase()
        await feed(driver, 1)
        assert [problem.code for problem in club.problems] == [ExitCode.FENCED]
        assert await club.points() == []
        await first.stop()
        await second.stop()

    in_club(scenario)


class CommitUnanswered:
    """The first commit gets no answer, after it was done."""

    async def reached(self, point: Point, transactional_id: str) -> None:
        if point == "after_commit":
            raise OutcomeUnknown(transactional_id, "no answer")


def test_a_commit_without_an_answer_ends_the_lane_and_the_restart_finds_it() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        broker, club.broker = club.broker, club.faulty(CommitUnanswered())
        lanes, driver = await club.worker()
        await feed(driver, 1)
        assert [problem.code for problem in club.problems] == [ExitCode.OUTCOME_UNKNOWN]
        await lanes.stop()
        club.broker = broker
        lanes, driver = await club.worker()
        await feed(driver, 1)
        await lanes.stop()
        assert await club.points() == [("e1", 1)]

    in_club(scenario)


def test_a_lane_that_stands_still_ends_the_worker() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        lanes, driver = await club.worker(stall_ms=20_000)  # nobody feeds it
        await asyncio.sleep(19)
        assert not club.problems
        await asyncio.sleep(3)
        assert [problem.code for problem in club.problems] == [ExitCode.FAULT]
        assert "nothing was committed" in club.problems[0].reason
        await lanes.stop()
        await driver.close()

    in_club(scenario)


def test_a_lane_that_waits_for_a_long_batch_stands_still_only_once_nothing_of_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        lanes, driver = await club.worker(stall_ms=20_000)  # nobody feeds it
        for _ in range(90):
            await asyncio.sleep(1)
            monkeypatch.setattr(PieceCount, "pieces", PieceCount.pieces + 1)
        assert not club.problems
        await asyncio.sleep(22)
        assert [problem.code for problem in club.problems] == [ExitCode.FAULT]
        await lanes.stop()
        await driver.close()

    in_club(scenario)


def test_control_records_at_the_end_are_no_stall() -> None:
    async def scenario(club: SmallClub) -> None:
        bank = await club.broker.producer("bank")
        await bank.transact([OutputRecord(CARD, 0, b"m-1", b"rubbish")])
        lanes, driver = await club.worker(stall_ms=20_000)
        await feed(driver, 60)
        await lanes.stop()
        assert not club.problems

    in_club(scenario)


def test_a_full_lane_pauses_its_inputs_but_never_one_that_it_may_be_waiting_for() -> None:
    class Valve:
        def __init__(self) -> None:
            self.paused: set[tuple[str, int]] = set()
            self.ever: set[tuple[str, int]] = set()

        def pause_partitions(self, tps: object) -> None:
            self.paused |= set(tps)  # type: ignore[call-overload]
            self.ever |= self.paused

        def resume_partitions(self, tps: object) -> None:
            self.paused -= set(tps)  # type: ignore[call-overload]

    async def scenario(club: SmallClub) -> None:
        await club.registration(time=NOW_MS - 10_000)
        for _ in range(6):
            await club.purchase()
        lanes, _ = await club.worker(queue_records_max=4)
        lanes.flow = valve = Valve()
        records = await club.records(CARD)
        for index, record in enumerate(records):
            await lanes.submit(Run(CARD, 0, index, index + 1, 6, 1, [record]))
        assert valve.paused == {(CARD, 0)}
        await lanes.submit(Run(MEMBER, 0, 0, 1, 1, 1, await club.records(MEMBER)))
        await asyncio.sleep(1)
        assert valve.paused == set()
        await lanes.stop()
        assert len(await club.points()) == 6

    in_club(scenario)


async def feed_until_it_ends(club: SmallClub, lanes: LaneSet, driver: object) -> None:
    task = asyncio.ensure_future(driver.feed())  # type: ignore[attr-defined]
    while not club.problems:
        await asyncio.sleep(0.1)
    task.cancel()
    await lanes.stop()


def test_what_is_refused_of_erased_members_never_stops_a_lane() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.registration()
        await club.publish(MEMBER, "member.erased", "m-1", NOW_MS, {})
        for _ in range(15):
            await club.purchase()
            await club.raw(CARD, b"m-1", b"rubbish")
            await club.purchase("m-2")
        lanes, driver = await club.worker(dead_letters=Limit(percent=5, window=20), batch_records_max=7)
        await feed(driver, 2)
        await lanes.stop()
        assert not club.problems
        letters = await club.records(topics.DEAD_LETTER.name)
        assert {(dict(each.headers)["error"], each.value) for each in letters} == {(b"erased", b"")}
        assert len(letters) == 30
        assert len(await club.points()) == 15
        assert (await club.watermark()).window.dead == 0

    in_club(scenario)


def test_too_many_dead_letters_stop_the_worker_at_the_same_record_until_an_operator_decides() -> None:
    async def scenario(club: SmallClub) -> None:
        limit = Limit(percent=10, window=20)
        for number in range(30):
            if number in (3, 4, 9, 10, 11):
                await club.raw(CARD, b"m-1", b"rubbish")
            else:
                await club.purchase()
        for batch in (7, 1, 30):
            club.problems.clear()
            lanes, driver = await club.worker(dead_letters=limit, batch_records_max=batch)
            await feed_until_it_ends(club, lanes, driver)
            assert [problem.code for problem in club.problems] == [ExitCode.REFUSED]
            assert "bank.card/0 offset 9" in club.problems[0].field
            assert not ExitCode.REFUSED.restart_helps
            assert (await club.watermark()).offsets[CARD] == 9
            assert len(await club.records(topics.DEAD_LETTER.name)) == 2
        club.problems.clear()
        options = LaneOptions(dead_letters=limit)
        done = await resume(club.broker, 0, "accept", "m.karimi", "mended", options, lambda: club.now_ms)
        assert "dead letters" in done.changes[0]
        lanes, driver = await club.worker(dead_letters=limit)
        await feed(driver, 2)
        await lanes.stop()
        assert not club.problems
        assert len(await club.records(topics.DEAD_LETTER.name)) == 5
        assert len(await club.points()) == 25

    in_club(scenario)
