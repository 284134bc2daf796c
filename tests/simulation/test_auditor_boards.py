"""The auditor against figures worked out by hand: boards and their order, freezes, finals, awards, flags, erasure."""

from hashlib import sha256
from typing import Any

from tests.simulation.auditor import Auditor
from tests.simulation.auditor.boards import finals_of
from tests.simulation.auditor.lanes import partition_of
from tests.simulation.auditor.programme_reading import version_of
from tests.simulation.auditor.rounds import freezes
from tests.simulation.auditor_festivals import (
    BILLS,
    BUYS,
    OVERALL,
    SAVINGS,
    FestiveClub,
    festival,
    instant,
    version,
)

BY_BILLS = "{id: overall, weigh: {buys: 1}, then_by: bills}"
BEST = "{id: best, category: overall, at: close, ranks: 1-2, reward: coin}"
MONTHLY = "{id: monthly, category: overall, at: month, ranks: 1, reward: welcome}"


def test_the_order_is_score_then_by_reached_at_and_reference_and_equal_scores_share_a_rank() -> None:
    club = FestiveClub(version(festival(indicators=(BUYS, BILLS), categories=(BY_BILLS,))))
    club.register("B", "a", "c", "d", "e", "f")
    for minute, (member, amount) in enumerate((("c", 5_000), ("d", 9_000), ("e", 5_000), ("f", 5_000))):
        club.buy(amount, f"2017-01-01 10:0{minute}", by=member)
    club.buy(5_000, "2017-01-01 10:05", by="a")
    club.buy(5_000, "2017-01-01 10:00", by="B")
    club.pay_bill("2017-01-01 12:00", by="f")
    assert club.live() == [(1, "d", 9), (2, "f", 5), (2, "B", 5), (2, "c", 5), (2, "e", 5), (2, "a", 5)]
    club.buy(6_000, "2017-01-01 13:00", by="e")
    assert club.live()[:3] == [(1, "e", 11), (2, "d", 9), (3, "f", 5)]


def test_a_place_was_reached_when_the_category_score_last_changed_whatever_came_between() -> None:
    mixed = "{id: low, event: deposit.balance.recorded, earn: {points: 2, per: 1_000, of: minimum}}"
    category = "{id: overall, weigh: {savings: 2, low: 1}}"
    low = "{id: low, weigh: {low: 1}}"
    club = FestiveClub(version(festival(indicators=(SAVINGS, mixed), categories=(category, low))))
    club.register("m1")
    club.balance(4_000, "2017-01-01", minimum=1_000)
    club.balance(1_000, "2017-01-02", minimum=0)
    end_of_first, end_of_second = instant("2017-01-02 00:00") - 1, instant("2017-01-03 00:00") - 1
    boards = club.auditor.live_boards()
    assert boards["spring", "overall"] == [(1, "m1", None, 12, end_of_second)]
    assert boards["spring", "low"] == [(1, "m1", None, 2, end_of_first)]
    club.balance(3_000, "2017-01-01", 1, minimum=2_000)  # −1 of savings, +2 of low: all in all nothing for `overall`
    boards = club.auditor.live_boards()
    assert boards["spring", "overall"] == [(1, "m1", None, 12, end_of_second)]
    club.balance(3_000, "2017-01-01", 2, minimum=1_000)
    boards = club.auditor.live_boards()
    assert boards["spring", "overall"] == [(1, "m1", None, 10, end_of_first)]  # the last processed, not the latest
    assert boards["spring", "low"] == [(1, "m1", None, 2, end_of_first)]


def test_who_stands_on_a_board_is_registered_not_away_and_above_nothing() -> None:
    club = FestiveClub(version(festival()))
    for member in ("m1", "m2", "m3", "m4"):
        club.buy(1_000, "2017-01-01 10:00", id=f"p-{member}", by=member)
    assert club.live() == []
    club.register("m2", "m3", "m4", time="2017-01-01 11:00")
    club.refund("p-m3", 1_000, "2017-01-01 12:00", by="m3")
    club.leave("2017-01-09 12:00", by="m4")  # told ahead of its time: away by the last move of all
    assert club.live() == [(1, "m2", 1)]
    club.event("member.left", "2017-01-02 10:00", by="m2")
    assert club.live() == []


