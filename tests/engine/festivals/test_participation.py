"""How boards show a member who comes and goes."""

import pytest

from engine.clock import Clock
from engine.festivals.participation import relist
from engine.ledger.draft import Draft
from engine.ledger.member import HEAD, FestivalRow, Head, RoundScores, Status, festival_key
from engine.programme.versions import ProgrammeVersions
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
    ],
)
def test_a_frozen_board_stays_as_it_was(
    status: Status, alias: str | None, frozen: set[str], shown_then: dict[str, tuple[bool, str | None]]
) -> None:
    rows = DictRows()
    rows.values = {HEAD: Head(status=status, alias=alias, festivals=("autumn",)), KEY: ROW}
    draft = Draft(rows, "m-1", ProgrammeVersions([]), Clock(frozen=frozenset(frozen)), 0)
    relist(draft)
    row = draft.read(KEY)
    assert row == FestivalRow(ROW.whole, {}, status == Status.REGISTERED, alias, shown_then)
