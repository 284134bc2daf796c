"""`bashgah festival list|show|board|export`, as people run them, on a board that was published."""

import csv
import json
import re
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from agents.broker.interface import Broker
from agents.process.exit_codes import ExitCode
from agents.topics.boards import BoardName
from bashgah.cli.text.names import HIDDEN_NAME
from bashgah.offline.boards_export import ListedBoard, write_boards
from engine.calendar import DAY_MS, iso
from monitoring.safe_text import plain_json, plain_lines
from schemas import topics
from schemas.envelope import Cause
from schemas.partial import Page, PlaceReport, encode_partial
from schemas.records import OutputRecord
from schemas.results.leaderboard import Board, Entry, FinalBoard, Finalised, Updated
from tests.bashgah.cli.club import DiskClub
from tests.bashgah.web.club import NOW, PROGRAMME

TITLE = "جشنواره [/red]"
"""What would end a colour if it were not shown as it is written."""


async def _publish(broker: Broker, *, replay: bool = False) -> None:
    """A board on which somebody whose alias looks like markup leads."""
    entry = Entry(rank=1, member="m-1", alias="[/b]", score=5, reached_at=iso(NOW))
    board = Board(
        activity=Cause("clock", "1"), programme="club", version=1, festival="autumn", category="overall",
        as_of=iso(NOW), participants=1, entries=(entry,), replay=replay,
    )  # fmt: skip
    updated = msgspec.json.encode(Updated("1.0", "0" * 32, "/club", "autumn/overall", iso(NOW), board))
    await broker.publish([OutputRecord(topics.LEADERBOARD.name, 0, b"autumn/overall", updated)])


