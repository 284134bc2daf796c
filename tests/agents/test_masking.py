"""What a screen may show of a record: nothing that might be of a person."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.masking import PLAIN, shown, shown_key


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ({"type": "card.purchase.settled", "id": "e-1"}, {"type": "card.purchase.settled", "id": "e-1"}),
        ({"id": "0012345678"}, {"id": "‹10 characters›"}),
        ({"source": "/core/۰۰۱۲۳۴۵۶۷۸"}, {"source": "‹16 characters›"}),
        ({"0012345678": True, "own": False}, {"‹field›": True, "own": False}),
        ({"amount": 5, "balance": -1.5, "revision": 3}, {"amount": "‹number›", "balance": "‹number›", "revision": 3}),
        ({"revision": 12345678}, {"revision": "‹number›"}),
        ({"alias": "سارا", "segments": ["physician"]}, {"alias": "‹4 characters›", "segments": ["‹9 characters›"]}),
        ({"channel": "Sara Karimi"}, {"channel": "‹11 characters›"}),
        ([1, None, "x"], ["‹number›", None, "‹1 characters›"]),
    ],
    ids=str,
)
def test_only_what_is_known_to_be_harmless_is_shown(value: Any, masked: Any) -> None:
    assert json.loads(shown(json.dumps(value).encode(), reveal=False)) == masked
    assert json.loads(shown(json.dumps(value).encode(), reveal=True)) == value


@given(st.binary(max_size=60))
def test_whatever_the_bytes_are_they_are_shown_and_stay_hidden(value: bytes) -> None:
    assert shown(value, reveal=True) or not value
    hidden = shown(value, reveal=False)
    try:
        json.loads(value)
    except (ValueError, UnicodeDecodeError):
        assert hidden in (f"‹{len(value)} bytes, not JSON›", "‹empty›")


@given(st.sampled_from(sorted(PLAIN)), st.text("0123456789۰۱۲۳", min_size=10, max_size=20))
def test_a_number_as_long_as_a_national_code_is_hidden_in_every_field(field: str, digits: str) -> None:
    for text in (digits, f"/{digits}", f"x-{digits}"):
        assert digits not in shown(json.dumps({field: text}).encode(), reveal=False)


def test_nothing_that_a_terminal_would_obey_or_could_not_write_comes_through() -> None:
    assert shown(b"\x1b[2J not JSON", reveal=True) == "\\u001b[2J not JSON"
    assert shown(b'{"alias": "\\ud800"}', reveal=True) == '{\n  "alias": "\\ud800"\n}'
    deep = b"[" * 900 + b"]" * 900
    assert shown(deep, reveal=False)
    assert shown_key(b"\x1b[2J", reveal=True) == "\\u001b[2J"


def test_keys() -> None:
    assert shown_key(None, reveal=True) == "‹none›"
    assert shown_key(b"m-1", reveal=False) == "‹3 bytes›"
    assert shown_key(b"m-\xff", reveal=True) == "m-\\xff"
