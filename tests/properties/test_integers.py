"""Points and money are integers wherever they are: in decisions, rows and outputs, and in the code that makes them."""

import ast
import json
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest
from hypothesis import given

import engine
from engine.clock import Clock
from engine.scoring import admit, decide, evolve
from tables.rows import is_row
from tests.engine.club import DictRows
from tests.properties.lane import Lane, examples
from tests.properties.streams import Story, compiled_of, stories

SOURCES = sorted(Path(engine.__file__).parent.rglob("*.py"))


@examples()
@given(stories())
def test_no_float_is_in_any_row_or_output(story: Story) -> None:
    lane = Lane(story.texts)
    lane.take(story.items())
    lane.finish()
    for output in lane.outputs:
        json.loads(output.value or b"", parse_float=_refuse, parse_constant=_refuse)
    for key, raw in lane.rows().items():
        if is_row(key) and not key.startswith(b"\x00"):
            _whole(msgspec.msgpack.decode(raw[1:], strict=False))


@examples()
@given(stories())
def test_no_float_is_in_any_decision(story: Story) -> None:
    members: dict[str, DictRows] = {}
    versions = compiled_of(story.texts)
    for item in story.items():
        assert item.activity is not None
        rows = members.setdefault(item.activity.member, DictRows())
        decision = admit(rows, item.activity, Clock()) or decide(rows, item.activity, versions, Clock())
        _whole(decision.effects)
        _whole(decision.rows)
        evolve(rows.values, decision)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_core_never_divides_into_a_fraction(path: Path) -> None:
    found = [
        ast.unparse(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if _makes_a_float(node)
    ]
    assert not found


def test_the_check_of_the_core_finds_what_it_is_for() -> None:
    for line in ("a = 1.5", "a = b / c", "a /= 2", "a = float(b)", "a = round(b)"):
        assert any(map(_makes_a_float, ast.walk(ast.parse(line))))


def _makes_a_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return isinstance(node.op, ast.Div)
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in ("float", "round")


def _refuse(text: str) -> NoReturn:
    raise AssertionError(f"a number that is no integer: {text}")


def _whole(value: Any) -> None:
    """AssertionError where a float is anywhere inside."""
    assert not isinstance(value, float), value
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            _whole(key)
            _whole(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _whole(inner)
