"""A worker from its start to its end: it scores what is published, says how it is, and stops when told to."""

import signal
import time
from pathlib import Path

import pytest

from tests.integration.club import Club
from tests.integration.rounds import ROUNDS, WITHOUT_END
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


def test_a_worker_scores_what_is_published_and_stops_cleanly(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path) as club:
        worker = club.worker().start()
        worker.until_ready()
        assert worker.get("/health/live")[0] == 200
        club.load(3_000, 1_000)
        club.settle()
        assert worker.metric("bashgah_events_total") >= 3_000
        assert worker.metric("bashgah_lanes", state="running") == 4
        assert club.reckon() >= 3_000
        assert worker.exits == [0]


def test_a_stop_at_any_moment_ends_with_0(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path) as club:
        club.load(WITHOUT_END, 300)
        worker = club.worker()
        moments = [0.4 * number for number in range(ROUNDS + 4)]
        for moment in moments:
            worker.start()
            worker.until_it_catches(signal.SIGTERM)
            time.sleep(moment)
            worker.stop(20)
        assert worker.exits == [0] * len(moments), worker.tail()
