"""A club that an earlier release has recorded verifies as it is, goes on, and verifies as a whole."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from agents.coordinator.verify import verify_coordinator
from agents.lanes.verify import verify
from engine.meaning import CURRENT
from schemas import topics
from tables.journal import decode_entry
from tables.watermark import FORMAT
from tests.releases.story import PARTITIONS, StoryClub, at
from tests.simulation.virtual_time import run

RECORDED = Path(__file__).parent / "recorded"
CLOCKS = ("live", "replay")
OPENED = "2026-10-21 10:00"
"""When this release takes over: the day after the recorded story ends."""


def in_recorded_club(clock: str, scenario: Callable[[StoryClub], Coroutine[Any, Any, None]]) -> None:
    """Run a scenario in a club that the release before has recorded, on virtual time."""

    async def whole() -> None:
        path = RECORDED / f"meaning-0-{clock}.jsonl"
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


@pytest.mark.parametrize("clock", CLOCKS)
def test_it_verifies_as_it_was_recorded(clock: str) -> None:
    async def scenario(club: StoryClub) -> None:
        assert await meanings(club) == {0}
        assert await verified(club) > 100

    in_recorded_club(clock, scenario)


@pytest.mark.parametrize("clock", CLOCKS)
def test_it_goes_on_and_verifies_as_a_whole(clock: str) -> None:
    async def scenario(club: StoryClub) -> None:
        before = await verified(club)
        await goes_on(club)
        assert await verified(club) > before
        assert await meanings(club) == {0, CURRENT}
        assert (await club.watermark()).format == FORMAT, "the release before refuses it from here on"

    in_recorded_club(clock, scenario)
