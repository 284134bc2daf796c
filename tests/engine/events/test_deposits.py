"""Daily balances: scored once per account, date and rule, and following their revisions."""

from engine.calendar import gregorian, jalali_day
from engine.outcome import Outcome, Reason
from engine.programme.terms import Points
from engine.rules.earning import PerStep
from tests.engine.club import Club, at, programme, rule

DAY = rule("day", "deposit.balance.recorded", PerStep(1, 500_000, of="balance"), caps={"day": 100, "transaction": 60})
CLUB = programme(DAY, points=Points(pending_days=7, expiry_months=12))


def test_a_balance_is_scored_once_a_date_and_an_equal_or_lower_revision_is_ignored() -> None:
    club = Club(CLUB)
    assert club.balance("a", at(1400, 1, 1), 5_000_000, revision=1).outcome == Outcome.SCORED
    assert club.balance("a", at(1400, 1, 1), 9_000_000, revision=1).reason == Reason.OLD_REVISION
    assert club.balance("a", at(1400, 1, 1), 9_000_000, revision=0).reason == Reason.OLD_REVISION
    assert club.head.issued == 10
    club.balance("a", at(1400, 1, 2), 5_000_000)
    club.balance("b", at(1400, 1, 2), 5_000_000)
    assert club.head.issued == 30
    club.check()


def test_a_higher_revision_pays_the_difference_through_the_caps_or_takes_it_from_the_own_lot() -> None:
    club = Club(CLUB)
    club.balance("a", at(1400, 1, 1), 5_000_000)
    club.balance("a", at(1400, 1, 1), 7_500_000, revision=1)
    assert club.postings() == [("accrued", 10), ("accrued", 5)]
    club.balance("a", at(1400, 1, 1), 2_000_000, revision=2)
    assert club.postings()[-1] == ("reversed", -11)
    club.balance("a", at(1400, 1, 1), 90_000_000, revision=3)
    assert club.head.pending_points() == 60  # the transaction cap binds the total
    club.balance("a", at(1400, 1, 1), -5, revision=4)
    assert club.head.pending_points() == 0
    assert club.balance("a", at(1400, 1, 1), 0, revision=5).reason in (Reason.UNCHANGED, Reason.ROUNDED_TO_NOTHING)
    club.check()


def test_nothing_reopens_room_under_a_cap() -> None:
    club = Club(programme(rule("day", "deposit.balance.recorded", PerStep(1, 1, of="balance"), caps={"day": 100})))
    club.balance("a", at(1400, 1, 1), 80)
    club.balance("a", at(1400, 1, 1), 10, revision=1)
    club.balance("b", at(1400, 1, 1), 80)
    assert club.postings() == [("accrued", 80), ("reversed", -70), ("accrued", 20)]
    club.check()


def test_a_revision_is_no_new_payment_under_once() -> None:
    club = Club(programme(rule("day", "deposit.balance.recorded", PerStep(1, 1, of="balance"), once=True)))
    club.balance("a", at(1400, 1, 1), 10)
    assert club.balance("a", at(1400, 1, 2), 10).reason == Reason.PAID_ONCE
    club.balance("a", at(1400, 1, 1), 15, revision=1)
    assert club.head.issued == 15


def test_from_its_closing_date_on_an_account_earns_nothing() -> None:
    club = Club(CLUB)
    closing = gregorian(jalali_day(1400, 1, 5))
    club.event("deposit.account.closed", at(1400, 1, 5), account="a", product="short_term", date=closing)
    assert club.balance("a", at(1400, 1, 5), 5_000_000).reason == Reason.ACCOUNT_CLOSED
    assert club.balance("a", at(1400, 1, 4), 5_000_000).outcome == Outcome.SCORED


def test_a_balance_stands_at_the_end_of_its_date_whenever_it_comes() -> None:
    double = rule("day", "deposit.balance.recorded", PerStep(2, 1, of="balance"))
    later = programme(double, version=2, effective=at(1400, 1, 2, 0))
    club = Club(programme(rule("day", "deposit.balance.recorded", PerStep(1, 1, of="balance"))), later)
    club.balance("a", at(1400, 1, 1), 10, time=at(1400, 1, 2, 5))
    assert club.head.issued == 10
