"""Festivals over real events through `bashgah score`: every board, place by place, is the auditor's."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.realdata import festivals
from tests.realdata.sets import missing, score, write_events
from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.comparison import recorded
from tests.simulation.comparison_boards import same_boards_file, same_festival_file

pytestmark = [
    pytest.mark.share,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]


@pytest.mark.parametrize(
    ("name", "programme", "finals"), [("birmingham", festivals.birmingham, 73), ("berka", festivals.berka, 26)]
)
def test_every_board_is_the_auditors(name: str, programme: Callable[[], str], finals: int, tmp_path: Path) -> None:
    path = tmp_path / "programme.yaml"
    path.write_text(programme(), encoding="utf-8")
    events = write_events(name, tmp_path / "events")
    files = score(path, events, tmp_path / "out", 1)
    auditor = Auditor([read_programme(programme())], coordinates=True)
    for topic, envelope in recorded(events):
        auditor.event(envelope, topic)
    auditor.finish()
    same_boards_file(tmp_path / "out" / "boards.csv", auditor)
    same_festival_file(tmp_path / "out" / "festival.jsonl", auditor)
    boards = {tuple(row[:3]) for row in csv.reader(files["boards.csv"].decode().splitlines()[1:])}
    assert sum(1 for board in boards if board[2]) == finals
