"""Names that look alike are one name: what people type in a file meets what the bank sends, whatever the keyboard.

What was decided before names were compared so is decided again as it was.
"""

import pytest

from engine.explanation.events import explain
from engine.outcome import Reason
from engine.programme.terms import CategoryTerms, FestivalTerms, Rule
from engine.rules.condition import Condition
from engine.rules.earning import Fixed, PerStep
from engine.rules.one_of import OneOf
from engine.rules.segments import Segments
from engine.spelling import alike
from tests.engine.club import Club, activity, at, programme, rule
from tests.simulation.auditor.evaluation import as_people_see_it

BUY = "card.purchase.settled"
TYPED = "كارمند‌بانكي"  # an Arabic keyboard, with a half space
SENT = "کارمندبانکی"
CLERKS = Segments(frozenset({TYPED}))
PAIRS = [
    (TYPED, SENT), ("پزشك", "پزشک"), ("فرهنگي", "فرهنگی"), ("علىآباد", "علیآباد"), ("نیم‌روز", "نیمروز"),
    ("پرســـتار", "پرستار"), ("گروه ۲", "گروه 2"), ("گروه ٢", "گروه ۲"), ("پزشک\u200f", "پزشک"), ("آ", "\u0627\u0653"),
    ("خانۀ", "خانهٔ"), ("\u064a\u0654", "\u06cc\u0654"), ("گروه\u00a0یک", "گروه یک"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "sent"), PAIRS)
def test_what_looks_alike_is_one_name_for_us_and_for_the_auditor(typed: str, sent: str) -> None:
    assert typed != sent
    assert alike(typed) == alike(sent)
    assert as_people_see_it(typed) == alike(typed) == as_people_see_it(sent)


@pytest.mark.parametrize(("one", "other"), [("پزشک", "پزشکان"), ("گروه 1", "گروه 2"), ("vip", "VIP"), ("ا ب", "اب")])
def test_what_looks_different_stays_apart(one: str, other: str) -> None:
    assert alike(one) != alike(other)
    assert as_people_see_it(one) != as_people_see_it(other)


def _festival(id: str, opt_in: bool) -> FestivalTerms:
    buys = (rule("buys", BUY, PerStep(1, 1_000)),)
    span = (at(1400, 1, 1, 0), at(1400, 3, 1, 0))
    return FestivalTerms(
        id, {}, *span, buys, (CategoryTerms("all", {}, {"buys": 1}),), audience=(CLERKS,), opt_in=opt_in
    )


def _by(condition: Condition) -> Rule:
    return rule(condition.__class__.__name__, BUY, Fixed(10), condition)


def _club(sent: str, meaning: int) -> Club:
    rules = _by(CLERKS), _by(OneOf("merchant", frozenset({TYPED, "shop"})))
    club = Club(programme(*rules, festivals=(_festival("auto", False), _festival("asked", True))))
    club.clock = club.clock._replace(meaning=meaning)
    club.event("member.registered", at(1400, 1, 1), channel="web", segments=(sent,))
    club.event("member.festival.joined", at(1400, 1, 1), festival="asked")
    return club


@pytest.mark.parametrize(
    ("sent", "meaning", "points", "scores"),
    [(SENT, 1, 20, {"auto", "asked"}), (TYPED, 1, 20, {"auto", "asked"}), (SENT, 0, 0, set()),
     (TYPED, 0, 20, {"auto", "asked"})],
)  # fmt: skip
def test_segments_merchants_and_audiences_meet_what_the_bank_sends(
    sent: str, meaning: int, points: int, scores: set[str]
) -> None:
    club = _club(sent, meaning)
    event = activity(BUY, at(1400, 1, 2), "p", amount=5_000, mcc="5411", channel="pos", merchant=sent)
    explain(club.rows, event, club.versions, club.clock)  # adds itself up with the decision
    decision = club.offer(event)
    assert sum(granted for kind, granted in club.postings() if kind == "accrued") == points
    assert {getattr(e, "festival", None) for e in decision.effects if hasattr(e, "delta")} == scores
    assert (decision.reason is Reason.NONE) == bool(points or scores)
    assert club.head.segments == (sent,)  # what came is what is kept


def test_another_name_is_not_met() -> None:
    club = _club("پرستار", 1)
    club.buy(5_000, at(1400, 1, 2), merchant="بازار")
    assert club.postings() == []
