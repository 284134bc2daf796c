"""What an event scored in festivals is explained: figures worked out by hand, then random streams that must add up."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from engine.activity import MemberActivity
from engine.calendar import gregorian, jalali_day
from engine.clock import Clock
from engine.explanation.events import Explanation, explain
from engine.explanation.festivals import Counting, RoundChange
from engine.explanation.rules import CapUse, Verdict
from engine.ledger.member import FESTIVAL, FestivalRow
from engine.outcome import Reason
from engine.programme.compiler import CompiledProgramme
from engine.programme.terms import CategoryTerms, FestivalTerms
from engine.programme.versions import ProgrammeVersions
from engine.rules.earning import PerStep
from engine.rules.segments import Segments
from engine.scoring import admit, decide, evolve
from schemas.contract import INPUT_MODELS
from schemas.events import Invalid, decode
from schemas.programme_file import load
from tests.engine.club import Club, DictRows, activity, at, programme, rule
from tests.simulation.seeds import seeds
from tests.simulation.workload import generate, programmes

BUY = "card.purchase.settled"
PHYSICIANS = Segments(frozenset({"physician"}))


def festival(id: str = "f", **more: Any) -> FestivalTerms:
    """A festival of two months that counts purchases."""
    buys = rule("buys", BUY, PerStep(1, 1_000), caps={"day": 50})
    categories = (CategoryTerms("all", {}, {"buys": 2}),)
    return FestivalTerms(id, {}, at(1400, 1, 1, 0), at(1400, 3, 1, 0), (buys,), categories, **more)


def club_of(*festivals: FestivalTerms, **more: Any) -> Club:
    return Club(programme(festivals=festivals, **more))


def explained(club: Club, type: str, time: int, id: str = "x", **data: Any) -> Explanation:
    """The explanation of an event that then happens."""
    event = activity(type, time, id, **data)
    found = explain(club.rows, event, club.versions, club.clock)
    club.offer(event)
    return found


def bought(club: Club, amount: int, time: int, id: str = "x", **data: Any) -> Explanation:
    return explained(club, BUY, time, id, amount=amount, **{"mcc": "5411", "channel": "pos", **data})


def refunded(club: Club, original: str, amount: int, time: int, id: str) -> Explanation:
    return explained(club, "card.purchase.refunded", time, id, original=original, amount=amount, reason="refund")


def test_what_each_indicator_gave_and_what_became_of_rounds_and_categories() -> None:
    club = club_of(festival())
    club.buy(30_000, at(1400, 1, 2))
    found = bought(club, 40_000, at(1400, 1, 2))
    (trace,) = found.festivals
    assert (trace.counting, trace.frozen) == (Counting.COUNTS, ())
    assert (trace.traces[0].verdict, trace.traces[0].desired, trace.traces[0].granted) == (Verdict.PAID, 40, 20)
    assert trace.traces[0].caps == (CapUse("day", 50, 30, 20),)
    assert found.rounds == (
        RoundChange("f", "final", {"buys": 20}, {"all": 40}), RoundChange("f", "1400-01", {"buys": 20}, {"all": 40}),
    )  # fmt: skip
    assert bought(club, 40_000, at(1400, 1, 2), "y").festivals[0].traces[0].verdict is Verdict.CAPPED


def test_why_an_event_did_not_count() -> None:
    club = club_of(
        festival("past", opt_in=True), festival("doctors", audience=(PHYSICIANS,)), festival("open"),
        FestivalTerms("later", {}, at(1400, 5, 1, 0), at(1400, 6, 1, 0), festival().indicators, ()),
    )  # fmt: skip
    club.event("member.festival.joined", at(1400, 1, 10), festival="past")
    club.event("member.festival.left", at(1400, 1, 20), festival="past")
    club.event("member.festival.left", at(1400, 1, 15), festival="open")
    early, between, away = (bought(club, 9_000, at(1400, 1, day), f"p{day}") for day in (5, 12, 25))
    assert [each.counting for each in early.festivals] == [
        Counting.NOT_JOINED, Counting.NOT_IN_AUDIENCE, Counting.COUNTS, Counting.OUTSIDE_WINDOW,
    ]  # fmt: skip
    assert early.festivals[0].move == (at(1400, 1, 10), True)
    assert between.festivals[0].counting is Counting.COUNTS
    assert [each.counting for each in away.festivals][::2] == [Counting.AWAY, Counting.AWAY]
    assert away.festivals[0].move == (at(1400, 1, 20), False)
    club.event("member.left", at(1400, 1, 26))
    assert {each.counting for each in bought(club, 9_000, at(1400, 1, 27), "z").festivals} == {Counting.LEFT}


def test_an_excluded_mcc_counts_nowhere() -> None:
    club = club_of(festival(), excluded_mcc=frozenset({"6011"}))
    (trace,) = bought(club, 9_000, at(1400, 1, 2), mcc="6011").festivals
    assert (trace.counting, trace.traces) == (Counting.EXCLUDED_MCC, ())


def test_after_the_freeze_of_a_month_only_the_whole_follows_and_after_its_own_nothing() -> None:
    club = club_of(festival())
    club.buy(40_000, at(1400, 1, 2), "p")
    club.clock = club.clock._replace(frozen=frozenset({"f/1400-01"}))
    late = bought(club, 10_000, at(1400, 1, 3))
    assert late.festivals[0].frozen == ("1400-01",)
    assert late.rounds == (RoundChange("f", "final", {"buys": 10}, {"all": 20}),)
    refund = refunded(club, "p", 10_000, at(1400, 2, 3), "r1")
    assert refund.share is not None
    assert tuple(refund.share.scores[0]) == ("f", "buys", 40, 10, 0, 10, ("1400-01",))
    assert refund.rounds == (RoundChange("f", "final", {"buys": -10}, {"all": -20}),)
    club.clock = club.clock._replace(frozen=frozenset({"f/1400-01", "f/final"}))
    assert bought(club, 10_000, at(1400, 1, 4), "y").festivals[0].counting is Counting.FROZEN
    refund = refunded(club, "p", 30_000, at(1400, 3, 3), "r2")
    assert refund.share is not None
    assert tuple(refund.share.scores[0]) == ("f", "buys", 40, 40, 10, 10, ("final", "1400-01"))
    assert refund.rounds == ()


def test_a_balance_that_counts_no_more_is_taken_back() -> None:
    saves = rule("saves", "deposit.balance.recorded", PerStep(1, 1_000, of="balance"))
    terms = FestivalTerms("f", {}, at(1400, 1, 1, 0), at(1400, 3, 1, 0), (saves,), (), audience=(PHYSICIANS,))
    club = club_of(terms)
    club.event("member.profile.changed", at(1400, 1, 1), segments=["physician"])
    club.balance("a", at(1400, 1, 5), 6_000)
    club.event("member.profile.changed", at(1400, 1, 6), segments=["staff"])
    event = activity(
        "deposit.balance.recorded", at(1400, 1, 7), "up", account="a", product="short_term",
        date=gregorian(jalali_day(1400, 1, 5)), balance=9_000, revision=1,
    )  # fmt: skip
    (trace,) = explain(club.rows, event, club.versions, club.clock).festivals
    assert trace.counting is Counting.NOT_IN_AUDIENCE
    assert (trace.traces[0].verdict, trace.traces[0].granted) == (Verdict.TAKEN_BACK, -6)


def test_a_refund_of_what_has_no_amount_changes_nothing_and_is_explained() -> None:
    installed = rule("installed", "ebanking.service.activated")
    club = Club(programme(installed))
    club.event("ebanking.service.activated", at(1400, 1, 1), "s", service="mobile_bank")
    found = explained(club, "ebanking.payment.reversed", at(1400, 1, 2), original="s", amount=5)
    assert (found.reason, found.own) == (Reason.NOTHING_TO_REVERSE, ())
    assert found.share is not None
    assert (found.share.amount, found.share.reversals) == (None, ())


@pytest.mark.parametrize("seed", seeds(0.5))
def test_every_score_of_a_random_stream_adds_up(seed: int) -> None:
    _add_up(seed)


def test_some_of_the_random_events_count() -> None:
    assert sum(_add_up(seed)[Counting.COUNTS] for seed in range(6)) > 100


def _add_up(seed: int) -> Counter[Counting]:
    """How often what was said. `explain` itself compares its traces with the decision's scores; the rounds must come to
    the rows."""
    texts = programmes(seed, festivals=True)
    versions = ProgrammeVersions(CompiledProgramme(load(text, "programme")) for text in texts)
    members: dict[str, DictRows] = defaultdict(DictRows)
    told: Counter[tuple[str, str, str]] = Counter()
    seen: Counter[Counting] = Counter()
    clock = Clock()
    for event in _decoded(seed):
        rows = members[event.member]
        if admit(rows, event, clock) is not None:
            continue
        found = explain(rows, event, versions, clock)
        seen.update(each.counting for each in found.festivals)
        for change in found.rounds:
            if change.round == "final":
                told.update({(event.member, change.festival, id): by for id, by in change.indicators.items()})
        evolve(rows.values, decide(rows, event, versions, clock))
    held: Counter[tuple[str, str, str]] = Counter()
    for member, rows in members.items():
        for key, row in rows.values.items():
            if key.startswith(FESTIVAL):
                assert isinstance(row, FestivalRow)
                held.update({(member, key[1:].decode(), id): score for id, score in row.whole.indicators.items()})
    assert +told == +held
    assert -told == -held
    return seen


def _decoded(seed: int) -> Iterator[MemberActivity]:
    for topic, envelope in generate(seed, festivals=True):
        if topic in INPUT_MODELS:
            with suppress(Invalid):
                yield decode(topic, str(envelope.get("subject")).encode(), json.dumps(envelope).encode())
