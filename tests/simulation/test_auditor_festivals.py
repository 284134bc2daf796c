"""The auditor against figures worked out by hand: who takes part in festivals, what counts, what follows refunds."""

from tests.simulation.auditor.programme_reading import version_of
from tests.simulation.auditor.rounds import rounds_of
from tests.simulation.auditor_club import programme
from tests.simulation.auditor_festivals import BILLS, BUYS, SAVINGS, FestiveClub, festival, instant, version

BOTH = "{id: overall, weigh: {buys: 2, bills: 1}}"


def test_a_festival_is_read_with_its_defaults_and_its_rounds() -> None:
    plain = version(festival(closes="1395-12-01", more="lateness: {days: 1, hours: 2, minutes: 3}"))
    (found,) = version_of(plain).festivals
    assert (found.segments, found.opt_in, found.lateness) == (None, False, 93_780_000)
    assert found.indicators[0].id == "spring/buys"
    late = found.lateness
    assert rounds_of(found) == [
        ("1395-10", instant("2017-01-20 00:00") + late),
        ("1395-11", instant("2017-02-19 00:00") + late),  # the month's last day is the festival's
        ("final", instant("2017-02-19 00:00") + late),
    ]


def test_events_count_from_the_opening_to_the_last_instant_before_the_close() -> None:
    club = FestiveClub(version(festival()))
    times = ("2016-12-31 23:59", "2017-01-01 00:00", "2017-01-10 23:59", "2017-01-11 00:00")
    assert [club.buy(5_000, time) for time in times] == ["no_points", "scored", "scored", "no_points"]
    assert club.told("type", "festival", "indicator", "delta", "score", "cause_id") == [
        ("festival.score.changed", "spring", "buys", 5, 5, "e2"),
        ("festival.score.changed", "spring", "buys", 5, 10, "e3"),
    ]
    assert club.auditor.postings == []


def test_a_late_event_counts_until_the_tick_that_freezes_and_not_after_it() -> None:
    club = FestiveClub(version(festival()))
    club.buy(1_000, "2017-01-11 20:00")  # 19 hours behind the instant of the freeze, but ahead of the next midnight
    assert club.buy(2_000, "2017-01-02 10:00") == "scored"
    club.buy(1, "2017-01-12 00:00")
    assert club.buy(4_000, "2017-01-02 10:00") == "no_points"
    assert club.deltas() == [2]


def test_opt_in_counts_from_joining_on_and_joining_may_precede_the_opening() -> None:
    club = FestiveClub(version(festival(more="joining: opt_in")))
    assert club.buy(1_000, "2017-01-01 10:00") == "no_points"
    assert club.join("2017-01-01 11:00") == "applied"
    assert club.buy(2_000, "2017-01-01 10:59") == "no_points"
    assert club.buy(4_000, "2017-01-01 11:00") == "scored"
    club.join("2016-12-26 10:00", by="m2")
    assert club.buy(8_000, "2017-01-01 00:00", by="m2") == "scored"
    assert club.told("type", "member")[:2] == [("festival.joined", "m1"), ("festival.score.changed", "m1")]


def test_who_leaves_is_off_the_board_keeps_the_score_and_counts_again_after_coming_back() -> None:
    club = FestiveClub(version(festival()))
    club.register("m1")
    club.buy(1_000, "2017-01-02 10:00")
    club.leave("2017-01-03 10:00")
    assert club.live() == []
    assert club.buy(2_000, "2017-01-03 11:00") == "no_points"
    assert club.buy(4_000, "2017-01-03 09:59") == "scored"  # late: judged by its own time
    club.join("2017-01-04 10:00")
    assert club.buy(8_000, "2017-01-03 12:00") == "no_points"
    assert club.buy(16_000, "2017-01-04 10:00") == "scored"
    assert club.live() == [(1, "m1", 21)]
    assert [kind for (kind,) in club.told("type") if kind != "festival.score.changed"] == [
        "festival.left",
        "festival.joined",
    ]


