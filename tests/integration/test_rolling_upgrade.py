"""Workers are upgraded one after the other, and rolled back, while events come in: nothing is lost and none doubled.

The release before comes out of this repository's history. What lanes and coordinator of both wrote is verified byte for
byte by this one, and recounted.
"""

import io
import subprocess
import tarfile
import time
from pathlib import Path
from random import Random

import pytest

from tests.integration.club import Club
from tests.integration.processes import HERE, ROOT, Release
from tests.integration.rounds import SEED, WITHOUT_END
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(900)]

BEFORE = "056eba2"
"""The last commit before the modules moved into the rooms of whoever needs them."""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release before, in a folder of its own."""
    tree = tmp_path_factory.mktemp("before")
    packed = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tree, filter="data")
    return Release(tree, "agents.cli.main")


def test_a_rolling_upgrade_and_a_way_back(cluster: Cluster, tmp_path: Path, before: Release) -> None:
    choice = Random(f"upgrade {SEED}")
    with Club(cluster.bootstrap, tmp_path, batch_events_max=200) as club:
        workers = [club.worker(name) for name in ("one", "two")]
        for worker in workers:
            worker.release = before
            worker.start()
        for worker in workers:
            worker.until_ready()
        load = club.load(WITHOUT_END, 400, SEED)
        time.sleep(5)
        for release in (HERE, before, HERE):
            for worker in workers:
                if choice.random() < 0.5:
                    worker.stop()
                else:
                    worker.kill()
                worker.release = release
                worker.start().until_ready()
                time.sleep(choice.uniform(2, 6))
        load.end()
        club.settle()
        assert club.reckon() > 10_000
