"""Lots: pending, activation, expiry, debt; the figures are worked out by hand from the rules."""

from engine.calendar import jalali_day
from engine.effects import Posting
from engine.ledger.member import active_lots
from engine.programme.terms import Points
from tests.engine.club import PURCHASE, Club, at, programme

HOLD = Points(pending_days=7, expiry_months=12)


def test_points_wait_for_their_activation_and_expire_at_the_end_of_their_last_day() -> None:
    club = Club(programme(PURCHASE, points=HOLD))
    club.buy(1_000_000, at(1395, 1, 8) + (at(1400, 1, 1) - at(1395, 1, 1)))
    day = jalali_day(1400, 1, 8)
    assert club.head.pending[0][:2] == (day + 7, jalali_day(1401, 1, 15))
    club.tick(at(1400, 1, 15, 0))
    assert (club.head.active, club.head.pending) == (10, ())
    club.tick(at(1401, 1, 16, 0) - 1)
    assert club.head.active == 10
    club.tick(at(1401, 1, 16, 0))
    assert (club.head.active, club.head.expired) == (0, 10)
    assert club.postings() == [("accrued", 10), ("activated", 10), ("expired", -10)]
    club.check()


def test_a_late_event_is_settled_inside_its_own_decision() -> None:
    club = Club(programme(PURCHASE, points=HOLD))
    club.tick(at(1402, 1, 1, 0))
    club.buy(500_000, at(1400, 2, 1))
    assert club.postings() == [("accrued", 5), ("activated", 5), ("expired", -5)]
    assert club.head.next_due == 0
    club.check()


def test_a_refund_takes_the_own_lot_then_pending_latest_first_then_active_soonest_first() -> None:
    club = Club(programme(PURCHASE, points=Points(pending_days=7, expiry_months=12)))
    club.buy(1_000_000, at(1400, 1, 1), "old")
    club.tick(at(1400, 1, 8, 0))
    club.buy(2_000_000, at(1400, 1, 8), "first")
    club.buy(3_000_000, at(1400, 1, 9), "second")
    club.event("member.points.adjusted", at(1400, 1, 9, 13), points=-55, reason="r", operator="o")
    assert [(e.points, e.status) for e in club.effects if isinstance(e, Posting)][-3:] == [
        (-30, "pending"), (-20, "pending"), (-5, "active"),
    ]  # fmt: skip
    club.refund("first", 2_000_000, at(1400, 1, 10))
    last = [(e.points, e.status, e.forgiven) for e in club.effects if isinstance(e, Posting)][-2:]
    assert last == [(-5, "active", 0), (0, "active", 15)]
    club.check()


def test_debt_is_swallowed_by_later_activations_first() -> None:
    club = Club(programme(PURCHASE, points=Points(expiry_months=12, unlimited_refund=True)))
    club.buy(1_000_000, at(1400, 1, 1), "p")
    club.event("member.points.adjusted", at(1400, 1, 2), points=-10, reason="r", operator="o")
    club.refund("p", 1_000_000, at(1400, 1, 3))
    assert (club.head.active, club.head.debt) == (0, 10)
    club.buy(1_500_000, at(1400, 1, 4))
    assert (club.head.active, club.head.debt, club.head.reversed) == (5, 0, 20)
    club.check()


def test_a_won_chargeback_undoes_forgiveness_before_it_returns_points() -> None:
    club = Club(programme(PURCHASE, points=Points(expiry_months=12)))
    club.buy(1_000_000, at(1400, 1, 1), "p")
    club.event("member.points.adjusted", at(1400, 1, 2), points=-4, reason="r", operator="o")
    club.refund("p", 1_000_000, at(1400, 1, 3), "chargeback")
    assert (club.head.active, club.head.reversed) == (0, 10)
    club.won("p", 700_000, at(1400, 1, 4))
    assert club.head.active == 3
    club.won("p", 300_000, at(1400, 1, 5))
    assert club.head.active == 6
    club.check()


def test_round_up_moves_the_last_day_to_the_end_of_its_period() -> None:
    club = Club(programme(PURCHASE, points=Points(expiry_months=1, round_up="month")))
    club.buy(1_000_000, at(1400, 6, 31))
    (lot,) = active_lots(club.head, club.rows.get)
    assert lot.expiry == jalali_day(1400, 7, 30)
