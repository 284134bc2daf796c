"""Members: leaving and coming back."""

from engine.outcome import Reason
from tests.engine.club import PURCHASE, Club, at, programme


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
