"""Runs a set of benchmarks one after another and writes docs/BENCHMARKS.md: `make bench`, `make bench-full`.

    python -m tests.benchmarks.suite short|full

Each script runs in a process of its own. One that fails does not keep the others from running; the set fails then.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

from tests.benchmarks.results import ROOT

SETS: dict[str, tuple[tuple[str, ...], ...]] = {
    "short": (
        ("core",),
        ("throughput", "--peers", "faust", "--rounds", "3", "--events", "1000000", "--seconds", "25"),
        ("latency", "--seconds", "20"),
        ("club_stream",),
    ),
    "full": (
        ("core",),
        ("throughput", "--peers", "faust,quix,bytewax,kafka_streams", "--rounds", "1", "--seconds", "25"),
        ("latency", "--engines", "ours,kafka_streams"),
        ("club_stream",),
        ("scale",),
        ("disk",),
        ("boards",),
        ("freeze",),
        ("festivals",),
        ("live",),
    ),
}


def main(arguments: Sequence[str]) -> int:
    """Run the set that is named; how many of its scripts failed."""
    (name,) = arguments
    began = time.monotonic()
    failed = []
    for script, *options in SETS[name]:
        print(f"\n== {script} {' '.join(options)} (after {time.monotonic() - began:.0f} s)", flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.benchmarks.{script}", *options], cwd=ROOT, check=False)
        if done.returncode:
            failed.append(script)
    subprocess.run([sys.executable, "-m", "tests.benchmarks.document"], cwd=ROOT, check=True)
    print(f"{name} set: {time.monotonic() - began:.0f} s" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
