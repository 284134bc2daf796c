"""The options that CI trusts, run on a small suite: a skip is a failure, and a kind of test that is missing is too."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.share  # minutes of processes: CI runs them beside those with a broker

SUITE = """
import pytest

@pytest.mark.kafka
def test_runs(): pass

@pytest.mark.promtool
def test_skips_itself(): pytest.skip("no tool here")

@pytest.mark.xfail(strict=True, reason="a known gap")
def test_known_gap(): assert False
"""
FIXTURE = """
import pytest

@pytest.fixture
def tool(): pytest.skip("nothing to start")

def test_runs(tool): pass
"""
MODULE = "import pytest\npytest.skip('no broker here', allow_module_level=True)\n"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder with this repository's conftest and three tests."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  kafka\n  promtool\n")
    (tmp_path / "test_it.py").write_text(SUITE)
    return tmp_path


def _run(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_without_options_a_skip_is_a_skip(suite: Path) -> None:
    code, said = _run(suite)
    assert (code, "1 passed, 1 skipped, 1 xfailed" in said) == (0, True)


def test_a_skip_fails_where_skips_are_forbidden(suite: Path) -> None:
    code, said = _run(suite, "--forbid-skips")
    assert code == 1
    assert "does not allow: Skipped: no tool here" in said
    assert "1 failed, 1 passed, 1 xfailed" in said


def test_a_fixture_that_skips_fails_too(suite: Path) -> None:
    (suite / "test_it.py").write_text(FIXTURE)
    assert _run(suite)[0] == 0
    code, said = _run(suite, "--forbid-skips")
    assert code == 1
    assert "does not allow: Skipped: nothing to start" in said


def test_a_module_that_skips_itself_fails_too(suite: Path) -> None:
    (suite / "test_module.py").write_text(MODULE)
    assert _run(suite, "-k", "runs")[0] == 0
    code, said = _run(suite, "--forbid-skips", "-k", "runs")
    assert code != 0
    assert "no broker here" in said


def test_a_required_kind_that_did_not_pass_fails_the_run(suite: Path) -> None:
    assert _run(suite, "--must-run", "kafka")[0] == 0
    for marker in ("promtool", "browser"):
        code, said = _run(suite, "--must-run", "kafka", "--must-run", marker)
        assert code == 1
        assert f"no test marked '{marker}' has passed" in said
