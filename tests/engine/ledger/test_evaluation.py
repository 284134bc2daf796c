"""Eligibility, base, multipliers, rounding, exclusive groups, caps, once; each with figures worked out by hand."""

from decimal import Decimal

import pytest

from engine.calendar import TimesOfDay
from engine.outcome import Outcome, Reason
from engine.rules.between import Between
from engine.rules.dates import Dates
from engine.rules.earning import Fixed, PerRial, PerStep
from engine.rules.hours import Hours
from engine.rules.one_of import OneOf
from engine.rules.registered import RegisteredOnly
from engine.rules.tier import TierLevels
from engine.rules.weekday import Weekday
from engine.units import Ratio
from tests.engine.club import PURCHASE, Club, at, programme, rule, times

BUY = "card.purchase.settled"


def earned(*rules, amount=1_000_000, time=at(1400, 1, 5), **more):  # type: ignore[no-untyped-def]
    club = Club(programme(*rules, **more))
    decision = club.buy(amount, time)
    club.check()
    return [(p.rule, p.points) for p in club.effects], decision


@pytest.mark.parametrize(("amount", "points"), [(99_999, 0), (100_000, 1), (199_999, 1), (10**15, 10**10)], ids=str)
def test_every_full_step_earns(amount: int, points: int) -> None:
    effects, decision = earned(PURCHASE, amount=amount)
    assert effects == ([("purchase", points)] if points else [])
    assert decision.outcome == (Outcome.SCORED if points else Outcome.NO_POINTS)


@pytest.mark.parametrize(("amount", "points"), [(249_999, 0), (250_000, 1), (749_999, 1), (750_000, 2)])
def test_an_exact_rate_is_rounded_half_up_once(amount: int, points: int) -> None:
    effects, _ = earned(rule("r", BUY, PerRial(Ratio.of(Decimal("0.000002")))), amount=amount)
    assert effects == ([("r", points)] if points else [])


def test_multipliers_multiply_one_another_before_the_rounding() -> None:
    rules = (rule("r", BUY, PerStep(1, 100_000)),)
    half, again, off = times("a", "1.5"), times("b", "1.1"), times("c", "9", RegisteredOnly())
    effects, _ = earned(*rules, amount=300_000, multipliers=(half, again, off))
    assert effects == [("r", 5)]  # 3 x 1.5 x 1.1 = 4.95


def test_caps_cut_in_every_period_and_keep_what_was_desired() -> None:
    club = Club(programme(rule("r", BUY, PerStep(1, 1_000), caps={"transaction": 50, "day": 70, "month": 100})))
    for day, wanted in [(1, 50), (1, 20), (1, 0), (2, 30), (3, 0)]:
        before = len(club.effects)
        decision = club.buy(60_000, at(1400, 1, day))
        assert sum(p.points for p in club.effects[before:]) == wanted
        if not wanted:
            assert (decision.outcome, decision.reason) == (Outcome.NO_POINTS, Reason.CAPPED)
    assert (club.effects[1].desired, club.effects[1].granted) == (60, 20)
    club.buy(60_000, at(1400, 2, 1))
    assert club.effects[-1].points == 50


def test_a_week_runs_from_saturday_to_friday_over_a_month_end() -> None:
    club = Club(programme(rule("r", BUY, Fixed(10), caps={"week": 25})))
    # 1400-01-28 was a Saturday, so its week ends on Friday 1400-02-03.
    outcomes = [club.buy(1, at(1400, *d)).outcome.value for d in [(1, 28), (2, 1), (2, 3), (2, 3)]]
    assert outcomes == ["scored"] * 3 + ["no_points"]
    assert club.buy(1, at(1400, 2, 4)).outcome.value == "scored"
    assert club.head.issued == 35


def test_a_cap_that_comes_later_counts_what_was_given_before() -> None:
    first = programme(rule("r", BUY, Fixed(40)))
    capped = rule("r", BUY, Fixed(40), caps={"month": 90, "year": 100, "programme": 110})
    club = Club(first, programme(capped, version=2, effective=at(1400, 1, 10, 0)))
    for month, day in [(1, 5), (1, 6), (1, 12), (2, 1), (2, 2)]:
        club.buy(1, at(1400, month, day))
    assert [p.points for p in club.effects] == [40, 40, 10, 10]
    club.buy(1, at(1401, 1, 1))
    assert club.effects[-1].points == 10


def test_of_an_exclusive_group_the_highest_pays_then_the_lowest_id() -> None:
    rules = (
        rule("b", BUY, Fixed(10), exclusive="g"), rule("a", BUY, Fixed(10), exclusive="g"),
        rule("c", BUY, Fixed(9), exclusive="g"), rule("d", BUY, Fixed(1)),
    )  # fmt: skip
    assert earned(*rules)[0] == [("a", 10), ("d", 1)]


