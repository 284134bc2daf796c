"""The whole order of a frozen round's boards in one lane, made and handed out in slices between transactions.

What a round's boards say does not change any more (`engine.ledger.member.FestivalRow`), so it makes no difference when
the rows are read; a lane that is killed meanwhile begins anew and tells the same.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from engine.boards.final_boards import final_categories, standing_then
from engine.ledger.member import FESTIVAL
from engine.programme.rounds import month_of
from engine.programme.terms import CategoryTerms, FestivalTerms
from schemas.partial import PlaceReport, fitting
from tables import codec
from tables.codec import ROW_BYTES_MAX
from tables.overlay import RowReader
from tables.rows import festival_member, festival_range

PLACES_A_PAGE = 2_000
PLACES_BYTES_A_PAGE = ROW_BYTES_MAX - 1_000
"""A page ends before the place that would take it over this: with what else is in its record it stays below the bound
on a row, since the coordinator keeps it as one. One place takes at most some 600."""
ROWS_A_SLICE = 4_000
_RUN = 20_000
"""Places that are sorted at once."""
_MARK = 500
_MARKS_A_CHUNK = 16
"""Runs are cut at some of the members at every `_MARK` places of theirs: about 8,000 places a chunk."""

_Sorting = tuple[int, int, int, str, str | None]


class OrderPage(NamedTuple):
    """A page of a category's order: its number from 0, how many places come before it, whether it is the last, and the
    places."""

    category: str
    number: int
    first: int
    last: bool
    places: tuple[PlaceReport, ...]


class FinalOrder:
    """One round on its way: `next_page` is called until `done`. `at`: from when on it is final."""

    def __init__(self, store: RowReader, terms: FestivalTerms, round_name: str, at: int) -> None:
        self.terms = terms
        self.round = round_name
        self.at = at
        self.done = False
        self._store = store
        self._month = month_of(round_name)
        self._steps = self._work()

    def next_page(self) -> OrderPage | None:
        """Do a few milliseconds of work: a page, or None while rows are read; `done` once there is no more."""
        for page in self._steps:
            return page
        self.done = True
        return None

    def _work(self) -> Iterator[OrderPage | None]:
        for category in final_categories(self.terms, self.round):
            runs: list[list[_Sorting]] = [[]]
            rows = iter(self._store.scan(*festival_range(self.terms.id)))
            while some := list(islice(rows, ROWS_A_SLICE)):
                runs[-1] += self._listed(some, category)
                if len(runs[-1]) >= _RUN:
                    runs[-1].sort()
                    runs.append([])
                yield None
            runs[-1].sort()
            yield from _pages(category.id, chain.from_iterable(_merged(runs)))

    def _listed(self, rows: Iterable[tuple[bytes, bytes]], category: CategoryTerms) -> Iterator[_Sorting]:
        for key, raw in rows:
            row = codec.decode(FESTIVAL, raw)
            found = standing_then(row, category, self.round, self._month)
            if found is not None:
                at, alias = found
                yield -at.score, -at.then_by, at.reached_at, festival_member(key), alias


def _merged(runs: list[list[_Sorting]]) -> Iterator[list[_Sorting]]:
    """Sorted runs as one order, in chunks: each is sorted out of a piece of every run, which takes no step a place."""
    marks = sorted(run[at] for run in runs for at in range(0, len(run), _MARK))
    for mark in (*marks[_MARKS_A_CHUNK::_MARKS_A_CHUNK], None):
        chunk: list[_Sorting] = []
        for run in runs:
            end = len(run) if mark is None else bisect_left(run, mark)
            chunk += run[:end]
            del run[:end]  # so that all of it need not go at the end, in one long step
        chunk.sort()
        yield chunk


def _pages(category: str, order: Iterable[_Sorting]) -> Iterator[OrderPage]:
    """Pages of an order, which end at a number of places or of bytes, whichever comes first; the last may be empty."""
    left = (
        PlaceReport(member, -score, -then_by, reached_at, alias) for score, then_by, reached_at, member, alias in order
    )
    places: list[PlaceReport] = []
    number = first = 0
    while True:
        places += islice(left, PLACES_A_PAGE + 1 - len(places))
        count = fitting(places[:PLACES_A_PAGE], PLACES_BYTES_A_PAGE)
        page, places = tuple(places[:count]), places[count:]
        yield OrderPage(category, number, first, not places, page)
        if not places:
            return
        number, first = number + 1, first + count
