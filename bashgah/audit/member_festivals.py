"""A member in festivals: scores from the lane's rows, places from the published boards.

A rank over the whole club is known here only where a published board has the member's line.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agents.topics.boards import BoardName
from engine.boards.final_boards import final_categories
from engine.ledger.member import FESTIVAL, FestivalRow, Head, Move, RoundScores
from engine.programme.rounds import FINAL, month_name, round_key
from engine.programme.terms import CategoryTerms, FestivalTerms
from schemas.results.leaderboard import Board, Entry, FinalBoard
from tables import codec
from tables.overlay import RowReader
from tables.rows import FESTIVAL_PREFIX, FROZEN_PREFIX, festival_member, festival_row_key, frozen_key

Boards = Mapping[BoardName, Board | FinalBoard]


class InCategory(NamedTuple):
    """A member's score in a category's round. `reached_at` in ms, None before the first. `line`: the member's own on
    `board`, the newest published one of that round; either may be None."""

    category: CategoryTerms
    score: int
    reached_at: int | None
    board: Board | FinalBoard | None
    line: Entry | None


class InRound(NamedTuple):
    """Scores by indicator and by category; a month has the categories that are awarded by month."""

    round: str
    frozen: bool
    indicators: Mapping[str, int]
    categories: tuple[InCategory, ...]


class InFestival(NamedTuple):
    """`terms`: as the last version says, None where no version knows the festival yet. `moves`: joinings and leavings,
    the earliest first. `row` says how boards show the member, and which awards were won."""

    festival: str
    terms: FestivalTerms | None
    moves: tuple[Move, ...]
    row: FestivalRow | None
    rounds: tuple[InRound, ...]


def wanted_row(key: bytes, member: str) -> bool:
    """Whether a row of a lane is the member's in a festival, or says that a round is frozen."""
    return key.startswith(FROZEN_PREFIX) or (key.startswith(FESTIVAL_PREFIX) and festival_member(key) == member)


def in_festivals(
    member: str, head: Head, store: RowReader, festivals: Mapping[str, FestivalTerms], boards: Boards
) -> tuple[InFestival, ...]:
    """Every festival in which the member has a score, or which the member joined or left."""
    return tuple(
        _in_festival(member, head, store, id, festivals.get(id), boards)
        for id in dict.fromkeys([*head.festivals, *head.joins])
    )


def _in_festival(
    member: str, head: Head, store: RowReader, id: str, terms: FestivalTerms | None, boards: Boards
) -> InFestival:
    raw = store.get_many([festival_row_key(id, member)])[0]
    row: FestivalRow | None = None if raw is None else codec.decode(FESTIVAL, raw)
    rounds = () if row is None else tuple(_rounds(member, store, id, row, terms, boards))
    return InFestival(id, terms, head.joins.get(id, ()), row, rounds)


def _rounds(
    member: str, store: RowReader, id: str, row: FestivalRow, terms: FestivalTerms | None, boards: Boards
) -> Iterator[InRound]:
    named = [(FINAL, row.whole), *((month_name(number), scores) for number, scores in sorted(row.months.items()))]
    for name, scores in named:
        frozen = store.get_many([frozen_key(round_key(id, name))])[0] is not None
        categories = final_categories(terms, name) if terms else []
        found = tuple(
            _in_category(member, scores, category, _board(boards, id, category.id, name)) for category in categories
        )
        yield InRound(name, frozen, scores.indicators, found)


def _board(boards: Boards, festival: str, category: str, round_name: str) -> Board | FinalBoard | None:
    """A round's final board, else of the whole festival the live one."""
    final = boards.get(BoardName(festival, category, round_name))
    return final or (boards.get(BoardName(festival, category, "")) if round_name == FINAL else None)


def _in_category(
    member: str, scores: RoundScores, category: CategoryTerms, board: Board | FinalBoard | None
) -> InCategory:
    score = sum(weight * scores.indicators.get(indicator, 0) for indicator, weight in category.weigh.items())
    line = next((entry for entry in board.entries if entry.member == member), None) if board else None
    return InCategory(category, score, scores.reached.get(category.id), board, line)
