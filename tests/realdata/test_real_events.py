"""Real events through `bashgah score`: the same bytes every time, a repeated month changes nothing, and the auditor
agrees posting by posting.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.realdata.sets import EVENTS_MAX, REPEATED_MONTH, SETS, missing, score, write_events, write_programme
from tests.simulation.comparison import compare, recorded

pytestmark = [
    pytest.mark.share,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]
Events = Callable[[str], Path]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Events:
    """The recorded events of a set, written once."""
    written: dict[str, Path] = {}

    def of(name: str) -> Path:
        if name not in written:
            written[name] = write_events(name, tmp_path_factory.mktemp(name))
        return written[name]

    return of


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_programme(tmp_path_factory.mktemp("programme"))


@pytest.mark.parametrize("name", SETS)
def test_scoring_again_gives_the_same_bytes(name: str, events: Events, programme: Path, tmp_path: Path) -> None:
    first, second = (score(programme, events(name), tmp_path / f"out-{seed}", seed) for seed in (1, 2))
    assert first == second
    summary = json.loads(first["summary.json"])
    lines = sum(len(path.read_bytes().splitlines()) for path in events(name).iterdir())
    assert summary["events"] == lines
    assert summary["points_by_rule"]
    for row in csv.DictReader(first["members.csv"].decode().splitlines()):
        kept = sum(int(row[column]) for column in ("active", "pending", "held", "reversed", "expired", "spent"))
        assert int(row["issued"]) == kept, row


def test_a_month_that_is_published_twice_changes_nothing(events: Events, programme: Path, tmp_path: Path) -> None:
    once = score(programme, events("birmingham"), tmp_path / "once", 1)
    again = write_events("birmingham", tmp_path / "events", REPEATED_MONTH)
    twice = score(programme, again, tmp_path / "twice", 2)
    assert twice["members.csv"] == once["members.csv"]
    assert twice["points.jsonl"] == once["points.jsonl"]
    assert _duplicates(twice) - _duplicates(once) == 4_573  # so many events has the month


def _duplicates(files: dict[str, bytes]) -> int:
    by_type = json.loads(files["summary.json"])["by_type"]
    return sum(sum(outcomes.get("duplicate", {}).values()) for outcomes in by_type.values())


@pytest.mark.parametrize("name", SETS)
def test_the_auditor_agrees_posting_by_posting(name: str, events: Events, programme: Path) -> None:
    stream = recorded(events(name))
    share = stream if name == "tabformer" else stream[:EVENTS_MAX]
    compare([programme.read_text(encoding="utf-8")], share, 1)
