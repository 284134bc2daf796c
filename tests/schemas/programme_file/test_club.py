"""The example programme, value by value, and the published rules of real clubs."""

from pathlib import Path

import pytest

from engine.calendar import TimesOfDay, jalali_day, midnight
from engine.programme.terms import (
    AwardTerms,
    CategoryTerms,
    DrawTerms,
    Level,
    Multiplier,
    Notification,
    Points,
    Reward,
    Threshold,
    Tiers,
)
from engine.rules.between import Between
from engine.rules.cap_terms import Caps
from engine.rules.dates import Dates
from engine.rules.earning import Fixed, PerRial, PerStep
from engine.rules.one_of import OneOf
from engine.rules.registered import RegisteredOnly
from engine.rules.segments import Segments
from engine.rules.tier import TierLevels
from engine.rules.weekday import Weekday
from engine.units import Ratio
from schemas.programme_file import load_file, not_executed, read_file
from schemas.programme_file.messages import Code

ROOT = Path(__file__).parents[3]
PROGRAMMES = [*sorted((ROOT / "programmes").glob("*.yaml")), ROOT / "bashgah" / "demo" / "programme.yaml"]
SHARED = ROOT.parent / "shared" / "examples" / "club.yaml"
CLUB = load_file(ROOT / "programmes" / "club.yaml")


def test_the_shared_example_says_the_same() -> None:
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not here")
    assert load_file(SHARED) == CLUB


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.stem)
def test_a_programme_of_ours_has_nothing_doubtful_but_indicators_without_a_title(path: Path) -> None:
    assert {problem.code for problem in read_file(path).warnings} <= {Code.UNTITLED}  # published, so its text stays


def test_head() -> None:
    assert (CLUB.id, CLUB.version, CLUB.effective) == ("club", 3, midnight(jalali_day(1405, 1, 1)))
    assert CLUB.title == {"fa": "باشگاه مشتریان", "en": "Customers' club"}
    assert CLUB.points == Points(7, 24, "month", False, 500)
    assert CLUB.excluded_mcc == {"4829", "6010", "6011", "6012", "6051", "7995"}
    assert CLUB.tiers == Tiers("year", (Level("blue", 0), Level("silver", 20_000), Level("gold", 100_000)), 30, False)
    assert CLUB.quiet_hours == TimesOfDay(1320, 480)


def test_rules() -> None:
    rules = {rule.id: rule for rule in CLUB.rules}
    assert list(rules) == [
        "card-purchase", "grocery-bonus", "interbank-transfer", "bill", "mobile-bank-installed", "early-instalment",
        "deposit-day", "deposit-month",
    ]  # fmt: skip
    card = rules["card-purchase"]
    assert card.title == {"fa": "خرید با کارت", "en": "Card purchase"}
    assert (card.events, card.when) == (("card.purchase.settled",), (Between("amount", 50_000, None),))
    assert (card.earn, card.caps) == (PerStep(1, 100_000, "amount"), Caps(transaction=200, day=500, month=5_000))
    grocery = rules["grocery-bonus"]
    assert grocery.when == (OneOf("mcc", frozenset({"5411", "5422", "5499"})), Weekday(frozenset({5, 6})))
    assert grocery.earn == PerRial(Ratio(1, 500_000), "amount")
    assert rules["interbank-transfer"].when == (
        OneOf("rail", frozenset({"satna", "paya"})),
        OneOf("own", frozenset({False})),
        Between("amount", 50_000, None),
    )
    installed = rules["mobile-bank-installed"]
    assert (installed.earn, installed.once, installed.exclusive) == (Fixed(50), True, None)
    assert rules["early-instalment"].when == (Between("days_early", 1, None),)
    assert rules["deposit-day"].earn == PerStep(1, 500_000, "balance")
    assert rules["deposit-day"].caps == Caps(day=2_000, year=100_000)
    assert rules["deposit-month"].events == ("deposit.month.closed",)
    assert rules["deposit-month"].earn == PerStep(1, 10_000_000, "average_balance")


