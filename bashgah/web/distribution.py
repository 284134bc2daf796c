"""How many members have how much, in ranges, out of what several lanes say of their own members.

Each lane tells it twice. In ranges of one width: the smallest of 1, 5, 10, 50, 100 … that gives few enough
(`engine.boards.leaderboard`); each width divides the next, and ranges begin at multiples of theirs. And in ranges that
widen with the scores (`engine.boards.histogram`). Narrower ranges fit into wider ones without a rest, so lanes add up.
Shown is the one width, unless most members would be in a single range of it: then nothing could be seen of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.boards.histogram import begin_after, begin_of
from schemas.answers import Bucket, Scale
from schemas.internal import BUCKETS_MAX, Range

_TOLD_LEAST = 5
"""So few ranges of one width tell everything, however many members are in one of them."""


class Spread(NamedTuple):
    """Ranges that follow one another without a hole, and on which scale they are."""

    scale: Scale
    buckets: tuple[Bucket, ...]


def merged(even: Iterable[Range], widening: Iterable[Range]) -> Spread:
    """The ranges of several lanes as one, by the scale that tells more. Both arguments count the same members."""
    linear = tuple(_linear(list(even)))
    most = max((bucket.members for bucket in linear), default=0)
    if len(linear) < _TOLD_LEAST or 2 * most < sum(bucket.members for bucket in linear):
        return Spread("linear", linear)
    return Spread("logarithmic", tuple(_logarithmic(list(widening))))


def of_scores(scores: Iterable[int]) -> Spread:
    """The same of single scores."""
    found = [(score, score, 1) for score in scores]
    return merged(found, found)


def _linear(found: list[Range]) -> Iterator[Bucket]:
    """The ranges as those of the widest, or wider where that gives too many."""
    width = max((high - low + 1 for low, high, _ in found), default=1)
    while True:
        counts: Counter[int] = Counter()
        for low, _, members in found:
            counts[low // width] += members
        if not counts or max(counts) - min(counts) < BUCKETS_MAX:
            break
        width = _wider(width)
    for place in _filled(counts, range(min(counts, default=0), max(counts, default=-1) + 1)):
        yield Bucket(low=max(1, place * width), high=place * width + width - 1, members=counts[place])


def _logarithmic(found: list[Range]) -> Iterator[Bucket]:
    """The ranges on the finest scale that gives few enough."""
    scale = 0
    while True:
        counts: Counter[int] = Counter()
        for low, _, members in found:
            counts[begin_of(low, scale)] += members
        begins = list(_begins(min(counts, default=1), max(counts, default=0), scale))
        if len(begins) <= BUCKETS_MAX:
            break
        scale += 1
    for begin in _filled(counts, begins):
        yield Bucket(low=begin, high=begin_after(begin, scale) - 1, members=counts[begin])


def _begins(first: int, last: int, scale: int) -> Iterator[int]:
    while first <= last:
        yield first
        first = begin_after(first, scale)


def _filled(counts: Counter[int], places: Iterable[int]) -> list[int]:
    """The places from the first to the last that has members."""
    found = list(places)
    while found and not counts[found[-1]]:
        found.pop()
    while found and not counts[found[0]]:
        del found[0]
    return found


def _wider(width: int) -> int:
    """The next of the widths."""
    return width * 5 if str(width).startswith("1") else width * 2