def test_a_final_lists_who_was_listed_at_the_freeze_and_hashes_the_whole_order() -> None:
    club = FestiveClub(version(festival()))
    club.register("m1", "m2", alias="آ")
    club.buy(3_000, "2017-01-01 10:00")
    club.buy(3_000, "2017-01-01 13:30", by="m2")
    club.buy(9_000, "2017-01-01 10:00", by="m3")
    club.tick("2017-01-11 00:59")
    assert club.auditor.finals() == {}
    assert len(club.live()) == 2
    club.tick("2017-01-11 01:00")
    assert club.auditor.live_boards() == {}
    club.register("m3", time="2017-01-11 02:00")
    club.event("member.left", "2017-01-11 02:00", by="m1")
    club.event("member.profile.changed", "2017-01-11 02:00", by="m2", alias="ب")
    lines = b"1 m1 3 2017-01-01T06:30:00.000Z\n1 m2 3 2017-01-01T10:00:00.000Z\n"
    assert club.auditor.finals() == {
        ("spring", "overall", "final"): {
            "as_of": instant("2017-01-11 01:00"),
            "hash": sha256(lines).hexdigest(),
            "participants": 2,
            "order": [
                (1, "m1", "آ", 3, instant("2017-01-01 10:00")),
                (1, "m2", "آ", 3, instant("2017-01-01 13:30")),
            ],
        }
    }


def test_months_have_finals_where_an_award_asks_for_them_and_finals_come_in_order() -> None:
    second = "{id: second, weigh: {buys: 1}}"
    long = festival("long", "1395-09-20", "1395-11-01", "joining: automatic", (BUYS,), (OVERALL, second), (MONTHLY,))
    short = festival("short", "1395-10-01", "1395-11-01", "joining: automatic", awards=(MONTHLY,))
    club = FestiveClub(version(short, long))
    club.buy(1, "2016-12-11 10:00")
    club.auditor.finish(instant("2017-01-20 00:00"))
    assert list(club.auditor.finals()) == [
        ("long", "overall", "1395-09"),
        ("short", "overall", "1395-10"),
        ("short", "overall", "final"),
        ("long", "overall", "1395-10"),
        ("long", "overall", "final"),
        ("long", "second", "final"),
    ]
    assert club.auditor.finals()["short", "overall", "final"]["hash"] == sha256().hexdigest()


def test_finals_come_by_their_instants_and_a_round_that_is_over_already_by_its_version() -> None:
    past = festival("past", "1395-09-10", "1396-01-01", awards=(MONTHLY,))
    club = FestiveClub(
        version(festival(closes="1395-11-01"), festival("short", closes="1395-10-29")),
        version(past, number=2, effective="1395-11-20"),
        replay=False,
    )
    club.tick("2017-01-25 10:00")
    club.tick("2017-02-08 10:00")
    assert [(festival, round) for festival, _, round in club.auditor.finals()] == [
        ("short", "final"),
        ("spring", "final"),
        ("past", "1395-09"),
        ("past", "1395-10"),
    ]
    finals = club.auditor.finals()
    assert finals["past", "overall", "1395-09"]["as_of"] == instant("2017-02-08 00:00")
    assert finals["short", "overall", "final"]["as_of"] == instant("2017-01-18 01:00")


def test_live_boards_are_of_what_has_opened_and_is_not_frozen_older_ones_last() -> None:
    old = festival("old", closes="1396-01-01")
    kept = festival("kept", closes="1396-01-01")
    later = festival("later", "1395-12-01", "1396-01-01")
    club = FestiveClub(version(old, festival(), kept), version(later, kept, number=2, effective="1395-10-20"))
    club.buy(1, "2016-12-31 10:00")
    assert list(club.auditor.live_boards()) == []
    club.buy(1, "2017-01-01 00:00")
    assert [festival for festival, _ in club.auditor.live_boards()] == ["old", "spring", "kept"]
    club.buy(1, "2017-01-12 00:00")
    assert [festival for festival, _ in club.auditor.live_boards()] == ["kept", "old"]
    assert [festival for festival, _ in club.auditor.live_boards(instant("2017-02-19 00:00"))] == [
        "later",
        "kept",
        "old",
    ]


def test_what_was_left_out_before_its_opening_has_no_boards() -> None:
    later = festival("later", "1395-12-01", "1396-01-01")
    texts = [version(festival(), later), version(festival(), number=2, effective="1395-10-20")]
    assert {each.festival.id for each in freezes([version_of(text) for text in texts])} == {"spring"}
    club = FestiveClub(*texts)
    club.buy(1, "2017-02-20 00:00")
    assert "later" not in {festival for festival, _ in club.auditor.live_boards()}


