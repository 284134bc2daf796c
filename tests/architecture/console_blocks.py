"""Runs the ```console blocks of a document, as cram does: a block is a dialogue with the shell.

    $ bashgah programme check club.yaml
    …                        any number of lines
    club.yaml can be used
    [65]                     the exit code, where it is not 0

Only `$ bashgah …` is run; a block of another language (```sh) is not. Expected output is optional; given, it must
match the end of the line order, `…` standing for any lines. All blocks of a page share one empty folder, which holds
`programmes/` of the repository.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.architecture.sources import ROOT

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"\[(\d+)\]")
_TIMEOUT_S = 60


class Step(NamedTuple):
    """One command of a page with what it must print and end with; no `expected` lines: anything."""

    line: int
    command: str
    expected: tuple[str, ...]
    code: int


def steps(text: str) -> list[Step]:
    """The commands of a page's console blocks in order."""
    found: list[Step] = []
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1)) + 1
        found.extend(_dialogue(block[1].splitlines(), first))
    return found


def _dialogue(lines: list[str], first: int) -> list[Step]:
    dialogue: list[Step] = []
    number = 0
    while number < len(lines):
        start = number
        command = lines[number].removeprefix("$ ")
        assert command.startswith("bashgah "), f"line {first + number}: only `$ bashgah …` is run: {command}"
        while command.endswith("\\"):
            number += 1
            command = command[:-1] + lines[number].strip()
        number += 1
        end = next((i for i in range(number, len(lines)) if lines[i].startswith("$ ")), len(lines))
        said = lines[number:end]
        code = _CODE.fullmatch(said[-1]) if said else None
        dialogue.append(Step(first + start, command, tuple(said[:-1] if code else said), int(code[1]) if code else 0))
        number = end
    return dialogue


def run(step: Step, folder: Path, environment: dict[str, str]) -> list[str]:
    """Run a step in a folder; what is wrong with its outcome, nothing when all is as it says."""
    entry = [sys.executable, "-c", "from bashgah.cli.main import main; main()"]
    done = subprocess.run(
        [*entry, *shlex.split(step.command)[1:]], cwd=folder, capture_output=True, text=True, check=False,
        timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL,
        env={**environment, "PYTHONPATH": str(ROOT), "COLUMNS": "120", "NO_COLOR": "1", "PYTHONUTF8": "1"},
    )  # fmt: skip
    printed = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
    wrong = [] if done.returncode == step.code else [f"ended with {done.returncode}, not {step.code}"]
    if step.expected and not matches(printed, [line.rstrip() for line in step.expected]):
        wrong.append("printed something else")
    return [f"line {step.line}: {step.command}: {each}\n" + "\n".join(printed) for each in wrong]


def matches(printed: list[str], expected: list[str]) -> bool:
    """Whether lines are as expected, `…` alone standing for any number of lines and inside a line for any text."""
    pattern = "".join(
        "(?:.*\n)*?" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in expected
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None
