"""Why a rule came to its points, in words: what is said is what happened, for each way to earn."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from bashgah.cli.text.rules import trace_words, verdict_words
from engine.calendar import day_of, gregorian
from engine.explanation.events import explain
from engine.explanation.rules import RuleTrace, Verdict
from engine.programme.terms import Multiplier, Rule
from engine.rules.earning import Earning, Fixed, PerRial, PerStep
from engine.rules.registered import RegisteredOnly
from engine.units import Ratio
from engine.words import Words
from tests.engine.club import Club, activity, at, programme, rule, times

BUY, BALANCE = "card.purchase.settled", "deposit.balance.recorded"
NOON = at(1400, 1, 5)


def traces(
    *rules: Rule, multipliers: tuple[Multiplier, ...] = (), club: Club | None = None, **data: Any
) -> list[RuleTrace]:
    club = club or Club(programme(*rules, multipliers=multipliers))
    event = activity(BUY, NOON, "x", **{"mcc": "5411", "channel": "pos", **data})
    return list(explain(club.rows, event, club.versions, club.clock).traces)


def told(earn: Earning, amount: int, *multipliers: Multiplier) -> tuple[RuleTrace, Words, list[str]]:
    """The only rule's trace, its verdict, and the lines about it in English."""
    (trace,) = traces(rule("r", BUY, earn), multipliers=multipliers, amount=amount)
    return trace, verdict_words(trace), [words.en.strip() for words in trace_words(trace, Words("rule", "قاعدهٔ"))]


@pytest.mark.parametrize(
    ("earn", "amount", "multipliers", "verdict", "en", "fa"),
    [
        (PerStep(1, 200_000), 195_000, (), Verdict.NO_FULL_STEP,
         "amount 195,000 is less than one full step of 200,000", "مبلغ ۱۹۵٬۰۰۰ به یک گام کامل ۲۰۰٬۰۰۰ نمی‌رسد"),
        (PerStep(1, 200_000), 195_000, (times("m", "1.5"),), Verdict.NO_FULL_STEP,
         "amount 195,000 is less than one full step of 200,000", "مبلغ ۱۹۵٬۰۰۰ به یک گام کامل ۲۰۰٬۰۰۰ نمی‌رسد"),
        (PerStep(1, 100_000), 195_000, (times("m", "0.3"),), Verdict.ROUNDED_TO_NOTHING,
         "comes to 0.3, less than half a point", "به ۰٫۳ می‌رسد که از نیم امتیاز کمتر است"),
        (PerRial(Ratio.of(Decimal("0.000002"))), 195_000, (), Verdict.ROUNDED_TO_NOTHING,
         "comes to 0.39, less than half a point", "به ۰٫۳۹ می‌رسد که از نیم امتیاز کمتر است"),
        (Fixed(1), 1, (times("a", "0.5"), times("b", "0.9")), Verdict.ROUNDED_TO_NOTHING,
         "comes to 0.45, less than half a point", "به ۰٫۴۵ می‌رسد که از نیم امتیاز کمتر است"),
    ],
)  # fmt: skip
def test_what_comes_to_nothing_says_by_which_figure(
    earn: Earning, amount: int, multipliers: tuple[Multiplier, ...], verdict: Verdict, en: str, fa: str
) -> None:
    trace, words, _ = told(earn, amount, *multipliers)
    assert (trace.verdict, words) == (verdict, Words(en, fa))


@pytest.mark.parametrize(
    ("earn", "amount", "multipliers", "line"),
    [
        (Fixed(20), 1, (), "20 → 20 points"),
        (PerStep(1, 100_000), 350_000, (), "⌊350,000 / 100,000⌋ = 3 → 3 points"),
        (PerStep(4, 100_000), 350_000, (times("m", "2"),), "⌊350,000 / 100,000⌋ × 4 = 12 × m 2 → 24 points"),
        (PerStep(1, 200_000), 195_000, (times("m", "1.5"),), "⌊195,000 / 200,000⌋ = 0 × m 1.5 → 0 points"),
        (PerRial(Ratio.of(Decimal("0.000002"))), 350_000, (),
         "350,000 × 0.000002 = 0.7, rounded half up → 1 points"),
        (PerRial(Ratio.of(Decimal("0.000005"))), 195_000, (times("m", "1.1"),),
         "195,000 × 0.000005 × m 1.1 = 1.0725, rounded half up → 1 points"),
        (PerStep(1, 100_000), 350_000, (times("m", "3", RegisteredOnly()),),
         "⌊350,000 / 100,000⌋ = 3 → 3 points; m does not apply (wants registered members, found not registered)"),
    ],
)  # fmt: skip
def test_the_sum_is_told_from_the_field_to_the_points(
    earn: Earning, amount: int, multipliers: tuple[Multiplier, ...], line: str
) -> None:
    _, _, lines = told(earn, amount, *multipliers)
    assert lines[2] == line


def test_a_balance_below_nothing_is_not_said_to_be_rounded() -> None:
    club = Club(programme(rule("r", BALANCE, PerRial(Ratio(1, 500_000), "balance"))))
    event = activity(BALANCE, NOON, "x", account="a", product="current", date=_date(), balance=-9_000_000, minimum=None,
                     revision=0)  # fmt: skip
    (trace,) = explain(club.rows, event, club.versions, club.clock).traces
    assert trace.verdict is Verdict.NOTHING_TO_COUNT
    assert verdict_words(trace).en == "end-of-day balance is -9,000,000, and nothing below 1 counts"


def test_an_equal_rival_is_not_said_to_pay_more() -> None:
    rules = (rule("b", BUY, Fixed(10), exclusive="g"), rule("a", BUY, Fixed(10), exclusive="g"),
             rule("c", BUY, Fixed(9), exclusive="g"))  # fmt: skip
    b, _, c = traces(*rules, amount=1)
    assert verdict_words(b).en == "a of its group comes to 10 as well, and its id is first"
    assert verdict_words(c).en == "a of its group comes to more: 10"


def test_what_is_taken_back_says_why() -> None:
    """A later revision is below the minimum, or comes after the account was closed: not because of too much."""
    for closes, words in (
        (False, "takes back what is above 2"),
        (True, "takes back what it gave: the account is closed"),
    ):
        club = Club(programme(rule("r", BALANCE, PerStep(1, 1_000, of="balance"))))
        club.balance("a", NOON, 6_000)
        if closes:
            club.event("deposit.account.closed", NOON + 1, account="a", product="short_term", date=_date())
        event = activity(BALANCE, NOON + 2, "y", account="a", product="short_term", date=_date(), balance=2_500,
                         minimum=None, revision=1)  # fmt: skip
        (trace,) = explain(club.rows, event, club.versions, club.clock).traces
        assert trace.verdict is Verdict.TAKEN_BACK
        assert verdict_words(trace).en.startswith(words)


def _date() -> dt.date:
    return gregorian(day_of(NOON))
