"""A lane's live boards: exact statistics of its own members, in memory, and what it tells the coordinator of them.

They follow the rows: filled from them when a lane opens, changed with every transaction, never written themselves. So
they cost an event nothing but for the categories that it touches.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from engine.boards.final_boards import standing_now
from engine.boards.leaderboard import BoardScore, Leaderboard
from engine.ledger.member import FESTIVAL, FestivalRow
from engine.programme.rounds import FINAL, round_key
from engine.programme.terms import CategoryTerms, FestivalTerms
from engine.programme.versions import ProgrammeVersions
from schemas.partial import BoardPart, PlaceReport
from tables import codec
from tables.overlay import RowReader
from tables.rows import festival_member, festival_range, festival_row_key

_FILL_ROWS = 20_000
"""Rows that are held at once while boards are filled."""

Change = tuple[str, str, FestivalRow | None, FestivalRow]
"""Festival, member, the row before and after."""


class _Live(NamedTuple):
    category: CategoryTerms
    board: Leaderboard


class LaneBoards:
    """All live boards of a lane. `top`: how many of the first the coordinator wants."""

    def __init__(self, store: RowReader, versions: ProgrammeVersions, frozen: frozenset[str], top: int) -> None:
        self._store = store
        self._top = top
        self._boards: dict[str, list[_Live]] = {}
        self._changed: set[str] = set()
        self._listed: dict[tuple[str, str], int] = {}  # as told; what is not there is told whole
        self._latest: dict[tuple[str, str], FestivalRow] = {}
        self._erased: set[str] = set()
        self.adopt(versions, frozen)

    def adopt(self, versions: ProgrammeVersions, frozen: frozenset[str]) -> None:
        """Keep boards of the festivals of these versions that are not frozen; fill those that are new, and those whose
        categories are others than before, as they may be until the festival opens."""
        wanted = {each.id: each for each in versions.festivals if round_key(each.id, FINAL) not in frozen}
        for id in self._boards.keys() - wanted.keys():
            self.close(id)
        for id, festival in wanted.items():
            if _orders(live.category for live in self._boards.get(id, ())) != _orders(festival.categories):
                self._open(festival)

    def close(self, festival: str) -> None:
        """A festival is frozen: its boards are no longer live."""
        self._boards.pop(festival, None)
        self._changed.discard(festival)

    def apply(self, changes: Iterable[Change]) -> None:
        """Follow the rows that a transaction changes."""
        for festival, member, before, after in changes:
            if before is not None and before.alias is not None and after.alias is None:
                self._erased.add(member)  # nothing else takes an alias away
            boards = self._boards.get(festival)
            if boards is None:
                continue
            self._changed.add(festival)
            self._latest[festival, member] = after
            renamed = before is not None and before.alias != after.alias
            for category, board in boards:
                old, new = standing_now(before, category), standing_now(after, category)
                if old != new:
                    board.change(member, old, new)
                if renamed:
                    board.touch(member)

    @property
    def changed(self) -> bool:
        """Whether there is something to tell."""
        return bool(self._changed)

    def parts(self) -> tuple[BoardPart, ...]:
        """What changed on the boards since the last call."""
        found = [part for id in sorted(self._changed) for part in self._parts_of(id)]
        self._changed.clear()
        self._latest.clear()
        return tuple(found)

    @property
    def forgets(self) -> bool:
        """Whether somebody was erased: that must be told in the same transaction, for no row says it later."""
        return bool(self._erased)

    def erased(self) -> tuple[str, ...]:
        """Who was erased since the last call."""
        erased, self._erased = self._erased, set()
        return tuple(sorted(erased))

    def board(self, festival: str, category: str) -> Leaderboard | None:
        """A live board."""
        return next((each.board for each in self._boards.get(festival, ()) if each.category.id == category), None)

    def _open(self, festival: FestivalTerms) -> None:
        boards = self._boards[festival.id] = [_Live(each, Leaderboard(self._top)) for each in festival.categories]
        rows = self._rows(festival.id)
        while some := list(islice(rows, _FILL_ROWS)):
            for category, board in boards:
                board.fill(_listed(some, category))
        for category, _ in boards:
            self._listed.pop((festival.id, category.id), None)
        self._changed.add(festival.id)

    def _parts_of(self, id: str) -> Iterator[BoardPart]:
        for category, board in self._boards[id]:
            if board.short:
                board.refill(_listed(self._rows(id), category))
            places, gone = board.changes()
            whole = self._listed.get((id, category.id)) is None
            if not (whole or places or gone or board.listed != self._listed[id, category.id]):
                continue  # only places behind the first ones have changed
            self._listed[id, category.id] = board.listed
            aliases = self._aliases(id, [member for member, _ in places])
            named = tuple(PlaceReport(member, *at, aliases[member]) for member, at in places)
            yield BoardPart(id, category.id, board.listed, self._top, whole, named, tuple(gone))

    def _aliases(self, festival: str, members: list[str]) -> Mapping[str, str | None]:
        known = {member: self._latest.get((festival, member)) for member in members}
        unknown = [member for member, row in known.items() if row is None]
        raws = self._store.get_many([festival_row_key(festival, member) for member in unknown])
        for member, raw in zip(unknown, raws, strict=True):
            assert raw is not None, "whoever is on a board has a row"
            known[member] = codec.decode(FESTIVAL, raw)
        return {member: row.alias if row else None for member, row in known.items()}

    def _rows(self, festival: str) -> Iterator[tuple[str, FestivalRow]]:
        """All rows of a festival, as they stand with the changes that the store may not have yet."""
        latest = {member: row for (id, member), row in self._latest.items() if id == festival}
        yield from latest.items()
        for key, raw in self._store.scan(*festival_range(festival)):
            member = festival_member(key)
            if member not in latest:
                yield member, codec.decode(FESTIVAL, raw)


def _orders(categories: Iterable[CategoryTerms]) -> Mapping[str, tuple[Mapping[str, int], str | None]]:
    """What decides the order on the boards."""
    return {category.id: (category.weigh, category.then_by) for category in categories}


def _listed(rows: Iterable[tuple[str, FestivalRow]], category: CategoryTerms) -> Iterator[tuple[str, BoardScore]]:
    for member, row in rows:
        at = standing_now(row, category)
        if at is not None:
            yield member, at
