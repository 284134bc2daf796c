"""Members: leaving, coming back, and what stays of whoever is erased."""

from engine.outcome import Reason
from engine.programme.terms import Points
from tests.engine.club import PURCHASE, Club, at, programme

HOLD = Points(pending_days=7, expiry_months=12)


def test_leaving_stops_accrual_and_coming_back_resumes_with_the_old_segments() -> None:
    club = Club(programme(PURCHASE))
    club.event("member.registered", at(1400, 1, 1), channel="web", segments=("physician",))
    club.buy(1_000_000, at(1400, 1, 1), "p")
    club.event("member.left", at(1400, 1, 2))
    assert club.buy(1_000_000, at(1400, 1, 3)).reason == Reason.LEFT
    club.refund("p", 500_000, at(1400, 1, 3))
    club.event("member.registered", at(1400, 1, 4), channel="web")
    club.buy(1_000_000, at(1400, 1, 5))
    assert (club.head.active, club.head.segments) == (15, ("physician",))
    club.check()


def test_erasure_lets_everything_lapse_and_forgets_the_rest() -> None:
    club = Club(programme(PURCHASE, points=HOLD))
    club.event("member.registered", at(1400, 1, 1), channel="web", alias="الف", segments=("physician",))
    club.buy(1_000_000, at(1400, 1, 1), "p")
    club.tick(at(1400, 1, 8, 0))
    club.buy(2_000_000, at(1400, 1, 9))
    club.event("member.erased", at(1400, 1, 10))
    assert club.postings()[-2:] == [("expired", -20), ("expired", -10)]
    assert set(club.rows.values) == {b"m"}
    assert (club.head.alias, club.head.segments, club.head.expired) == (None, (), 30)
    assert club.buy(1_000_000, at(1400, 1, 11)).reason.value == "erased"
    club.check()
