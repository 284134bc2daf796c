"""What is decided for a member by others."""

from engine.outcome import Outcome
from tests.engine.club import PURCHASE, Club, at, programme


def test_what_is_not_executed_yet_is_remembered_and_counted() -> None:
    club = Club(programme(PURCHASE))
    blocked = {"reason": "fraud", "operator": "o"}
    first = club.event("member.spending.blocked", at(1400, 1, 1), "b", **blocked)
    assert first.outcome == Outcome.NOT_EXECUTED
    assert club.event("member.spending.blocked", at(1400, 1, 1), "b", **blocked).outcome == Outcome.DUPLICATE
