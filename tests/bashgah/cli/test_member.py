"""`bashgah member show|explain|export` as people run them, on what lanes have written."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from agents.broker.interface import Broker
from agents.process.exit_codes import ExitCode
from bashgah.audit.member_history import Wanted, history
from bashgah.cli.main import main
from bashgah.cli.text.names import HIDDEN_NAME
from engine.calendar import to_ms
from engine.explanation.rules import Verdict
from engine.outcome import Outcome
from engine.words import number
from monitoring.safe_text import plain_lines
from schemas import topics
from schemas.contract import INPUT_MODELS
from schemas.records import OutputRecord
from tests.bashgah.cli.club import RULES, DiskClub, event, purchase
from tests.simulation.workload import arrivals, generate, programmes

LIVING = (
    RULES
    + """\
points: {pending: {days: 2}, expiry: {months: 12, round_up: month}}
tiers:
  window: year
  levels: [{id: blue, from: 0}, {id: gold, from: 1_000}]
"""
)
SPRING = "2026-04-16T10:00:00+03:30"  # 1405-01-27, behind the festive days
NEXT_DAY = "2026-04-17T10:00:00+03:30"
DAYS_LATER = "2026-04-20T10:00:00+03:30"


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> DiskClub:
    monkeypatch.setenv("COLUMNS", "200")
    return DiskClub(tmp_path, capsys).prepare(LIVING)


def registered(member: str = "m-1") -> dict[str, Any]:
    return event(
        f"r-{member}", "member.registered", "2026-04-16T09:00:00+03:30", member, channel="web", alias="سارا",
        segments=["physician"], consents={"sms": True, "email": False},
    )  # fmt: skip


def refund(id: str, original: str, amount: int, time: str = NEXT_DAY) -> dict[str, Any]:
    return event(id, "card.purchase.refunded", time, original=original, amount=amount, reason="refund")


def explained(club: DiskClub, id: str, member: str = "m-1") -> dict[str, Any]:
    done = club.run("member", "explain", member, "/core", id, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_a_member_is_shown(club: DiskClub) -> None:
    club.publish(registered(), purchase("p1", SPRING, 400_000), purchase("p2", DAYS_LATER, 200_000))
    club.publish(purchase("other", SPRING, 900_000, "m-2"))
    club.score()
    done = club.run("member", "show", "m-1")
    assert done.code == 0, done.err
    for said in (
        f"m-1 · lane {club.lane_of('m-1')}",
        "status: registered",
        "وضعیت: عضو ثبت‌نام‌کرده",
        "tier: blue",
        "alias: سارا",
        "consents: email no, sms yes",
        "balance: active 6, pending 3, held 0, debt 0; spendable 6",
        "مانده: فعال ۶، در انتظار ۳",
        "6 active since 1405-01-29 (2026-04-18), last day 1406-01-31 (2027-04-20)",
        "3 pending, active from 1405-02-02 (2026-04-22)",
        "(2026-04-20) 10:00:00 · accrued 3 (pending) · card (Card purchase) · active afterwards 6 · /core p2",
        "کسب ۳ (در انتظار) · خرید با کارت (card) · فعال پس از آن ۶ · /core p2",
        f"m-1 · خط پردازش {number(club.lane_of('m-1')).fa}",
    ):
        assert said in done.out
    assert "other" not in done.out
    one = json.loads(club.run("member", "show", "m-1", "--json", "--postings", "1").out)
    assert one["balance"] == {"active": 6, "pending": 3, "held": 0, "debt": 0, "spendable": 6}
    assert one["lots"] == [{"points": 6, "activation": "2026-04-18", "last_day": "2027-04-20"}]
    assert [each["data"]["activity"]["id"] for each in one["postings"]] == ["p2"]


def test_nothing_that_was_published_of_a_member_is_obeyed_by_a_terminal(
    club: DiskClub, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "\x1b]52;c;aGk=\x07\u202e\r\nstatus: rich"
    told = event("r", "member.registered", "2026-04-16T09:00:00+03:30", channel="web", province=evil, segments=[evil])
    told["data"]["alias"] = evil
    club.publish(told, purchase("p\x1b[2J\n", SPRING, 400_000))
    monkeypatch.setattr("agents.scoring.processor.CURRENT", 0)  # a row of the release that had no rule for names
    club.score()
    monkeypatch.undo()
    done = club.run("member", "show", "m-1")
    assert done.code == 0, done.err
    assert plain_lines(done.out) == done.out
    assert f"alias: {HIDDEN_NAME}" in done.out
    assert "province: \\u001b]52;c;aGk=\\u0007\\u202e\\u000d\\u000astatus: rich" in done.out
    assert not [line for line in done.out.splitlines() if line.startswith("status: rich")]
    exact = club.run("member", "show", "m-1", "--json").out
    assert plain_lines(exact) == exact
    assert json.loads(exact)["alias"] == json.loads(exact)["province"] == evil
    explained_so = club.run("member", "explain", "m-1", "/core", "p\x1b[2J\n").out
    assert "p\\u001b[2J" in explained_so
    assert plain_lines(explained_so) == explained_so


def test_an_erased_member_shows_totals_only(club: DiskClub) -> None:
    club.publish(registered(), purchase("p1", SPRING, 400_000), event("e", "member.erased", NEXT_DAY))
    club.score()
    done = club.run("member", "show", "m-۱", "--postings", "0")
    assert "status: erased" in done.out
    assert "issued 6, taken back 0, expired 6" in done.out
    assert "سارا" not in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "m-9"), ExitCode.BAD_FILE, "knows no such member"),
        (("show", "سارا"), ExitCode.USAGE, "is no reference"),
        (("explain", "m-1", "/core", "p9"), ExitCode.BAD_FILE, "/core p9 is not among the records of m-1"),
        (("export", "missing/members.csv"), ExitCode.NO_FILE, "its folder is not there"),
    ],
)
def test_mistakes_are_named(club: DiskClub, arguments: tuple[str, ...], code: int, said: str) -> None:
    club.publish(purchase("p1", SPRING, 400_000))
    club.score()
    done = club.run("member", *arguments)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err


def test_before_any_lane_has_run_there_is_no_member(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = DiskClub(tmp_path, capsys).run("member", "show", "m-1")
    assert done.code == ExitCode.BAD_SETTING
    assert "bashgah topics create" in done.err


@pytest.mark.parametrize("now", [None, to_ms(dt.datetime.fromisoformat(DAYS_LATER))])
def test_every_rule_that_looked_is_explained(club: DiskClub, now: int | None) -> None:
    club.publish(
        registered(),
        purchase("p1", SPRING, 1_000_000),
        purchase("p2", SPRING, 1_510_000),
        purchase("other", SPRING, 2_000_000, "m-2"),
        purchase("small", NEXT_DAY, 49_000),
    )
    club.score(now)
    found = explained(club, "p2")
    (occurrence,) = found["occurrences"]
    assert occurrence["outcome"] == "scored"
    card, grocery = occurrence["explanation"]["rules"]
    assert (card["verdict"], card["base"], card["desired"], card["granted"]) == (
        "paid", {"numerator": 15, "denominator": 1}, 23, 15,
    )  # fmt: skip
    assert [(each["id"], each["applied"]) for each in card["multipliers"]] == [("registered", True), ("nowruz", False)]
    assert card["caps"] == [
        {"period": "transaction", "cap": 20, "used": 0, "left": 20},
        {"period": "day", "cap": 30, "used": 15, "left": 15},
    ]
    assert grocery["failed"] == [{"field": "channel", "found": "pos", "wanted": "one of web", "missing": None}]
    assert [each["data"]["points"] for each in found["postings"]] == [15]
    text = club.run("member", "explain", "m-1", "/core", "p2").out
    for said in (
        "rule card (Card purchase): 15 points (pays)",
        "effect: accrued 15 (pending) · card (Card purchase) · last day 1406-01-31 (2027-04-20)",
        "نتیجه: کسب ۱۵ (در انتظار) · خرید با کارت (card) · آخرین روز ۱۴۰۶-۰۱-۳۱ (2027-04-20)",
        "قاعدهٔ خرید با کارت (card): ۱۵ امتیاز (امتیاز می‌دهد)",
        "⌊1,510,000 / 100,000⌋ = 15 × registered 1.5 = 22.5, rounded half up → 23 points; "
        "nowruz does not apply (wants from 1405-01-01 before 1405-01-14, found",
        "cap of the day: 15 of 30 used before, leaves 15",
        "rule grocery (Grocery): its conditions do not hold",
        "wants channel web, found pos",
        "1 posting(s) on club.points, equal byte for byte to what was worked out again",
    ):
        assert said in text
    small = explained(club, "small")["occurrences"][0]["explanation"]["rules"][0]
    assert small["failed"] == [{"field": "amount", "found": 49_000, "wanted": "50000..", "missing": 1_000}]
    assert "amount misses by 1,000" in club.run("member", "explain", "m-1", "/core", "small").out


def test_a_refund_tells_its_share_and_one_that_came_ahead_its_later_postings(club: DiskClub) -> None:
    club.publish(purchase("p1", SPRING, 1_000_000), refund("b1", "p1", 250_000), refund("early", "p2", 100_000))
    club.score()
    share = explained(club, "b1")["occurrences"][0]["explanation"]["refund"]
    assert (share["amount"], share["before"], share["after"]) == (1_000_000, 0, 250_000)
    told = club.run("member", "explain", "m-1", "/core", "b1").out
    assert (
        "3 of 10 points belong to that share (10 × 250,000 / 1,000,000, rounded half up), 0 taken back before" in told
    )
    assert "سهم برگشت ۳ از ۱۰ امتیاز (۱۰ × ۲۵۰٬۰۰۰ / ۱٬۰۰۰٬۰۰۰، نیم به بالا گرد شده)" in told
    assert share["reversals"] == [
        {"rule": "card", "granted": 10, "target": 3, "before": 0, "after": 3, "forgiven": 0, "owed": 0}
    ]
    parked = explained(club, "early")
    assert (parked["occurrences"][0]["outcome"], parked["postings"]) == ("parked", [])
    club.publish(purchase("p2", NEXT_DAY, 200_000))
    club.score()
    assert [each["data"]["points"] for each in explained(club, "early")["postings"]] == [-1]
    bought = explained(club, "p2")
    assert [each["cause"]["id"] for each in bought["occurrences"][0]["explanation"]["after"]] == ["early"]
    assert [each["data"]["points"] for each in bought["postings"]] == [2]


def test_duplicates_dead_letters_and_what_waits_say_so(club: DiskClub) -> None:
    club.publish(
        purchase("p1", SPRING, 400_000),
        purchase("p1", SPRING, 400_000),
        purchase("p1", SPRING, 500_000),
        purchase("bad", SPRING, "much"),
        event("not", "member.points.transferred", SPRING, to="m-2", points=5, reason="gift", operator="o"),
    )
    club.score()
    club.publish(purchase("p1", SPRING, 400_000))
    found = explained(club, "p1")
    assert [(each["outcome"], each["reason"]) for each in found["occurrences"]] == [
        ("scored", None), ("duplicate", None), ("dead_letter", "conflicting_duplicate"),
    ]  # fmt: skip
    assert found["waiting"] == [{"topic": "bank.card", "partition": club.lane_of("m-1"), "offset": 4}]
    text = club.run("member", "explain", "m-1", "/core", "p1").out
    assert "a duplicate, ignored" in text
    assert "published, the lane has not come to it yet" in text
    bad = explained(club, "bad")["occurrences"][0]
    assert (bad["outcome"], bad["reason"]) == ("dead_letter", "invalid")
    assert bad["detail"].startswith("$.data.amount")
    assert explained(club, "not")["occurrences"][0]["outcome"] == "not_executed"


def test_a_posting_that_does_not_follow_is_found(club: DiskClub) -> None:
    club.publish(purchase("p1", SPRING, 400_000))
    club.score()
    (posting,) = club.read(topics.POINTS.name)[:1]
    assert posting.value is not None
    forged = posting.value.replace(b'"points":4', b'"points":9')
    assert forged != posting.value

    async def publish(broker: Broker) -> None:
        await broker.publish([OutputRecord(topics.POINTS.name, posting.partition, posting.key, forged)])

    club.ask(publish)
    done = club.run("member", "explain", "m-1", "/core", "p1")
    assert done.code == ExitCode.BAD_FILE
    assert f"club.points/{posting.partition} offset" in done.err
    assert "bashgah verify" in done.err


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("live", [False, True], ids=["replay", "wall"])
def test_every_event_of_a_nasty_stream_is_explained_as_it_was_posted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int, live: bool
) -> None:
    club = DiskClub(tmp_path, capsys, partitions=2).prepare(*programmes(seed))
    stream = [(topic, envelope) for topic, envelope in generate(seed, 90) if topic in INPUT_MODELS]
    now = arrivals(stream)
    for begin in range(0, len(stream), 30):
        part = stream[begin : begin + 30]
        club.publish(
            *(
                (topic, str(envelope.get("subject")).encode(), json.dumps(envelope, ensure_ascii=False).encode())
                for topic, envelope in part
            )
        )
        if live:
            club.score(now[begin + len(part) - 1])
    if not live:
        club.score()
    asked = {(str(e.get("subject")), str(e.get("source")), str(e.get("id"))) for _, e in stream}

    async def ask(broker: Broker) -> tuple[int, int, set[Verdict]]:
        taken = postings = 0
        verdicts: set[Verdict] = set()
        for each in sorted(asked):
            found = await history(broker, Wanted(*each), lambda done, of: None)
            taken += len(found.occurrences)
            postings += len(found.postings)
            for occurrence in found.occurrences:
                assert (occurrence.explanation is None) == (
                    occurrence.outcome in (Outcome.DUPLICATE, Outcome.DEAD_LETTER)
                )
                if occurrence.explanation is not None:
                    verdicts.update(trace.verdict for trace in occurrence.explanation.traces)
        return taken, postings, verdicts

    taken, postings, verdicts = club.ask(ask)
    assert taken == len(stream)
    assert {Verdict.PAID, Verdict.CONDITIONS} <= verdicts
    caused = [json.loads(record.value or b"")["data"]["activity"]["source"] for record in club.read(topics.POINTS.name)]
    assert postings == sum(source != "clock" for source in caused) > 0


@pytest.mark.parametrize("partitions", [1, 4])
def test_the_export_is_what_score_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], partitions: int
) -> None:  # fmt: skip
    events = [registered(f"m-{n}") for n in range(0, 12, 3)]
    events += [purchase(f"p{n}", (SPRING, DAYS_LATER)[n % 2], 100_000 * n, f"m-{n % 12}") for n in range(1, 40)]
    recorded, programme = tmp_path / "recorded", tmp_path / "club.yaml"
    recorded.mkdir()
    programme.write_text(LIVING, "utf-8")
    for name, kind in (("member", "member."), ("card", "card.")):
        chosen = sorted((each for each in events if each["type"].startswith(kind)), key=lambda each: str(each["time"]))
        (recorded / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in chosen), "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["score", "--programme", str(programme), "--events", str(recorded), "--out", str(tmp_path / "out")])
    assert not ended.value.code
    club = DiskClub(tmp_path, capsys, partitions).prepare(LIVING)
    club.publish(*sorted(events, key=lambda each: str(each["time"])))
    club.score()
    table = tmp_path / "members.csv"
    done = club.run("member", "export", table)
    assert done.code == 0, done.err
    assert "12 members written" in done.out
    assert table.read_bytes() == (tmp_path / "out" / "members.csv").read_bytes()
    assert table.read_text("utf-8").splitlines()[1].startswith("m-0,true,blue,")