def test_moves_are_ordered_by_their_time_and_of_one_instant_the_later_told_holds() -> None:
    club = FestiveClub(version(festival(more="joining: opt_in")))
    club.leave("2017-01-05 10:00")  # the first move always says so
    club.join("2017-01-03 10:00")  # earlier than the last one: she is still out
    club.join("2017-01-03 10:00")
    assert club.buy(1_000, "2017-01-04 10:00") == "scored"
    club.join("2017-01-05 10:00")  # instead of leaving
    assert club.buy(2_000, "2017-01-06 10:00") == "scored"
    club.leave("2017-01-03 10:00")
    assert club.buy(4_000, "2017-01-04 10:00") == "no_points"
    assert [(kind, cause) for kind, cause in club.told("type", "cause_id") if "score" not in kind] == [
        ("festival.left", "e1"),
        ("festival.joined", "e5"),
    ]


def test_a_move_is_kept_for_a_festival_that_nobody_knows_yet_and_before_the_first_version() -> None:
    opt_in = festival(more="joining: opt_in")
    club = FestiveClub(version(effective="1395-10-01"), version(opt_in, number=2, effective="1395-10-12"))
    assert club.join("2016-12-01 10:00", by="m2") == "no_programme"
    assert club.join("2016-12-22 10:00") == "applied"
    assert club.told("type", "member", "festival") == [("festival.joined", "m1", "spring")]
    assert club.join("2016-12-22 10:00", by="m2") == "applied"  # in already
    assert len(club.auditor.festival) == 1
    assert [club.buy(1_000, "2017-01-01 00:00", by=member) for member in ("m1", "m2", "m3")] == [
        "scored",
        "scored",
        "no_points",
    ]


def test_the_audience_is_looked_at_when_the_event_is() -> None:
    club = FestiveClub(version(festival(more="audience: {segments: [physician, nurse]}")))
    assert club.buy(1_000, "2017-01-01 10:00") == "no_points"
    club.register("m1", time="2017-01-02 10:00", segments=["teacher", "nurse"])
    assert club.buy(2_000, "2017-01-01 11:00") == "scored"
    club.event("member.profile.changed", "2017-01-03 10:00", segments=[])
    assert club.buy(4_000, "2017-01-02 12:00") == "no_points"


def test_who_has_left_the_club_earns_nothing_but_refunds_go_on() -> None:
    club = FestiveClub(version(festival()))
    club.register("m1")
    club.buy(10_000, "2017-01-01 10:00", id="p")
    club.event("member.left", "2017-01-02 10:00")
    assert club.join("2017-01-02 11:00") == "applied"
    assert club.buy(1_000, "2017-01-02 12:00") == "no_points"
    assert club.refund("p", 4_000, "2017-01-02 13:00") == "scored"
    assert club.deltas() == [10, -4]
    assert club.live() == []
    club.register("m1", time="2017-01-03 10:00")
    assert club.live() == [(1, "m1", 6)]


def test_indicators_have_caps_once_and_groups_of_their_own_and_no_multipliers() -> None:
    capped = "{id: buys, event: card.purchase.settled, earn: {points: 1, per: 1_000}, caps: {transaction: 4, day: 7}}"
    first = "{id: first, event: card.purchase.settled, earn: {points: 5}, once: member, exclusive: g}"
    rival = "{id: flat, event: card.purchase.settled, earn: {points: 5}, exclusive: g}"
    rule = "{id: buys, event: card.purchase.settled, earn: {points: 1, per: 1_000}, caps: {day: 9}}"
    content = programme(rule, multipliers='[{id: double, by: "2"}]')
    club = FestiveClub(content | {"festivals": [festival(indicators=(capped, first, rival))]})
    club.buy(6_000, "2017-01-01 10:00")  # of equal outcomes `first` wins, the lower id
    club.buy(4_000, "2017-01-01 11:00")
    assert club.told("indicator", "delta") == [("buys", 4), ("first", 5), ("buys", 3), ("flat", 5)]
    assert club.postings("rule", "points") == [("buys", 9)]
    assert club.buy(4_000, "2017-01-02 11:00", mcc="6011") == "no_points"


