"""One printer, one writer of CSV, one way to make files: what a member or a stranger wrote reaches a terminal, a
spreadsheet or another user's eyes by none but these."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, modules, tree, where

PRINTERS = {"monitoring/terminal.py", "bashgah/cli/consoles.py"}
CSV_WRITER = {"bashgah/cli/text/csv_tables.py"}
FILES = {"tables/files.py"}
PAGES = {
    "schemas/document.py",
    "schemas/export.py",
    "monitoring/document.py",
    "bashgah/web/openapi.py",
    "agents/process/settings.py",
}
"""Write pages of this repository, for whoever changes it."""

_PRINTING = {"print", "Console", "echo", "secho", "excepthook"}
_WRITING = {"write_text", "write_bytes", "mkdir", "makedirs", "NamedTemporaryFile", "mkstemp", "symlink_to"}


@pytest.mark.parametrize("path", [each for each in modules(*PACKAGES) if where(each) not in PAGES], ids=where)
def test_nothing_goes_out_by_another_way(path: Path) -> None:
    assert list(_outlets(tree(path), where(path))) == []


def test_the_check_finds_every_way_out() -> None:
    ways = [
        "print(1)", "typer.echo(1)", "Console()", "rich.console.Console()", "sys.stdout.write('x')", "import csv",
        "from csv import writer", "from rich.markup import escape", "open('x', 'w')", "path.open('ab')",
        "path.open(mode='x')", "os.open(p, 1)", "path.write_text('x')", "path.mkdir()", "tempfile.mkstemp()",
    ]  # fmt: skip
    for way in ways:
        assert list(_outlets(ast.parse(way), "bad")), way
    assert not list(_outlets(ast.parse("open('x')\npath.open('rb')\nout.print(1)\nasync_open()"), "good"))


def _outlets(module: ast.Module, name: str) -> Iterator[str]:
    for node in ast.walk(module):
        found = ""
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported = [node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            found = "csv" if "csv" in imported and name not in CSV_WRITER else found
            found = "rich.markup" if "rich.markup" in imported and name not in PRINTERS else found
        elif isinstance(node, ast.Call):
            found = _called(node, name)
        if found:
            yield f"{name}:{node.lineno}: {found}; see monitoring.terminal, csv_tables and tables.files"


def _called(node: ast.Call, name: str) -> str:
    match node.func:
        case ast.Name(id=called) | ast.Attribute(attr=called):
            pass
        case _:
            return ""
    of = ast.unparse(node.func)
    prints = called in _PRINTING and not (called == "print" and "." in of)
    if (prints or of.endswith(("stdout.write", "stderr.write"))) and name not in PRINTERS:
        return of
    opens_to_write = called == "open" and (of == "os.open" or any(map(_writes, _modes(node))))
    if (called in _WRITING or opens_to_write or of in ("os.replace", "os.rename")) and name not in FILES:
        return of
    return ""


def _modes(node: ast.Call) -> Iterator[object]:
    place = 1 if isinstance(node.func, ast.Name) else 0
    for given in (*node.args[place : place + 1], *(each.value for each in node.keywords if each.arg == "mode")):
        if isinstance(given, ast.Constant):
            yield given.value


def _writes(mode: object) -> bool:
    return isinstance(mode, str) and len(mode) <= 3 and bool(set(mode) & set("wax+")) and set(mode) <= set("rwaxbt+")
