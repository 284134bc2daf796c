"""What a screen may show of a record: nothing that might be of a person."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bashgah.admin.masking import FORMS, contract_words, shown, shown_detail, shown_key


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ({"type": "card.purchase.settled", "id": "e-1"}, {"type": "card.purchase.settled", "id": "e-1"}),
        ({"id": "0012345678"}, {"id": "‹10 characters›"}),
        ({"source": "/core/۰۰۱۲۳۴۵۶۷۸"}, {"source": "‹16 characters›"}),
        ({"source": "/core/card-switch"}, {"source": "/core/card-switch"}),
        ({"id": "6037-9912-3456-7890"}, {"id": "‹19 characters›"}),
        ({"id": "0912.123.45.67"}, {"id": "‹14 characters›"}),
        ({"id": "021/8888/1234"}, {"id": "‹13 characters›"}),
        ({"original": "Sara.Karimi"}, {"original": "‹11 characters›"}),
        ({"type": "sara.karimi"}, {"type": "‹11 characters›"}),
        ({"channel": "sara_karimi"}, {"channel": "‹11 characters›"}),
        ({"channel": "pos", "kind": "airtime"}, {"channel": "pos", "kind": "airtime"}),
        ({"SaraKarimi": 1, "consents": {"sms": True}}, {"‹field›": "‹number›", "consents": {"sms": True}}),
        ({"time": "2026-09-23T08:00:00.250+03:30"}, {"time": "2026-09-23T08:00:00.250+03:30"}),
        ({"time": "6037-99-12 34:56:78.90"}, {"time": "‹22 characters›"}),
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


_DIGITS = st.text("0123456789۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", min_size=8, max_size=16)


@given(
    st.sampled_from(sorted({*FORMS, "type", "channel"})),
    _DIGITS,
    st.sampled_from(["", "-", "/", ".", ":", "_"]),
    st.integers(1, 5),
)
def test_a_number_that_is_somebodys_is_hidden_in_every_field_however_it_is_written(
    field: str, digits: str, between: str, group: int
) -> None:
    parted = between.join(digits[begin : begin + group] for begin in range(0, len(digits), group))
    for text in (parted, f"/{parted}", f"x-{parted}", parted.replace("-", " ")):
        assert f"‹{len(text)} characters›" in shown(json.dumps({field: text}).encode(), reveal=False)
        assert text not in shown(json.dumps({text: 1}).encode(), reveal=False)


@given(st.sampled_from(sorted(FORMS)), st.text("abcdefghijklmnopqrstuvwxyz", min_size=4), st.sampled_from("._-"))
def test_a_word_is_shown_of_systems_and_of_the_contract_only(field: str, name: str, between: str) -> None:
    text = f"{name}{between}{name[::-1]}"
    assert text not in shown(json.dumps({field: text, text: text}).encode(), reveal=False)


def test_the_contracts_words_are_known() -> None:
    assert contract_words("channel") >= {"pos", "web", "branch", "app", "atm"}
    assert contract_words("medium") == {"sms", "email", "push"}
    assert "member.registered" in contract_words("type")


@pytest.mark.parametrize(
    ("detail", "masked"),
    [
        ("$.data.amount: expected `int`, got `str`", "$.data.amount: expected `int`, got `str`"),
        ("$.data: object missing required field `amount`", "$.data: object missing required field `amount`"),
        ("$.type: unknown type `sara.karimi` on this topic", "$.type: unknown type ‹…› on this topic"),
        ('$: the field "0012345678" is given twice', "$: the field ‹…› is given twice"),
        ('$: the field "Sara \\"K\\"" is given twice', "$: the field ‹…› is given twice"),
        ('$: the field "amount" is given twice', '$: the field "amount" is given twice'),
        ('$: the field "\\u0633\\u06cc\\u0645\\u06…', "$: the field ‹…›"),
        ('$: the field "Sara K\\…', "$: the field ‹…›"),
        ("$.type: unknown type `sara.karimi…", "$.type: unknown type ‹…›"),
    ],
)
def test_a_reason_quotes_nobody(detail: str, masked: str) -> None:
    assert shown_detail(detail, reveal=False) == masked
    assert shown_detail(detail, reveal=True) == detail


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
