"""What belongs together in a customer's life: refunds and purchases, balances and corrections, dues and due days."""

from collections import Counter, defaultdict

from bashgah.simulator.customers import PROVINCES
from bashgah.simulator.mix import BALANCE_CORRECTED, DUPLICATED, LATE, REFUNDED
from engine.calendar import DAY_MS, jalali, jalali_day, month_number
from tests.bashgah.simulator.bank import Seen, a_month, a_year, fields, the_month, the_year

_MINUTE = 60_000


def _once(*types: str, year: bool = False) -> list[Seen]:
    """The events of these types, each once."""
    events = the_year() if year else the_month()
    return [each for each in events if each.type in types and each.message.mark != "duplicate"]


def _around(found: int, wanted: float) -> bool:
    return (found - wanted) ** 2 < 20 * wanted  # 4.5 standard deviations


def test_refunds_are_of_purchases_and_never_more_than_them() -> None:
    bought = {each.id: each for each in _once("card.purchase.settled")}
    back: dict[str, list[Seen]] = defaultdict(list)
    unknown = 0
    for each in _once("card.purchase.refunded"):
        if each.data.original in bought:
            back[each.data.original].append(each)
            assert each.member == bought[each.data.original].member
            assert each.time > bought[each.data.original].time
        else:
            unknown += 1
    assert 0 < unknown < 0.2 * len(back)  # of purchases before the club began, or not delivered yet
    assert all(sum(part.data.amount for part in parts) <= bought[id].data.amount for id, parts in back.items())
    assert sum(len(parts) > 1 for parts in back.values()) > 10
    assert {part.data.reason for parts in back.values() for part in parts} == {"refund", "reversal", "chargeback"}
    assert 0.5 < len(back) / (len(bought) * REFUNDED / 10_000) < 1.1


def test_some_refunds_and_reversals_overtake_their_payment() -> None:
    position = {each.id: index for index, each in enumerate(the_month()) if each.message.mark != "duplicate"}
    ahead = [
        each
        for each in _once("card.purchase.refunded", "ebanking.payment.reversed")
        if each.data.original in position and position[each.data.original] > position[each.id]
    ]
    marked = [each for each in ahead if each.message.mark == "ahead"]
    assert len(marked) > 10
    assert {each.type for each in ahead} == {"card.purchase.refunded", "ebanking.payment.reversed"}


def test_a_chargeback_is_won_after_it_was_taken() -> None:
    refunds = _once("card.purchase.refunded", year=True)
    taken = {each.data.original: each for each in refunds if each.data.reason == "chargeback"}
    won = _once("card.chargeback.won", year=True)
    assert won
    assert len(taken) > len(won)
    for each in won:
        assert each.data.amount == taken[each.data.original].data.amount
        assert each.time > taken[each.data.original].time + 9 * DAY_MS


def test_duplicates_are_byte_for_byte_and_come_later() -> None:
    seen: set[bytes] = set()
    repeated = 0
    for message in a_month():
        assert (message.value in seen) == (message.mark == "duplicate")
        seen.add(message.value)
        repeated += message.mark == "duplicate"
    assert _around(repeated, len(seen) * DUPLICATED / 10_000)


def test_late_events_are_minutes_to_days_late_and_the_rest_is_not() -> None:
    late = Counter[str]()
    held_back = {each.data.original for each in the_month() if each.message.mark == "ahead"}
    for each in the_month():
        behind = each.message.at - each.time
        if each.message.mark == "late":
            assert behind >= 2 * _MINUTE
            late["days" if behind >= DAY_MS else "hours" if behind >= 120 * _MINUTE else "minutes"] += 1
        elif each.message.mark == "" and each.id not in held_back:
            assert behind < 10 * _MINUTE
    assert _around(late.total(), len(a_month()) * LATE / 10_000)
    assert late["minutes"] > late["hours"] > late["days"] > 30


def test_a_days_balance_is_recorded_once_and_corrected_by_higher_revisions() -> None:
    revisions: dict[tuple[str, object], list[int]] = defaultdict(list)
    owners: dict[str, str] = {}
    for each in _once("deposit.balance.recorded"):
        revisions[each.data.account, each.data.date].append(each.data.revision or 0)
        assert owners.setdefault(each.data.account, each.member) == each.member
        assert each.data.minimum is None or each.data.minimum <= each.data.balance
    corrected = [found for found in revisions.values() if max(found)]
    assert all(len(found) == len(set(found)) for found in revisions.values())
    assert 0.6 < len(corrected) / (len(revisions) * BALANCE_CORRECTED / 10_000) < 1.4
    assert any(max(found) > 1 for found in corrected)
    assert any(each.data.balance < 0 for each in _once("deposit.balance.recorded"))


