"""Explanations of single events, with figures worked out by hand; then every event of random streams must add up."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from engine.activity import MemberActivity
from engine.calendar import day_of, gregorian
from engine.clock import Clock
from engine.explanation.events import Explanation, explain
from engine.explanation.rules import CapUse, Verdict
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme
from engine.programme.terms import Points, Reward, Threshold
from engine.programme.versions import ProgrammeVersions
from engine.rules.between import Between
from engine.rules.earning import Fixed, PerRial, PerStep
from engine.rules.one_of import OneOf
from engine.rules.registered import RegisteredOnly
from engine.rules.weekday import Weekday
from engine.scoring import admit, decide, evolve
from engine.units import Ratio
from schemas.contract import INPUT_MODELS
from schemas.events import Invalid, decode
from schemas.programme_file import load
from tests.engine.club import PURCHASE, Club, DictRows, activity, at, programme, rule, times
from tests.simulation.seeds import seeds
from tests.simulation.workload import generate, programmes

BUY = "card.purchase.settled"


def explained(club: Club, type: str, time: int, id: str = "x", **data: Any) -> Explanation:
    """The explanation of an event that then happens."""
    event = activity(type, time, id, **data)
    found = explain(club.rows, event, club.versions, club.clock)
    club.offer(event)
    return found


def bought(club: Club, amount: int, time: int, id: str = "x", **data: Any) -> Explanation:
    return explained(club, BUY, time, id, amount=amount, **{"mcc": "5411", "channel": "pos", **data})


def test_what_each_cap_left_and_how_much_of_it_was_used() -> None:
    club = Club(programme(rule("r", BUY, PerStep(1, 1_000), caps={"transaction": 50, "day": 70, "month": 100})))
    club.buy(60_000, at(1400, 1, 2))
    (trace,) = bought(club, 60_000, at(1400, 1, 2)).traces
    assert (trace.verdict, trace.desired, trace.granted) == (Verdict.PAID, 60, 20)
    assert trace.caps == (CapUse("transaction", 50, 0, 50), CapUse("day", 70, 50, 20), CapUse("month", 100, 50, 20))
    (trace,) = bought(club, 60_000, at(1400, 1, 2), "y").traces
    assert (trace.verdict, trace.granted, trace.caps[1]) == (Verdict.CAPPED, 0, CapUse("day", 70, 70, 0))


def test_wide_caps_are_counted_over_weeks_years_and_versions() -> None:
    capped = rule("r", BUY, Fixed(40), caps={"week": 90, "year": 130, "programme": 150})
    club = Club(programme(rule("r", BUY, Fixed(40))), programme(capped, version=2, effective=at(1400, 1, 10, 0)))
    club.buy(1, at(1400, 1, 5))
    club.buy(1, at(1400, 1, 29))
    (trace,) = bought(club, 1, at(1400, 1, 30)).traces
    assert trace.caps == (CapUse("week", 90, 40, 40), CapUse("year", 130, 80, 40), CapUse("programme", 150, 80, 40))
    (trace,) = bought(club, 1, at(1400, 2, 1), "y").traces
    assert trace.caps[0] == CapUse("week", 90, 80, 10)
    assert trace.granted == 10


def test_conditions_that_failed_and_by_how_much() -> None:
    both = rule("r", BUY, Fixed(1), Between("amount", 50_000, None), OneOf("channel", frozenset({"web", "app"})))
    found = bought(Club(programme(both, rule("other", "ebanking.bill.paid"))), 49_000, at(1400, 1, 5))
    (trace,) = found.traces
    assert (found.outcome, found.reason) == (Outcome.NO_POINTS, Reason.CONDITIONS)
    assert trace.verdict is Verdict.CONDITIONS
    assert [tuple(failed.failure) for failed in trace.failed] == [
        ("amount", 49_000, "50000..", 1_000),
        ("channel", "pos", "one of app, web", None),
    ]


def test_multipliers_that_applied_and_that_did_not() -> None:
    half, again, off = times("a", "1.5"), times("b", "1.1", Weekday(frozenset({5}))), times("c", "9", RegisteredOnly())
    other = times("d", "2", rules=frozenset({"another"}))
    club = Club(programme(rule("r", BUY, PerStep(1, 100_000)), multipliers=(half, again, off, other)))
    (trace,) = bought(club, 300_000, at(1400, 1, 5)).traces  # 1400-01-05 was a Thursday
    assert [(factor.multiplier.id, bool(factor.failed)) for factor in trace.multipliers] == [
        ("a", False), ("b", False), ("c", True),
    ]  # fmt: skip
    assert (trace.base, trace.desired, trace.granted) == (Ratio(3, 1), 5, 5)


def test_rounding_an_absent_field_and_a_mark_that_is_used_up() -> None:
    small = rule("small", BUY, PerRial(Ratio(1, 500_000)))
    absent, once = rule("absent", BUY, PerStep(1, 1, of="balance")), rule("once", BUY, Fixed(7), once=True)
    club = Club(programme(small, absent, once))
    club.buy(100_000, at(1400, 1, 1))
    verdicts = {trace.rule.id: trace.verdict for trace in bought(club, 100_000, at(1400, 1, 2)).traces}
    assert verdicts == {
        "small": Verdict.ROUNDED_TO_NOTHING, "absent": Verdict.NO_FIELD, "once": Verdict.PAID_ONCE,
    }  # fmt: skip


def test_a_rule_outbid_names_its_rival() -> None:
    rules = (
        rule("b", BUY, Fixed(10), exclusive="g"), rule("a", BUY, Fixed(10), exclusive="g"),
        rule("c", BUY, Fixed(9), exclusive="g"), rule("d", BUY, Fixed(1)),
    )  # fmt: skip
    traces = bought(Club(programme(*rules)), 1, at(1400, 1, 5)).traces
    assert [(trace.rule.id, trace.granted, trace.rival) for trace in traces] == [
        ("b", 0, "a"), ("a", 10, None), ("c", 0, "a"), ("d", 1, None),
    ]  # fmt: skip
    assert traces[0].verdict is traces[2].verdict is Verdict.OUTBID


@pytest.mark.parametrize(("mcc", "left", "reason"), [("6011", False, "excluded_mcc"), ("5411", True, "left")])
def test_what_shuts_an_event_out_lets_no_rule_look(mcc: str, left: bool, reason: str) -> None:
    club = Club(programme(PURCHASE, excluded_mcc=frozenset({"6011"})))
    if left:
        club.event("member.left", at(1400, 1, 1))
    found = bought(club, 1_000_000, at(1400, 1, 2), mcc=mcc)
    assert (found.traces, found.reason.value) == ((), reason)


def test_a_registration_is_known_to_the_rules_that_reward_it() -> None:
    club = Club(programme(rule("welcome", "member.registered", Fixed(50), RegisteredOnly(), once=True)))
    (trace,) = explained(club, "member.registered", at(1400, 1, 1)).traces
    assert trace.granted == 50


def test_a_revision_up_passes_the_caps_and_down_is_taken_back() -> None:
    earns = rule("r", "deposit.balance.recorded", PerStep(1, 1_000, of="balance"), caps={"transaction": 8, "day": 9})
    club = Club(programme(earns))
    day = at(1400, 1, 5)
    club.balance("a", day, 6_000)
    up = activity("deposit.balance.recorded", day, "up", **_balance(day, 10_000, 1))
    (trace,) = explain(club.rows, up, club.versions, club.clock).traces
    assert (trace.verdict, trace.desired, trace.given, trace.granted) == (Verdict.PAID, 10, 6, 2)
    assert trace.caps == (CapUse("transaction", 8, 6, 2), CapUse("day", 9, 6, 2))
    down = activity("deposit.balance.recorded", day, "down", **_balance(day, 1_000, 1))
    (trace,) = explain(club.rows, down, club.versions, club.clock).traces
    assert (trace.verdict, trace.given, trace.granted) == (Verdict.TAKEN_BACK, 6, -5)
    same = activity("deposit.balance.recorded", day, "same", **_balance(day, 6_500, 1))
    assert explain(club.rows, same, club.versions, club.clock).traces[0].verdict is Verdict.UNCHANGED
    old = activity("deposit.balance.recorded", day, "old", **_balance(day, 9_000, 0))
    found = explain(club.rows, old, club.versions, club.clock)
    assert (found.traces, found.reason) == ((), Reason.OLD_REVISION)


def _balance(day: int, balance: int, revision: int) -> dict[str, Any]:
    date = gregorian(day_of(day))
    return {
        "account": "a", "product": "short_term", "date": date, "balance": balance, "minimum": None,
        "revision": revision,
    }  # fmt: skip


def test_the_refunded_share_of_each_grant() -> None:
    club = Club(programme(PURCHASE, rule("fixed", BUY, Fixed(5)), points=Points(pending_days=7)))
    club.buy(1_000_000, at(1400, 1, 1), "p")
    club.refund("p", 250_000, at(1400, 1, 2))
    found = explained(
        club, "card.purchase.refunded", at(1400, 1, 3), original="p", amount=250_000, reason="refund"
    )  # fmt: skip
    assert found.share is not None
    assert found.share[:4] == ("p", 1_000_000, 250_000, 500_000)
    assert [tuple(each) for each in found.share.reversals] == [
        ("purchase", 10, 5, 3, 5, 0, 0),
        ("fixed", 5, 3, 1, 3, 0, 0),
    ]
    assert found.traces == ()


def test_what_was_due_before_and_what_came_ahead_are_kept_apart() -> None:
    club = Club(programme(PURCHASE, points=Points(pending_days=1)))
    club.buy(1_000_000, at(1400, 1, 1))
    club.refund("p", 100_000, at(1400, 1, 1))
    found = bought(club, 200_000, at(1400, 1, 5), "p")
    assert [getattr(e, "type", None) for e in found.ahead] == ["points.activated"]
    assert [(e.cause.id, getattr(e, "points", None)) for e in found.behind] == [("e2", -1)]
    assert [(e.cause.id, getattr(e, "points", None)) for e in found.own] == [("p", 2)]


def test_a_threshold_that_it_reaches_is_among_its_effects_and_in_no_rule() -> None:
    gift = {"gift": Reward("gift", {"fa": "هدیه"}, "points", points=3)}
    club = Club(programme(PURCHASE, rewards=gift, thresholds=(Threshold("t", 10, "gift"),)))
    found = bought(club, 1_000_000, at(1400, 1, 1))
    assert [trace.granted for trace in found.traces] == [10]
    assert [getattr(e, "rule", None) for e in found.own] == ["purchase", None, "reward:gift"]


def test_a_parked_refund_and_a_time_without_a_programme_explain_themselves() -> None:
    club = Club(programme(PURCHASE))
    parked = explained(
        club, "card.purchase.refunded", at(1400, 1, 3), original="p", amount=1, reason="refund"
    )  # fmt: skip
    assert (parked.outcome, parked.share) == (Outcome.PARKED, None)
    early = bought(club, 1_000_000, at(1399, 1, 1), "y")
    assert (early.outcome, early.version, early.traces) == (Outcome.NO_PROGRAMME, None, ())


@pytest.mark.parametrize("seed", seeds(0.5))
def test_every_event_of_a_random_stream_adds_up(seed: int) -> None:
    """`explain` itself compares its traces with the decision's postings."""
    versions = ProgrammeVersions(CompiledProgramme(load(text, "programme")) for text in programmes(seed))
    members: dict[str, DictRows] = defaultdict(DictRows)
    verdicts: Counter[Verdict] = Counter()
    clock = Clock()
    for event in _decoded(seed):
        rows = members[event.member]
        if admit(rows, event, clock) is not None:
            continue
        found = explain(rows, event, versions, clock)
        decision = decide(rows, event, versions, clock)
        assert (found.outcome, found.reason) == (decision.outcome, decision.reason)
        assert sorted(map(repr, (*found.ahead, *found.own, *found.behind))) == sorted(map(repr, decision.effects))
        verdicts.update(trace.verdict for trace in found.traces)
        evolve(rows.values, decision)
    assert verdicts[Verdict.PAID] > 0
    assert verdicts[Verdict.CONDITIONS] > 0


def _decoded(seed: int) -> Iterator[MemberActivity]:
    for topic, envelope in generate(seed):
        if topic in INPUT_MODELS:
            with suppress(Invalid):
                yield decode(topic, str(envelope.get("subject")).encode(), json.dumps(envelope).encode())
