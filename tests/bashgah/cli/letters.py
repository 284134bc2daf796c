"""A club with keys for replays, and what its lanes have refused."""

import datetime as dt
import json
from pathlib import Path

import pytest

from agents.scoring.age_signatures import ReplayKeys, new_line
from bashgah.admin.dead_letters import letter_of
from engine.calendar import DAY_MS, to_ms
from schemas import topics
from schemas.records import Record
from tests.bashgah.cli.club import RULES, DiskClub

NOW_TEXT = "2026-09-23T10:00:00+03:30"
NOW = to_ms(dt.datetime.fromisoformat(NOW_TEXT))
LONG_AGO = "2025-05-01T10:00:00+03:30"
assert NOW - to_ms(dt.datetime.fromisoformat(LONG_AGO)) > 400 * DAY_MS
BY = ("--operator", "m.karimi", "--reason", "ticket 4711: outage of the switch")


def club_with_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> DiskClub:
    """Keys `new` and `old` are set for everybody; the wall clock of operators shows `NOW`."""
    monkeypatch.setenv("COLUMNS", "200")
    file = tmp_path / "replay-keys"
    file.touch(0o600)
    file.write_text(f"# of the club\n{new_line('new')}\n{new_line('old')}\n")
    monkeypatch.setenv("BASHGAH_REPLAY_KEYS_FILE", str(file))
    monkeypatch.setattr("bashgah.cli.dead_letter.wall_clock", lambda: NOW)
    club = DiskClub(tmp_path, capsys).prepare(RULES)
    club.keys = ReplayKeys.read(file)
    return club


def letters(club: DiskClub) -> list[Record]:
    """All dead letters, lane by lane."""
    return club.read(topics.DEAD_LETTER.name)


def names(club: DiskClub, code: str) -> list[str]:
    """The names of those with this code."""
    return [letter_of(record).name for record in letters(club) if letter_of(record).code == code]


def balance(club: DiskClub, member: str = "m-1") -> int:
    """The active points of a member."""
    shown = club.run("member", "show", member, "--json")
    assert shown.code == 0, shown.err
    return int(json.loads(shown.out)["balance"]["active"])