def test_a_salary_lifts_the_balance_at_the_months_turn() -> None:
    customers = [m.key for m in a_month() if m.type == "member.registered" and "employee" in fields(m)["segments"]]
    by_day: dict[int, list[int]] = defaultdict(list)
    for each in _once("deposit.balance.recorded"):
        if each.member in set(customers) and not each.data.revision:
            by_day[jalali(each.day).day].append(each.data.balance)
    early, before = (
        sum(sum(by_day[day]) for day in days) // sum(len(by_day[day]) for day in days)
        for days in (range(4, 8), range(22, 26))
    )
    assert early > 1.25 * before


def test_accounts_are_opened_before_they_are_closed() -> None:
    state: dict[str, str] = {}
    for message in a_year():
        if message.type.startswith("deposit.account.") and message.mark != "duplicate":
            data = fields(message)
            assert state.get(data["account"]) != message.type
            state[data["account"]] = message.type
    assert len(state) > 3


def test_rent_is_the_same_every_month_to_the_same_landlord() -> None:
    paid: dict[str, list[Seen]] = defaultdict(list)
    for each in _once("ebanking.transfer.completed", year=True):
        if each.data.counterparty:
            paid[f"{each.member} {each.data.counterparty} {each.data.amount}"].append(each)
    tenants = [found for found in paid.values() if len(found) >= 6]
    assert len(tenants) >= 5
    for found in tenants:
        months = [month_number(each.day) for each in found if each.message.mark != "late"]
        assert len(months) == len(set(months))
        assert len({jalali(each.day).day for each in found}) <= 2  # the day itself, or the last of a short month


def test_instalments_are_early_or_late_by_the_same_due_day() -> None:
    due: dict[str, list[int]] = defaultdict(list)
    early = Counter[bool]()
    for each in _once("ebanking.instalment.paid", year=True):
        due[each.member].append(jalali(each.day + each.data.days_early).day)
        early[each.data.days_early > 0] += 1
    assert len(due) >= 10
    assert all(len(set(days)) <= 2 and len(days) >= 10 for days in due.values())
    assert early[True] > 0.25 * early.total()
    assert min(each.data.days_early for each in _once("ebanking.instalment.paid", year=True)) < 0


def test_electricity_costs_most_in_summer_and_gas_in_winter() -> None:
    amounts: dict[tuple[str, int], list[int]] = defaultdict(list)
    for each in _once("ebanking.bill.paid", year=True):
        amounts[each.data.bill, jalali(each.day).month].append(each.data.amount)

    def mean(bill: str, *months: int) -> int:
        found = [amount for month in months for amount in amounts[bill, month]]
        assert len(found) > 5
        return sum(found) // len(found)

    assert mean("electricity", 4, 5) > 1.8 * mean("electricity", 8, 9, 10)
    assert mean("gas", 10, 11) > 2.5 * mean("gas", 3, 4, 5)


def test_members_register_once_until_they_leave_and_little_happens_to_others() -> None:
    member: set[str] = set()
    joined: Counter[tuple[str, str]] = Counter()
    needing = ("member.profile.changed", "member.consent.changed", "member.left", "member.redemption.requested")
    happened = sorted((each for each in the_year() if each.message.topic == "member"), key=lambda each: each.time)
    for each in happened:
        if each.message.mark == "duplicate":
            continue
        if each.type == "member.registered":
            assert each.member not in member
            assert each.data.province is None or each.data.province in PROVINCES
            member.add(each.member)
        elif each.type in needing:
            assert each.member in member
        elif each.type.startswith("member.festival."):
            joined[each.member, each.data.festival] += 1 if each.type == "member.festival.joined" else -1
            assert joined[each.member, each.data.festival] in (0, 1)
        if each.type == "member.left":
            member.remove(each.member)
    assert 30 < len(member) < 56  # of 60; about one in five never does
    assert +joined


def test_registrations_come_over_time_with_consents() -> None:
    times = [each for each in _once("member.registered", year=True) if each.data.consents is not None]
    weeks = Counter((each.day - jalali_day(1405, 1, 1)) // 7 for each in times)
    assert len(weeks) > 3
    assert {each.data.consents.sms for each in times} == {True, False}
    assert {each.data.alias is None for each in times} == {True, False}


def test_redemptions_are_captured_or_released_under_their_own_key() -> None:
    asked = {each.data.key: each for each in _once("member.redemption.requested")}
    ends = _once("member.redemption.captured", "member.redemption.released")
    assert len(asked) == len(_once("member.redemption.requested"))
    assert len(ends) > 10
    for each in ends:
        assert each.member == asked[each.data.key].member
        assert each.time > asked[each.data.key].time
        assert each.type.endswith("released") or (each.data.points or 0) <= asked[each.data.key].data.points


def test_amounts_are_lognormal_prices_in_rial() -> None:
    bread = sorted(each.data.amount for each in _once("card.purchase.settled") if each.data.mcc in ("5462", 5462))
    median, mean = bread[len(bread) // 2], sum(bread) / len(bread)
    assert all(amount % 5_000 == 0 and amount >= 5_000 for amount in bread)
    assert 180_000 < median < 400_000
    assert 1.1 < mean / median < 1.6
