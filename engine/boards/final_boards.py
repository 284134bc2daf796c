"""Final boards: a frozen round's whole order, its hash, and who wins an award by rank.

Ranks are shown as in a competition (1, 2, 2, 4), one more than how many have a higher score. Awards go by the total
order, in which no two members are equal.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from engine.boards.leaderboard import BoardScore
from engine.calendar import iso
from engine.ledger.member import FestivalRow, RoundScores
from engine.programme.rounds import FINAL
from engine.programme.terms import AwardTerms, CategoryTerms, FestivalTerms


class FinalPlace(NamedTuple):
    """A listed member's place on a board. `rank` is the one shown; instants are in ms."""

    rank: int
    member: str
    alias: str | None
    score: int
    reached_at: int


def standing(scores: RoundScores, category: CategoryTerms) -> BoardScore | None:
    """Where a member stands in a category by the scores of a round; None with a score of 0 or less, which none lists.

    Formula: the sum over the category's indicators of weight x score.
    """
    indicators = scores.indicators
    score = 0
    for indicator, weight in category.weigh.items():
        score += weight * indicators.get(indicator, 0)
    if score <= 0:
        return None
    then_by = indicators.get(category.then_by, 0) if category.then_by else 0
    return BoardScore(score, then_by, scores.reached.get(category.id, 0))


def standing_now(row: FestivalRow | None, category: CategoryTerms) -> BoardScore | None:
    """Where a live board lists a member; None where it does not."""
    return standing(row.whole, category) if row is not None and row.listed else None


def standing_then(
    row: FestivalRow, category: CategoryTerms, round_name: str, month: int
) -> tuple[BoardScore, str | None] | None:
    """Where a frozen round's board lists a member, and under which alias: as things stood when it was frozen.

    `month`: the round's number, where it is a month's.
    """
    listed, alias = row.shown_then.get(round_name, (row.listed, row.alias))
    scores = row.whole if round_name == FINAL else row.months.get(month)
    at = standing(scores, category) if listed and scores is not None else None
    return None if at is None else (at, alias)


def ranked(order: Iterable[tuple[BoardScore, str, str | None]]) -> Iterator[FinalPlace]:
    """Members with their aliases in board order, with the ranks that are shown."""
    rank = last = 0
    for place, (at, member, alias) in enumerate(order, start=1):
        if at.score != last:
            rank, last = place, at.score
        yield FinalPlace(rank, member, alias, at.score, at.reached_at)


def line(rank: int, member: str, score: int, reached_at: int) -> str:
    """A place as the hash of a final board has it, with its newline; `reached_at` in ms."""
    return f"{rank} {member} {score} {iso(reached_at)}\n"


def board_hash(places: Iterable[FinalPlace]) -> str:
    """SHA-256 in hexadecimal over the lines of the whole order."""
    digest = sha256()
    for place in places:
        digest.update(line(place.rank, place.member, place.score, place.reached_at).encode())
    return digest.hexdigest()


def final_categories(terms: FestivalTerms, round_name: str) -> list[CategoryTerms]:
    """The categories that have a final in a round: all in the whole festival's, in a month's those awarded monthly."""
    monthly = {award.category for award in terms.awards if award.monthly}
    return [category for category in terms.categories if round_name == FINAL or category.id in monthly]


def awards_of(terms: FestivalTerms, category: str, round_name: str) -> list[AwardTerms]:
    """The awards by rank of a category's round, in the order of the file."""
    return [
        award for award in terms.awards
        if award.category == category and award.ranks is not None and award.monthly == (round_name != FINAL)
    ]  # fmt: skip
