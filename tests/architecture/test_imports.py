"""Who may import whom. The contracts stand in pyproject.toml; the core's list of what it may use stands here."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, imported, modules, tree, where

PURE = frozenset({
    "abc", "array", "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools",
    "hashlib", "heapq", "itertools", "json", "math", "operator", "re", "struct", "types", "typing", "unicodedata",
    "zoneinfo", "jalali_core", "sortedcontainers", "engine",
})  # fmt: skip
"""All that the core may import: values and pure functions."""

VALUES = {"engine/ledger/member.py": {"msgspec"}}
"""Value classes in C, where docs/decisions/0003 says why."""

IMPURE_CALLS = frozenset({
    "open", "print", "input", "eval", "exec", "compile", "__import__", "globals", "breakpoint", "float", "id", "hash",
})  # fmt: skip
"""`hash` differs from process to process for text, `id` from run to run; floats are never exact."""

IMPURE_METHODS = frozenset({"now", "utcnow", "today", "fromtimestamp"})


def test_the_contracts_hold() -> None:
    """`lint-imports` in pyproject.toml: the direction of dependencies."""
    command = "from importlinter.cli import lint_imports_command as run; run(['--no-logo', '--no-cache'])"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("path", modules("engine"), ids=where)
def test_the_core_imports_only_pure_things(path: Path) -> None:
    foreign = {name for name in imported(path) if name.split(".")[0] not in PURE | VALUES.get(where(path), set())}
    assert not foreign, f"{where(path)} imports {sorted(foreign)}: not among what the core may use"


@pytest.mark.parametrize("path", modules("engine"), ids=where)
def test_the_core_is_exact_and_has_no_clock(path: Path) -> None:
    assert list(_impurities(tree(path), where(path))) == []


def test_the_check_of_the_core_finds_what_it_is_for() -> None:
    bad = "\n".join(["import datetime", "open('x')", "a = 1 / 2", "b = 0.5", "c = datetime.datetime.now()",
                     "def f():\n    global a", "d = float('1')", "e = hash('a')"])  # fmt: skip
    assert len(list(_impurities(ast.parse(bad), "bad"))) == 7


def _impurities(module: ast.Module, name: str) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Constant(value=float()):
                yield f"{name}:{node.lineno}: a float; points and money are integers, ratios pairs of them"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield f"{name}:{node.lineno}: true division; use // or engine.units"
            case ast.Global() | ast.AsyncFunctionDef() | ast.Await():
                yield f"{name}:{node.lineno}: {type(node).__name__}; the core keeps no state and waits for nothing"
            case ast.Call(func=ast.Name(id=called)) if called in IMPURE_CALLS:
                yield f"{name}:{node.lineno}: {called}()"
            case ast.Call(func=ast.Attribute(attr=called)) if called in IMPURE_METHODS:
                yield f"{name}:{node.lineno}: .{called}(); time arrives as an argument"


def test_the_auditor_shares_nothing_with_what_it_audits() -> None:
    auditor = modules("tests/simulation/auditor")
    assert auditor, "the auditor is gone"
    for path in auditor:
        ours = {name for name in imported(path) if name.split(".")[0] in PACKAGES}
        assert not ours, f"{where(path)} imports {sorted(ours)}: an auditor that borrows repeats the mistakes"
        tests = {name for name in imported(path) if name.startswith("tests.")}
        elsewhere = {name for name in tests if not name.startswith("tests.simulation.auditor")}
        assert not elsewhere, f"{where(path)} imports {sorted(elsewhere)}"
