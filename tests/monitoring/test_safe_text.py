"""Text that is shown: nothing in it is obeyed, hides its direction or begins a line."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.safe_text import plain, plain_json, plain_lines

_NASTY = "\x00\x07\x1b\r\n\t\x7f\x85\x9b\u061c\u200b\u200e\u2028\u202e\u2066\ufeff\ud800\U000e0041"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("می‌نویسم ۱۲", "می‌نویسم ۱۲"),
        ("\x1b]52;c;aGk=\x07", "\\u001b]52;c;aGk=\\u0007"),
        ("a\r\nb", "a\\u000d\\u000ab"),
        ("\u202eمتن", "\\u202eمتن"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text() | st.text(_NASTY + "ab‌"))
def test_nothing_comes_through(text: str) -> None:
    allowed = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not [each for each in plain(text) if unicodedata.category(each) in allowed and each not in "\u200c\u200d"]
    assert plain(plain(text)) == plain(text)
    assert plain_lines(text).count("\n") == text.count("\n")


@given(st.dictionaries(st.text(_NASTY + "ab"), st.text() | st.text(_NASTY) | st.integers()))
def test_json_reads_back_the_same_and_comes_through_clean(value: dict[str, object]) -> None:
    written = plain_json(value)
    assert json.loads(written) == value
    assert plain_lines(written) == written
