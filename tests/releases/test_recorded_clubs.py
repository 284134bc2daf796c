"""A club that an earlier release has recorded verifies as it is, goes on, and verifies as a whole."""

import datetime as dt
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from bashgah.audit.coordinator import verify_coordinator
from bashgah.audit.lanes import verify
from bashgah.audit.member_history import Wanted, history
from engine.calendar import day_number
from engine.ledger.member import HEAD, Head, Status
from engine.meaning import CURRENT
from engine.outcome import Outcome, Reason
from schemas import topics
from schemas.kafka.partitioner import partition_of
from tables.journal import decode_entry
from tables.overlay import MemberRows
from tables.watermark import FORMAT
from tests.releases.story import PARTITIONS, StoryClub, at
from tests.simulation.virtual_time import run

RECORDED = Path(__file__).parent / "recorded"
CLOCKS = ("live", "replay")
MEANINGS = range(CURRENT + 1)
OPENED = "2026-10-21 10:00"
"""When this release takes over: the day after the recorded story ends."""


def in_recorded_club(clock: str, scenario: Callable[[StoryClub], Coroutine[Any, Any, None]], meaning: int = 0) -> None:
    """Run a scenario in a club that an earlier release has recorded, on virtual time."""

    async def whole() -> None:
        path = RECORDED / f"meaning-{meaning}-{clock}.jsonl"
        await scenario(StoryClub.opened(path, clock == "replay", at(OPENED)))

    run(whole())


async def verified(club: StoryClub) -> int:
    """Verify everything; how many transactions there are of all lanes and the coordinator."""
    lanes = [await verify(club.broker, number) for number in range(PARTITIONS)]
    return sum(each.transactions for each in lanes) + (await verify_coordinator(club.broker)).transactions


async def goes_on(club: StoryClub) -> None:
    """More of everything, under the release that is."""
    await club.buys("sara", "2026-10-21 10:05")
    await club.buys("kian", "2026-10-21 10:06")
    await club.holds("sara", "2026-10-21 02:00", "2026-10-20", 5_000_000)
    await club.happens(
        "card.purchase.refunded", "sara", "2026-10-21 10:10", original="last-sara", amount=1, reason="refund"
    )
    await club.raw(topics.CARD.name, b"sara", b"nothing")
    await club.until("2026-10-21 11:00")
    await club.until("2026-11-30 11:00")


async def meanings(club: StoryClub) -> set[int]:
    """The numbers of the meanings by which lanes and coordinator decided."""
    entries = [
        decode_entry(record.value or b"")
        for number in range(PARTITIONS)
        for record in await club.records(topics.JOURNAL.name, number)
    ]
    return {entry.meaning for entry in entries}


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("clock", CLOCKS)
def test_it_verifies_as_it_was_recorded(clock: str, meaning: int) -> None:
    async def scenario(club: StoryClub) -> None:
        assert await meanings(club) == {meaning}
        assert await verified(club) > 100

    in_recorded_club(clock, scenario, meaning)


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("clock", CLOCKS)
def test_it_goes_on_and_verifies_as_a_whole(clock: str, meaning: int) -> None:
    async def scenario(club: StoryClub) -> None:
        before = await verified(club)
        await goes_on(club)
        assert await verified(club) > before
        assert await meanings(club) == {meaning, CURRENT}
        assert (await club.watermark()).format == FORMAT, "a release of another format refuses it from here on"

    in_recorded_club(clock, scenario, meaning)


def head(club: StoryClub, member: str) -> Head:
    """A member's own row as it stands."""
    found: Head = MemberRows(member, club.stores[partition_of(member.encode(), PARTITIONS)]).get(HEAD)
    return found


async def told(club: StoryClub, template: str) -> list[tuple[str, str, str | None]]:
    """Member, medium and reason of the messages of a template."""
    found = []
    for number in range(PARTITIONS):
        for record in await club.records(topics.NOTIFICATION.name, number):
            event = json.loads(record.value or b"")
            if event["data"]["template"] == template:
                found.append((event["subject"], event["data"]["medium"], event["data"].get("why")))
    return found


