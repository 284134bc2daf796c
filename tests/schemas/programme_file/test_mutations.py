"""Whatever stands in a file, reading it ends in a programme or in problems that point into it; nothing else."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.programme.compiler import CompiledProgramme
from engine.programme.terms import Programme
from schemas.programme_file import ProgrammeErrors, load
from schemas.programme_file.wording import earns, multiplies

CLUB = (Path(__file__).parents[3] / "programmes" / "club.yaml").read_text(encoding="utf-8")
LINES = CLUB.splitlines(keepends=True)
PIECES = st.sampled_from(
    ["[", "]", "{", "}", ": ", "- ", "\n", "  ", "\t", "#", '"', "'", "&a ", "*a", "!!int ", "|\n", "? ", "<<: ", "~",
     "true", "no", "0", "-1", "007", "1e9", "0x1F", "1_0", "۱۴۰۵", "99999999999999999999", "1405-12-30", "25:00",
     "\\x00", "\x00", "\x85", "\u2028", "\ud800", "\ufeff", "%YAML 1.1\n", "---\n", "لغو۱۱", ".nan", '"\\ud800"',
     '"\\UFFFFFFFF"', "{}", "[]"]
)  # fmt: skip


def read(text: str) -> Programme | ProgrammeErrors:
    """What comes of a text; anything but these two fails the test by itself."""
    try:
        return load(text, "f.yaml")
    except ProgrammeErrors as refused:
        return refused


def check(text: str) -> None:
    outcome = read(text)
    if isinstance(outcome, Programme):
        CompiledProgramme(outcome)
        for rule in outcome.rules:
            assert all(earns(rule))
        for multiplier in outcome.multipliers:
            assert all(multiplies(multiplier))
        return
    assert outcome.errors
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029") + 1
    for problem in outcome.problems:
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
        for language in ("en", "fa"):
            message = problem.text(language)
            assert message.isprintable() or "\u200c" in message
            message.encode()


@settings(max_examples=50)
@given(st.integers(0, len(CLUB)), st.integers(0, 30), PIECES)
@example(0, 0, "\ud800")
@example(10, 3, "\x00")
def test_a_piece_put_in_or_in_place_of_another(at: int, length: int, piece: str) -> None:
    check(CLUB[:at] + piece + CLUB[at + length :])


@settings(max_examples=50)
@given(st.lists(st.integers(0, len(LINES) - 1), min_size=1, max_size=len(LINES)))
def test_lines_left_out_doubled_and_in_another_order(order: list[int]) -> None:
    check("".join(LINES[index] for index in order))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just("card")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=8,
)
KEYS = sorted({line.split(":")[0].strip(" -") for line in LINES if ":" in line and "{" not in line.split(":")[0]})


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_any_values_under_known_keys(content: dict[str, object]) -> None:
    check("".join(f"{key}: {_flow(value)}\n" for key, value in content.items()))


def _flow(value: object) -> str:
    """Any value in YAML's flow style; texts as double-quoted scalars."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_flow(key)}: {_flow(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case str():
            return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
        case _:
            return "null" if value is None else str(value)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", ["[" * 5_000, "{a: " * 5_000, "- " * 5_000, "a:\n" * 5_000, "? " * 5_000])
def test_nesting_is_refused_before_it_hurts(text: str) -> None:
    check(text)
