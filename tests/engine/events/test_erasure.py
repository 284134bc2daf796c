"""Of whoever is erased stays what is listed, and nothing else, whatever a row will hold one day."""

from typing import Any

import msgspec
import pytest

from engine.clock import Clock
from engine.effects import EffectCause
from engine.events.erasure import OF_A_FESTIVAL, OF_THE_HEAD, erase
from engine.ledger.draft import Draft
from engine.ledger.member import (
    EVER_KEY,
    FESTIVAL,
    HEAD,
    Account,
    BalanceDay,
    EventRow,
    FestivalRow,
    Head,
    Lot,
    MemberAward,
    Move,
    Parked,
    RoundScores,
    Status,
    balances_key,
    event_key,
    festival_key,
    lots_key,
    month_key,
    parked_key,
    year_key,
)
from engine.programme.rounds import FINAL, round_key
from engine.programme.terms import Points
from tests.engine.club import PURCHASE, Club, at, programme

HOLD = Points(pending_days=7, expiry_months=12)
AWARD = MemberAward("best", "overall", FINAL, "coin", 1, 5, flagged=True)
SCORES = RoundScores({"buy": 3}, {"overall": 7})
IN_A_FESTIVAL = FestivalRow(SCORES, {16815: SCORES}, True, "سارا", {FINAL: (True, "سارا")}, (AWARD,), ((FINAL, "buy"),))
WHOLE = Head(
    Status.REGISTERED, "سارا", ("physician",), "یزد", {"sms": True}, (Lot(30_000, 40_000, 5),), 7, 2, 4, 20, 1, 3, 2,
    (1400,), 20, ("t",), {"r": b"e"}, {"a": Account("short_term", 1, 2, 3)}, {"f": (Move(1, True),)}, 10**15, 8,
    (("n", 9),), 1, 5, (Lot(18_750, 40_000, 3),), 16815, {"r": {0: 5}}, 1400, {"r": 5}, ("f",), 1, 2, 3, 4, {"sms": 5},
)  # fmt: skip
"""A member with something in every field."""
ROWS: dict[bytes, Any] = {
    HEAD: WHOLE,
    event_key(b"e"): EventRow(b"c", 1, 5, 0, (), ()),
    parked_key(b"e"): (Parked("card.purchase.refunded", "/core", "r", 1, 5),),
    month_key(16814): {"r": {0: 5}},
    year_key(1399): {"r": 5},
    EVER_KEY: {"r": 5},
    lots_key(1400): (Lot(18_751, 40_000, 4),),
    balances_key("a", 16815): {1: BalanceDay(0, 5, None, ())},
    festival_key("f"): IN_A_FESTIVAL,
    b"x-a row of a later release": "somebody's address",
}


def _erased(rows: dict[bytes, Any], frozen: frozenset[str] = frozenset()) -> dict[bytes, Any]:
    """A member's rows after erasure."""
    club = Club(programme(PURCHASE))
    club.rows.values = dict(rows)
    club.clock = Clock(frozen=frozen)
    club.event("member.erased", at(1400, 1, 10))
    return club.rows.values


def test_the_rows_of_this_test_have_something_in_every_field() -> None:
    for field in msgspec.structs.fields(Head):
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        assert getattr(WHOLE, field.name) != default, f"give {field.name} a value, so that its erasure is seen"
    for value in (IN_A_FESTIVAL, SCORES, AWARD):
        for name, default in type(value)._field_defaults.items():
            assert getattr(value, name) != default, f"give {name} a value, so that its erasure is seen"


def test_no_row_but_the_head_and_those_in_festivals_stays() -> None:
    assert set(_erased(ROWS)) == {HEAD, FESTIVAL + b"f"}


def test_of_the_head_stays_what_is_listed() -> None:
    head, blank = _erased(ROWS)[HEAD], Head(status=Status.ERASED)
    for name in Head.__struct_fields__:
        if name not in OF_THE_HEAD:
            assert getattr(head, name) == getattr(blank, name), f"{name} survives erasure"
    assert (head.issued, head.reversed, head.spent, head.held, head.debt) == (20, 1, 2, 2, 4)
    assert head.expired == WHOLE.expired + 5 + 3 + 4
    assert head.festivals == ("f",)


def test_a_field_that_comes_one_day_is_erased_unless_it_is_listed() -> None:
    wider = msgspec.defstruct("Wider", [("mobile", str, "")], bases=(Head,), array_like=True)
    club = Club(programme(PURCHASE))
    values = {name: getattr(WHOLE, name) for name in Head.__struct_fields__}
    club.rows.values = {**ROWS, HEAD: wider(**values, mobile="0912")}
    draft = Draft(club.rows, "m", club.versions, club.clock, at(1400, 1, 10))
    erase(draft, EffectCause("/core", "e", at(1400, 1, 10), "club", 1))
    assert isinstance(draft.head, wider)
    assert draft.head.mobile == ""  # type: ignore[attr-defined]


@pytest.mark.parametrize("frozen", [frozenset(), frozenset({round_key("f", "1401-03")})], ids=["open", "frozen"])
def test_of_a_row_in_a_festival_stays_what_is_listed_and_no_name(frozen: frozenset[str]) -> None:
    row = _erased(ROWS, frozen)[festival_key("f")]
    assert (row.whole, row.months, row.awards, row.taken_late) == (
        SCORES, IN_A_FESTIVAL.months, (AWARD,), IN_A_FESTIVAL.taken_late,
    )  # fmt: skip
    for name, default in FestivalRow._field_defaults.items():
        if name not in OF_A_FESTIVAL[FestivalRow]:
            assert getattr(row, name) == default, f"{name} survives erasure"
    assert row.shown_then[FINAL] == (True, None)
    assert {alias for _, alias in row.shown_then.values()} == {None}


def test_an_erased_member_is_named_on_no_frozen_board_though_the_name_was_kept_before() -> None:
    row = IN_A_FESTIVAL._replace(alias="moon", shown_then={"1405-06": (True, "sun")})
    frozen = frozenset({round_key("f", FINAL)})
    after = _erased({HEAD: Head(Status.REGISTERED, "moon", festivals=("f",)), festival_key("f"): row}, frozen)
    assert after[festival_key("f")].shown_then == {"1405-06": (True, None), FINAL: (True, None)}
    assert "sun" not in repr(after)
    assert "moon" not in repr(after)


def test_everything_that_is_listed_is_a_field() -> None:
    assert set(OF_THE_HEAD) <= set(Head.__struct_fields__)
    for kind, fields in OF_A_FESTIVAL.items():
        assert set(fields) <= set(kind._fields)  # type: ignore[attr-defined]


def test_erasure_lets_everything_lapse_and_forgets_the_rest() -> None:
    club = Club(programme(PURCHASE, points=HOLD))
    club.event("member.registered", at(1400, 1, 1), channel="web", alias="الف", segments=("physician",))
    club.buy(1_000_000, at(1400, 1, 1), "p")
    club.tick(at(1400, 1, 8, 0))
    club.buy(2_000_000, at(1400, 1, 9))
    club.event("member.erased", at(1400, 1, 10))
    assert club.postings()[-2:] == [("expired", -20), ("expired", -10)]
    assert set(club.rows.values) == {b"m"}
    assert (club.head.alias, club.head.segments, club.head.expired) == (None, (), 30)
    assert club.buy(1_000_000, at(1400, 1, 11)).reason.value == "erased"
    club.check()
