"""`make prove`: everything at its full size, and a table of what each proof showed at the end.

`make prove PROOFS="properties mutants"` runs only those whose names hold one of the words. A proof that skipped
anything says how much; the exit code is 1 when one failed. One that needs a broker and two others run side by side.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PYTEST = (sys.executable, "-m", "pytest", "-q", "--show-capture=no", "-p", "no:cacheprovider")
ON_KAFKA = ("-m", "kafka")
COUNTS = re.compile(r"(\d+) (passed|failed|error|errors|skipped|xfailed)")
LINES_OF_A_FAILURE = 60


class Proof(NamedTuple):
    """A command with its environment, and how much it shows in a reader's words."""

    name: str
    amount: str
    command: Sequence[str]
    environment: Mapping[str, str] = {}


class Shown(NamedTuple):
    """What came of a proof."""

    proof: Proof
    result: str
    seconds: float
    passed: bool


PROOFS = (
    Proof("fast tests", "all of them", PYTEST),
    Proof(
        "properties", "1,000 stories each", (*PYTEST, "--timeout=1800", "tests/properties"), {"TEST_EXAMPLES": "1000"}
    ),
    Proof("scenarios", "every table", (*PYTEST, "tests/scenarios")),
    Proof(
        "core beside the auditor", "2,200 seeds x 500 events x 2 clocks, a third with festivals too",
        (*PYTEST, "tests/simulation/test_core_against_auditor.py"), {"TEST_SEEDS": "2000"},
    ),
    Proof(
        "lanes under faults", "3,740 seeds, 2,310 with festivals",
        (*PYTEST, "tests/simulation/test_lanes_under_faults.py"), {"TEST_SEEDS": "2000"},
    ),
    Proof("fuzz", "100,800 damaged records", (*PYTEST, "tests/fuzz"), {"TEST_FUZZ_RECORDS": "100000"}),
    Proof(
        "real data", "three sets, whole", (*PYTEST, "-m", "share", "tests/realdata"), {"TEST_REAL_EVENTS": "1000000"}
    ),
    Proof("mutants", "every planted fault", (sys.executable, "-m", "tests.mutants")),
    Proof("dashboard", "in a real browser", (*PYTEST, "-m", "browser", "tests/browser")),
    Proof("alerts", "every rule, firing and silent", (*PYTEST, "-m", "promtool", "tests/deploy")),
    Proof(
        "contract on Kafka", "the suite of both brokers", (*PYTEST, *ON_KAFKA, "tests/contract"), {"TEST_KAFKA": "1"}
    ),
    Proof(
        "real data on Kafka", "three sets, whole", (*PYTEST, *ON_KAFKA, "tests/integration/test_real_data.py"),
        {"TEST_KAFKA": "1", "TEST_REAL_DATA": "whole"},
    ),
    Proof(
        "faults on Kafka", "25 rounds of each kind, and a rolling upgrade",
        (*PYTEST, *ON_KAFKA, "tests/integration", "tests/kafka", "tests/agents"),
        {"TEST_KAFKA": "1", "TEST_ROUNDS": "25"},
    ),
)  # fmt: skip


def main(words: Sequence[str], proofs: Sequence[Proof] = PROOFS) -> int:
    """Run the proofs whose names hold one of the words, all without words; 1 when one failed."""
    chosen = [proof for proof in proofs if not words or any(word in proof.name for word in words)]
    if not chosen:
        print(f"no proof is named so; there are: {', '.join(proof.name for proof in proofs)}")
        return 1
    shown = run(chosen)
    print()
    for line in table(shown):
        print(line)
    return 0 if all(each.passed for each in shown) else 1


def run(proofs: Sequence[Proof]) -> list[Shown]:
    """Run proofs, one with a broker and two others at a time; what they showed, in their order."""
    with ThreadPoolExecutor(1) as with_broker, ThreadPoolExecutor(2) as without:
        shown = [(with_broker if ON_KAFKA[1] in proof.command else without).submit(show, proof) for proof in proofs]
        return [each.result() for each in shown]


def show(proof: Proof) -> Shown:
    """Run one proof; the end of what it said is printed where it failed."""
    print(f"== {proof.name}: {proof.amount}", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        proof.command, cwd=ROOT, env={**os.environ, **proof.environment}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.rstrip().splitlines() or [""]
    last = next((line for line in reversed(lines) if COUNTS.search(line)), lines[-1])
    if done.returncode != 0:
        print("\n".join(lines[-LINES_OF_A_FAILURE:]), flush=True)
    passed = done.returncode == 0
    print(f"   {proof.name}: {result_of(last, passed)}", flush=True)
    return Shown(proof, result_of(last, passed), time.monotonic() - began, passed)


def result_of(last: str, passed: bool) -> str:
    """What the last line of a proof comes to: pytest's counts, or the line itself."""
    counts = COUNTS.findall(last)
    said = ", ".join(f"{count} {what}" for count, what in counts) if counts else last.strip()
    return said if passed else f"FAILED: {said}"


def table(shown: Sequence[Shown]) -> list[str]:
    """One line a proof, under headings."""
    rows = [("proof", "amount", "result", "time")]
    rows += [(each.proof.name, each.proof.amount, each.result, f"{each.seconds:,.0f} s") for each in shown]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
