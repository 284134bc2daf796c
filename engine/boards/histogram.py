"""Ranges of scores that widen with the scores, so that a histogram shows something although few members have most.

Formula: a range begins at m x 10^k. Scale 0 has m of 1, 1.5, 2, 3, 5, 7, scale 1 of 1, 2, 5; scale 2 + n begins only at
powers of 10^(2^n). Each scale's begins are among those of the one before, so finer ranges fit into coarser ones.
"""

_TENTHS = ((10, 15, 20, 30, 50, 70), (10, 20, 50))


def begin_of(score: int, scale: int) -> int:
    """Where the range of a score > 0 begins."""
    exponent = len(str(score)) - 1
    if scale < len(_TENTHS):
        return max(begin for begin in _begins(exponent, scale) if begin <= score)
    step = 1 << (scale - len(_TENTHS))
    return int(10 ** (exponent // step * step))


def begin_after(begin: int, scale: int) -> int:
    """Where the next range begins."""
    exponent = len(str(begin)) - 1
    if scale < len(_TENTHS):
        return min((each for each in _begins(exponent, scale) if each > begin), default=10 ** (exponent + 1))
    return int(10 ** (exponent + (1 << (scale - len(_TENTHS)))))


def _begins(exponent: int, scale: int) -> list[int]:
    return [tenth * 10**exponent // 10 for tenth in _TENTHS[scale]]
