"""`bashgah member show|explain` of festivals, as people run them, on what lanes have written."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.broker.interface import Broker
from agents.process.exit_codes import ExitCode
from bashgah.audit.member_history import Wanted, history
from bashgah.audit.statements import statement
from engine.calendar import iso
from engine.explanation.festivals import Counting
from schemas import topics
from schemas.commands import award_granted
from schemas.contract import INPUT_MODELS
from schemas.records import OutputRecord
from tests.bashgah.cli.club import RULES, DiskClub, event, purchase
from tests.simulation.workload import arrivals, generate, programmes

FESTIVE = (
    RULES
    + """\
rewards:
  - {id: coin, title: {fa: سکه, en: Gold coin}, kind: goods, value_rial: 1_000}
festivals:
  - id: spring
    title: {fa: جشنوارهٔ بهاره, en: Spring festival}
    opens: 1405-01-01
    closes: 1405-03-01
    joining: opt_in
    audience: {segments: [physician]}
    indicators:
      - {id: buys, title: {fa: خرید, en: Purchases}, event: card.purchase.settled, earn: {points: 1, per: 100_000},
         caps: {day: 10}}
    categories:
      - {id: all, title: {fa: کل, en: Overall}, weigh: {buys: 2}}
    awards:
      - {id: best, category: all, at: month, ranks: 1-3, reward: coin}
"""
)
MARCH, APRIL, MAY = "2026-04-01", "2026-04-10", "2026-05-01"  # of 1405: 01-12, 01-21, 02-11


def time(day: str, hour: int = 10) -> str:
    return f"{day}T{hour:02}:00:00+03:30"


def registered(segments: tuple[str, ...] = ("physician",)) -> dict[str, Any]:
    return event("r", "member.registered", time(MARCH, 8), channel="web", alias="سارا", segments=list(segments))


def moved(id: str, kind: str, at: str) -> dict[str, Any]:
    return event(id, f"member.festival.{kind}", at, festival="spring")


def refund(id: str, original: str, amount: int, at: str) -> dict[str, Any]:
    return event(id, "card.purchase.refunded", at, original=original, amount=amount, reason="refund")


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> DiskClub:
    monkeypatch.setenv("COLUMNS", "200")
    return DiskClub(tmp_path, capsys).prepare(FESTIVE)


@pytest.fixture
def played(club: DiskClub) -> DiskClub:
    """Early, capped, refunded, away, back, late behind the month's freeze, and an award."""
    club.publish(
        registered(),
        purchase("early", time(MARCH, 9), 300_000),
        moved("j", "joined", time(MARCH)),
        purchase("p1", time(MARCH, 11), 800_000),
        purchase("p2", time(MARCH, 12), 500_000),
        refund("b1", "p1", 400_000, time(MARCH, 13)),
        moved("l", "left", time(APRIL, 9)),
        purchase("away", time(APRIL, 11), 300_000),
        moved("j2", "joined", time(APRIL, 12)),
        purchase("p3", time(MAY), 200_000),
    )
    club.score()
    award = award_granted("m-1", 1_777_000_000_000, "spring", "all", "1405-01", "best", "coin", 2, 1_000)
    club.publish((topics.COMMAND.name, b"m-1", award), purchase("late", time("2026-04-02"), 200_000))
    club.publish(refund("b2", "p2", 500_000, time(MAY, 12)))
    club.score()
    return club


def lead(club: DiskClub, category: str, score: int, round_name: str = "") -> None:
    """Publish a board by hand: another member first, then m-1."""
    at = iso(1_777_600_000_000)
    key = "/".join(filter(None, ("spring", category, round_name)))
    entries = [
        {"rank": rank, "member": member, "score": points, "reached_at": at}
        for rank, member, points in ((1, "m-9", score + 10), (2, "m-1", score))
    ]
    data = {
        "activity": {"source": "clock", "id": "1"}, "programme": "club", "version": 1, "festival": "spring",
        "category": category, "as_of": at, "participants": 7, "entries": entries,
    }  # fmt: skip
    if round_name:
        data |= {"round": round_name, "hash": "0" * 64}
    kind = "leaderboard.finalised" if round_name else "leaderboard.updated"
    envelope = {
        "specversion": "1.0", "id": "0" * 32, "source": "/club", "type": kind, "subject": key, "time": at, "data": data,
    }  # fmt: skip

    async def publish(broker: Broker) -> None:
        value = json.dumps(envelope).encode()
        await broker.publish([OutputRecord(topics.LEADERBOARD.name, 0, key.encode(), value)])

    club.ask(publish)


def explained(club: DiskClub, id: str, source: str = "/core") -> dict[str, Any]:
    done = club.run("member", "explain", "m-1", source, id, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)["occurrences"][0]["explanation"]
    return found


