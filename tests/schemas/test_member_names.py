"""Which names boards may show: seen by everybody, so nothing that a screen obeys, and never nothing at all."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.member_names import BYTES_MAX, CHARACTERS_MAX, name_of
from tests.simulation.auditor.names import as_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("سارا کریمی", "سارا کریمی"),
        ("می‌نویسم", "می‌نویسم"),
        (" علی\u00a0رضا\u200c ", "علی رضا"),
        ("Ali" + " " * 100 + "1,000", "Ali 1,000"),
        ("سارا \u00a0\u3000 کریمی", "سارا کریمی"),
        ("مُ\u200cن", "مُ\u200cن"),
        ("۲۰\u200cساله", "۲۰\u200cساله"),
        ("e\u0301lan", "élan"),
        ("مُحَمَّد", "مُحَمَّد"),
        ("Sara ❤\ufe0f", "Sara ❤"),
        ("علی 🌹", "علی 🌹"),
        ("۱۲۳", "۱۲۳"),
        ("O'Neill-2", "O'Neill-2"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("م" * CHARACTERS_MAX, "م" * CHARACTERS_MAX),
    ],
)
def test_names_are_kept_as_people_write_them(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "\u200c", "\u3164", "\u2800\u2800", "\u034f", "🌹", "...", "\u0301a", "a" + "\u0335" * 4,
        "a\x1b[2J", "a\x1b]52;c;aGk=\x07", "a\r\nb", "a\u2028b", "a\x9b2J", "a\u202eb", "a\u2066b", "a\u200fb",
        "a\u200bb", "a\ufeffb", "a\u00adb", "a\u2060b", "x\u200cy", "سلام\u200c\u200cخوب", "a\ud800", "a\ue000",
        "ب" + "\u064b\u0651\u0655\u200d" * 25 + "ب", "ب\u064b\u0651\u200c\u0652\u0655ب", "ب\u200c\u064bب",
        "ب،\u200cب", "a\u0301\u200cب", "a\U000e0041", "a\ufe00", "a\u0488", "م" * 129, "張" * 86, "😀" * 60 + "ab" * 9,
    ],
    ids=ascii,
)  # fmt: skip
def test_what_no_board_may_show_is_no_name(text: str) -> None:
    assert name_of(text) is None


_ODD = "ab ی\u200c\u200d\u200b\u200e\u202e"
_ODD += "\ufe0f\ufe00\u0301\u0653\u0335\u00a0\u3000\u00ad\u3164\u2800\U0001f339\x1b\n\u2028é=1."


@given(st.text(max_size=140) | st.text(_ODD, max_size=12))
@example("a\u180e")
def test_whatever_the_text_a_name_can_be_seen_and_is_its_own_name(text: str) -> None:
    name = name_of(text)
    assert name == as_name(text), "the rule was written down twice, and read alike"
    if name is None:
        return
    assert name_of(name) == name == unicodedata.normalize("NFC", name)
    assert any(each.isalnum() for each in name)
    assert len(name.encode()) <= BYTES_MAX
    assert all(each.isprintable() or each in "\u200c\u200d" for each in name if each < "\U0001f000")
    assert not any(
        unicodedata.bidirectional(each) in ("RLE", "LRE", "RLO", "LRO", "PDF", "RLI", "LRI") for each in name
    )