def test_once_is_used_up_by_what_was_granted_and_reopened_by_a_whole_refund() -> None:
    club = Club(programme(rule("r", BUY, Fixed(50), once=True)))
    club.buy(100_000, at(1400, 1, 1), "p")
    assert club.buy(100_000, at(1400, 1, 2)).reason == Reason.PAID_ONCE
    club.refund("p", 60_000, at(1400, 1, 3))
    assert club.buy(100_000, at(1400, 1, 3)).reason == Reason.PAID_ONCE
    club.refund("p", 40_000, at(1400, 1, 4))
    assert club.buy(100_000, at(1400, 1, 5)).outcome == Outcome.SCORED
    club.check()


def test_a_part_of_a_refund_does_not_use_once_up_again() -> None:
    """Both purchases were refunded whole; the first is paid again by a won chargeback while the second holds `once`."""
    club = Club(programme(rule("r", BUY, Fixed(50), once=True)))
    club.buy(100_000, at(1400, 1, 1), "p")
    club.refund("p", 100_000, at(1400, 1, 2))
    club.buy(100_000, at(1400, 1, 3), "q")
    club.won("p", 100_000, at(1400, 1, 4))
    club.refund("q", 100_000, at(1400, 1, 5))
    club.refund("p", 40_000, at(1400, 1, 6))
    assert club.buy(100_000, at(1400, 1, 7)).outcome == Outcome.SCORED
    club.check()


def test_excluded_mccs_shut_a_purchase_out_of_every_rule() -> None:
    club = Club(programme(PURCHASE, excluded_mcc=frozenset({"6011"})))
    assert club.buy(1_000_000, at(1400, 1, 1), mcc="6011").reason == Reason.EXCLUDED_MCC
    assert club.buy(1_000_000, at(1400, 1, 1), mcc="5411").outcome == Outcome.SCORED


@pytest.mark.parametrize(
    ("condition", "holds", "fails"),
    [
        (Weekday(frozenset({5, 6})), at(1400, 1, 5), at(1400, 1, 7)),  # 1400-01-05 was a Thursday
        (Hours(TimesOfDay(22 * 60, 6 * 60)), at(1400, 1, 1, 5, 59), at(1400, 1, 1, 6)),
        (Hours(TimesOfDay(8 * 60, 14 * 60)), at(1400, 1, 1, 8), at(1400, 1, 1, 14)),
        (Dates(at(1400, 1, 2) // 86_400_000, at(1400, 1, 3) // 86_400_000), at(1400, 1, 2, 0), at(1400, 1, 3, 0)),
    ],
)
def test_conditions_on_time(condition, holds, fails) -> None:  # type: ignore[no-untyped-def]
    assert earned(rule("r", BUY, Fixed(1), condition), time=holds)[0]
    assert not earned(rule("r", BUY, Fixed(1), condition), time=fails)[0]


@pytest.mark.parametrize(
    ("condition", "amount", "holds"),
    [
        (Between("amount", 50_000, None), 50_000, True), (Between("amount", 50_000, None), 49_999, False),
        (Between("amount", None, 10), 11, False), (Between("days_early", 1, None), 5, False),
        (OneOf("mcc", frozenset({"5411"})), 5, True), (OneOf("mcc", frozenset({"0742"})), 5, False),
        (OneOf("rail", frozenset({"satna"})), 5, False), (TierLevels(frozenset({"gold"})), 5, False),
    ],
)  # fmt: skip
def test_conditions_on_fields(condition, amount: int, holds: bool) -> None:  # type: ignore[no-untyped-def]
    assert bool(earned(rule("r", BUY, Fixed(1), condition), amount=amount)[0]) is holds


def test_an_absent_field_to_earn_by_means_that_the_rule_does_not_match() -> None:
    assert earned(rule("r", BUY, PerStep(1, 1, of="balance")))[1].reason == Reason.CONDITIONS


def test_the_version_in_force_at_the_events_time_decides() -> None:
    later = programme(rule("r", BUY, Fixed(2)), version=2, effective=at(1400, 2, 1, 0))
    club = Club(later, programme(rule("r", BUY, Fixed(1))))
    club.buy(1, at(1400, 2, 1, 0))
    club.buy(1, at(1400, 2, 1, 0) - 1)
    assert [(p.points, p.cause.version) for p in club.effects] == [(2, 2), (1, 1)]
    assert club.buy(1, at(1399, 1, 1)).outcome == Outcome.NO_PROGRAMME