def test_scores_change_in_the_order_of_the_file_festival_by_festival() -> None:
    twice = "{id: again, event: card.purchase.settled, earn: {points: 1}}"
    later = festival("winter", indicators=(BILLS, twice, BUYS), categories=("{id: all, weigh: {buys: 1}}",))
    club = FestiveClub(version(later, festival("autumn"), rule=BUYS))
    club.buy(2_000, "2017-01-01 10:00")
    assert club.told("festival", "indicator", "score") == [
        ("winter", "again", 1),
        ("winter", "buys", 2),
        ("autumn", "buys", 2),
    ]
    assert club.points() == [("accrued", 2)]


def test_refunds_follow_to_the_rounded_target_until_the_freeze_and_chargebacks_won_give_back() -> None:
    club = FestiveClub(version(festival()))
    club.buy(5_000, "2017-01-01 10:00", id="p")
    club.refund("p", 500, "2017-01-02 10:00")  # 0.5: 1
    club.refund("p", 1_000, "2017-01-02 10:00")  # 1.5: 2
    club.win("p", 1_200, "2017-01-02 11:00")  # 0.3: 0
    club.refund("p", 9_000, "2017-01-11 23:00")  # the festival has closed but is not frozen
    club.win("p", 6_300, "2017-01-11 23:30")  # 3,000 of 5,000 are left
    club.tick("2017-01-12 00:00")
    club.win("p", 9_000, "2017-01-12 01:00")
    club.refund("p", 9_000, "2017-01-12 02:00")
    assert club.deltas() == [5, -1, -1, 2, -5, 2]
    assert club.told("score")[-1] == (2,)


def test_a_refund_ahead_of_its_purchase_is_an_event_of_its_own() -> None:
    club = FestiveClub(version(festival()))
    club.register("m1")
    assert club.refund("p", 2_000, "2017-01-03 10:00") == "parked"
    club.buy(5_000, "2017-01-01 10:00", id="p")
    assert club.told("delta", "score", "cause_id") == [(5, 5, "p"), (-2, 3, "e2")]
    assert club.auditor.live_boards()["spring", "overall"][0][-1] == instant("2017-01-03 10:00")


def test_once_is_reopened_by_a_whole_refund_only_while_the_festival_is_not_frozen() -> None:
    first = "{id: buys, event: card.purchase.settled, earn: {points: 9}, once: member}"
    long = festival("long", closes="1396-01-01", indicators=(first,))
    club = FestiveClub(version(festival(indicators=(first,)), long))
    club.buy(1_000, "2017-01-01 10:00", id="p")
    club.refund("p", 1_000, "2017-01-02 10:00")
    assert club.buy(1_000, "2017-01-03 10:00", id="q") == "scored"
    assert club.win("p", 1_000, "2017-01-03 11:00") == "scored"
    club.refund("q", 1_000, "2017-01-13 10:00")
    assert club.buy(1_000, "2017-01-10 10:00") == "scored"
    assert club.told("festival", "delta") == [
        ("spring", 9), ("long", 9), ("spring", -9), ("long", -9), ("spring", 9), ("long", 9),
        ("spring", 9), ("long", 9), ("long", -9), ("long", 9),
    ]  # fmt: skip


def test_a_months_round_may_freeze_before_the_festival() -> None:
    monthly = "{id: monthly, category: overall, at: month, ranks: 1, reward: coin}"
    club = FestiveClub(version(festival(closes="1395-11-20", more="lateness: {days: 1}", awards=(monthly,))))
    club.register("m1")
    club.buy(10_000, "2017-01-19 10:00", id="p")
    club.buy(1_000, "2017-01-20 00:00")  # of the next month
    club.buy(2_000, "2017-01-19 11:00")  # late, but not too late
    club.refund("p", 1_000, "2017-01-20 12:00")
    club.tick("2017-01-21 00:00")
    assert club.final(round="1395-10") == [(1, "m1", 11)]
    assert club.refund("p", 2_000, "2017-01-21 10:00") == "scored"
    assert club.buy(4_000, "2017-01-19 12:00") == "scored"  # for the festival only
    assert club.final(round="1395-10") == [(1, "m1", 11)]
    assert club.live() == [(1, "m1", 14)]  # 10 + 1 + 2 − 1 − 2 + 4
    club.auditor.finish(instant("2017-03-01 00:00"))
    assert club.final() == [(1, "m1", 14)]
    assert club.final(round="1395-11") == [(1, "m1", 1)]


