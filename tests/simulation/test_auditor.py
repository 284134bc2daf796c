"""The auditor against figures worked out by hand: time, evaluation, lots, refunds."""

from datetime import date, timedelta

import jalali_core

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.lanes import murmur2
from tests.simulation.auditor_club import PURCHASE, Club, programme


def test_the_calendar_agrees_with_another_one_from_1300_to_1460() -> None:
    day = date(1921, 3, 21)
    while day < date(2082, 1, 1):
        year, month, number = tehran_time.jalali(day)
        converted = jalali_core.JalaliToGregorian(year, month, number)
        assert (converted.gyear, converted.gmonth, converted.gday) == (day.year, day.month, day.day)
        assert tehran_time.gregorian(year, month, number) == day
        day += timedelta(days=7)


def test_days_begin_at_midnight_also_when_the_clocks_change_there() -> None:
    forward, back = date(2022, 3, 22), date(2021, 9, 22)  # summer time began at 00:00 and ended at 24:00
    assert tehran_time.midnight(forward) == tehran_time.instant_of("2022-03-21T20:30:00Z")
    assert tehran_time.end_of(forward) == tehran_time.instant_of("2022-03-22T19:30:00Z")
    assert tehran_time.midnight(back) == tehran_time.instant_of("2021-09-21T20:30:00Z")
    assert tehran_time.midnight(back) - tehran_time.midnight(back - timedelta(days=1)) == 25 * 3_600_000


def test_periods_are_the_week_from_saturday_and_jalali_months_and_years() -> None:
    friday, saturday = date(2016, 4, 1), date(2016, 4, 2)
    assert tehran_time.period_of(friday, "week") == "2016-03-26"
    assert tehran_time.period_of(saturday, "week") == "2016-04-02"
    assert tehran_time.period_of(date(2016, 3, 19), "year") == "1394"
    assert tehran_time.period_of(date(2016, 3, 20), "month") == "1395-1"


def test_murmur2_agrees_with_the_vectors_of_the_java_client() -> None:
    signed = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536, b"abc": 479470107}
    assert {key: murmur2(key) for key in signed} == {key: value % 2**32 for key, value in signed.items()}


def test_points_wait_activate_and_expire_as_in_the_written_example() -> None:
    club = Club(programme(PURCHASE, points="{pending: {days: 7}, expiry: {months: 12}}"))
    club.buy(1_290_000, "2016-03-27 10:00")  # 1395-01-08, active from 1395-01-15, last day 1396-01-15
    assert club.postings("type", "points", "status", "lot") == [("points.accrued", 12, "pending", "2017-04-04")]
    assert club.row("pending", "active", "tier") == (12, 0, "blue")
    club.auditor.finish(tehran_time.midnight(date(2016, 4, 3)) - 1)
    assert club.row("pending", "active") == (12, 0)
    club.auditor.finish(tehran_time.midnight(date(2016, 4, 3)))
    assert club.row("pending", "active") == (0, 12)
    club.auditor.finish(tehran_time.midnight(date(2017, 4, 5)) - 1)
    assert club.row("active", "expired") == (12, 0)
    club.auditor.finish(tehran_time.midnight(date(2017, 4, 5)))
    assert club.row("active", "expired", "issued") == (0, 12, 12)
    assert club.postings("cause_source", "time")[-1] == ("clock", tehran_time.midnight(date(2017, 4, 5)))


def test_a_last_day_is_clamped_and_rounded_up_to_the_end_of_its_month_or_year() -> None:
    start = tehran_time.gregorian(1395, 6, 31)
    assert tehran_time.jalali(tehran_time.months_later(start, 1)) == (1395, 7, 30)
    assert tehran_time.jalali(tehran_time.months_later(start, 18)) == (1396, 12, 29)
    for round_up, last_day in (("month", "2017-03-20"), ("year", "2017-03-20")):
        club = Club(programme(PURCHASE, points=f"{{expiry: {{months: 2, round_up: {round_up}}}}}"))
        club.buy(100_000, "2017-01-10 10:00")  # 1395-10-21; two months later 1395-12-21
        assert club.postings("lot") == [(last_day,)]


def test_a_late_event_settles_at_once_what_fell_due_meanwhile() -> None:
    club = Club(programme(PURCHASE, points="{pending: {days: 1}, expiry: {months: 1}}"))
    club.buy(1, "2016-05-31 10:00")
    club.buy(1, "2016-06-01 10:00")  # ticks at its midnight; the first event made no tick
    club.buy(500_000, "2016-04-01 10:00")
    assert club.points() == [("accrued", 5), ("activated", 5), ("expired", -5)]
    assert set(club.postings("cause_id")) == {("e3",)}