@pytest.fixture
def club(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> DiskClub:
    """A club with that board."""
    text = PROGRAMME.format(version=1, closes="1405-08-01").replace("جشنواره پاییزی", f'"{TITLE}"')
    found = DiskClub(tmp_path, capsys).prepare(text)
    found.ask(_publish)
    return found


def test_text_of_others_is_shown_as_it_is_written(club: DiskClub) -> None:
    listed = club.run("festival", "list")
    assert listed.code == 0
    assert "[/red]" in listed.out
    shown = club.run("festival", "show", "autumn")
    assert shown.code == 0
    assert TITLE in shown.out
    assert "[/b]: 5" in shown.out
    assert "[/b]" in club.run("festival", "board", "autumn", "overall").out


@pytest.mark.parametrize("name", [".", "x" * 256, "no-such-folder/boards.csv"])
def test_a_file_that_cannot_be_written_is_refused(
    club: DiskClub, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = club.run("festival", "export", "autumn", name)
    assert ended.code == ExitCode.NO_FILE
    assert ended.err.startswith(f"bashgah: {name[:40]}")
    assert "name " in ended.err


def test_the_state_is_that_of_the_clubs_clock(club: DiskClub, monkeypatch: pytest.MonkeyPatch) -> None:
    for machine in (0, NOW + 400 * DAY_MS):
        monkeypatch.setattr("bashgah.cli.festival.wall_clock", lambda now=machine: now)
        for arguments in (["list"], ["show", "autumn"]):
            replayed = club.run("festival", *arguments, "--clock", "replay").out
            assert "باز · open" in replayed
            assert "باز · open" not in club.run("festival", *arguments).out
    club.ask(partial(_publish, replay=True))
    assert "باز · open" in club.run("festival", "list").out, "boards of a replay say that they are"


OLD = ("\x1b]52;c;aGk=\x07\r\nx", "=cmd|' /C calc'!A0", "\u3164\u202e")
"""Aliases on a board of a release that had no rule for them: one for the terminal, one for Excel, one to hide."""


def test_an_old_board_commands_no_terminal_and_no_spreadsheet(club: DiskClub, tmp_path: Path) -> None:
    entries = [
        Entry(rank=n, member=f"m-{n}", alias=alias, score=9 - n, reached_at=iso(NOW)) for n, alias in enumerate(OLD, 1)
    ]
    board = Board(
        activity=Cause("clock", "2"), programme="club", version=1, festival="autumn", category="overall",
        as_of=iso(NOW), participants=3, entries=tuple(entries),
    )  # fmt: skip
    updated = msgspec.json.encode(Updated("1.0", "1" * 32, "/club", "autumn/overall", iso(NOW), board))

    async def publish(broker: Broker) -> None:
        await broker.publish([OutputRecord(topics.LEADERBOARD.name, 0, b"autumn/overall", updated)])

    club.ask(publish)
    for arguments in (["show", "autumn"], ["board", "autumn", "overall"]):
        shown = club.run("festival", *arguments).out
        assert plain_lines(shown) == shown
        assert "]52;" not in shown
    assert "پنهان" in club.run("festival", "board", "autumn", "overall").out
    file = tmp_path / "boards.csv"
    assert club.run("festival", "export", "autumn", file, "--excel").code == 0
    lines = file.read_bytes().decode("utf-8-sig").splitlines()
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [each[5] for each in csv.reader(lines[1:])] == [HIDDEN_NAME, "'=cmd|' /C calc'!A0", HIDDEN_NAME]
    assert file.stat().st_mode & 0o777 == 0o600
    assert club.run("festival", "export", "autumn", tmp_path / "b.json").code == 0
    text = (tmp_path / "b.json").read_text(encoding="utf-8")
    assert plain_lines(text) == text
    assert tuple(each["alias"] for each in json.loads(text)[0]["entries"]) == OLD


def test_boards_are_exported(club: DiskClub, tmp_path: Path) -> None:
    assert club.run("festival", "export", "autumn", tmp_path / "boards.csv").code == 0
    assert (tmp_path / "boards.csv").read_text(encoding="utf-8").splitlines()[1:] == [
        f"autumn,overall,,1,m-1,[/b],5,{iso(NOW)}"
    ]


async def _freeze(broker: Broker, hash: str = "") -> None:
    """A final board of three, of which one is published, and the page of the one lane."""
    order = [("m-1", 9), ("m-2", 9), ("m-3", 4)]
    lines = "".join(f"{rank} {name} {score} {iso(NOW)}\n" for rank, (name, score) in zip((1, 1, 3), order, strict=True))
    first = Entry(rank=1, member="m-1", score=9, reached_at=iso(NOW))
    board = FinalBoard(
        activity=Cause("clock", "1"), programme="club", version=1, festival="autumn", category="overall",
        round="final", as_of=iso(NOW), participants=3, entries=(first,),
        hash=hash or sha256(lines.encode()).hexdigest(),
    )  # fmt: skip
    places = tuple(PlaceReport(name, score, 0, NOW, "=alias" if name == "m-3" else None) for name, score in order)
    page = Page(
        lane=0, lanes=1, transactions=1, festival="autumn", category="overall", round="final", as_of=NOW, number=0,
        last=True, places=places, first=0,
    )  # fmt: skip
    key = "autumn/overall/final"
    finalised = msgspec.json.encode(Finalised("1.0", "0" * 32, "/club", key, iso(NOW), board))
    await broker.publish([
        OutputRecord(topics.LEADERBOARD.name, 0, key.encode(), finalised),
        OutputRecord(topics.PARTIAL.name, 0, b"0", encode_partial(page)),
    ])  # fmt: skip


def test_what_is_written_place_by_place_is_json_as_a_whole_would_be(club: DiskClub, tmp_path: Path) -> None:
    club.ask(_freeze)
    assert club.run("festival", "export", "autumn", tmp_path / "whole.json").code == 0
    text = (tmp_path / "whole.json").read_text(encoding="utf-8")
    assert text == plain_json(json.loads(text)) + "\n"
    assert [len(each["entries"]) for each in json.loads(text)] == [1, 3]
    nobodys = Board(
        activity=Cause("clock", "1"), programme="club", version=1, festival="autumn", category="overall",
        as_of=iso(NOW), participants=0, entries=(),
    )  # fmt: skip
    for boards in ([], [ListedBoard(BoardName("autumn", "overall", ""), nobodys, lambda: iter(()))] * 2):
        write_boards(tmp_path / "odd.json", boards, as_json=True, excel=False)
        text = (tmp_path / "odd.json").read_text(encoding="utf-8")
        assert text == plain_json(json.loads(text)) + "\n"
        assert [each["entries"] for each in json.loads(text)] == [[]] * len(boards)


def test_a_final_board_is_exported_whole_or_as_it_was_published(club: DiskClub, tmp_path: Path) -> None:
    file = tmp_path / "boards.csv"
    club.ask(_freeze)
    assert club.run("festival", "export", "autumn", file).code == 0
    final = [line.split(",")[2:6] for line in file.read_text(encoding="utf-8").splitlines() if ",final," in line]
    assert final == [["final", "1", "m-1", ""], ["final", "1", "m-2", ""], ["final", "3", "m-3", final[-1][3]]]
    assert final[-1][3].endswith("=alias")
    assert club.run("festival", "export", "autumn", file, "--published").code == 0
    assert file.read_text(encoding="utf-8").count(",final,") == 1
    club.ask(partial(_freeze, hash="0" * 64))
    refused = club.run("festival", "export", "autumn", file)
    assert refused.code == ExitCode.BAD_FILE
    assert "another order" in refused.err
    assert "--published" in refused.err


def test_a_time_in_a_table_has_one_notation_and_one_line(club: DiskClub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    listed = club.run("festival", "list").out.splitlines()
    (row,) = (line for line in listed if " autumn " in line)
    assert " 1405-07-01 00:00 " in row
    assert " 1405-08-01 00:00 " in row
    for arguments in (["list"], ["show", "autumn"], ["board", "autumn", "overall"]):
        shown = club.run("festival", *arguments).out
        assert "2026-" not in shown
        assert "۱۴۰۵-" not in shown
        assert re.search(r"1405-\d\d-\d\d \d\d:\d\d(?!:)", shown)


def test_a_final_board_shows_its_hash_and_stands_for_the_live_one(club: DiskClub, tmp_path: Path) -> None:
    async def ended(broker: Broker) -> None:
        await broker.publish([OutputRecord(topics.LEADERBOARD.name, 0, b"autumn/overall", None)])

    live = club.run("festival", "board", "autumn", "overall").out
    told = f"hash {'f0' * 32}  overall/final\n"
    assert "live board" in live
    assert "hash" not in live
    club.ask(partial(_freeze, hash="f0" * 32))
    assert "final board" in club.run("festival", "board", "autumn", "overall").out, "as the API has it"
    assert told in club.run("festival", "show", "autumn").out
    assert told in club.run("festival", "export", "autumn", tmp_path / "boards.csv", "--published").out
    club.ask(_freeze)
    club.ask(ended)
    final = club.run("festival", "board", "autumn", "overall", "--round", "final")
    assert re.search(r"^hash [0-9a-f]{64}$", final.out, re.M)
    assert club.run("festival", "board", "autumn", "overall") == final
    assert club.run("festival", "board", "autumn", "overall", "--round", "1405-07").code == ExitCode.USAGE
    exported = club.run("festival", "export", "autumn", tmp_path / "boards.csv").out
    assert "1 of them final and whole, each with the hash that was published" in exported