def test_a_months_round_that_freezes_after_the_festival_still_hears_refunds() -> None:
    monthly = "{id: monthly, category: overall, at: month, ranks: 1, reward: coin}"
    club = FestiveClub(version(festival(awards=(monthly,))))
    club.register("m1")
    club.buy(10_000, "2017-01-02 10:00", id="p")
    club.buy(1, "2017-01-12 00:00")
    assert club.final() == [(1, "m1", 10)]
    assert club.refund("p", 3_000, "2017-01-13 10:00") == "scored"
    assert club.win("p", 1_000, "2017-01-13 11:00") == "scored"
    assert club.buy(2_000, "2017-01-03 10:00") == "no_points"
    assert club.deltas() == [10]
    club.auditor.finish(instant("2017-01-20 01:00"))
    assert club.final(round="1395-10") == [(1, "m1", 8)]
    assert club.final() == [(1, "m1", 10)]


def test_a_balance_counts_at_the_end_of_its_date_and_is_corrected() -> None:
    club = FestiveClub(version(festival(indicators=(SAVINGS,), categories=("{id: overall, weigh: {savings: 1}}",))))
    club.register("m1")
    outcomes = [
        club.balance(balance, day, revision)
        for balance, day, revision in (
            (9_000, "2016-12-31", 0),
            (5_000, "2017-01-01", 0),
            (7_000, "2017-01-10", 0),
            (8_000, "2017-01-01", 2),
            (1_000, "2017-01-01", 1),
            (2_000, "2017-01-01", 3),
            (2_999, "2017-01-01", 4),
        )
    ]
    assert outcomes == ["no_points", "scored", "scored", "scored", "no_points", "scored", "no_points"]
    assert club.deltas() == [5, 7, 3, -6]
    assert club.auditor.live_boards()["spring", "overall"][0][3:] == (9, instant("2017-01-02 00:00") - 1)
    assert club.balance(7_000, "2017-01-11") == "no_points"
    assert club.balance(9_000, "2017-01-10", 9) == "no_points"  # frozen meanwhile
    assert club.final() == [(1, "m1", 9)]


def test_a_correction_is_worked_out_anew_and_takes_all_back_where_the_balance_does_not_count_any_more() -> None:
    saved = {"indicators": (SAVINGS,), "categories": ("{id: overall, weigh: {savings: 1}}",)}
    club = FestiveClub(version(festival(more="joining: opt_in", **saved)))
    club.join("2017-01-01 10:00")
    club.balance(5_000, "2017-01-01")
    club.balance(6_000, "2017-01-02")
    club.leave("2017-01-01 20:00")
    club.balance(9_000, "2017-01-01", 1)  # at the end of that day she was away
    club.join("2017-01-01 20:00")
    club.balance(9_000, "2017-01-01", 2)
    club.event("member.left", "2017-01-03 03:00")
    club.balance(1_000, "2017-01-02", 1)  # who has left the club keeps what was granted
    club.register("m1", time="2017-01-03 04:00")
    club.event("deposit.account.closed", "2017-01-03 05:00", account="a", product="current", date="2017-01-02")
    club.balance(9_000, "2017-01-02", 2)
    assert club.deltas() == [5, 6, -5, 9, -6]


