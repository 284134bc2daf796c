"""How boards show a member who comes, goes and is erased."""

import pytest

from engine.clock import Clock
from engine.festivals.participation import relist
from engine.ledger.draft import Draft
from engine.ledger.member import HEAD, FestivalRow, Head, RoundScores, Status, festival_key
from engine.programme.versions import Shelf
from tests.engine.club import DictRows

KEY = festival_key("autumn")
ROW = FestivalRow(RoundScores({"shop": 5}, {"overall": 1}), {}, True, "sun")


@pytest.mark.parametrize(
    ("status", "alias", "frozen", "shown_then"),
    [
        (Status.REGISTERED, "sun", {"autumn/final"}, {}),
        (Status.REGISTERED, "moon", set(), {}),
        (Status.REGISTERED, "moon", {"autumn/final"}, {"final": (True, "sun")}),
        (Status.LEFT, "sun", {"autumn/final"}, {"final": (True, "sun")}),
        (Status.ERASED, None, {"autumn/final"}, {"final": (True, None)}),
    ],
)
def test_a_frozen_board_stays_as_it_was_but_for_an_erased_alias(
    status: Status, alias: str | None, frozen: set[str], shown_then: dict[str, tuple[bool, str | None]]
) -> None:
    rows = DictRows()
    rows.values = {HEAD: Head(status=status, alias=alias, festivals=("autumn",)), KEY: ROW}
    draft = Draft(rows, "m-1", Shelf([]), Clock(frozen=frozenset(frozen)), 0)
    relist(draft)
    row = draft.read(KEY)
    assert row == FestivalRow(ROW.whole, {}, status == Status.REGISTERED, alias, shown_then)


def test_an_erased_member_is_named_nowhere_though_the_alias_was_kept_before() -> None:
    rows = DictRows()
    kept = ROW._replace(alias="moon", shown_then={"1405-06": (True, "sun")})
    rows.values = {HEAD: Head(status=Status.ERASED, festivals=("autumn",)), KEY: kept}
    draft = Draft(rows, "m-1", Shelf([]), Clock(), 0)
    relist(draft)
    assert "sun" not in repr(draft.read(KEY))
    assert "moon" not in repr(draft.read(KEY))