def test_multipliers_multiply_one_another_and_round_half_up_once() -> None:
    grocery = '{id: grocery, event: card.purchase.settled, when: {mcc: "0742"}, earn: {per_rial: "0.000002"}}'
    factors = '[{id: a, by: "1.5"}, {id: b, by: "1.1", when: {weekday: friday}, rules: [grocery]}]'
    club = Club(programme(grocery, multipliers=factors))
    club.buy(1_000_000, "2016-04-01 10:00", mcc="0742")  # Friday: 2 × 1.5 × 1.1 = 3.3
    club.buy(500_000, "2016-04-02 10:00", mcc="0742")  # 1 × 1.5
    club.buy(166_666, "2016-04-02 10:00", mcc="0742")  # 0.499998
    assert club.points() == [("accrued", 3), ("accrued", 2)]


def test_conditions_fail_on_absent_fields_and_hours_pass_midnight() -> None:
    night = (
        '{id: night, event: card.purchase.settled, when: {hours: {from: "22:00", until: "06:00"}}, earn: {points: 1}}'
    )
    token = "{id: token, event: card.purchase.settled, when: {card: c-1}, earn: {points: 2}}"
    tier = "{id: tier, event: card.purchase.settled, when: {tier: [au]}, earn: {points: 4}}"
    club = Club(programme(night, token, tier))
    times = ("2016-01-01 23:00", "2017-01-01 21:59", "2017-01-01 22:00", "2017-01-02 05:59", "2017-01-02 06:00")
    outcomes = [club.buy(50_000, time) for time in times]
    assert outcomes == ["no_programme", "no_points", "scored", "scored", "no_points"]
    assert club.postings("rule") == [("night",), ("night",)]


def test_an_excluded_merchant_earns_nothing() -> None:
    club = Club(programme(PURCHASE))
    assert club.buy(500_000, "2017-01-01 10:00", mcc="6011") == "no_points"


def test_an_exclusive_group_pays_its_highest_outcome_before_caps() -> None:
    rules = (
        "{id: b, event: card.purchase.settled, earn: {points: 5}, exclusive: g}",
        "{id: a, event: card.purchase.settled, earn: {points: 5}, exclusive: g}",
        "{id: c, event: card.purchase.settled, earn: {points: 9}, exclusive: g, once: member, caps: {day: 2}}",
    )
    club = Club(programme(*rules))
    club.buy(1, "2017-01-01 10:00")  # c wins with 9, of which the cap leaves 2
    club.buy(1, "2017-01-01 10:00")  # c was paid; a and b are equal
    assert club.postings("rule", "points", "desired", "granted") == [("c", 2, 9, 2), ("a", 5, None, None)]


def test_caps_cut_in_their_period_and_refunds_reopen_no_room() -> None:
    capped = (
        "{id: purchase, event: card.purchase.settled, earn: {points: 1, per: 1_000}, caps: {transaction: 6, day: 10}}"
    )
    club = Club(programme(capped))
    club.buy(9_000, "2017-01-01 10:00", id="p")
    club.refund("p", 9_000, "2017-01-01 11:00")
    club.buy(9_000, "2017-01-01 23:59")
    club.buy(9_000, "2017-01-02 00:00")
    assert club.postings("points", "desired", "granted") == [
        (6, 9, 6),
        (-6, None, None),
        (4, 9, 4),
        (6, 9, 6),
    ]


def test_refunds_in_parts_reverse_to_the_rounded_target_and_never_more() -> None:
    club = Club(programme(PURCHASE))
    club.buy(500_000, "2017-01-01 10:00", id="p")
    for amount in (100_000, 50_000, 100_000, 900_000, 1):  # targets 1, 1.5 → 2, 2.5 → 3, 5, 5
        club.refund("p", amount, "2017-01-01 11:00")
    assert club.points() == [("accrued", 5), ("reversed", -1), ("reversed", -1), ("reversed", -1), ("reversed", -2)]
    assert club.row("issued", "reversed", "active") == (5, 5, 0)


