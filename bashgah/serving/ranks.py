"""What the lanes of this process know of members' scores and ranks: `schemas.internal.Workers` without a network."""

from collections.abc import Callable, Iterator, Mapping

from agents.lanes.lane import Lane
from bashgah.serving.frozen_boards import FrozenBoards, frozen_terms
from engine.boards.final_boards import final_categories, standing, standing_then
from engine.boards.leaderboard import Leaderboard
from engine.festivals.participation import stands_on_boards
from engine.ledger.member import FESTIVAL, HEAD, FestivalRow, Head, Status
from engine.programme.rounds import FINAL, month_name, month_of
from engine.programme.terms import CategoryTerms
from schemas.internal import (
    BUCKETS_MAX,
    CategoryScore,
    Counts,
    FestivalScores,
    FinalScore,
    MemberScores,
    Partitions,
    RanksUnavailable,
    summed,
    together,
)
from schemas.kafka.partitioner import partition_of
from tables import codec
from tables.rows import festival_row_key, member_prefix


class LaneRanks:
    """Answers for the lanes that run in this process at the moment of the question."""

    def __init__(self, lanes: Callable[[], Mapping[int, Lane]]) -> None:
        """`lanes` gives those that take records now, by partition."""
        self._running = lanes
        self._frozen = FrozenBoards(lanes)

    def scores_here(self, member: str) -> MemberScores | None:
        """A member's scores; None where the member's lane is not in this process."""
        lanes = next((lane.partitions for lane in self._running().values()), 0)
        lane = self._running().get(partition_of(member.encode(), lanes)) if lanes else None
        return None if lane is None else _scores(lane, member)

    def counts_here(self, festival: str, category: str, score: int) -> Counts | None:
        """Counts over the members of this process's lanes; None without any lane."""
        parts = [_counts(lane, lane.reports.boards.board(festival, category), score) for lane in self._lanes()]
        return together(parts) if parts else None

    async def final_counts_here(self, festival: str, category: str, round: str, score: int) -> Counts | None:
        """The same on the final board of a round. Raises `RanksUnavailable`."""
        parts = [await self._final(lane, festival, category, round, score) for lane in self._lanes()]
        return together(parts) if parts else None

    async def member(self, member: str) -> MemberScores:
        """See `Workers`."""
        found = self.scores_here(member)
        if found is None:
            raise RanksUnavailable("the member's lane does not run now")
        return found

    async def counts(self, festival: str, category: str, score: int) -> Counts:
        """See `Workers`."""
        found = self.counts_here(festival, category, score)
        if found is None:
            raise RanksUnavailable("no lane runs now")
        return summed([found])

    async def final_counts(self, festival: str, category: str, round: str, score: int) -> Counts:
        """See `Workers`."""
        found = await self.final_counts_here(festival, category, round, score)
        if found is None:
            raise RanksUnavailable("no lane runs now")
        return summed([found])

    async def close(self) -> None:
        """What is being counted ends with its lane."""

    def _lanes(self) -> list[Lane]:
        return list(self._running().values())

    async def _final(self, lane: Lane, festival: str, category: str, round: str, score: int) -> Counts:
        return _counts(lane, await self._frozen.board(lane, festival, category, round), score, spread=False)


def _scores(lane: Lane, member: str) -> MemberScores:
    raw = lane.store.get_many([member_prefix(member) + HEAD])[0]
    head = Head() if raw is None else codec.decode(HEAD, raw)
    ids = list(dict.fromkeys([*head.festivals, *head.joins]))
    rows = lane.store.get_many([festival_row_key(id, member) for id in ids])
    return MemberScores(
        member=member,
        registered=head.status == Status.REGISTERED,
        alias=head.alias,
        festivals=tuple(_in_festival(lane, head, id, raw) for id, raw in zip(ids, rows, strict=True)),
    )


def _in_festival(lane: Lane, head: Head, id: str, raw: bytes | None) -> FestivalScores:
    listed = stands_on_boards(head, head.joins.get(id, ()))
    row = FestivalRow(listed=listed) if raw is None else codec.decode(FESTIVAL, raw)
    terms = next((each for each in lane.versions.festivals if each.id == id), None)
    return FestivalScores(
        festival=id,
        listed=row.listed,
        indicators=dict(row.whole.indicators),
        categories=tuple(_in_category(row, each) for each in terms.categories) if terms else (),
        finals=tuple(_finals(lane, id, row)),
    )


def _finals(lane: Lane, festival: str, row: FestivalRow) -> Iterator[FinalScore]:
    """The final boards that list the member: as they were frozen, whatever has become of the member since."""
    for name in (FINAL, *map(month_name, row.months)):
        terms = frozen_terms(lane, festival, name)
        for category in final_categories(terms, name) if terms else ():
            found = standing_then(row, category, name, month_of(name))
            if found is not None:
                yield FinalScore(round=name, category=category.id, score=found[0].score)


def _in_category(row: FestivalRow, category: CategoryTerms) -> CategoryScore:
    at = standing(row.whole, category)
    if at is None:
        return CategoryScore(category=category.id, score=0)
    return CategoryScore(category=category.id, score=at.score, then_by=at.then_by, reached_at_ms=at.reached_at)


def _counts(lane: Lane, board: Leaderboard | None, score: int, *, spread: bool = True) -> Counts:
    """`spread`: with the distribution of all scores."""
    if board is None:  # none in this lane, or none any more: then its members are not counted, and it says so
        partitions = Partitions(of=lane.partitions, mine=())
        return Counts(
            partitions=partitions, above=0, listed=0, next_above=None, next_below=None, distribution=(), widening=()
        )  # fmt: skip
    return Counts(
        partitions=Partitions(of=lane.partitions, mine=(lane.partition,)),
        above=board.above(score),
        listed=board.listed,
        next_above=board.next_above(score),
        next_below=board.next_below(score),
        distribution=tuple(board.distribution(BUCKETS_MAX)) if spread else (),
        widening=tuple(board.widening()) if spread else (),
    )
