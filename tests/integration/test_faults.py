"""One worker and what can happen to it: killed at any moment, its rows lost, its inputs cut short."""

import shutil
import time
from pathlib import Path
from random import Random

import pytest

from tests.integration.club import Club
from tests.integration.rounds import ROUNDS, SEED, WITHOUT_END
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]


def test_kills_at_any_moment_lose_and_double_nothing(cluster: Cluster, tmp_path: Path) -> None:
    choice = Random(f"kills {SEED}")
    with Club(cluster.bootstrap, tmp_path, batch_events_max=200) as club:
        worker = club.worker()
        load = club.load(WITHOUT_END, 400, SEED)
        for number in range(ROUNDS):
            before = load.published
            worker.start()
            if number % 4 != 3:  # every fourth time it is killed while it opens
                worker.until_ready()
            time.sleep(choice.uniform(0.2, 3.0))
            assert worker.alive, worker.tail()
            worker.kill()
            assert load.published > before
        worker.start().until_ready()
        load.end()
        club.settle()
        club.reckon()
        assert worker.exits == [-9] * ROUNDS + [0], f"seed {SEED}"


def test_lost_rows_come_back_from_the_changelog(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path) as club:
        worker = club.worker().start().until_ready()
        load = club.load(WITHOUT_END, 400, SEED)
        time.sleep(5)
        for end in (worker.kill, worker.stop):
            end()
            shutil.rmtree(worker.folder / "data" / "lanes")
            worker.start().until_ready()
            assert worker.metric("bashgah_recovery_rows_total") > 100
            time.sleep(2)
        load.end()
        club.settle()
        club.reckon()
