"""What is said of an event that is too old, or from the future."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scoring.ages import beyond, span
from agents.scoring.batch import Limits
from engine.calendar import DAY_MS, HOUR_MS
from schemas.records import Record

RECORD = Record("bank.card", 0, 0, 0, b"m-1", b"{}", ())


def said(ms_ahead: int, meaning: int) -> str | None:
    lane = SimpleNamespace(limits=Limits(), meaning=meaning, exempts=lambda *_: False)
    found = beyond(RECORD, 10**13 + ms_ahead, 10**13, cast(Any, lane))
    return None if found is None else found[1]


@pytest.mark.parametrize(
    ("ms_ahead", "before", "now"),
    [
        (-57_846_700_984, "time: 57846700984 ms behind the clock, at most 34560000000",
         "time: 669 days 13 h behind the clock, at most 400 days"),
        (-400 * DAY_MS - 1, "time: 34560000001 ms behind the clock, at most 34560000000",
         "time: 400 days 1 h behind the clock, at most 400 days"),
        (57_600_000, "time: 57600000 ms ahead of the clock, at most 300000",
         "time: 16 h ahead of the clock, at most 5 min"),
        (300_001, "time: 300001 ms ahead of the clock, at most 300000",
         "time: 5 min 1 s ahead of the clock, at most 5 min"),
        (300_000, None, None),
        (-400 * DAY_MS, None, None),
    ],
)  # fmt: skip
def test_by_how_much_is_said_in_words_and_of_old_entries_as_it_was(
    ms_ahead: int, before: str | None, now: str | None
) -> None:
    assert said(ms_ahead, 0) == before
    assert said(ms_ahead, 1) == now


def test_a_length_of_time_is_said_in_its_two_largest_units() -> None:
    assert [span(ms) for ms in (0, 999, 1_000, 61_500, HOUR_MS, DAY_MS + 1, 36 * HOUR_MS)] == [
        "0 ms", "999 ms", "1 s", "1 min 1 s", "1 h", "1 day", "1 day 12 h",
    ]  # fmt: skip
    assert span(DAY_MS - 1, up=True) == "24 h"


@given(st.integers(1, 10**14), st.integers(1, 10**12))
def test_what_is_over_a_limit_is_never_read_as_the_limit(limit: int, more: int) -> None:
    assert span(limit + more, up=True) != span(limit)