def test_a_refund_takes_its_own_lot_then_pending_then_active_soonest_expiry_first() -> None:
    club = Club(programme(PURCHASE, points="{pending: {days: 2}, expiry: {months: 1}, refund: unlimited}"))
    for day, amount in (("01", 100_000), ("02", 200_000), ("05", 400_000), ("06", 800_000)):
        club.buy(amount, f"2017-01-{day} 10:00", id=f"p{day}")
    club.adjust(-13, "2017-01-06 11:00")  # 06 pending 8, 05 pending 4, 01 active 1 of the soonest
    club.refund("p02", 200_000, "2017-01-06 12:00")  # own lot: 2
    club.refund("p05", 400_000, "2017-01-06 13:00")  # nothing is left
    assert club.postings("type", "points", "status", "lot", "debt")[6:] == [
        ("points.adjusted", -8, "pending", "2017-02-07", None),
        ("points.adjusted", -4, "pending", "2017-02-06", None),
        ("points.adjusted", -1, "active", "2017-02-02", None),
        ("points.reversed", -2, "active", "2017-02-03", None),
        ("points.reversed", 0, "active", None, 4),
    ]
    assert club.row("issued", "reversed", "debt") == (15, 15, 4)


def test_debt_swallows_what_becomes_active_first() -> None:
    club = Club(programme(PURCHASE, points="{pending: {days: 1}, refund: unlimited}"))
    club.adjust(-7, "2017-01-01 09:00")
    club.buy(500_000, "2017-01-01 10:00")
    club.adjust(4, "2017-01-02 10:00")
    assert club.postings("type", "points", "debt", "rule") == [
        ("points.adjusted", 0, 7, None),
        ("points.accrued", 5, None, "purchase"),
        ("points.activated", 5, None, None),
        ("points.reversed", -5, -5, None),
        ("points.adjusted", 4, None, None),
        ("points.reversed", -2, -2, None),
    ]
    assert club.row("issued", "reversed", "active", "debt") == (9, 7, 2, 0)


def test_a_won_chargeback_undoes_forgiveness_then_debt_then_returns_points() -> None:
    first = programme(PURCHASE, points="{refund: unlimited}")
    second = programme(PURCHASE) | {"version": "2", "effective": "1395-10-20"}  # 2017-01-09: within_balance
    club = Club(first, second)
    club.buy(1_000_000, "2017-01-01 10:00", id="p")
    club.adjust(-8, "2017-01-01 11:00")
    club.refund("p", 500_000, "2017-01-02 10:00")  # 2 from the lot, 3 owed
    club.refund("p", 500_000, "2017-01-09 10:00")  # 5 forgiven
    club.win("p", 600_000, "2017-01-10 10:00")  # 5 forgiven and 1 owed are undone
    club.win("p", 600_000, "2017-01-10 10:00")  # 2 owed are undone, 2 return
    assert club.postings("type", "points", "debt", "forgiven")[2:] == [
        ("points.reversed", -2, None, None),
        ("points.reversed", 0, 3, None),
        ("points.reversed", 0, None, 5),
        ("points.restored", 0, -1, -5),
        ("points.restored", 2, -2, None),
    ]
    assert club.row("issued", "reversed", "active", "debt") == (10, 8, 2, 0)


def test_what_a_won_chargeback_returns_expires_at_once_when_it_lapsed() -> None:
    club = Club(programme(PURCHASE, points="{expiry: {months: 1}}"))
    club.buy(300_000, "2017-01-01 10:00", id="p")
    club.refund("p", 300_000, "2017-01-02 10:00")
    club.win("p", 300_000, "2017-06-01 10:00")
    assert club.points() == [("accrued", 3), ("reversed", -3), ("restored", 3), ("expired", -3)]


def test_a_refund_ahead_of_its_purchase_follows_it_in_the_order_of_arrival() -> None:
    club = Club(programme(PURCHASE))
    assert club.win("p", 100_000, "2017-01-03 10:00") == "parked"
    assert club.refund("p", 100_000, "2017-01-02 10:00") == "parked"
    assert club.buy(500_000, "2017-01-01 10:00", id="p") == "scored"
    assert club.postings("type", "points", "cause_id") == [("points.accrued", 5, "p"), ("points.reversed", -1, "e2")]
    assert club.refund("p", 100_000, "2017-01-04 10:00") == "scored"


def test_once_is_reopened_by_refunds_of_the_whole_amount_and_closed_again_by_a_won_chargeback() -> None:
    club = Club(programme("{id: first, event: card.purchase.settled, earn: {points: 10}, once: member}"))
    club.buy(1_000, "2017-01-01 10:00", id="p")
    assert club.buy(1_000, "2017-01-01 11:00") == "no_points"
    club.refund("p", 1_000, "2017-01-01 12:00")
    club.win("p", 500, "2017-01-01 13:00")
    assert club.buy(1_000, "2017-01-01 14:00") == "no_points"
    club.refund("p", 500, "2017-01-01 15:00")
    assert club.buy(1_000, "2017-01-01 16:00") == "scored"
    club.win("p", 1_000, "2017-01-01 17:00")
    assert club.row("active") == (20,)
