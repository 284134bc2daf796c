"""A new kind of condition is one module: nobody but the registry knows a kind, and the registry knows all of them."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

from engine.rules import registry
from engine.rules.condition import Condition, KeyedCondition
from tests.architecture.sources import PACKAGES, ROOT, imported, modules, tree, where

RULES = ROOT / "engine/rules"


def _kinds() -> dict[str, list[type[Condition]]]:
    """Module -> the kinds of condition that it defines."""
    found: dict[str, list[type[Condition]]] = {}
    for path in sorted(RULES.glob("*.py")):
        name = f"engine.rules.{path.stem}"
        classes = [each for _, each in inspect.getmembers(importlib.import_module(name), inspect.isclass)]
        for each in classes:
            if issubclass(each, Condition) and not inspect.isabstract(each) and each.__module__ == name:
                found.setdefault(name, []).append(each)
    return found


KINDS = _kinds()
OUTSIDE = [path for path in modules(*PACKAGES) if path.parent != RULES]


@pytest.mark.parametrize("path", OUTSIDE, ids=where)
def test_nobody_outside_knows_a_kind_of_condition(path: Path) -> None:
    assert imported(path).isdisjoint(KINDS), "go by what every condition offers: engine/rules/condition.py"
    assert _taken(path).isdisjoint(each.__name__ for of in KINDS.values() for each in of)


def _taken(path: Path) -> set[str]:
    """What a module takes by name out of the rules."""
    froms = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    return {alias.name for node in froms if (node.module or "").startswith("engine.rules") for alias in node.names}


def test_only_the_reader_of_files_knows_a_way_to_earn() -> None:
    ways = {"engine.rules.fixed", "engine.rules.per_step", "engine.rules.per_rial", "Fixed", "PerStep", "PerRial"}
    knowing = [path for path in OUTSIDE if not ways.isdisjoint({*imported(path), *_taken(path)})]
    assert knowing == [ROOT / "schemas/programme_file/earning.py"]


def test_a_module_holds_one_kind_and_the_registry_lists_it() -> None:
    assert all(len(kinds) == 1 for kinds in KINDS.values())
    keyed = {each for (each,) in KINDS.values() if issubclass(each, KeyedCondition)}
    assert keyed == set(registry.KINDS)
    assert len({kind.key for kind in keyed}) == len(keyed) == len(registry.BY_KEY)


def test_the_kinds_are_found() -> None:
    assert {"engine.rules.between", "engine.rules.segments"} <= set(KINDS)
