"""`make mutants`: plants every fault, one at a time, in a copy of the tree, and runs the tests that must find it.

Prints a table. Exits with 1 when a fault survives, and with 2 when one cannot be planted or the tests fail without it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import ROOT, Mutant

TEST_TIMEOUT_S = 900
FAILED, PASSED = 1, 0


def main(words: list[str]) -> int:
    """Run the mutants whose names hold every word, or all."""
    chosen = [mutant for mutant in MUTANTS if all(word in mutant.name for word in words)]
    if not chosen:
        print(f"no fault's name holds every one of: {', '.join(words)}")
        return 2
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = copied(Path(folder))
        every = sorted({test for mutant in chosen for test in mutant.tests})
        code, said = run(tree, every)
        if code != PASSED:
            print(f"The tests do not pass without any fault (pytest ended with {code}):\n{said}")
            return 2
        return judge([reported(mutant, *tried(tree, mutant)) for mutant in chosen])


def copied(folder: Path) -> Path:
    """A copy of the tree as git sees it, the changes that are not committed included."""
    tree = folder / "tree"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in names:
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def tried(tree: Path, mutant: Mutant) -> tuple[str, float]:
    """What became of a fault, by each of its tests, and how long that took."""
    began = time.monotonic()
    planted = mutant.planted()
    path = tree / mutant.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(planted, encoding="utf-8")
    try:
        for test in mutant.tests:
            code, said = run(tree, [test])
            if code == PASSED:
                return f"SURVIVED {test}", time.monotonic() - began
            if code != FAILED:
                return f"BROKEN (pytest ended with {code}): {said}", time.monotonic() - began
    finally:
        path.write_text(sound, encoding="utf-8")
    return "found", time.monotonic() - began


def run(tree: Path, tests: list[str]) -> tuple[int, str]:
    """Pytest's exit code, and the end of what it said. No bytecode: a planted file may be as old as the sound one."""
    # A fault may loop for ever: the method `thread` ends the process, which no code can catch.
    options = ["-q", "-x", "--timeout=60", "--timeout-method=thread", "--tb=line", "--hypothesis-seed=1"]
    command = [sys.executable, "-B", "-m", "pytest", *options, *tests]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TEST_")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "TEST_EXAMPLES": "150", "TEST_SEEDS": "12"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=TEST_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return FAILED, "took too long"
    return done.returncode, (done.stdout + done.stderr)[-1_500:]


def reported(mutant: Mutant, outcome: str, seconds: float) -> tuple[Mutant, str]:
    """Print a line of the table as soon as it is known."""
    print(f"{outcome.split(maxsplit=1)[0]:<8} {seconds:5.1f} s  {mutant.file:<32} {mutant.name}", flush=True)
    return mutant, outcome


def judge(results: list[tuple[Mutant, str]]) -> int:
    """Say what is wrong, and how many were found; the exit code."""
    bad = [(mutant, outcome) for mutant, outcome in results if outcome != "found"]
    for mutant, outcome in bad:
        print(f"\n{mutant.name}: {outcome}")
    print(f"\n{len(results)} faults planted, {len(results) - len(bad)} found")
    if any(outcome.startswith("BROKEN") for _, outcome in bad):
        return 2
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