@pytest.mark.parametrize("clock", CLOCKS)
def test_what_was_set_before_times_were_kept_gives_way_to_refusals_and_to_the_present_day_alone(clock: str) -> None:
    async def scenario(club: StoryClub) -> None:
        await club.buys("sara", "2026-10-21 08:00")  # on a replay clock the day has to come for each member
        for member in ("nima", "mina", "kian"):
            await club.buys(member, "2026-10-21 08:00")
        await club.until("2026-10-21 10:05")
        assert head(club, "sara").consents == {"sms": True, "push": True}, "as the release before understood it"
        await club.consents("sara", "2026-09-05 10:00", "sms", False)
        for hour in ("09:00", "11:00"):  # older than the refusal, and newer; older than what nobody knows the age of
            await club.consents("sara", f"2026-09-05 {hour}", "sms", True)
        await club.consents("sara", "2026-10-20 10:00", "push", True)
        await club.happens("member.profile.changed", "nima", "2026-10-20 10:00", alias="old", province="new")
        await club.happens("member.left", "mina", "2026-09-03 10:00")
        for time in ("2026-09-02 23:00", "2026-09-04 10:00"):
            await club.happens("member.registered", "mina", time, channel="web")
        await club.account("opened", "kian", "2026-10-20 10:00", "2026-10-20")
        await club.until("2026-10-21 10:30")
        sara, nima, kian = head(club, "sara"), head(club, "nima"), head(club, "kian")
        assert (sara.consents["sms"], sara.consents_at) == (False, {"sms": at("2026-10-21 00:00")})
        assert (nima.alias, nima.alias_at, nima.province) == ("نیم", None, "قم")
        assert head(club, "mina").status == Status.LEFT
        assert kian.accounts["a-1"].closed == day_number(dt.date(2026, 9, 8))
        await club.happens("member.profile.changed", "nima", "2026-10-21 00:00", alias="new")
        await club.account("opened", "kian", "2026-10-21 09:00", "2026-10-21")
        await club.holds("kian", "2026-10-21 09:30", "2026-10-20", 3_000_000)
        await club.until("2026-10-21 11:00")
        assert (head(club, "nima").alias, head(club, "nima").alias_at) == ("new", at("2026-10-21 00:00"))
        assert head(club, "kian").accounts["a-1"].closed is None
        await verified(club)

    in_recorded_club(clock, scenario)


@pytest.mark.parametrize("clock", CLOCKS)
def test_only_points_that_become_active_from_now_on_are_announced_late(clock: str) -> None:
    async def scenario(club: StoryClub) -> None:
        before = await told(club, "early")
        await club.until("2026-10-21 10:05")
        assert await told(club, "early") == before, "points of before are active and live for less than the lead"
        await club.buys("sara", "2026-10-21 10:10")
        await club.until("2026-10-21 11:00")
        assert (await told(club, "early"))[len(before) :] == [("sara", "sms", None), ("sara", "push", None)]
        await club.buys("sara", "2026-10-21 11:10")
        await club.until("2026-10-21 12:00")
        assert len(await told(club, "early")) == len(before) + 2
        await verified(club)

    in_recorded_club(clock, scenario)


@pytest.mark.parametrize("clock", CLOCKS)
def test_an_event_is_explained_by_the_meaning_that_decided_it(clock: str) -> None:
    async def scenario(club: StoryClub) -> None:
        await club.holds("sara", "2026-10-21 10:00", "2026-10-30", 9_000_000)
        await club.until("2026-10-21 10:05")
        found = await history(club.broker, Wanted("sara"), lambda done, of: None)
        balances = {
            json.loads(each.record.value or b"")["data"]["date"]: (each.outcome, each.reason)
            for each in found.occurrences
            if each.record.topic == topics.DEPOSIT.name
        }
        assert balances["2062-01-01"] == (Outcome.SCORED, Reason.NONE)
        assert balances["2026-10-30"] == (Outcome.DEAD_LETTER, Reason.FROM_THE_FUTURE)

    in_recorded_club(clock, scenario)
