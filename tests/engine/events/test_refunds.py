"""Refunds in parts and ahead of their purchase, chargebacks, thresholds, notices, membership."""

from dataclasses import replace

import pytest

from engine.calendar import TimesOfDay, day_of
from engine.effects import Notice, RewardGranted
from engine.ledger.notifications import ANNOUNCED_MAX
from engine.outcome import Outcome, Reason
from engine.programme.terms import Notification, Points, Reward, Threshold
from engine.rules.earning import Fixed
from tests.engine.club import PURCHASE, Club, at, programme, rule

WELCOME = Reward("welcome", {"fa": "هدیه"}, "points", points=100)
TOLD = Notification("told", "reward.granted", ("sms", "push"), {"fa": "تبریک! {reward}"})
SOON = Notification("soon", "points.expiring", ("push",), {"fa": "{points} تا {date}"}, days_before=14)


def test_partial_refunds_reverse_the_rounded_share_and_never_more_than_was_granted() -> None:
    club = Club(programme(rule("r", "card.purchase.settled", Fixed(10))))
    club.buy(300, at(1400, 1, 1), "p")
    for amount, reversed_ in [(100, 3), (100, 7), (100, 10), (500, 10)]:
        club.refund("p", amount, at(1400, 1, 2))
        assert club.head.reversed == reversed_
    assert club.refund("p", 1, at(1400, 1, 2)).reason == Reason.NOTHING_TO_REVERSE
    club.check()


def test_refunds_ahead_of_their_purchase_apply_after_it_in_their_order() -> None:
    club = Club(programme(PURCHASE))
    assert club.refund("p", 400_000, at(1400, 1, 1)).outcome == Outcome.PARKED
    club.won("p", 100_000, at(1400, 1, 2))
    club.buy(1_000_000, at(1400, 1, 1), "p")
    assert club.postings() == [("accrued", 10), ("reversed", -4), ("restored", 1)]
    club.check()


def test_a_refund_of_what_earned_nothing_is_accepted() -> None:
    club = Club(programme(PURCHASE))
    club.buy(10, at(1400, 1, 1), "p")
    assert club.refund("p", 10, at(1400, 1, 1)).reason == Reason.NOTHING_TO_REVERSE


def test_the_same_event_twice_is_one_and_other_content_is_a_conflict_even_on_another_day() -> None:
    club = Club(programme(PURCHASE))
    club.buy(10, at(1400, 1, 1), "p")
    assert club.buy(10, at(1400, 1, 1), "p").outcome == Outcome.DUPLICATE
    assert club.buy(1_000_000, at(1400, 3, 1), "p").reason == Reason.CONFLICTING_DUPLICATE
    assert club.head.issued == 0


def test_a_threshold_is_rewarded_the_first_time_only_and_its_points_feed_no_threshold() -> None:
    more = Threshold("more", 110, "welcome")
    first = Threshold("first", 100, "welcome")
    version = programme(PURCHASE, rewards={"welcome": WELCOME}, thresholds=(first, more), notifications=(TOLD,))
    club = Club(version)
    club.event("member.registered", at(1400, 1, 1), channel="web", consents=None)
    club.event("member.consent.changed", at(1400, 1, 1), medium="push", granted=True)
    club.buy(10_000_000, at(1400, 1, 1, 23), "p")
    assert [(e.reward, e.reason) for e in club.effects if isinstance(e, RewardGranted)] == [("welcome", "threshold")]
    assert club.head.active == 200
    assert [(n.medium, n.why, n.text) for n in club.effects if isinstance(n, Notice)] == [
        ("sms", "no_consent", "تبریک! هدیه"), ("push", None, "تبریک! هدیه"),
    ]  # fmt: skip
    club.refund("p", 10_000_000, at(1400, 1, 2))
    club.buy(10_000_000, at(1400, 1, 2))
    assert club.head.reached == ("first",)
    club.check()


def test_quiet_hours_hold_a_message_back_until_they_end() -> None:
    version = programme(
        PURCHASE, rewards={"welcome": WELCOME}, thresholds=(Threshold("first", 1, "welcome"),),
        notifications=(TOLD,), quiet_hours=TimesOfDay(22 * 60, 8 * 60),
    )  # fmt: skip
    for hour, day, expected in [(21, 1, (1, 21)), (22, 1, (2, 8)), (7, 1, (1, 8)), (8, 1, (1, 8))]:
        club = Club(version)
        club.buy(1_000_000, at(1400, 1, day, hour))
        (notice, _) = (n for n in club.effects if isinstance(n, Notice))
        assert notice.not_before == at(1400, 1, *expected)


