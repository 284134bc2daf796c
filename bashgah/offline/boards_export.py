"""Boards in a file, as CSV or JSON: written place by place, so that a board of any length takes no more memory."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from agents.process.exit_codes import ClubError, ExitCode
from agents.topics.boards import BoardName
from bashgah.cli.text.csv_tables import encoding_of, write_table
from bashgah.cli.text.names import shown_name
from bashgah.offline.boards import COLUMNS
from monitoring.safe_text import plain_json
from schemas.results.leaderboard import Board, Entry, FinalBoard
from tables.files import replaced

_NOBODY = '"entries": []'
"""How JSON has a board without places. No text looks so: its quotes would be escaped."""


class ListedBoard(NamedTuple):
    """A board and the places that are written of it."""

    name: BoardName
    board: Board | FinalBoard
    entries: Callable[[], Iterator[Entry]]


def write_boards(file: Path, boards: Iterable[ListedBoard], *, as_json: bool, excel: bool) -> None:
    """Write the file, whole or not at all. `ClubError` where it cannot be written. `excel`: see
    `bashgah.cli.text.csv_tables`."""
    if file.is_dir():
        raise ClubError(str(file), "is a folder", "name a file in it", ExitCode.NO_FILE)
    try:
        with replaced(file, "utf-8" if as_json else encoding_of(excel)) as written:
            if as_json:
                written.writelines(_json(boards))
            else:
                write_table(written, COLUMNS, _rows(boards))
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise ClubError(str(file), reason, "name another file", ExitCode.NO_FILE) from None


def _rows(boards: Iterable[ListedBoard]) -> Iterator[tuple[str | int, ...]]:
    for name, _, entries in boards:
        for each in entries():
            yield *name, each.rank, each.member, shown_name(each.alias), each.score, each.reached_at


def _json(boards: Iterable[ListedBoard]) -> Iterator[str]:
    before = "["
    for _, board, entries in boards:
        head, _, tail = _at(2, msgspec.to_builtins(msgspec.structs.replace(board, entries=()))).partition(_NOBODY)
        yield f"{before}\n{head}{_NOBODY[:-1]}"
        before, between = ",", ""
        for each in entries():
            yield f"{between}\n{_at(6, msgspec.to_builtins(each))}"
            between = ","
        yield f"\n    ]{tail}" if between else f"]{tail}"
    yield "[]\n" if before == "[" else "\n]\n"


def _at(column: int, value: Any) -> str:
    """The value as JSON whose lines begin there."""
    return "\n".join(" " * column + line for line in plain_json(value).split("\n"))
