"""Figures as JSON in `out/benchmarks`, with the machine and the moment they belong to."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.goals import GOALS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "out" / "benchmarks"


class Results:
    """What one script found: figures, and whatever else explains them. `note` prints as it goes."""

    def __init__(self, name: str, arguments: list[str] | None = None) -> None:
        self.name = name
        self.arguments = sys.argv[1:] if arguments is None else arguments
        self.began = dt.datetime.now(dt.UTC)
        self.load_before = os.getloadavg()[0]
        self.figures: list[dict[str, Any]] = []
        self.detail: dict[str, Any] = {}

    def figure(self, what: str, value: float, unit: str, goal: str | None = None) -> None:
        """Note a figure; `goal` is a key of `GOALS`."""
        assert goal is None or goal in GOALS, goal
        self.figures.append({"what": what, "value": value, "unit": unit, "goal": goal})
        held = ""
        if goal is not None:
            held = f"  [goal {GOALS[goal].value:g}: {'met' if GOALS[goal].met(value) else 'missed'}]"
        self.note(f"{what}: {value:,.4g} {unit}{held}")

    def note(self, text: str) -> None:
        """Say something now."""
        print(text, flush=True)

    def save(self) -> Path:
        """Write the file, replacing that of an earlier run of the same script."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        path = FOLDER / f"{self.name}.json"
        record = {
            "name": self.name,
            "command": " ".join(["python", "-m", f"tests.benchmarks.{self.name}", *self.arguments]),
            "date": self.began.isoformat(timespec="seconds"),
            "seconds": round((dt.datetime.now(dt.UTC) - self.began).total_seconds(), 1),
            "commit": _commit(),
            "machine": machine(),
            "load_before": round(self.load_before, 2),
            "figures": self.figures,
            "detail": self.detail,
        }
        path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self.note(f"written: {path.relative_to(ROOT)}")
        return path


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    memory_kb = int(_line("/proc/meminfo", "MemTotal").split()[0])
    return {
        "cpu": _line("/proc/cpuinfo", "model name"),
        "cpus": os.cpu_count(),
        "memory_gb": round(memory_kb / 1e6),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _line(file: str, name: str) -> str:
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "?"


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "?"
