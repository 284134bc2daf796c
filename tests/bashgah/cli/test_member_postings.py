"""`bashgah member postings`: all of a member's points, posting by posting, each with what it goes back to."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.broker.interface import Broker
from agents.process.exit_codes import ExitCode
from bashgah.audit.member_postings import PointsAccount, account
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.contract import INPUT_MODELS
from schemas.records import OutputRecord
from tests.bashgah.cli.club import RULES, DiskClub, event, purchase
from tests.simulation.workload import generate, programmes

LIVING = RULES + "points: {pending: {days: 2}, expiry: {months: 12, round_up: month}}\n"
FIRST, SECOND, THIRD = "2026-04-16T10:00:00+03:30", "2026-04-17T10:00:00+03:30", "2026-04-20T10:00:00+03:30"


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> DiskClub:
    """A member with 4 points of one purchase, 1 of which was taken back, and 2 of another that are pending."""
    found = DiskClub(tmp_path, capsys).prepare(LIVING)
    found.publish(purchase("p1", FIRST, 400_000), purchase("other", FIRST, 900_000, "m-2"))
    found.publish(event("b1", "card.purchase.refunded", SECOND, original="p1", amount=100_000, reason="refund"))
    found.publish(purchase("p2", THIRD, 200_000))
    found.score()
    return found


def test_every_posting_is_listed_with_what_explains_it(club: DiskClub) -> None:
    done = club.run("member", "postings", "m-1")
    assert done.code == 0, done.err
    english = [line for line in done.out.splitlines() if not line.startswith("    ")]
    assert [line.split(" · ", 1)[1] for line in english[:-2]] == [
        "accrued 4 (pending) · card (Card purchase) · active afterwards 0 · /core p1",
        "taken back -1 (pending) · card (Card purchase) · active afterwards 0 · /core b1",
        "activated 3 (active) · active afterwards 3 · clock 1776457800000",
        "accrued 2 (pending) · card (Card purchase) · active afterwards 3 · /core p2",
    ]
    assert english[-2] == "4 posting(s) in all come to 5 points: active 3, pending 2, held 0; debt 0"
    assert "bashgah member explain m-1 SOURCE ID" in english[-1]
    assert "همهٔ ۴ سند امتیاز روی هم ۵ امتیاز است: فعال ۳، در انتظار ۲" in done.out
    for id in ("p1", "b1", "p2"):
        assert club.run("member", "explain", "m-1", "/core", id).code == 0


def test_a_part_of_the_time_is_listed_and_all_is_added_up(club: DiskClub) -> None:
    done = club.run("member", "postings", "m-1", "--since", "1405-01-28", "--until", "1405-01-31", "--json")
    assert [json.loads(line)["data"]["activity"]["id"] for line in done.out.splitlines()] == ["b1", "1776457800000"]
    assert "4 posting(s) in all" in club.run("member", "postings", "m-1", "--since", "1405-01-31").out


def test_a_posting_that_was_lost_or_made_is_found(club: DiskClub) -> None:
    first, *_ = (record for record in club.read(topics.POINTS.name) if record.key == b"m-1")

    async def again(broker: Broker) -> None:
        await broker.publish([OutputRecord(first.topic, first.partition, first.key, first.value)])

    club.ask(again)
    done = club.run("member", "postings", "m-1")
    assert done.code == ExitCode.BAD_FILE
    assert "points and debt after it" in done.err
    assert "bashgah verify" in done.err


def envelope(type: str, points: int, active: int, pending: int = 0, debt: int = 0, owed: int = 0) -> dict[str, Any]:
    balance = {"active": active, "pending": pending, "held": 0, "debt": debt}
    return {"type": type, "data": {"points": points, "debt": owed, "balance": balance}}


def test_what_retention_has_deleted_is_the_opening_balance() -> None:
    found = PointsAccount()
    found.take("here", envelope("points.activated", 5, 12, 1, debt=2))
    found.take("here", envelope("points.reversed", 0, 12, 1, debt=5, owed=3))
    assert (found.opening, found.points, found.debt, found.postings) == ((13, 2), 13, 5, 2)


def test_who_has_none_is_told_so(club: DiskClub) -> None:
    done = club.run("member", "postings", "m-9")
    assert done.code == ExitCode.BAD_FILE
    assert "has no posting of this member" in done.err


@pytest.mark.parametrize("seed", [3, 4])
def test_everybodys_postings_of_a_nasty_stream_add_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    club = DiskClub(tmp_path, capsys, partitions=2).prepare(*programmes(seed))
    stream = [(topic, each) for topic, each in generate(seed, 90) if topic in INPUT_MODELS]
    club.publish(
        *((topic, str(each.get("subject")).encode(), json.dumps(each).encode()) for topic, each in stream)
    )  # fmt: skip
    club.score()
    postings = [record.key for record in club.read(topics.POINTS.name) if record.key is not None]

    async def ask(broker: Broker) -> int:
        listed: list[ProgrammeVersions] = []
        for member in sorted({key.decode() for key in postings}):
            await account(broker, member, lambda _, versions: listed.append(versions))
        return len(listed)

    assert club.ask(ask) == len(postings) > 0
