"""The mix: as much of everything as the table says, by trade, persona, hour, weekday and season."""

from collections import Counter

import pytest

from bashgah.simulator import Plan, simulate
from bashgah.simulator.customers import PERSONAS, Customers, reference
from bashgah.simulator.mix import HABITS, SHOPS, Habit, Shop
from bashgah.simulator.rhythm import HOURS, SEASONS, WEEK, payday_percent, season_percent
from engine.calendar import jalali_day, weekday
from schemas.contract import INPUT_MODELS, models_of
from tests.bashgah.simulator.bank import DAYS, MEMBERS, NEW_YEAR, Seen, a_month, a_year, fields, the_month, the_year


def _expected(monthly: int, habit: str) -> float:
    """Events of a row in 28 days of Khordad, from the table and the personas alone."""
    factor = sum(p.per_mille * p.habit.get(habit, 100) for p in PERSONAS) / sum(p.per_mille for p in PERSONAS) / 100
    return monthly * factor * MEMBERS / 1_000 * DAYS / 30


@pytest.mark.parametrize("row", [shop for shop in SHOPS if shop.monthly >= 200], ids=lambda row: row.mcc)
def test_purchases_by_trade(row: Shop) -> None:
    found = _purchases()[row.mcc]
    wanted = _expected(row.monthly, row.habit)
    assert abs(found - wanted) < 4 * wanted**0.5 + 0.06 * wanted, f"{found} of {wanted:.0f}"


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("cash", "card.cash.withdrawn"),
        ("login", "ebanking.login.succeeded"),
        ("topup", "ebanking.topup.purchased"),
        ("instalment", "ebanking.instalment.paid"),
        ("profile-field", "ebanking.profile.completed"),
        ("adjustment", "member.points.adjusted"),
    ],
)
def test_habits(name: str, type: str) -> None:
    row = next(each for each in HABITS if each.name == name)
    found = sum(each.type == type and each.mark != "duplicate" for each in a_month())
    wanted = _expected(row.monthly, row.habit)
    assert abs(found - wanted) < 4 * wanted**0.5 + 0.06 * wanted, f"{found} of {wanted:.0f}"


def test_every_input_type_of_the_bank_and_the_portal_occurs() -> None:
    types = {m.__struct_config__.tag for topic in INPUT_MODELS for m in models_of(topic) if topic != "club.command"}
    busy = simulate(Plan(300, 3, NEW_YEAR, 90_000, 10))
    found = {message.type for message in (*busy, *a_year())}
    assert types == found


def test_the_shares_of_the_topics() -> None:
    share = Counter(message.topic for message in a_month())
    total = share.total()
    assert 0.40 < share["card"] / total < 0.48
    assert 0.25 < share["ebanking"] / total < 0.35
    assert 0.20 < share["deposit"] / total < 0.30
    assert 0.005 < share["member"] / total < 0.03


def _purchases() -> Counter[str]:
    return Counter(
        fields(message)["mcc"]
        for message in a_month()
        if message.type == "card.purchase.settled" and message.mark != "duplicate"
    )


def _is_purchase(seen: Seen, *mccs: str) -> bool:
    return seen.type == "card.purchase.settled" and seen.data.mcc in mccs


def _of_trade(mcc: str) -> Counter[int]:
    """Purchases of a trade by hour of the day."""
    return Counter(each.minute // 60 for each in the_month() if _is_purchase(each, mcc))


def test_working_hours() -> None:
    for mcc in ("5411", "5462", "8011"):
        profile = HOURS[next(shop.hours for shop in SHOPS if shop.mcc == mcc)]
        found, total = _of_trade(mcc), sum(profile)
        count = found.total()
        assert count > 300
        for hour, weight in enumerate(profile):
            wanted = count * weight / total
            assert abs(found[hour] - wanted) < 4.5 * wanted**0.5 + 1, f"{mcc} at {hour}: {found[hour]} of {wanted:.0f}"


def test_bread_in_the_morning_and_doctors_in_the_evening() -> None:
    bread, doctors = _of_trade("5462"), _of_trade("8011")
    assert bread[7] > 5 * max(1, doctors[7])
    assert doctors[18] > doctors[13]
    assert not doctors[3]


def test_groceries_before_the_weekend() -> None:
    days: Counter[int] = Counter()
    for each in the_month():
        if _is_purchase(each, "5411"):
            days[weekday(each.day)] += 1
    thursday, friday = days[5], days[6]
    usual = sum(days[day] for day in range(5)) / 5
    assert 1.5 < thursday / usual < 2.0
    assert 1.25 < friday / usual < 1.75


def test_the_tables_of_rhythm_are_whole() -> None:
    assert all(len(weights) == 24 for weights in HOURS.values())
    assert all(len(weights) == 7 and 650 < sum(weights) < 750 for weights in WEEK.values())
    rows: list[Shop | Habit] = [*SHOPS, *HABITS]
    named = {(row.hours, row.week, row.season) for row in rows}
    assert {hours for hours, _, _ in named} <= set(HOURS)
    assert {week for _, week, _ in named} <= set(WEEK)
    assert {season for _, _, season in named} <= set(SEASONS)


def test_nowruz_and_payday() -> None:
    assert season_percent("nowruz", jalali_day(1404, 12, 25)) == 280
    assert season_percent("nowruz", jalali_day(1405, 1, 5)) == 45
    assert season_percent("nowruz", jalali_day(1405, 3, 5)) == 100
    assert payday_percent(jalali_day(1405, 3, 2)) > payday_percent(jalali_day(1405, 3, 24))


def test_clothes_are_bought_before_nowruz() -> None:
    months: Counter[int] = Counter()
    for each in the_year():
        if _is_purchase(each, "5651", "5661", "5441"):
            months[(each.day - jalali_day(1405, 1, 1)) // 30] += 1
    assert months[11] > 1.4 * sum(months[month] for month in range(2, 9)) / 7


def test_personas_differ_in_what_they_spend_and_how_often() -> None:
    customers = Customers(MEMBERS)
    persona = {reference(number): customers.persona(number).name for number in range(MEMBERS)}
    spent: dict[str, list[int]] = {}
    for message in a_month():
        if message.type == "card.purchase.settled":
            data = fields(message)
            if data["mcc"] == "5411":
                spent.setdefault(persona[message.key], []).append(data["amount"])
    median = {name: sorted(amounts)[len(amounts) // 2] for name, amounts in spent.items()}
    assert set(median) == {each.name for each in PERSONAS}
    assert median["physician"] > 2 * median["pensioner"] > 2 * median["student"]
