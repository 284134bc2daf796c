"""Every fault can be planted, and the tests that must find it exist. That they find it is what `make mutants` shows."""

import ast
import subprocess
from collections import Counter

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_fault_can_be_planted(mutant: Mutant) -> None:
    planted = mutant.planted()
    if mutant.file.endswith(".sh"):
        subprocess.run(["sh", "-n"], input=planted, text=True, check=True)
    elif mutant.file.endswith(".py"):
        ast.parse(planted)
    for test in mutant.tests:
        path, _, rest = test.partition("::")
        module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        functions = set(filter(None, map(_test_name, ast.walk(module))))
        assert not rest or rest.partition("[")[0] in functions, f"no such test: {test}"


def test_each_fault_has_a_name_of_its_own() -> None:
    assert not [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1]


def _test_name(node: ast.AST) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
        return node.name
    return None