def test_expiring_points_are_announced_once_a_last_day_and_only_while_there_are_some() -> None:
    version = programme(PURCHASE, points=Points(expiry_months=1), notifications=(SOON,))
    club = Club(version)
    club.buy(1_000_000, at(1400, 1, 20), "p")
    club.buy(500_000, at(1400, 1, 20, 13))
    club.buy(500_000, at(1400, 1, 21), "q")
    club.refund("q", 500_000, at(1400, 1, 22))
    club.tick(at(1400, 2, 6, 0) - 1)
    assert not [n for n in club.effects if isinstance(n, Notice)]
    club.tick(at(1400, 2, 20))
    (notice,) = (n for n in club.effects if isinstance(n, Notice))
    assert (notice.text, notice.cause.instant) == ("۱۵ تا ۱۴۰۰/۰۲/۲۰", at(1400, 2, 6, 0))
    assert notice.expires_at == at(1400, 2, 21, 0)
    club.check()


@pytest.mark.parametrize("meaning", [0, 1])
def test_a_row_remembers_the_latest_of_the_last_days_that_it_announced(meaning: int) -> None:
    many = tuple(replace(SOON, id=f"{number:064}", days_before=20 + number % 10) for number in range(60))
    club = Club(programme(PURCHASE, points=Points(expiry_months=1), notifications=many))
    club.clock = club.clock._replace(meaning=meaning)
    for day in range(1, 29):
        club.buy(1_000_000, at(1400, 1, day))
    most = 0
    for day in range(1, 30):
        club.tick(at(1400, 2, day, 0))
        most = max(most, len(club.head.announced))
    notices = [(n.template, n.values["date"]) for n in club.effects if isinstance(n, Notice)]
    assert len(set(notices)) == len(notices) == 60 * 28
    assert (most == ANNOUNCED_MAX) == (meaning == 1)
    assert most >= ANNOUNCED_MAX
    club.check()


def test_an_id_may_come_again_after_a_tick_that_has_not_come_to_its_row_yet() -> None:
    club = Club(programme(PURCHASE), retention_days=400)
    club.buy(1_000_000, at(1400, 1, 10), "same")
    club.clock = club.clock._replace(last_tick=at(1401, 3, 1, 0) - 1)
    assert club.buy(1_000_000, at(1401, 3, 1), "same").reason == Reason.CONFLICTING_DUPLICATE
    club.clock = club.clock._replace(last_tick=at(1401, 3, 1, 0))
    assert club.buy(1_000_000, at(1401, 3, 1), "same").outcome == Outcome.SCORED
    assert club.buy(1_000_000, at(1401, 3, 1), "same").outcome == Outcome.DUPLICATE
    assert club.head.active == 20
    club.check()


def test_what_waits_is_forgotten_each_by_the_day_from_which_it_waits() -> None:
    club = Club(programme(PURCHASE), retention_days=400)
    club.refund("p", 200_000, at(1400, 1, 10))
    club.clock = club.clock._replace(kept_from=day_of(at(1400, 3, 1)))
    club.refund("p", 500_000, at(1400, 1, 9))  # an operator has let it pass
    club.clock = club.clock._replace(kept_from=0)
    club.tick(at(1401, 3, 1, 0))
    assert club.head.parked == 1
    club.buy(1_000_000, at(1401, 3, 1), "p")
    assert club.postings() == [("accrued", 10), ("reversed", -5)]
    club.refund("q", 500_000, at(1401, 3, 1))
    club.tick(at(1402, 6, 1, 0))
    assert (club.rows.range(b"p"), club.head.parked) == ([], 0)
    club.check()


def test_rows_of_events_are_forgotten_after_their_retention_and_balances_of_points_are_not() -> None:
    club = Club(programme(PURCHASE), retention_days=400)
    club.buy(1_000_000, at(1400, 1, 10), "old")
    club.refund("unknown", 5, at(1400, 1, 11))
    club.buy(1_000_000, at(1400, 3, 1), "new")
    club.tick(at(1401, 3, 1, 0) - 1)
    assert len(club.rows.range(b"e")) == 3
    club.tick(at(1401, 3, 1, 0))  # 400 days after 1400-01-10 lie in 1401-02
    assert (len(club.rows.range(b"e")), club.rows.range(b"p"), club.head.parked) == (1, [], 0)
    club.tick(at(1401, 5, 1, 0))
    assert (club.rows.range(b"e"), club.head.next_due, club.head.active) == ([], 0, 20)
    assert club.buy(1_000_000, at(1401, 5, 2), "next").outcome == Outcome.SCORED
    club.check()
