"""Rules of every run: what may be skipped, what must have run, and how Hypothesis reports."""

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("project", deadline=None, print_blob=True)
settings.load_profile("project")

os.umask(0o077)  # as every command does at its start

_PASSED: set[str] = set()
"""Markers of which at least one test has passed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two options for CI, where a test that did not run must not look like one that passed."""
    group = parser.getgroup("bashgah")
    group.addoption("--forbid-skips", action="store_true", help="a skipped test fails, with its reason")
    group.addoption(
        "--must-run", action="append", default=[], metavar="MARKER", help="fail unless a test so marked has passed"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which markers have passed; turn skips into failures where they are forbidden."""
    report = yield
    if report.when == "call" and report.passed:
        _PASSED.update(mark.name for mark in item.iter_markers())
    if report.skipped and not hasattr(report, "wasxfail") and item.config.getoption("forbid_skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --forbid-skips does not allow: {_reason(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself while it is imported."""
    report = yield
    if report.skipped and collector.config.getoption("forbid_skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --forbid-skips does not allow: {_reason(report.longrepr)}"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that lacks what it had to run."""
    if _missing(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which required markers had no passing test."""
    for marker in _missing(terminalreporter.config):
        said = f"ERROR no test marked {marker!r} has passed, and --must-run asks for one"
        terminalreporter.write_line(said, red=True)


def _missing(config: pytest.Config) -> list[str]:
    required: list[str] = config.getoption("must_run")
    return [marker for marker in required if marker not in _PASSED]


def _reason(longrepr: Any) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