def test_multipliers() -> None:
    nowruz = Dates(jalali_day(1405, 1, 1), jalali_day(1405, 1, 14))
    gold = TierLevels(frozenset({"gold"}))
    assert CLUB.multipliers == (
        Multiplier("gold-tier", Ratio(3, 2), (gold,), frozenset({"card-purchase", "grocery-bonus"})),
        Multiplier("registered", Ratio(11, 10), (RegisteredOnly(),), frozenset({"card-purchase"})),
        Multiplier("nowruz", Ratio(2, 1), (nowruz,), frozenset({"bill"})),
    )


def test_festival() -> None:
    (festival,) = CLUB.festivals
    assert (festival.opens, festival.closes) == (midnight(jalali_day(1405, 7, 1)), midnight(jalali_day(1405, 10, 1)))
    assert festival.audience == (Segments(frozenset({"physician"})),)
    assert (festival.lateness, festival.opt_in) == (3_600_000, True)
    assert [indicator.id for indicator in festival.indicators] == ["purchases", "ebanking", "savings"]
    assert festival.indicators[1].events == ("ebanking.transfer.completed", "ebanking.bill.paid")
    assert festival.categories[1] == CategoryTerms("shopper", {"fa": "خرید"}, {"purchases": 1}, "ebanking")
    assert festival.awards == (
        AwardTerms("best-ten", "overall", False, "gold-coin", ranks=(1, 10)),
        AwardTerms("monthly-best", "shopper", True, "gift-card", ranks=(1, 3)),
        AwardTerms("draw", "overall", False, "gift-card", draw=DrawTerms(per=5, winners=20, minimum=50, maximum=200)),
    )


def test_rewards_and_messages() -> None:
    assert CLUB.rewards["gold-coin"] == Reward("gold-coin", {"fa": "سکه"}, "goods", None, 1_200_000_000)
    assert CLUB.rewards["welcome"] == Reward("welcome", {"fa": "هدیه خوش‌آمد"}, "points", 100, None)
    assert CLUB.thresholds == (Threshold("first-thousand", 1_000, "welcome"),)
    assert CLUB.notifications[0].media == ("sms", "push")
    assert CLUB.notifications[2] == Notification(
        "points-expiring", "points.expiring", ("sms",), {"fa": "{points} امتیاز شما تا {date} اعتبار دارد. لغو۱۱"}, 14
    )


def test_what_waits_for_the_engine() -> None:
    assert {part.name.en: part.uses for part in not_executed(CLUB)} == {
        "tiers": ("blue", "silver", "gold"),
        "tier conditions": ("gold-tier",),
        "month averages (deposit.month.closed)": ("deposit-month",),
        "draws": ("physicians-autumn-1405/draw",),
        "notifications of other events": ("tier-changed",),
    }


@pytest.mark.parametrize(
    ("club", "rules"),
    [
        ("tejarat-mobile-bank", {"app-installed": Fixed(50), "satna-paya": Fixed(20), "bill": Fixed(10),
                                 "profile-field": Fixed(5)}),
        ("parsian", {"minimum-balance": PerStep(4, 1_000_000, "minimum")}),
        ("sepah", {"daily-balance": PerStep(1, 500_000, "balance")}),
    ],
)  # fmt: skip
def test_published_rules(club: str, rules: dict[str, object]) -> None:
    programme = load_file(ROOT / "programmes" / f"{club}.yaml")
    assert {rule.id: rule.earn for rule in programme.rules} == rules
    assert not_executed(programme) == []


def test_published_minimums() -> None:
    tejarat = {rule.id: rule for rule in load_file(ROOT / "programmes" / "tejarat-mobile-bank.yaml").rules}
    assert Between("amount", 50_000, None) in tejarat["satna-paya"].when
    assert Between("amount", 50_000, None) in tejarat["bill"].when
    (sepah,) = load_file(ROOT / "programmes" / "sepah.yaml").rules
    assert sepah.when == (Between("balance", 2_000_000, None),)