def test_caps_bind_a_corrected_balance_as_a_whole_and_once_holds_for_its_own_date() -> None:
    capped = "{id: savings, event: deposit.balance.recorded, earn: {points: 1, per: 1_000, of: balance}, %s}"
    both = capped % "once: member, caps: {transaction: 6, month: 8}"
    club = FestiveClub(version(festival(indicators=(both,), categories=("{id: overall, weigh: {savings: 1}}",))))
    club.balance(5_000, "2017-01-02")
    club.balance(9_000, "2017-01-03")  # paid already
    club.balance(9_000, "2017-01-02", 1)  # 6 in all
    club.balance(1_000, "2017-01-02", 2)
    club.balance(9_000, "2017-01-02", 3)  # 2 of the month are left
    assert club.deltas() == [5, 1, -5, 2]


def test_a_later_version_may_close_earlier() -> None:
    early = version(festival(closes="1395-10-18"), number=2, effective="1395-10-15")  # 2017-01-07 from 2017-01-04 on
    club = FestiveClub(version(festival()), early)
    club.register("m1")
    assert club.buy(1_000, "2017-01-06 23:59") == "scored"
    assert club.buy(2_000, "2017-01-07 00:00") == "no_points"
    club.tick("2017-01-07 01:00")
    assert club.auditor.finals()["spring", "overall", "final"]["as_of"] == instant("2017-01-07 01:00")
    assert club.buy(4_000, "2017-01-02 10:00") == "no_points"  # of the older version, but frozen


def test_a_later_version_may_wait_longer_and_change_indicators_for_its_own_time() -> None:
    dearer = "{id: buys, event: card.purchase.settled, earn: {points: 1, per: 2_000}}"
    second = festival(more="lateness: {days: 3}", indicators=(dearer,))
    club = FestiveClub(version(festival()), version(second, number=2, effective="1395-10-15"))
    club.buy(4_000, "2017-01-04 10:00")
    club.buy(4_000, "2017-01-03 10:00")
    club.buy(1, "2017-01-13 23:00")
    assert club.buy(4_000, "2017-01-10 10:00") == "scored"
    club.buy(1, "2017-01-14 00:00")
    assert club.buy(4_000, "2017-01-10 10:00") == "no_points"
    assert club.deltas() == [2, 4, 2]
    assert club.auditor.finals()["spring", "overall", "final"]["as_of"] == instant("2017-01-14 00:00")


def test_a_version_that_takes_effect_between_the_instant_of_a_freeze_and_its_tick_changes_nothing() -> None:
    best = "{id: best, category: overall, at: close, ranks: 1, reward: coin}"
    second = festival(more="lateness: {days: 3}", awards=(best,))
    club = FestiveClub(version(festival()), version(second, number=2, effective="1395-10-23"))  # 2017-01-12
    club.register("m1")
    club.buy(4_000, "2017-01-04 10:00")
    club.buy(1, "2017-01-12 00:00")
    assert club.buy(4_000, "2017-01-04 11:00") == "no_points"
    assert club.auditor.finals()["spring", "overall", "final"]["as_of"] == instant("2017-01-11 01:00")
    assert club.auditor.award_commands() == []


def test_a_festival_that_the_version_in_force_lacks_counts_nothing_and_freezes_by_the_last_that_had_it() -> None:
    club = FestiveClub(version(festival()), version(number=2, effective="1395-10-15"))
    club.register("m1")
    club.buy(1_000, "2017-01-03 10:00")
    assert club.buy(2_000, "2017-01-04 10:00") == "no_points"
    assert club.buy(4_000, "2017-01-03 11:00") == "scored"
    assert club.live() == [(1, "m1", 5)]
    club.auditor.finish(instant("2017-01-11 01:00"))
    assert club.final() == [(1, "m1", 5)]
    assert club.auditor.live_boards() == {}


def test_both_indicators_of_an_event_list_weigh_what_the_category_says() -> None:
    club = FestiveClub(version(festival(indicators=(BUYS, BILLS), categories=(BOTH,))))
    club.register("m1")
    club.buy(4_000, "2017-01-01 10:00")
    club.pay_bill("2017-01-01 11:00")
    assert club.live() == [(1, "m1", 11)]