def test_a_members_festivals_are_shown(played: DiskClub) -> None:
    lead(played, "all", 18)
    lead(played, "all", 12, "1405-01")
    done = played.run("member", "show", "m-1")
    assert done.code == 0, done.err
    for said in (
        "  spring (Spring festival): on the boards as سارا",
        "  جشنوارهٔ بهاره (spring): در جدول‌ها با نام سارا",
        "    joined 1405-01-12 (2026-04-01) 10:00:00",
        "    left 1405-01-21 (2026-04-10) 09:00:00",
        "    round final: buys (Purchases) 8",
        "    دور final: خرید (buys) ۸",
        "      all (Overall): score 16, rank 2 of 7, 1405-02-11 (2026-05-01) 05:16:40, with 18 then",
        "      کل (all): امتیاز ۱۶، رتبهٔ ۲ از ۷",
        "    round 1405-01 (frozen): buys (Purchases) 6",
        "      all (Overall): score 12, rank 2 of 7, 1405-02-11 (2026-05-01) 05:16:40",
        "    award best: coin (Gold coin), category all (Overall), round 1405-01, place 2; to be looked at",
        "    a refund of buys (Purchases) came after the freeze of round 1405-01",
    ):
        assert said in done.out, said
    (one,) = json.loads(played.run("member", "show", "m-1", "--json").out)["festivals"]
    assert (one["festival"], one["listed"], one["alias"]) == ("spring", True, "سارا")
    assert [(each["round"], each["frozen"], each["indicators"]) for each in one["rounds"]] == [
        ("final", False, {"buys": 8}), ("1405-01", True, {"buys": 6}), ("1405-02", False, {"buys": 2}),
    ]  # fmt: skip
    assert one["rounds"][0]["categories"][0]["place"]["rank"] == 2
    assert [(each["award"], each["rank"], each["flagged"]) for each in one["awards"]] == [("best", 2, True)]


def test_without_a_board_it_is_said_how_a_rank_is_found(played: DiskClub) -> None:
    done = played.run("member", "show", "m-1")
    assert "score 16, exact rank on the member's page: bashgah web token m-1" in done.out
    assert "its final board is not published yet" in done.out
    assert "ranked when the month ends" in done.out


def test_what_counted_and_what_did_not_is_explained_event_by_event(played: DiskClub) -> None:
    early, capped, away, late = (explained(played, id)["festivals"][0] for id in ("early", "p2", "away", "late"))
    assert (early["counting"], early["move"]) == ("not_joined", None)
    assert capped["indicators"][0]["caps"] == [{"period": "day", "cap": 10, "used": 8, "left": 2}]
    assert (away["counting"], away["move"]["joined"]) == ("away", False)
    assert (late["counting"], late["frozen"]) == ("counts", ["1405-01"])
    text = played.run("member", "explain", "m-1", "/core", "p1").out
    for said in (
        "festival spring (Spring festival): counts",
        "  indicator buys (Purchases): 8 points (pays)",
        "شاخص خرید (buys): ۸ امتیاز",
        "in festival spring (Spring festival), round final: buys (Purchases) +8; by category all (Overall) +16",
        "در جشنوارهٔ بهاره (spring)، دور 1405-01: خرید (buys) ۸؛ در رشته‌ها کل (all) ۱۶",
        "effect: score in festival spring (Spring festival): buys (Purchases) +8, 8 afterwards",
        "1 record(s) on club.festival, equal byte for byte to what was worked out again",
    ):
        assert said in text, said
    assert (
        "does not count: the member was away; left at 1405-01-21"
        in played.run("member", "explain", "m-1", "/core", "away").out
    )
    assert "buys (Purchases) +2, 10 afterwards" in played.run("member", "explain", "m-1", "/core", "p2").out


def test_refunds_moves_awards_and_leaving_the_club_are_explained(played: DiskClub) -> None:
    share = explained(played, "b1")["refund"]["scores"]
    assert share == [
        {"festival": "spring", "indicator": "buys", "granted": 8, "target": 4, "before": 0, "after": 4, "frozen": []}
    ]
    behind = explained(played, "b2")
    assert behind["refund"]["scores"][0]["frozen"] == ["1405-01"]
    assert [each["type"] for each in behind["effects"]][-1] == "reward.flagged"
    assert explained(played, "j")["effects"][0]["type"] == "festival.joined"
    award = json.loads(
        award_granted("m-1", 1_777_000_000_000, "spring", "all", "1405-01", "best", "coin", 2, 1_000)
    )  # fmt: skip
    done = played.run("member", "explain", "m-1", award["source"], award["id"])
    assert "reward coin (Gold coin), for a place: place 2 of category all (Overall) of festival spring" in done.out
    played.publish(event("bye", "member.left", time(MAY, 20)))
    played.score()
    done = played.run("member", "explain", "m-1", "/core", "bye")
    assert done.code == 0, done.err


