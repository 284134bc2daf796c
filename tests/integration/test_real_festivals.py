"""Festivals over real data through Kafka with one partition: boards and members are those that `score` makes,
final boards to the last place."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from tests.integration.processes import bashgah
from tests.integration.test_real_data import LINES, RealClub
from tests.kafka.broker import Cluster
from tests.realdata import festivals
from tests.realdata.sets import missing, write_events

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.timeout(900),
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]
TOP = 100
PROGRAMMES = {"birmingham": festivals.birmingham, "berka": festivals.berka}


@pytest.mark.parametrize("name", PROGRAMMES)
def test_one_partition_gives_the_same_boards_and_members(cluster: Cluster, name: str, tmp_path: Path) -> None:
    programme = tmp_path / "programme.yaml"
    programme.write_text(PROGRAMMES[name]("coin"), encoding="utf-8")
    events = write_events(name, tmp_path / "events")
    for path in events.glob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:LINES]), encoding="utf-8")
    scored = tmp_path / "scored"
    given = ("--programme", str(programme), "--events", str(events), "--out", str(scored))
    bashgah("score", *given, seconds=600)
    (tmp_path / "club").mkdir()
    with RealClub(cluster.bootstrap, tmp_path / "club", 1, programme) as club:
        club.replay(events)
        assert club.members() == (scored / "members.csv").read_text(encoding="utf-8")
        found = club.boards()
    wanted = _boards(scored / "boards.csv")
    assert len(wanted) > 10
    published = {key: rows if key[2] else rows[:TOP] for key, rows in wanted.items()}
    assert {key: rows for key, rows in found.items() if rows} == published


def _boards(path: Path) -> dict[tuple[str, ...], list[list[str]]]:
    boards: dict[tuple[str, ...], list[list[str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in list(csv.reader(file))[1:]:
            boards[tuple(row[:3])].append(row[3:])
    return boards
