"""One lane's exact statistics of one category of one festival: how many members stand where, and who is first.

A board counts members by distinct score and knows only the first ones by name. Who changes a member's score says what
it was before, which is in the member's row. An exact rank in the whole club is 1 + the sum over the lanes of `above`;
the first of the whole club are among the first of each lane.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from engine.boards.histogram import begin_after, begin_of

TOP_MAX = 1_000
_CHUNK_MAX = 512
"""Distinct scores in a chunk before it is halved; below a quarter of it a chunk joins its neighbour."""
_GROUP = 128
"""Chunks whose members are summed up together."""
_SLICE = 250_000
"""Members counted together while a board is filled."""


class BoardScore(NamedTuple):
    """Where a listed member stands."""

    score: int  # above 0
    then_by: int  # the score of the secondary indicator, which decides between equal ones
    reached_at: int  # when `score` was reached, in ms: who was earlier comes first


Key = tuple[int, int, int, str]


def order_key(standing: BoardScore, member: str) -> Key:
    """Sorts ascending into board order. A `str` stands for its bytes: UTF-8 and code points sort alike."""
    score, then_by, reached_at = standing
    return -score, -then_by, reached_at, member


class Leaderboard:
    """The counts of all listed members, and the first `top` of them; `listed`: how many there are.

    n below is the number of distinct scores. About 13 bytes for each of them, below 2 ** 63, and some 500 for each of
    at most 2 x `top` members who are kept by name.
    """

    def __init__(self, top: int) -> None:
        assert 0 < top <= TOP_MAX, top
        self.top = top
        self.listed = 0
        self._scores = _Scores()
        # Kept are exactly the listed members whose key lies before `_edge`; without an edge, all.
        self._kept: dict[str, BoardScore] = {}
        self._order: list[Key] = []
        self._edge: Key | None = None
        self._edge_score = 0
        # What `changes` has told, up to which place, and who may stand elsewhere since.
        self._told: dict[str, BoardScore] = {}
        self._told_last: Key | None = None
        self._moved: set[str] = set()
        self._touched: set[str] = set()

    def change(self, member: str, before: BoardScore | None, after: BoardScore | None) -> None:
        """The member stood at `before` and stands at `after`; None: not listed. About log n steps."""
        old = 0 if before is None else before.score
        new = 0 if after is None else after.score
        assert (old > 0) is (before is not None), (member, before)
        assert (new > 0) is (after is not None), (member, after)
        if old != new:
            if old:
                self._scores.add(old, -1)
            if new:
                self._scores.add(new, 1)
            self.listed += (new > 0) - (old > 0)
        if member in self._kept:
            assert self._kept[member] == before, (member, before, self._kept[member])
            self._drop(member)
        if after is not None and new >= self._edge_score:
            self._keep(member, after)

    def above(self, score: int) -> int:
        """How many members have a higher score. About the square root of n steps, each of them short."""
        return self._scores.above(score)

    def next_above(self, score: int) -> tuple[int, int] | None:
        """The next higher score that somebody has, and how many have it. About log n steps."""
        return self._scores.after(score)

    def next_below(self, score: int) -> tuple[int, int] | None:
        """The next lower score that somebody has, and how many have it. About log n steps."""
        return self._scores.before(score)

    # -- the first ones

    @property
    def short(self) -> bool:
        """Whether too few are known by name, because others left: then `refill` with all listed members."""
        return len(self._order) < self.top and len(self._order) < self.listed

    def first(self) -> list[tuple[str, BoardScore]]:
        """Exactly the first `top` in board order; all, when there are fewer. Not while `short`."""
        assert not self.short, "members left: refill first"
        kept = self._kept
        return [(member, kept[member]) for _, _, _, member in self._order[: self.top]]

    def refill(self, everyone: Iterable[tuple[str, BoardScore]]) -> None:
        """Choose the first ones anew out of all listed members, in any order: one short step for most of them."""
        self._moved.update(self._kept)
        self._kept, self._order, self._edge, self._edge_score = {}, [], None, 0
        for member, standing in everyone:
            if standing.score >= self._edge_score:
                self._keep(member, standing)

    def fill(self, everyone: Iterable[tuple[str, BoardScore]]) -> None:
        """Add members that are not listed yet, in any order, faster than one by one. Several calls may share them."""
        rest = iter(everyone)
        while some := list(islice(rest, _SLICE)):
            counts = Counter([standing.score for _, standing in some])
            for score in sorted(counts):
                assert score > 0, score
                self._scores.add(score, counts[score])
            self.listed += len(some)
            for member, standing in some:
                if standing.score >= self._edge_score:
                    self._keep(member, standing)

    def changes(self) -> tuple[list[tuple[str, BoardScore]], list[str]]:
        """What became of the first `top` since the last call: who stands there anew or elsewhere, and who is gone.

        A dict to which all of it is applied holds exactly `first()`. The first call tells all. About as many steps as
        members moved among the kept ones or across the last of the first places, and log `top`. Not while `short`.
        """
        if not self._moved and not self._touched:
            return [], []
        assert not self.short, "members left: refill first"
        last = self._order[self.top - 1] if len(self._order) > self.top else None
        told, changed, gone = self._told, [], []
        for member in {*self._moved, *self._touched, *self._between(self._told_last, last)}:
            at = self._kept.get(member)
            if at is not None and (last is None or order_key(at, member) <= last):
                if told.get(member) != at or member in self._touched:
                    told[member] = at
                    changed.append((member, at))
            elif told.pop(member, None) is not None:
                gone.append(member)
        self._told_last = last
        self._moved, self._touched = set(), set()
        changed.sort(key=lambda each: order_key(each[1], each[0]))
        return changed, sorted(gone)

    def _between(self, one: Key | None, other: Key | None) -> list[str]:
        """Who is kept behind one key up to another; None: the end."""
        if one == other:
            return []
        order = self._order
        first, last = sorted(len(order) if key is None else bisect_right(order, key) for key in (one, other))
        return [key[3] for key in order[first:last]]

    def touch(self, member: str) -> None:
        """The member is shown otherwise: `changes` tells of him again, if he is among the first."""
        if member in self._told:  # whoever is not will be told of when he comes
            self._touched.add(member)

    def _keep(self, member: str, standing: BoardScore) -> None:
        """Keep him by name if he stands before the edge; whoever is too many after that goes behind it."""
        key = order_key(standing, member)
        if self._edge is not None and key >= self._edge:
            return
        order = self._order
        place = bisect_left(order, key)
        order.insert(place, key)
        self._kept[member] = standing
        self._moved.add(member)
        if len(order) > 2 * self.top:
            self._edge = order.pop()
            self._edge_score = -self._edge[0]
            del self._kept[self._edge[3]]
            self._moved.add(self._edge[3])

    def _drop(self, member: str) -> None:
        place = bisect_left(self._order, order_key(self._kept.pop(member), member))
        del self._order[place]
        self._moved.add(member)

    # -- a histogram

    def distribution(self, steps: int) -> list[tuple[int, int, int]]:
        """Members by range of scores, lowest first: (from, to inclusive, members), at most `steps` > 0 ranges.

        All are as wide as the smallest of 1, 5, 10, 50, 100 … that gives few enough, and begin at its multiples. So
        the ranges of several lanes fit into those of the widest. About `steps` times what `above` takes.
        """
        lowest, highest = self._scores.after(0), self._scores.highest()
        if lowest is None:
            return []
        width = next(each for each in _widths() if highest // each - lowest[0] // each < steps)
        ranges = []
        begin = lowest[0] // width * width
        over = self.listed
        while begin <= highest:
            end = begin + width - 1
            still = self._scores.above(end)
            ranges.append((begin, end, over - still))
            begin, over = end + 1, still
        return ranges

    def widening(self) -> list[tuple[int, int, int]]:
        """The same in the finest ranges that widen with the scores (`engine.boards.histogram`), without the empty ones.

        About six for each power of ten, and for each of them what `above` takes.
        """
        ranges = []
        lowest, over = self._scores.after(0), self.listed
        while lowest is not None:
            begin = begin_of(lowest[0], 0)
            end = begin_after(begin, 0) - 1
            still = self._scores.above(end)
            ranges.append((begin, end, over - still))
            lowest, over = self._scores.after(end), still
        return ranges


def _widths() -> Iterator[int]:
    width = 1
    while True:
        yield width
        yield width * 5
        width *= 10


class _Scores:
    """How many members have which score: a sorted multiset in chunks of parallel arrays, with sums over chunks.

    Every chunk holds scores from its entry of `_firsts` on, below that of the next; only a lone chunk may be empty.
    """

    def __init__(self) -> None:
        self._firsts = [0]
        self._scores: list[array[int] | list[int]] = [array("q")]
        self._counts = [array("I")]
        self._totals = [0]
        self._groups = [0]

    def add(self, score: int, members: int) -> None:
        """So many more have this score; fewer, if negative."""
        chunk = bisect_right(self._firsts, score) - 1
        scores, counts = self._scores[chunk], self._counts[chunk]
        place = bisect_left(scores, score)
        if place < len(scores) and scores[place] == score:
            counts[place] += members
            if not counts[place]:
                del scores[place], counts[place]
        else:
            assert members > 0, f"nobody has the score {score}"
            counts.insert(place, members)
            try:
                scores.insert(place, score)
            except OverflowError:  # no 64 bits hold it
                self._scores[chunk] = scores = [*scores[:place], score, *scores[place:]]
        self._totals[chunk] += members
        self._groups[chunk // _GROUP] += members
        if not _CHUNK_MAX // 4 <= len(scores) <= _CHUNK_MAX:
            self._resize(chunk)

    def above(self, score: int) -> int:
        """How many have more."""
        if score < 0:
            score = 0
        chunk = bisect_right(self._firsts, score) - 1
        group = chunk // _GROUP + 1
        inside = self._counts[chunk][bisect_right(self._scores[chunk], score) :]
        return sum(inside) + sum(self._totals[chunk + 1 : group * _GROUP]) + sum(self._groups[group:])

    def after(self, score: int) -> tuple[int, int] | None:
        """The next higher score, and how many have it."""
        chunk = max(bisect_right(self._firsts, score) - 1, 0)
        place = bisect_right(self._scores[chunk], score)
        if place == len(self._scores[chunk]):
            chunk, place = chunk + 1, 0
            if chunk == len(self._firsts):
                return None
        return self._scores[chunk][place], self._counts[chunk][place]

    def before(self, score: int) -> tuple[int, int] | None:
        """The next lower score, and how many have it."""
        chunk = bisect_left(self._firsts, score) - 1
        place = bisect_left(self._scores[chunk], score) if chunk >= 0 else 0
        if not place:
            chunk -= 1
            if chunk < 0:
                return None
        return self._scores[chunk][place - 1], self._counts[chunk][place - 1]

    def highest(self) -> int:
        """The highest score that somebody has; 0 without any."""
        return self._scores[-1][-1] if self._scores[-1] else 0

    def _resize(self, chunk: int) -> None:
        """Join a small chunk to its neighbour below, the lowest to that above; halve what is too large then."""
        if len(self._scores[chunk]) <= _CHUNK_MAX:
            if len(self._firsts) == 1:
                return
            chunk = max(chunk - 1, 0)
            joined = [*self._scores[chunk], *self._scores[chunk + 1]]
            try:
                self._scores[chunk : chunk + 2] = [array("q", joined)]
            except OverflowError:
                self._scores[chunk : chunk + 2] = [joined]
            self._counts[chunk : chunk + 2] = [self._counts[chunk] + self._counts[chunk + 1]]
            self._totals[chunk : chunk + 2] = [self._totals[chunk] + self._totals[chunk + 1]]
            del self._firsts[chunk + 1]
        scores, counts = self._scores[chunk], self._counts[chunk]
        if len(scores) > _CHUNK_MAX:
            half = len(scores) // 2
            self._scores[chunk : chunk + 1] = [scores[:half], scores[half:]]
            self._counts[chunk : chunk + 1] = [counts[:half], counts[half:]]
            self._totals[chunk : chunk + 1] = [sum(counts[:half]), sum(counts[half:])]
            self._firsts.insert(chunk + 1, scores[half])
        group = chunk // _GROUP
        begins = range(group * _GROUP, len(self._totals), _GROUP)
        self._groups[group:] = [sum(self._totals[begin : begin + _GROUP]) for begin in begins]
