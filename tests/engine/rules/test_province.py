"""`province`: where the member lives as it is known when the event is evaluated, in rules and in audiences."""

import pytest

from engine.explanation.events import explain
from engine.explanation.festivals import Counting
from engine.explanation.rules import Verdict
from engine.outcome import Reason
from engine.programme.terms import CategoryTerms, FestivalTerms
from engine.rules.earning import Fixed
from engine.rules.province import Province
from engine.rules.segments import Segments
from tests.engine.club import Club, activity, at, programme, rule

BUY, CHANGED = "card.purchase.settled", "member.profile.changed"
KERMAN = Province(frozenset({"كرمان", "یزد"}))  # the first as an Arabic keyboard types it
PHYSICIANS = Segments(frozenset({"physician"}))


def festival(id: str, *audience: Province | Segments, opt_in: bool = False) -> FestivalTerms:
    counted = (rule("buys", BUY, Fixed(1)), rule("profile", CHANGED, Fixed(5)))
    window = (at(1400, 1, 1, 0), at(1400, 3, 1, 0))
    categories = (CategoryTerms("all", {}, {"buys": 1, "profile": 1}),)
    return FestivalTerms(id, {}, *window, counted, categories, audience=audience, opt_in=opt_in)


def scored(club: Club, time: int) -> tuple[list[tuple[str, int]], set[str]]:
    """What a purchase earns, and in which festivals it counts; explained as well, which adds itself up."""
    event = activity(BUY, time, f"p{time}", amount=50_000, mcc="5411", channel="pos")
    explain(club.rows, event, club.versions, club.clock)
    club.effects = []
    decision = club.offer(event)
    return club.postings(), {each.festival for each in decision.effects if hasattr(each, "delta")}


def test_a_rule_looks_at_where_the_member_lives_when_the_event_is_evaluated() -> None:
    club = Club(programme(rule("home", BUY, Fixed(7), KERMAN)))
    assert scored(club, at(1400, 1, 2)) == ([], set())  # of nobody known
    club.event("member.registered", at(1400, 1, 3), channel="web", province="کرمان")
    assert scored(club, at(1400, 1, 1)) == ([("accrued", 7)], set())  # late, and evaluated now
    club.event(CHANGED, at(1400, 1, 5), province="تهران")
    assert scored(club, at(1400, 1, 4)) == ([], set())
    club.event(CHANGED, at(1400, 1, 4), province="یزد")  # older than what is known
    assert scored(club, at(1400, 1, 6)) == ([], set())
    club.event(CHANGED, at(1400, 1, 7), province="یزد")
    club.event(CHANGED, at(1400, 1, 8), alias="نام")  # says nothing of it
    assert scored(club, at(1400, 1, 9)) == ([("accrued", 7)], set())


def test_an_audience_may_ask_for_a_province_alone_or_beside_segments() -> None:
    festivals = (
        festival("home", KERMAN), festival("both", PHYSICIANS, KERMAN), festival("turned", KERMAN, PHYSICIANS),
        festival("asked", KERMAN, opt_in=True), festival("open"),
    )  # fmt: skip
    club = Club(programme(festivals=festivals))
    club.event("member.festival.joined", at(1400, 1, 1), festival="asked")
    assert scored(club, at(1400, 1, 2))[1] == {"open"}
    club.event(CHANGED, at(1400, 1, 2), segments=["physician"])
    assert scored(club, at(1400, 1, 3))[1] == {"open"}
    moved = club.event(CHANGED, at(1400, 1, 3), province="کرمان")
    assert {each.festival for each in moved.effects if hasattr(each, "delta")} == {each.id for each in festivals}
    assert scored(club, at(1400, 1, 4))[1] == {each.id for each in festivals}
    club.event(CHANGED, at(1400, 1, 4), segments=["teacher"])
    assert scored(club, at(1400, 1, 5))[1] == {"home", "asked", "open"}
    event = activity(BUY, at(1400, 1, 6), "p", amount=1, mcc="5411", channel="pos")
    told = explain(club.rows, event, club.versions, club.clock).festivals
    counting = {each.festival.id: each.counting for each in told}
    assert counting["both"] is counting["turned"] is Counting.NOT_IN_AUDIENCE


@pytest.mark.parametrize(("meaning", "said", "points"), [(1, "کرمان", 9), (1, None, 9), (0, "كرمان", 9), (0, None, 0),
                                                         (0, "کرمان", 0)])  # fmt: skip
def test_what_was_decided_by_the_events_own_field_is_decided_so_again(
    meaning: int, said: str | None, points: int
) -> None:
    """Before the member's province could be asked for, a rule on profiles compared what the event itself says."""
    club = Club(programme(rule("home", CHANGED, Fixed(9), KERMAN)))
    club.clock = club.clock._replace(meaning=meaning)
    club.event("member.registered", at(1400, 1, 1), channel="web", province="کرمان")
    event = activity(CHANGED, at(1400, 1, 2), "e", alias="نام", province=said)
    told = explain(club.rows, event, club.versions, club.clock)
    club.offer(event)
    assert sum(granted for _, granted in club.postings()) == points
    if not points:
        (failed,) = told.traces[0].failed
        assert (failed.failure.found, failed.failure.wanted) == (said, "one of كرمان, یزد")


def test_the_failure_says_where_the_member_lives() -> None:
    club = Club(programme(rule("home", BUY, Fixed(7), KERMAN)))
    club.event("member.registered", at(1400, 1, 1), channel="web", province="تهران")
    event = activity(BUY, at(1400, 1, 2), "p", amount=1, mcc="5411", channel="pos")
    (trace,) = explain(club.rows, event, club.versions, club.clock).traces
    assert (trace.verdict, trace.failed[0].failure.found) == (Verdict.CONDITIONS, "تهران")
    assert club.offer(event).reason is Reason.CONDITIONS


def test_an_erased_member_lives_nowhere() -> None:
    club = Club(programme(rule("home", BUY, Fixed(7), KERMAN)))
    club.event("member.registered", at(1400, 1, 1), channel="web", province="کرمان")
    club.event("member.erased", at(1400, 1, 2))
    assert (club.head.province, club.head.province_at) == (None, None)
