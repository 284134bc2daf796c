"""What the lanes of this process know of members' scores and ranks: `agents.web.ranks.Workers` without a network."""

from collections.abc import Callable, Mapping

from agents.broker.partitioner import partition_of
from agents.lanes.lane import Lane
from agents.web.distribution import BUCKETS_MAX
from agents.web.ranks import (
    CategoryScore,
    Counts,
    FestivalScores,
    MemberScores,
    Partitions,
    RanksUnavailable,
    summed,
    together,
)
from engine.finals import standing
from engine.member import FESTIVAL, HEAD, FestivalRow, Head, Status
from engine.participation import stands_on_boards
from engine.programme import Category
from tables import codec
from tables.rows import festival_row_key, member_prefix


class LaneRanks:
    """Answers for the lanes that run in this process at the moment of the question."""

    def __init__(self, lanes: Callable[[], Mapping[int, Lane]]) -> None:
        """`lanes` gives those that take records now, by partition."""
        self._running = lanes

    def scores_here(self, member: str) -> MemberScores | None:
        """A member's scores; None where the member's lane is not in this process."""
        lanes = next((lane.partitions for lane in self._running().values()), 0)
        lane = self._running().get(partition_of(member.encode(), lanes)) if lanes else None
        return None if lane is None else _scores(lane, member)

    def counts_here(self, festival: str, category: str, score: int) -> Counts | None:
        """Counts over the members of this process's lanes; None without any lane."""
        parts = [_counts(lane, festival, category, score) for lane in self._running().values()]
        return together(parts) if parts else None

    async def member(self, member: str) -> MemberScores:
        """See `Workers`."""
        found = self.scores_here(member)
        if found is None:
            raise RanksUnavailable("the member's lane does not run now")
        return found

    async def counts(self, festival: str, category: str, score: int) -> Counts:
        """See `Workers`."""
        parts = [_counts(lane, festival, category, score) for lane in self._running().values()]
        if not parts:
            raise RanksUnavailable("no lane runs now")
        return summed(parts)

    async def close(self) -> None:
        """Nothing is held."""


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
    terms = next((each for each in lane.shelf.festivals if each.id == id), None)
    return FestivalScores(
        festival=id,
        listed=row.listed,
        indicators=dict(row.whole.indicators),
        categories=tuple(_in_category(row, each) for each in terms.categories) if terms else (),
    )


def _in_category(row: FestivalRow, category: Category) -> CategoryScore:
    at = standing(row.whole, category)
    if at is None:
        return CategoryScore(category=category.id, score=0)
    return CategoryScore(category=category.id, score=at.score, then_by=at.then_by, reached_at_ms=at.reached_at)


def _counts(lane: Lane, festival: str, category: str, score: int) -> Counts:
    board = lane.telling.boards.board(festival, category)
    if board is None:  # frozen in this lane, or not known to it yet: then its members are not counted, and it says so
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
        distribution=tuple(board.distribution(BUCKETS_MAX)),
        widening=tuple(board.widening()),
    )
