"""Whatever happens to workers, partitions, disks and messages, what comes out is what the auditor says, once.

With festivals the coordinator runs beside lane 0, dies with its worker and moves with the lane, and all boards, awards
and flags are the auditor's too.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.seeds import seeds
from tests.simulation.simulation import simulate, simulate_replay

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seed", seeds(0.5))
def test_on_the_wall_clock(seed: int) -> None:
    assert simulate(seed).records >= 300


@pytest.mark.parametrize("seed", seeds(0.7))
def test_festivals_on_the_wall_clock(seed: int) -> None:
    assert simulate(seed, festivals=True).records >= 300


@pytest.mark.parametrize("seed", seeds(0.15))
def test_on_a_replay_clock(seed: int) -> None:
    assert simulate_replay(seed).records >= 300


@pytest.mark.parametrize("seed", seeds(0.35))
def test_festivals_on_a_replay_clock(seed: int) -> None:
    assert simulate_replay(seed, festivals=True).records >= 300


@pytest.mark.share
def test_faults_do_happen() -> None:
    ends: set[int] = set()
    skips = 0
    for seed in range(12):
        outcome = simulate(seed, events=120)
        ends |= outcome.exits.keys()
        skips += outcome.skips
    assert {70, 75, 76} <= ends
    assert skips > 3


@pytest.mark.share
def test_a_seed_replays_to_the_byte_in_another_process() -> None:
    script = "from tests.simulation.simulation import simulate; print(simulate(3, events=150))"
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in (1, 2)
    }
    assert len(answers) == 1
