"""The boards of one partition from its rows: whole orders of frozen rounds, live ones, and `boards.csv`.

Everything here reads all of a festival's rows and sorts them: what is done once a round, or at the end of a run.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bashgah.cli.text.names import shown_name
from engine.boards.final_boards import FinalPlace, awards_of, final_categories, ranked, standing_now, standing_then
from engine.boards.leaderboard import BoardScore, order_key
from engine.calendar import iso
from engine.ledger.member import FESTIVAL, FestivalRow
from engine.programme.rounds import Freeze, month_of
from engine.programme.terms import FestivalTerms, Reward
from schemas.commands import award_granted
from tables import codec
from tables.overlay import RowReader
from tables.rows import festival_member, festival_range

COLUMNS = ("festival", "category", "round", "rank", "member", "alias", "score", "reached_at")


class WholeBoard(NamedTuple):
    """A board with everybody on it, in order. `round`: empty for a live one."""

    festival: str
    category: str
    round: str
    places: Sequence[FinalPlace]

    def lines(self) -> Iterator[tuple[str, str, str, int, str, str, int, str]]:
        """The board's lines of `boards.csv`."""
        for at in self.places:
            alias = shown_name(at.alias)
            yield self.festival, self.category, self.round, at.rank, at.member, alias, at.score, iso(at.reached_at)


def final_boards(store: RowReader, freeze: Freeze) -> Iterator[WholeBoard]:
    """The final boards of a frozen round, category by category."""
    rows = list(_rows(store, freeze.festival))
    month = month_of(freeze.round)
    for category in final_categories(freeze.terms, freeze.round):
        listed = [
            (found[0], member, found[1])
            for member, row in rows
            if (found := standing_then(row, category, freeze.round, month)) is not None
        ]
        yield WholeBoard(freeze.festival, category.id, freeze.round, _sorted(listed))


def live_boards(store: RowReader, terms: FestivalTerms) -> Iterator[WholeBoard]:
    """The boards of a festival as they stand now."""
    rows = list(_rows(store, terms.id))
    for category in terms.categories:
        listed = [(at, member, row.alias) for member, row in rows if (at := standing_now(row, category)) is not None]
        yield WholeBoard(terms.id, category.id, "", _sorted(listed))


def award_commands(freeze: Freeze, board: WholeBoard, rewards: Mapping[str, Reward]) -> Iterator[tuple[str, bytes]]:
    """The awards by rank of a final board, as (member, command). `rewards` are those of the version in force then."""
    for award in awards_of(freeze.terms, board.category, freeze.round):
        assert award.ranks is not None
        first, last = award.ranks
        reward = rewards.get(award.reward)
        value_rial = reward.value_rial if reward else None
        for rank, place in enumerate(board.places[first - 1 : last], start=first):
            yield place.member, award_granted(
                place.member, freeze.at, freeze.festival, board.category, freeze.round, award.id, award.reward, rank,
                value_rial,
            )  # fmt: skip


def _rows(store: RowReader, festival: str) -> Iterator[tuple[str, FestivalRow]]:
    for key, raw in store.scan(*festival_range(festival)):
        yield festival_member(key), codec.decode(FESTIVAL, raw)


def _sorted(listed: list[tuple[BoardScore, str, str | None]]) -> list[FinalPlace]:
    listed.sort(key=lambda each: order_key(each[0], each[1]))
    return list(ranked(listed))
