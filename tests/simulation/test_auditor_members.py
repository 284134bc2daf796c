"""The auditor against figures worked out by hand: deposits, members, rewards, notices, duplicates, clocks."""

from datetime import date

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor_club import DAILY, PURCHASE, Club, programme


def test_a_corrected_balance_moves_what_was_granted_and_reopens_no_cap() -> None:
    club = Club(programme(DAILY % ", caps: {transaction: 30, month: 40}"))
    outcomes = [
        club.balance(balance, "2017-01-01", revision)
        for balance, revision in ((20_000, 0), (50_000, 2), (25_000, 1), (10_000, 3), (90_000, 4), (-5, 5))
    ]
    assert outcomes == ["scored", "scored", "no_points", "scored", "scored", "scored"]
    assert club.postings("points", "desired", "granted") == [
        (20, None, None),
        (10, 30, 10),  # transaction binds the total of 30
        (-20, None, None),
        (10, 80, 10),  # of the month 40 only 10 are left
        (-20, None, None),
    ]
    assert club.postings("time")[0] == (tehran_time.instant_of("2017-01-02T02:00:00+03:30"),)


def test_a_balance_counts_on_its_date_and_nothing_from_the_closing_date_on() -> None:
    club = Club(programme(DAILY % ", when: {weekday: sunday}"))
    assert club.balance(5_000, "2017-01-01") == "scored"  # a Sunday, told on Monday at 02:00
    club.event("deposit.account.closed", "2017-01-03 10:00", account="a", product="current", date="2017-01-08")
    assert club.balance(5_000, "2017-01-08") == "no_points"


def test_of_minimum_needs_the_field_and_counts_a_negative_one_as_nothing() -> None:
    club = Club(programme("{id: low, event: deposit.balance.recorded, earn: {points: 4, per: 1_000, of: minimum}}"))
    assert club.balance(9_000, "2017-01-01") == "no_points"
    assert club.balance(9_000, "2017-01-02", minimum=-1) == "no_points"
    assert club.balance(9_000, "2017-01-03", minimum=2_999) == "scored"
    assert club.points() == [("accrued", 8)]


def test_a_once_rule_is_not_paid_again_by_another_date_but_corrected_on_its_own() -> None:
    club = Club(programme(DAILY % ", once: member"))
    club.balance(5_000, "2017-01-01")
    assert club.balance(9_000, "2017-01-02") == "no_points"
    assert club.balance(7_000, "2017-01-01", revision=1) == "scored"
    assert club.points() == [("accrued", 5), ("accrued", 2)]


def test_membership_stops_and_resumes_accrual_and_erasure_ends_it() -> None:
    doctors = "{id: doctors, event: card.purchase.settled, when: {segments: [physician]}, earn: {points: 3}}"
    club = Club(programme(PURCHASE, doctors, points="{pending: {days: 1}}"))
    club.event("member.registered", "2017-01-01 09:00", channel="web", segments=["physician"])
    club.buy(100_000, "2017-01-01 10:00", id="p")
    club.event("member.left", "2017-01-02 09:00")
    assert club.buy(100_000, "2017-01-02 10:00") == "no_points"
    assert club.refund("p", 50_000, "2017-01-02 11:00") == "scored"
    club.event("member.registered", "2017-01-02 12:00", channel="web")
    assert club.buy(100_000, "2017-01-02 13:00") == "scored"
    assert club.row("registered", "active", "pending") == (True, 1, 4)
    club.event("member.erased", "2017-01-02 14:00")
    assert club.points()[-2:] == [("expired", -4), ("expired", -1)]
    assert club.row("registered", "issued", "reversed", "expired") == (False, 8, 3, 5)
    assert club.buy(100_000, "2017-01-02 15:00") == "erased"


