"""Every package has a page that names what is in it, and nothing stands outside of its rooms."""

import ast
import builtins
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, modules, tracked, tree, where

LOOSE = {"__init__", "app", "worker", "observers"}
"""All that `agents` holds outside of its folders."""


def children(package: str) -> set[str]:
    """Folders and modules of a package, as its page names them."""
    found = set()
    for path in tracked():
        first, *rest = path.relative_to(ROOT).parts
        if first == package and path.suffix in (".py", ".json"):
            found.add(f"{rest[0]}/" if len(rest) > 1 else Path(rest[0]).stem)
    return found - {"__init__", "__main__"}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_page_of_a_package_names_all_that_is_in_it(package: str) -> None:
    page = (ROOT / package / "README.md").read_text(encoding="utf-8")
    table = page.partition("|---|---|\n")[2].partition("\n\n")[0]
    named = [name for row in table.splitlines() for name in re.findall(r"`([\w/]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(children(package))


def test_agents_has_no_loose_module() -> None:
    assert {path.stem for path in (ROOT / "agents").glob("*.py")} == LOOSE


def test_tests_stand_where_what_they_test_stands() -> None:
    modules = [path for path in tracked() if path.is_relative_to(ROOT / "tests") and path.suffix == ".py"]
    folders = {path.parent.relative_to(ROOT / "tests") for path in modules}
    ours = {folder for folder in folders if folder.parts and folder.parts[0] in PACKAGES}
    assert sorted(str(folder) for folder in ours if not (ROOT / folder).is_dir()) == []


def test_a_class_name_means_one_thing() -> None:
    """Those of published models (docs/EVENTS.md, the API) stay as they are, also where two of them are alike."""
    places: dict[str, list[str]] = {}
    for path in modules(*PACKAGES):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(where(path))
    published = ("schemas/inputs/", "schemas/results/", "schemas/answers.py")
    ours = {name: found for name, found in places.items() if not all(each.startswith(published) for each in found)}
    assert {name: found for name, found in ours.items() if len(found) > 1} == {}


_RAISED = re.compile(r"[Rr]aises? ((?:`\w+`(?:, | and | or |, and |, or )?)+)")


def exceptions(paths: Sequence[Path]) -> set[str]:
    """The names of exceptions: Python's, ours by what they descend from, and those of libraries by their names."""
    classes = [node for path in paths for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    found = {name for name, each in vars(builtins).items() if isinstance(each, type) and issubclass(each, Exception)}
    imports = [node for path in paths for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    found |= {alias.name for node in imports for alias in node.names if alias.name.endswith("Error")}
    while new := {
        node.name for node in classes if node.name not in found and found & {ast.unparse(base) for base in node.bases}
    }:
        found |= new
    return found


def test_what_a_docstring_says_is_raised_is_an_exception_that_there_is() -> None:
    product = modules(*PACKAGES)
    known = exceptions(product)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    raised = []
    for path in product:
        for node in ast.walk(tree(path)):
            text = ast.get_docstring(node) if isinstance(node, documented) else None
            for names in _RAISED.findall(" ".join((text or "").split())):
                raised += [(name, where(path, node)) for name in re.findall(r"`(\w+)`", names)]
    assert len(raised) > 50
    assert [each for each in raised if each[0] not in known] == []
