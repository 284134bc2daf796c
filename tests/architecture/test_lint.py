"""ruff finds nothing: style, docstrings of everything public, and what `engine/ruff.toml` keeps out of the core."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT


def _ruff(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", *arguments]
    return subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=False)


def test_ruff_is_content() -> None:
    done = _ruff("--output-format=concise", ".")
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_keeps_the_clock_out_of_the_core() -> None:
    source = '"""A module."""\n\nimport datetime as dt\nimport time\n\nnow = (dt.datetime.now(dt.UTC), time.time())\n'
    inside = _ruff("--output-format=concise", "--stdin-filename", str(Path("engine/clock.py")), "-", text=source)
    assert inside.stdout.count("TID251") == 2, inside.stdout