def test_a_threshold_pays_once_and_the_notice_waits_for_the_end_of_quiet_hours() -> None:
    club = Club(
        programme(PURCHASE, thresholds="[{id: a, points: 5, reward: welcome}, {id: b, points: 6, reward: coin}]")
    )
    consents = {"sms": True, "email": False, "push": False}
    club.event("member.registered", "2017-01-01 09:00", channel="web", consents=consents)
    club.buy(400_000, "2017-01-01 10:00", id="p")
    club.refund("p", 200_000, "2017-01-01 11:00")
    club.buy(300_000, "2017-01-01 23:00", id="q")  # 4 − 2 + 3 = 5
    club.refund("q", 300_000, "2017-01-01 23:10")
    club.buy(300_000, "2017-01-01 23:20")  # 5 again: paid already
    assert club.postings("rule", "points")[2:4] == [("purchase", 3), ("reward:welcome", 100)]
    assert [each["reward"] for each in club.auditor.rewards] == ["welcome"]
    morning = tehran_time.instant_of("2017-01-02T08:00:00+03:30")
    notices = [(each["type"], each["medium"], each["why"], each["not_before"]) for each in club.auditor.notices]
    assert notices == [
        ("notification.requested", "sms", None, morning),
        ("notification.suppressed", "push", "no_consent", morning),
    ]


def test_a_won_chargeback_reaches_a_threshold_too_also_of_a_member_who_left() -> None:
    club = Club(programme(PURCHASE, thresholds="[{id: a, points: 8, reward: coin}]"))
    club.buy(500_000, "2017-01-01 10:00", id="p")
    club.refund("p", 300_000, "2017-01-01 11:00")
    club.buy(400_000, "2017-01-01 12:00")
    club.event("member.left", "2017-01-01 13:00")
    assert club.auditor.rewards == []
    club.win("p", 300_000, "2017-01-01 14:00")
    assert [(each["reward"], each["value_rial"]) for each in club.auditor.rewards] == [("coin", 5_000)]
    assert {each["why"] for each in club.auditor.notices} == {"left"}


def test_expiry_is_announced_once_for_what_is_active_then() -> None:
    club = Club(programme(PURCHASE, points="{expiry: {months: 1}}"))
    club.buy(300_000, "2017-01-01 10:00", id="p")  # 1395-10-12: last day 1395-11-12 = 2017-01-31
    club.refund("p", 100_000, "2017-01-10 10:00")
    club.auditor.finish(tehran_time.midnight(date(2017, 1, 17)) - 1)
    assert club.auditor.notices == []
    club.auditor.finish(tehran_time.midnight(date(2017, 1, 17)))
    club.buy(300_000, "2017-01-01 10:00")
    club.auditor.finish(tehran_time.midnight(date(2017, 3, 1)))
    assert [each["values"] for each in club.auditor.notices] == [{"points": 2, "date": "2017-01-31"}]
    assert club.points()[-1] == ("expired", -5)


def test_duplicates_are_ignored_and_conflicting_ones_refused() -> None:
    club = Club(programme(PURCHASE))
    assert club.buy(300_000, "2017-01-01 10:00", id="p") == "scored"
    assert club.buy(300_000, "2017-01-01 10:00", id="p") == "duplicate"
    assert club.buy(300_001, "2017-01-01 10:00", id="p") == "conflicting_duplicate"
    assert club.buy(300_000, "2017-01-01 10:01", id="p") == "conflicting_duplicate"
    assert [each["outcome"] for each in club.auditor.dead] == ["conflicting_duplicate"] * 2
    assert club.row("active") == (3,)


def test_a_refused_event_does_not_move_the_replay_clock() -> None:
    club = Club(programme(PURCHASE, points="{pending: {days: 1}}"))
    club.buy(300_000, "2017-01-01 10:00", id="p")
    club.buy(300_000, "2018-01-01 10:00", id="p")
    assert club.row("pending", "active") == (3, 0)
    club.buy(1, "2017-01-02 00:00")
    assert club.row("pending", "active") == (0, 3)