def test_a_final_waits_for_every_lane() -> None:
    auditor = Auditor([version(festival())], partitions=2, replay=False)
    members = [next(f"m{n}" for n in range(9) if partition_of(f"m{n}", 2) == partition) for partition in (0, 1)]
    now = instant("2017-01-02 00:00")
    for kind, data in (("member.registered", {"channel": "web"}), ("card.purchase.settled", _purchase())):
        for member in members:
            envelope = {"specversion": "1.0", "id": kind, "source": "/s", "type": kind, "subject": member, "data": data}
            topic = "club.member" if kind == "member.registered" else "bank.card"
            auditor.event(envelope | {"time": "2017-01-01T10:00:00+03:30"}, topic, now)
    auditor.tick(instant("2017-01-11 01:00"), partition=0)
    assert auditor.finals() == {}
    assert len(auditor.live_boards()["spring", "overall"]) == 2
    left = {"specversion": "1.0", "id": "l", "source": "/s", "type": "member.left", "subject": members[0], "data": {}}
    auditor.event(left | {"time": "2017-01-11T01:00:00+03:30"}, "club.member", instant("2017-01-11 01:00"))
    auditor.tick(instant("2017-01-11 03:00"), partition=1)
    (final,) = finals_of(auditor.rounds, auditor.lanes)
    assert [member for _, member, *_ in final.order] == sorted(members)
    assert final.round.as_of == instant("2017-01-11 01:00")


def _purchase() -> dict[str, Any]:
    return {"amount": 1_000, "mcc": "5411", "merchant": "s", "terminal": "t", "channel": "pos"}


def test_awards_are_commanded_by_the_total_order_once() -> None:
    club = FestiveClub(version(festival(awards=(BEST, MONTHLY))))
    club.register("m1", "m2", "m3")
    for member in ("m3", "m2", "m1"):
        club.buy(1_000, "2017-01-01 10:00", by=member)
    assert club.auditor.award_commands() == []
    club.auditor.finish(instant("2017-01-12 00:00"))
    commands = club.auditor.award_commands()
    assert club.auditor.award_commands() == []
    text = '["command.award.granted","m2","spring","overall","final","best"]'
    assert [(each["subject"], each["data"]["rank"]) for each in commands] == [("m1", 1), ("m2", 2)]
    assert commands[1] == {
        "specversion": "1.0",
        "id": sha256(text.encode()).hexdigest()[:32],
        "source": "/club/coordinator",
        "type": "command.award.granted",
        "subject": "m2",
        "time": "2017-01-10T21:30:00.000Z",
        "data": {
            "award": "best", "reward": "coin", "festival": "spring", "category": "overall", "round": "final",
            "rank": 2, "value_rial": 5_000,
        },
    }  # fmt: skip
    club.auditor.finish(instant("2017-01-20 01:00"))
    (month,) = club.auditor.award_commands()
    assert month["data"] == {
        "award": "monthly", "reward": "welcome", "festival": "spring", "category": "overall", "round": "1395-10",
        "rank": 1,
    }  # fmt: skip


def test_awards_follow_category_award_and_rank_and_fewer_members_win_less() -> None:
    categories = ("{id: one, weigh: {buys: 1}}", "{id: two, weigh: {buys: 1}}")
    awards = (
        "{id: c, category: two, at: close, ranks: 2-9, reward: coin}",
        "{id: b, category: one, at: close, ranks: 2, reward: coin}",
        "{id: a, category: one, at: close, ranks: 1, reward: coin}",
        "{id: draw, category: one, at: close, draw: {per: 1, winners: 1}, reward: coin}",
    )
    club = FestiveClub(version(festival(categories=categories, awards=awards)))
    club.register("m1", "m2", "m3")
    for member in ("m1", "m2", "m3"):
        club.buy(1_000, "2017-01-01 10:00", by=member)
    club.auditor.finish(instant("2017-01-12 00:00"))
    assert [(each["data"]["award"], each["subject"]) for each in club.auditor.award_commands()] == [
        ("b", "m2"),
        ("a", "m1"),
        ("c", "m2"),
        ("c", "m3"),
    ]


