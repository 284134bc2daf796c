"""How many members have how much, in ranges of one width, out of what several lanes say of their own members.

Each lane takes the smallest of the widths 1, 5, 10, 50, 100 … that gives few enough ranges (`engine.board`). Each width
divides the next, and ranges begin at multiples of theirs, so narrower ranges fit into wider ones without a rest.
"""

from collections import Counter
from collections.abc import Iterable

from agents.web.answers import Bucket

Range = tuple[int, int, int]
"""Lowest and highest score, and how many members have one of these."""

BUCKETS_MAX = 40


def merged(ranges: Iterable[Range]) -> tuple[Bucket, ...]:
    """The ranges of several lanes as those of the widest, or wider where that gives too many; empty ones left out."""
    found = list(ranges)
    width = max((high - low + 1 for low, high, _ in found), default=1)
    while True:
        counts: Counter[int] = Counter()
        for low, _, members in found:
            counts[low // width] += members
        if not counts or max(counts) - min(counts) < BUCKETS_MAX:
            break
        width = _wider(width)
    return tuple(
        Bucket(low=max(1, place * width), high=place * width + width - 1, members=members)
        for place, members in sorted(counts.items())
        if members
    )


def of_scores(scores: Iterable[int]) -> tuple[Bucket, ...]:
    """The same of single scores."""
    return merged((score, score, 1) for score in scores)


def _wider(width: int) -> int:
    """The next of the widths."""
    return width * 5 if str(width).startswith("1") else width * 2
