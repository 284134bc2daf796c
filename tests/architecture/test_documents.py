"""What the documents say is true: generated pages are up to date, and their commands do what they show."""

import os
from pathlib import Path

import pytest

from agents.process.settings import table
from monitoring.document import document
from tests.architecture.console_blocks import matches, run, steps
from tests.architecture.sources import ROOT, tracked

PAGES = tuple(path for path in tracked() if path.suffix == ".md" and steps(path.read_text(encoding="utf-8")))

LONG = frozenset({"docs/RUNBOOK.md"})
"""Pages whose commands take half a minute."""


def _page(path: Path) -> object:
    name = str(path.relative_to(ROOT))
    return pytest.param(path, id=name, marks=[pytest.mark.share] if name in LONG else [])


def test_the_page_of_metrics_is_up_to_date() -> None:
    assert (ROOT / "docs" / "METRICS.md").read_text(encoding="utf-8") == document(), "run `make docs`"


def test_the_page_of_settings_is_up_to_date() -> None:
    assert (ROOT / "docs" / "SETTINGS.md").read_text(encoding="utf-8").endswith(table()), "run `make docs`"


@pytest.mark.parametrize("page", [_page(path) for path in PAGES])
def test_the_commands_of_a_page_do_what_it_shows(page: Path, tmp_path: Path) -> None:
    (tmp_path / "programmes").symlink_to(ROOT / "programmes")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BASHGAH_")}
    for step in steps(page.read_text(encoding="utf-8")):
        assert run(step, tmp_path, environment) == []


def test_steps_of_a_page() -> None:
    page = "# A\n```sh\n$ rm -rf x\n```\n```console\n$ bashgah a \\\n    b\nx\n[3]\n$ bashgah c\n```\n"
    assert [tuple(step) for step in steps(page)] == [(6, "bashgah a b", ("x",), 3), (10, "bashgah c", (), 0)]
    with pytest.raises(AssertionError, match="line 2: only"):
        steps("```console\n$ kafka-topics\n```\n")


@pytest.mark.parametrize(
    ("printed", "expected", "same"),
    [(["a", "b"], ["a", "b"], True), (["a", "b"], ["a"], False), (["a", "b", "c"], ["…", "c"], True),
     (["c"], ["…", "c"], True), (["took 3 s"], ["took … s"], True), (["a"], ["…", "c"], False),
     (["a.c"], ["abc"], False)],
)  # fmt: skip
def test_output_is_compared(printed: list[str], expected: list[str], same: bool) -> None:
    assert matches(printed, expected) is same


def test_a_wrong_page_is_found(tmp_path: Path) -> None:
    (good, bad) = steps("```console\n$ bashgah --version\n…\n$ bashgah nonsense\n```\n")
    assert run(bad, tmp_path, dict(os.environ))[0].startswith("line 4: bashgah nonsense: ended with 64, not 0")
    assert run(good._replace(expected=("something else",)), tmp_path, dict(os.environ))
