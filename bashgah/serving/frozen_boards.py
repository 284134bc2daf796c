"""Frozen rounds' boards of the lanes in this process, as counts: how many ended above a score.

Nothing more is kept for them than members' rows. What those say of a frozen round does not change any more
(`engine.ledger.member.FestivalRow`), so a board is counted when it is first asked for, in slices between transactions.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from agents.lanes.lane import Lane
from agents.scoring.frozen_rounds import frozen_at
from engine.boards.final_boards import final_categories, standing_then
from engine.boards.leaderboard import BoardScore, Leaderboard
from engine.ledger.member import FESTIVAL, FestivalRow
from engine.programme.rounds import month_of, round_key
from engine.programme.terms import CategoryTerms, FestivalTerms
from schemas.internal import RanksUnavailable
from tables import codec
from tables.rows import festival_member, festival_range, frozen_key

_MEMBERS_KEPT_MAX = 5_000_000
"""Members of all boards that are kept: at most some 28 bytes each, where no two have the same score."""
_ROWS_A_SLICE = 1_000

_Key = tuple[int, str, str, str]


class FrozenBoards:
    """Counts boards of frozen rounds and keeps those that were asked for last."""

    def __init__(self, lanes: Callable[[], Mapping[int, Lane]]) -> None:
        """`lanes` gives those that run now, by partition."""
        self._running = lanes
        self._kept: OrderedDict[_Key, tuple[Lane, asyncio.Task[Leaderboard]]] = OrderedDict()

    async def board(self, lane: Lane, festival: str, category: str, round_name: str) -> Leaderboard | None:
        """The board in one lane; None where the lane has frozen none of that name. Raises `RanksUnavailable`.

        Whoever asks while it is counted waits for the same count; it goes on when they wait no longer.
        """
        key = (lane.partition, festival, category, round_name)
        owner, counting = self._kept.get(key, (None, None))
        if owner is not lane or counting is None:
            terms = frozen_terms(lane, festival, round_name)
            finals = {each.id: each for each in final_categories(terms, round_name)} if terms else {}
            if category not in finals:
                return None
            found = finals[category]
            counting = asyncio.create_task(self._count(lane, festival, found, round_name), name=f"frozen board {key}")
            counting.add_done_callback(lambda done: self._ended(key, done))
            self._kept[key] = lane, counting
        self._kept.move_to_end(key)
        return await asyncio.shield(counting)

    async def _count(self, lane: Lane, festival: str, category: CategoryTerms, round_name: str) -> Leaderboard:
        board = Leaderboard(1)
        rows = lane.store.scan(*festival_range(festival))
        month = month_of(round_name)
        while self._running().get(lane.partition) is lane:
            some = list(islice(rows, _ROWS_A_SLICE))
            if not some:
                return board
            board.fill(_listed(some, category, round_name, month))
            await asyncio.sleep(0)
        raise RanksUnavailable("the member's lane is being closed")

    def _ended(self, key: _Key, done: asyncio.Task[Leaderboard]) -> None:
        if _board(done) is None and key in self._kept and self._kept[key][1] is done:
            del self._kept[key]
        while len(self._kept) > 1 and self._members > _MEMBERS_KEPT_MAX:
            self._kept.popitem(last=False)

    @property
    def _members(self) -> int:
        boards = (_board(counting) for _, counting in self._kept.values())
        return sum(board.listed for board in boards if board is not None)


def _board(counting: asyncio.Task[Leaderboard]) -> Leaderboard | None:
    """What came of a count; None while it runs and where it failed."""
    done = counting.done() and not counting.cancelled() and counting.exception() is None
    return counting.result() if done else None


def frozen_terms(lane: Lane, festival: str, round_name: str) -> FestivalTerms | None:
    """The terms by which a lane has frozen a round, in a transaction that stands; None where it has not."""
    name = round_key(festival, round_name)
    raw = lane.store.get_many([frozen_key(name)])[0] if name.isascii() else None
    return None if raw is None else lane.versions.festival(festival, frozen_at(raw))


def _listed(
    rows: Iterable[tuple[bytes, bytes]], category: CategoryTerms, round_name: str, month: int
) -> Iterator[tuple[str, BoardScore]]:
    for key, raw in rows:
        row: FestivalRow = codec.decode(FESTIVAL, raw)
        found = standing_then(row, category, round_name, month)
        if found is not None:
            yield festival_member(key), found[0]
