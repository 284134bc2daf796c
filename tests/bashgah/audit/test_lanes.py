"""`verify` finds any byte that does not follow from what was read."""

from collections.abc import Awaitable, Callable

import pytest

from agents.process.exit_codes import ClubError
from bashgah.audit.comparison import Difference
from bashgah.audit.lanes import verify
from bashgah.embedded.upkeep import apply_retention
from schemas import topics
from schemas.records import OutputRecord, TopicPartition
from tables.journal import decode_entry, encode_entry
from tables.rows import RESCHEDULE_KEY
from tables.store import WATERMARK_KEY
from tests.agents.lanes.small_club import SmallClub, in_club
from tests.agents.lanes.test_lane import feed

POINTS, STATE, JOURNAL = topics.POINTS.name, topics.STATE.name, topics.JOURNAL.name


async def worked(club: SmallClub) -> None:
    """Some work of a worker, in several batches."""
    lanes, driver = await club.worker(batch_records_max=2)
    for number in range(5):
        await club.purchase(f"m-{number % 2}")
        await club.raw(topics.CARD.name, b"m-1", b"rubbish")
    await feed(driver, 2)
    await lanes.stop()
    await driver.close()
    assert not club.problems


def test_what_the_lanes_wrote_is_right() -> None:
    async def scenario(club: SmallClub) -> None:
        await worked(club)
        found = await verify(club.broker, 0)
        assert (found.records, found.outputs, found.decisions, found.cut) == (10, 10, 1, {})
        assert found.rows > 0
        assert found.transactions == (await club.watermark()).transactions

    in_club(scenario)


TOLD_AHEAD = """
notifications:
  - {id: soon, event: points.expiring, days_before: 30, medium: [sms], template: {fa: "{points} تا {date}"}}
"""


def test_a_version_with_a_new_lead_looks_at_few_members_in_one_transaction() -> None:
    async def scenario(club: SmallClub) -> None:
        lanes, driver = await club.worker(work_members_max=2)
        for number in range(5):
            await club.purchase(f"m-{number}")
        await feed(driver, 2)
        before = (await club.watermark()).transactions
        await club.programme(2, TOLD_AHEAD)
        await feed(driver, 2)
        await lanes.stop()
        await driver.close()
        assert not club.problems
        assert (await club.watermark()).transactions == before + 3
        walk = [record.value for record in await club.records(STATE) if record.key == RESCHEDULE_KEY]
        assert [value is None for value in walk] == [False, False, True]
        await verify(club.broker, 0)

    in_club(scenario)


def test_a_version_with_a_new_lead_that_is_adopted_at_the_start_forgets_nobody() -> None:
    """When rows of old events go is part of what is looked at anew, also before the first tick of a process."""

    async def scenario(club: SmallClub) -> None:
        lanes, driver = await club.worker()
        await club.purchase()
        await feed(driver, 8)
        await lanes.stop()
        await driver.close()
        await club.programme(2, TOLD_AHEAD)
        lanes, driver = await club.worker()
        await feed(driver, 8)
        await lanes.stop()
        await driver.close()
        assert not club.problems
        await verify(club.broker, 0)

    in_club(scenario)


async def _extra_output(club: SmallClub) -> None:
    await club.broker.publish([OutputRecord(POINTS, 0, b"m-1", b"{}")])


async def _doubled_output(club: SmallClub) -> None:
    first = (await club.records(POINTS))[0]
    await club.broker.publish([OutputRecord(POINTS, 0, first.key, first.value)])


async def _changed_row(club: SmallClub) -> None:
    row = next(each for each in await club.records(STATE) if each.key != WATERMARK_KEY)
    await club.broker.publish([OutputRecord(STATE, 0, row.key, (row.value or b"") + b"\x00")])


async def _deleted_row(club: SmallClub) -> None:
    row = next(each for each in await club.records(STATE) if each.key != WATERMARK_KEY and each.value)
    await club.broker.publish([OutputRecord(STATE, 0, row.key, None)])


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (_extra_output, "follows from nothing"),
        (_doubled_output, "follows from nothing"),
        (_changed_row, "row b'm-"),
        (_deleted_row, "row b'm-"),
    ],
)
def test_what_was_added_or_changed_is_found(tamper: Callable[[SmallClub], Awaitable[None]], named: str) -> None:
    async def scenario(club: SmallClub) -> None:
        await worked(club)
        await tamper(club)
        with pytest.raises(Difference, match=named):
            await verify(club.broker, 0)

    in_club(scenario)


@pytest.mark.parametrize("topic", [POINTS, topics.DEAD_LETTER.name])
def test_an_output_that_is_missing_is_found(topic: str) -> None:
    async def scenario(club: SmallClub) -> None:
        await worked(club)
        _, second, *_ = await club.records(topic)
        club.log.remove(TopicPartition(topic, 0), [second.offset], 0)
        with pytest.raises(Difference, match=rf"{topic}/0"):
            await verify(club.broker, 0)

    in_club(scenario)


def test_a_journal_that_leaves_records_out_is_found() -> None:
    async def scenario(club: SmallClub) -> None:
        await worked(club)
        kept = await club.records(JOURNAL)
        await club.broker.delete_topics([JOURNAL])
        await club.create(JOURNAL)
        for record in [*kept[:2], *kept[3:]]:
            await club.broker.publish([OutputRecord(JOURNAL, 0, None, record.value)])
        with pytest.raises(Difference, match="transaction"):
            await verify(club.broker, 0)

    in_club(scenario)


def test_a_journal_that_tells_another_clock_is_found_by_what_it_changed() -> None:
    async def scenario(club: SmallClub) -> None:
        await worked(club)
        kept = await club.records(JOURNAL)
        await club.broker.delete_topics([JOURNAL])
        await club.create(JOURNAL)
        for record in kept:
            entry = decode_entry(record.value or b"")
            entry = type(entry)(**{name: getattr(entry, name) for name in entry.__struct_fields__} | {"now": 0})
            await club.broker.publish([OutputRecord(JOURNAL, 0, None, encode_entry(entry))])
        with pytest.raises(Difference):
            await verify(club.broker, 0)

    in_club(scenario)


def test_a_history_that_is_not_whole_is_no_difference() -> None:
    async def scenario(club: SmallClub) -> None:
        await worked(club)
        club.now_ms += (topics.EVENT_KEYS_DAYS + 1) * 86_400_000
        await club.purchase()
        apply_retention(club.log, club.now_ms)
        with pytest.raises(ClubError, match="deleted"):
            await verify(club.broker, 0)

    in_club(scenario)