def test_on_the_wall_clock_events_may_be_neither_ahead_nor_too_old() -> None:
    club = Club(programme(PURCHASE), replay=False)  # the wall clock stands at 2025-01-01 15:30 in Tehran
    assert club.buy(1, "2025-01-01 15:35") == "no_points"
    assert club.buy(1, "2025-01-01 15:36") == "from_the_future"
    assert club.buy(1, "2023-11-28 15:30") == "no_points"
    assert club.buy(1, "2023-11-28 15:29") == "too_old"


def test_what_is_told_goes_by_its_own_time() -> None:
    doctors = "{id: doctors, event: card.purchase.settled, when: {segments: [physician]}, earn: {points: 3}}"
    club = Club(programme(PURCHASE, doctors, thresholds="[{id: a, points: 1, reward: coin}]"))
    no = {"sms": False, "push": False}
    club.event("member.registered", "2017-01-01 10:00", channel="web", segments=["physician"], consents=no)
    club.event("member.consent.changed", "2017-01-01 09:00", medium="sms", granted=True)
    club.event("member.profile.changed", "2017-01-01 09:00", segments=["teacher"])
    club.event("member.left", "2017-01-01 09:59")
    club.event("member.consent.changed", "2017-01-01 10:00", medium="push", granted=True)  # the later processed
    club.buy(100_000, "2017-01-01 11:00")
    assert club.points() == [("accrued", 1), ("accrued", 3)]
    assert [(each["medium"], each["why"]) for each in club.auditor.notices] == [("sms", "no_consent"), ("push", None)]


def test_an_account_is_as_the_latest_of_its_openings_and_closings_says() -> None:
    club = Club(programme(DAILY % ""))
    club.event("deposit.account.closed", "2017-01-03 10:00", account="a", product="current", date="2017-01-01")
    club.event("deposit.account.opened", "2017-01-03 09:00", account="a", product="current", date="2017-01-03")
    assert club.balance(5_000, "2017-01-02") == "no_points"
    club.event("deposit.account.opened", "2017-01-03 11:00", account="a", product="current", date="2017-01-03")
    assert club.points() == []
    assert club.balance(6_000, "2017-01-02", revision=1) == "scored"
    assert club.points() == [("accrued", 6)]


def test_a_balance_of_a_day_to_come_is_refused_and_one_of_the_running_day_is_not() -> None:
    club = Club(programme(DAILY % ""))
    account = {"account": "a", "product": "current", "balance": 5_000, "revision": 0}
    assert club.event("deposit.balance.recorded", "2017-01-01 00:00", date="2017-01-01", **account) == "scored"
    assert club.event("deposit.balance.recorded", "2017-01-01 23:59", date="2017-01-02", **account) == "from_the_future"
    assert club.row("active") == (5,)


def test_points_that_live_for_less_than_the_lead_are_announced_when_they_become_active() -> None:
    content = programme(PURCHASE, points="{pending: {days: 1}, expiry: {months: 1}}")
    content["notifications"][1]["days_before"] = 45
    club = Club(content)
    club.event("member.registered", "2017-01-01 09:00", channel="web", consents={"sms": True})
    club.buy(300_000, "2017-01-01 10:00")  # active on 1395-10-13, last day 1395-11-13
    assert club.auditor.notices == []
    club.auditor.finish(tehran_time.midnight(date(2017, 1, 2)))
    club.buy(100_000, "2017-01-01 11:00")  # of the same last day, of which was told
    club.buy(500_000, "2016-11-20 11:00")  # lapsed at once
    club.adjust(7, "2017-01-03 12:00")
    told = [(each["values"], each["not_before"]) for each in club.auditor.notices]
    assert told == [
        ({"points": 3, "date": "2017-02-01"}, tehran_time.instant_of("2017-01-02T08:00:00+03:30")),
        ({"points": 7, "date": "2017-02-02"}, tehran_time.instant_of("2017-01-03T12:00:00+03:30")),
    ]