def test_a_festival_is_accounted_for_event_by_event_up_to_the_score(played: DiskClub) -> None:
    done = played.run("member", "explain", "m-1", "--festival", "spring")
    assert done.code == 0, done.err
    for said in (
        "festival spring (Spring festival) · m-1",
        "card.purchase.settled · /core early",
        "does not count: the member had not joined then",
        "not in round 1405-01: it came after the freeze",
        "does not count: the member was away; left at 1405-01-21",
        "indicator buys (Purchases): 2 of 5 points, its caps left no more",
        "شاخص خرید (buys): ۲ از ۵ امتیاز، سقف‌ها بیشتر باقی نگذاشتند",
        "in festival spring (Spring festival), round 1405-02: buys (Purchases) +2; by category all (Overall) +4",
        "پاداش سکه (coin)، برای یک جایگاه: جایگاه ۲ در رشتهٔ کل (all) جشنوارهٔ بهاره (spring)، دور",
        "in all, round final: buys (Purchases) 8; as the lane's row has it",
        "in all, round 1405-01: buys (Purchases) 6; as the lane's row has it",
    ):
        assert said in done.out, said
    found = json.loads(played.run("member", "explain", "m-1", "--festival", "spring", "--json").out)
    assert [each["id"] for each in found["events"]][:8] == ["early", "j", "p1", "p2", "b1", "l", "away", "j2"]
    assert found["rounds"] == {"final": {"buys": 8}, "1405-01": {"buys": 6}, "1405-02": {"buys": 2}}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("m-1",), ExitCode.USAGE, "name an event by its SOURCE and its ID, or a festival with --festival"),
        (("m-1", "/core"), ExitCode.USAGE, "name an event by its SOURCE and its ID"),
        (("m-1", "/core", "p1", "--festival", "spring"), ExitCode.USAGE, "one event or one festival is explained"),
        (("m-1", "--festival", "winter"), ExitCode.USAGE, "these are there: spring"),
        (("m-7", "--festival", "spring"), ExitCode.BAD_FILE, "has no record of this member"),
    ],
)
def test_mistakes_are_named(club: DiskClub, arguments: tuple[str, ...], code: int, said: str) -> None:
    club.publish(purchase("p1", time(MARCH), 400_000))
    club.score()
    done = club.run("member", "explain", *arguments)
    assert done.code == code, done.out
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_a_score_that_does_not_follow_is_found(played: DiskClub) -> None:
    record = next(each for each in played.read(topics.FESTIVAL.name) if b'"delta":8' in (each.value or b""))
    assert record.value is not None
    forged = record.value.replace(b'"delta":8', b'"delta":9')

    async def publish(broker: Broker) -> None:
        await broker.publish([OutputRecord(topics.FESTIVAL.name, record.partition, record.key, forged)])

    played.ask(publish)
    done = played.run("member", "explain", "m-1", "/core", "p1")
    assert done.code == ExitCode.BAD_FILE
    assert f"club.festival/{record.partition} offset" in done.err


@pytest.mark.parametrize("seed", [3, 6])
@pytest.mark.parametrize("live", [False, True], ids=["replay", "wall"])
def test_every_festival_of_a_nasty_stream_comes_to_its_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int, live: bool
) -> None:
    club = DiskClub(tmp_path, capsys, partitions=2).prepare(*programmes(seed, festivals=True))
    stream = [(topic, envelope) for topic, envelope in generate(seed, 150, 6, festivals=True) if topic in INPUT_MODELS]
    now = arrivals(stream)
    for begin in range(0, len(stream), 50):
        part = stream[begin : begin + 50]
        club.publish(
            *((topic, str(each.get("subject")).encode(), json.dumps(each).encode()) for topic, each in part)
        )  # fmt: skip
        if live:
            club.score(now[begin + len(part) - 1])
    if not live:
        club.score()
    members = {str(envelope.get("subject")) for _, envelope in stream}

    async def ask(broker: Broker) -> tuple[set[Counting], int]:
        seen: set[Counting] = set()
        scores = 0
        for member in sorted(members):
            found = await history(broker, Wanted(member), lambda done, of: None)
            scores += len(found.scores)
            for festival in found.versions.festivals:
                for line in statement(found, festival).lines:
                    if line.trace:
                        seen.add(line.trace.counting)
        return seen, scores

    seen, scores = club.ask(ask)
    assert Counting.COUNTS in seen
    assert scores == len(club.read(topics.FESTIVAL.name)) > 0
