"""Real data through Kafka comes to what `score` makes of the same files."""

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from agents.broker.interface import Broker
from schemas import topics
from schemas.programme_file import load as load_programme
from tests.integration.audit import read_all
from tests.integration.club import PROGRAMME, Club
from tests.integration.processes import ROOT, bashgah
from tests.kafka.broker import Cluster

DATA = ROOT.parent / "shared" / "data"
WHOLE = os.environ.get("TEST_REAL_DATA") == "whole"
LINES = 10**9 if WHOLE else 4_000

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", params=["birmingham", "berka", "tabformer"])
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of recorded events; of large sets the first lines of each file unless TEST_REAL_DATA=whole."""
    converter = DATA / "to_events.py"
    if not converter.is_file():
        pytest.skip(f"no {converter}: the real data is not part of the project")
    folder = tmp_path_factory.mktemp(request.param)
    subprocess.run([sys.executable, str(converter), request.param, str(folder)], check=True, capture_output=True)
    for path in folder.glob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:LINES]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The club's programme, in force since before the data begins."""
    text = PROGRAMME.read_text(encoding="utf-8")
    moved = text.replace("effective: 1405-01-01", "effective: 1370-01-01")
    assert moved != text
    path = tmp_path_factory.mktemp("programme") / "club.yaml"
    path.write_text(moved, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def scored(recorded: Path, programme: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `bashgah score` makes of it."""
    out = tmp_path_factory.mktemp("scored")
    bashgah("score", "--programme", str(programme), "--events", str(recorded), "--out", str(out), seconds=600)
    return out


class RealClub(Club):
    """A club whose events are recorded ones, published by the command and scored on a replay clock."""

    def __init__(self, bootstrap: str, folder: Path, partitions: int, programme: Path) -> None:
        super().__init__(bootstrap, folder, partitions)
        self.programme = programme.read_text(encoding="utf-8")

    def replay(self, recorded: Path) -> None:
        """Publish every file, let one worker score all there is, and reckon."""
        settings = {**self._given, "data_dir": self.folder / "data"}
        bashgah("publish", *map(str, sorted(recorded.glob("*.jsonl"))), settings=settings, seconds=600)
        bashgah("worker", "--clock", "replay", settings=settings, seconds=600)

    def members(self) -> str:
        """`members.csv` of the lanes' rows."""
        path = self.folder / "members.csv"
        bashgah("member", "export", str(path), settings=self._given)
        return path.read_text(encoding="utf-8")

    def boards(self) -> dict[tuple[str, ...], list[list[str]]]:
        """The boards, final ones whole, by (festival, category, round): rank, member, alias, score, reached_at."""
        path = self.folder / "boards.csv"
        found: dict[tuple[str, ...], list[list[str]]] = {}
        for festival in load_programme(self.programme, "programme").festivals:
            bashgah("festival", "export", festival.id, str(path), settings=self._given)
            for row in csv.reader(path.read_text(encoding="utf-8").splitlines()[1:]):
                found.setdefault(tuple(row[:3]), []).append(row[3:])
        return found

    def issued(self) -> Counter[tuple[str, str]]:
        """Points given, by member and rule, as a consumer of `club.points` sees them."""

        async def count(broker: Broker) -> Counter[tuple[str, str]]:
            found: Counter[tuple[str, str]] = Counter()
            for partition in range(self.partitions):
                for record in await read_all(broker, topics.POINTS.name, partition):
                    found.update(_accrued(record.value or b""))
            return found

        return self._ask(count)


def _accrued(line: bytes) -> Counter[tuple[str, str]]:
    event = json.loads(line)
    if event["type"] != "points.accrued":
        return Counter()
    return Counter({(event["subject"], event["data"]["rule"]): event["data"]["points"]})


def test_one_partition_gives_the_same_members_in_every_column(
    cluster: Cluster, recorded: Path, scored: Path, programme: Path, tmp_path: Path
) -> None:
    with RealClub(cluster.bootstrap, tmp_path, 1, programme) as club:
        club.replay(recorded)
        assert club.members() == (scored / "members.csv").read_text(encoding="utf-8")


def test_twelve_partitions_issue_the_same_points_by_member_and_rule(
    cluster: Cluster, recorded: Path, scored: Path, programme: Path, tmp_path: Path
) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for line in (scored / "points.jsonl").read_bytes().splitlines():
        expected.update(_accrued(line))
    with RealClub(cluster.bootstrap, tmp_path, 12, programme) as club:
        club.replay(recorded)
        assert club.issued() == expected
        exported = list(csv.DictReader(club.members().splitlines()))
    assert len(exported) == len((scored / "members.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert sum(int(row["issued"]) for row in exported) == sum(expected.values()) > 0
