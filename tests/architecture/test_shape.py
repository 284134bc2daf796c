"""The size of things: functions under 70 lines, modules under 400. Length is where a second idea hides."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, modules, tree, where

FUNCTION_LINES_MAX = 69
MODULE_LINES_MAX = 400
VAGUE = frozenset({"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "base"})

EVERYTHING = modules(*PACKAGES, "tests")


@pytest.mark.parametrize("path", EVERYTHING, ids=where)
def test_a_module_holds_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_LINES_MAX, f"{where(path)} has {lines} lines, {MODULE_LINES_MAX} at most: split it"
    assert path.stem not in VAGUE, f"{where(path)}: name it for what it is for"
    assert path.parent.name not in VAGUE


@pytest.mark.parametrize("path", EVERYTHING, ids=where)
def test_functions_are_short(path: Path) -> None:
    assert list(_too_long(tree(path), where(path))) == []


def test_the_check_of_functions_finds_a_long_one() -> None:
    long = "def f():\n" + "    pass\n" * FUNCTION_LINES_MAX
    assert len(list(_too_long(ast.parse(long), "long"))) == 1
    assert not list(_too_long(ast.parse(long.removesuffix("    pass\n")), "short"))


def _too_long(module: ast.Module, name: str) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{name}:{node.lineno}: {node.name} has {lines} lines, {FUNCTION_LINES_MAX} at most"


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=where)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{where(path)} opens without a docstring"
