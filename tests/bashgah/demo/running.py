"""The demonstration as a person runs it: a process of its own, its summary read back."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
ENTRY = [sys.executable, "-c", "from bashgah.cli.main import main; main()", "demo", "--members", "500"]
FAST = ["--rate", "100000"]
_START_S = 30.0
_RULE = re.compile(r"(?P<rule>[a-z:-]+|Card purchase|all) +(?P<granted>[\d,]+) +(?P<taken>[\d,]+)$")
_OUTCOMES = re.compile(r"^(?:[a-z ]+ [\d,]+(?:, |$))+$", re.MULTILINE)


class Summary(NamedTuple):
    """What a summary says. `rules`: points granted and taken back by rule, `all` among them."""

    events: int
    outcomes: dict[str, int]
    rules: dict[str, tuple[int, int]]
    findings: list[str]
    faults: list[str]


def environment(temporary: Path) -> dict[str, str]:
    """Of a process whose temporary files are to be looked at, on a terminal wide enough for whole lines."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BASHGAH_")}
    return {**kept, "TMPDIR": str(temporary), "COLUMNS": "200", "PYTHONPATH": str(ROOT)}


def demo(temporary: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    command = [*ENTRY, *FAST, *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=90, env=environment(temporary), cwd=temporary
    )


def interrupted(temporary: Path, after: str, *arguments: str) -> tuple[int, str, str]:
    """Start, press Ctrl-C once a line with `after` in it is out; code, output, errors."""
    process = subprocess.Popen(
        [*ENTRY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(temporary)
    )
    assert process.stdout is not None
    timer = threading.Timer(_START_S, process.kill)
    timer.start()
    lines = []
    for line in process.stdout:
        lines.append(line)
        if after in line:
            break
    timer.cancel()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    return process.returncode, "".join(lines) + rest, errors


def summary(text: str) -> Summary:
    """Read a summary back."""
    events = re.search(r"^([\d,]+) events in ", text, re.MULTILINE)
    outcomes = _OUTCOMES.search(text)
    assert events, text
    assert outcomes, text
    found = (each.rsplit(" ", 1) for each in outcomes.group().split(", "))
    lines = text.splitlines()
    rules = (_RULE.search(line) for line in lines)
    return Summary(
        _number(events.group(1)),
        {name: _number(count) for name, count in found},
        {each["rule"]: (_number(each["granted"]), _number(each["taken"])) for each in rules if each},
        [line for line in lines if line.startswith("✓")],
        [line for line in lines if line.startswith("✗")],
    )


def _number(text: str) -> int:
    return int(text.replace(",", ""))