def test_a_single_lane_grants_its_awards_at_the_tick_that_made_them_ahead_of_the_event() -> None:
    content = version(festival(awards=("{id: best, category: overall, at: close, ranks: 1, reward: welcome}",)))
    club = FestiveClub(content | {"points": {"pending": {"days": "2"}}}, coordinates=True)
    club.register("m1", consents={"sms": True})
    club.buy(1_000, "2017-01-01 10:00")
    club.buy(200_000, "2017-01-12 00:00")
    fields = ("type", "reward", "reason", "festival", "category", "round", "rank", "value_rial", "time")
    assert club.rewards(*fields) == [
        ("reward.granted", "welcome", "rank", "spring", "overall", "final", 1, None, instant("2017-01-11 01:00"))
    ]
    assert club.postings("type", "points", "rule", "status") == [
        ("points.accrued", 100, "reward:welcome", "pending"),
        ("points.accrued", 2, "purchase", "pending"),
    ]
    assert [(each["type"], each["medium"], each["values"]) for each in club.auditor.notices] == [
        ("notification.requested", "sms", {"reward": "welcome"}),
        ("notification.suppressed", "push", {"reward": "welcome"}),
    ]
    assert [each["outcome"] for each in club.auditor.outcomes][-2:] == ["scored", "scored"]
    club.auditor.finish(instant("2017-01-13 00:00"))  # two days after the eleventh
    assert club.row("active", "pending") == (100, 2)


def test_a_repeated_command_is_a_duplicate() -> None:
    club = FestiveClub(version(festival(awards=(BEST,))))
    club.register("m1")
    club.buy(1_000, "2017-01-01 10:00")
    club.auditor.finish(instant("2017-01-12 00:00"))
    (command,) = club.auditor.award_commands()
    outcomes = [club.auditor.event(command, "club.command") for _ in range(2)]
    assert outcomes == ["scored", "duplicate"]
    assert club.auditor.event(command | {"subject": "m2"}, "club.command") == "scored"
    assert club.rewards("member", "value_rial") == [("m1", 5_000), ("m2", 5_000)]


def test_a_refund_after_the_freeze_flags_each_award_once_and_one_before_it_none() -> None:
    awards = (BEST, "{id: late, category: bills, at: close, ranks: 1, reward: coin}", MONTHLY)
    categories = (OVERALL, "{id: bills, weigh: {bills: 1}}")
    club = FestiveClub(
        version(festival(indicators=(BUYS, BILLS), categories=categories, awards=awards)), coordinates=True
    )
    club.register("m1")
    club.buy(4_000, "2017-01-01 10:00", id="p")
    club.pay_bill("2017-01-01 11:00")
    club.refund("p", 2_000, "2017-01-11 23:00")
    club.tick("2017-01-12 00:00")
    assert club.rewards("type", "round", "category") == [
        ("reward.granted", "final", "overall"),
        ("reward.granted", "final", "bills"),
    ]
    club.win("p", 1_000, "2017-01-12 09:00")  # 1,000 are refunded; the final had 2 taken back
    club.refund("p", 1_000, "2017-01-12 10:00")
    club.refund("p", 100, "2017-01-12 11:00")  # 2.1: the target does not rise
    assert len(club.auditor.rewards) == 2
    assert club.refund("p", 900, "2017-01-12 12:00") == "scored"  # 3
    club.refund("p", 1_000, "2017-01-12 13:00")
    assert club.rewards("type", "reward", "reason", "category", "round", "rank", "value_rial", "cause_id")[2:] == [
        ("reward.flagged", "coin", "rank", "overall", "final", 1, 5_000, "e7"),
    ]
    club.win("p", 3_000, "2017-01-12 14:00")
    club.auditor.finish(instant("2017-01-20 01:00"))
    assert club.rewards("type", "round")[3:] == [("reward.granted", "1395-10")]  # the month had heard it all
    club.refund("p", 9_000, "2017-01-21 10:00")
    assert club.rewards("type", "round")[4:] == [("reward.flagged", "1395-10")]


def test_an_award_that_comes_after_the_refund_is_flagged_at_once() -> None:
    club = FestiveClub(version(festival(awards=(BEST,))))
    club.register("m1")
    club.buy(4_000, "2017-01-01 10:00", id="p")
    club.tick("2017-01-12 00:00")
    (command,) = club.auditor.award_commands()
    club.refund("p", 1_000, "2017-01-12 10:00")
    assert club.auditor.rewards == []
    club.auditor.event(command, "club.command")
    assert club.rewards("type", "cause_source", "cause_id") == [
        ("reward.granted", "/club/coordinator", command["id"]),
        ("reward.flagged", "/club/coordinator", command["id"]),
    ]


