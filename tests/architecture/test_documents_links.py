"""What a document points at is there: pages and headings, files, tests, and the limits it states."""

import ast
import dataclasses
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT, tracked, tree

PAGES = tuple(path for path in tracked() if path.suffix == ".md")
ARCHITECTURE = ROOT / "docs" / "ARCHITECTURE.md"

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_PATH = re.compile(
    r"`((?:engine|schemas|tables|monitoring|agents|bashgah|tests|deploy|programmes|docs)/[\w./@-]*)(?:::(\w+))?`"
)
_LIMIT = re.compile(r"^\| [^|]+ \| ([\d,]+) \| `([\w.]+):([\w.]+)` \|$", re.MULTILINE)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#{1,6} (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page: Path, text: str) -> Iterator[str]:
    """Links that lead nowhere; those to other sites are not followed."""
    for target in _LINK.findall(_FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        if not place.exists():
            yield f"{target}: no such file"
        elif anchor and anchor not in anchors(place.read_text(encoding="utf-8") if name else text):
            yield f"{target}: no such heading"


def missing_places(text: str) -> Iterator[str]:
    """Files of the repository that are named in backticks and are not there, and tests that are in none of them."""
    for name, test in _PATH.findall(text):
        place = ROOT / name
        if not place.exists():
            yield f"{name}: no such file"
        elif test and test not in _functions(place):
            yield f"{name}::{test}: no such test"


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    assert list(dead_links(page, page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_files_and_tests_that_are_named_exist(page: Path) -> None:
    assert list(missing_places(page.read_text(encoding="utf-8"))) == []


def test_a_dead_link_and_a_missing_test_are_found() -> None:
    text = "# A b\n[x](#a-b) [y](#c) [z](nowhere.md) [s](https://x.example/y)\n```\n[n](no)\n```\n"
    assert list(dead_links(ROOT / "README.md", text)) == ["#c: no such heading", "nowhere.md: no such file"]
    text = "`tests/conftest.py::pytest_addoption` `tests/conftest.py::gone` `agents/gone.py`"
    assert list(missing_places(text)) == ["tests/conftest.py::gone: no such test", "agents/gone.py: no such file"]


def test_every_row_of_the_failure_table_names_its_test() -> None:
    section = ARCHITECTURE.read_text(encoding="utf-8").split("\n## Failures\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    assert [row for row in rows if "::test_" not in row and not row.endswith("| same |")] == []


def constant(module: str, path: str) -> Any:
    """The value of `module:name` or of a field's default, `module:Class.field`."""
    owner: Any = import_module(module)
    *classes, name = path.split(".")
    for each in classes:
        owner = getattr(owner, each)
    if dataclasses.is_dataclass(owner):
        return {field.name: field.default for field in dataclasses.fields(owner)}[name]
    if hasattr(owner, "_field_defaults"):
        return owner._field_defaults[name]
    if hasattr(owner, "model_fields"):
        return owner.model_fields[name].default
    return getattr(owner, name)


def test_the_limits_are_those_of_the_code() -> None:
    found = _LIMIT.findall(ARCHITECTURE.read_text(encoding="utf-8").split("\n## Limits\n")[1])
    assert len(found) > 15
    assert [row for row in found if f"{constant(row[1], row[2]):,}" != row[0]] == []