def test_one_refund_flags_festival_by_festival_as_the_purchase_counted() -> None:
    club = FestiveClub(version(festival("b", awards=(BEST,)), festival("a", awards=(BEST,))))
    club.register("m1")
    club.buy(4_000, "2017-01-01 10:00", id="p")
    club.tick("2017-01-12 00:00")
    for command in reversed(club.auditor.award_commands()):
        club.auditor.event(command, "club.command")
    club.refund("p", 1_000, "2017-01-12 10:00")
    assert club.rewards("type", "festival") == [
        ("reward.granted", "a"),
        ("reward.granted", "b"),
        ("reward.flagged", "b"),
        ("reward.flagged", "a"),
    ]


def test_a_months_award_is_flagged_by_a_refund_that_the_festival_still_follows() -> None:
    club = FestiveClub(version(festival(closes="1395-11-20", awards=(BEST, MONTHLY))), coordinates=True)
    club.register("m1")
    club.buy(4_000, "2017-01-19 10:00", id="p")
    club.tick("2017-01-21 00:00")
    club.buy(8_000, "2017-01-19 11:00", id="late")  # counts in the festival only
    club.refund("late", 8_000, "2017-01-21 10:00")
    assert club.rewards("type") == [("reward.granted",)]
    club.refund("p", 4_000, "2017-01-21 11:00")
    assert club.rewards("type", "round") == [("reward.granted", "1395-10"), ("reward.flagged", "1395-10")]
    assert club.deltas() == [4, 8, -8, -4]


def test_corrections_of_balances_and_chargebacks_won_flag_nothing() -> None:
    monthly = "{id: monthly, category: overall, at: month, ranks: 1, reward: coin}"
    saved = {"indicators": (SAVINGS, BUYS), "categories": ("{id: overall, weigh: {savings: 1, buys: 1}}",)}
    club = FestiveClub(version(festival(closes="1395-11-20", awards=(monthly,), **saved)), coordinates=True)
    club.register("m1")
    club.balance(9_000, "2017-01-18")
    club.buy(9_000, "2017-01-19 10:00", id="p")
    club.refund("p", 3_000, "2017-01-19 11:00")
    club.tick("2017-01-21 00:00")
    club.balance(1_000, "2017-01-18", 1)
    club.win("p", 1_000, "2017-01-21 10:00")
    assert club.rewards("type") == [("reward.granted",)]
    assert club.final(round="1395-10") == [(1, "m1", 15)]
    assert club.live() == [(1, "m1", 8)]


def test_erasure_takes_a_member_off_live_boards_and_the_alias_off_finals() -> None:
    club = FestiveClub(version(festival(), festival("long", closes="1396-01-01")))
    club.register("m1", "m2", alias="آ")
    club.buy(3_000, "2017-01-01 10:00")
    club.buy(2_000, "2017-01-01 10:00", by="m2")
    club.buy(1, "2017-01-12 00:00", by="m3")
    before = club.auditor.finals()["spring", "overall", "final"]
    club.event("member.erased", "2017-01-13 10:00")
    after = club.auditor.finals()["spring", "overall", "final"]
    assert [(member, alias) for _, member, alias, _, _ in before["order"]] == [("m1", "آ"), ("m2", "آ")]
    assert [(member, alias) for _, member, alias, _, _ in after["order"]] == [("m1", None), ("m2", "آ")]
    assert before["hash"] == after["hash"]
    assert club.live("long") == [(1, "m2", 2)]
    assert club.join("2017-01-13 11:00") == "erased"


def test_a_clock_that_leaps_freezes_at_each_midnight_on_its_way() -> None:
    second = version(
        festival("winter", "1395-11-01", "1395-12-01", "joining: opt_in"), number=2, effective="1395-10-25"
    )
    club = FestiveClub(version(festival(awards=(BEST,))), second, coordinates=True)
    club.register("m1")
    club.buy(1_000, "2017-01-01 10:00")
    club.buy(1_000, "2017-06-01 10:00")
    frozen = club.auditor.lanes[0].frozen
    assert {name: each.tick for name, each in frozen.items()} == {
        ("spring", "final"): instant("2017-01-12 00:00"),
        ("spring", "1395-10"): instant("2017-01-21 00:00"),
        ("winter", "1395-11"): instant("2017-02-19 00:00"),
        ("winter", "final"): instant("2017-02-19 00:00"),
    }
    assert club.rewards("reward") == [("coin",)]
