"""Exact arithmetic of points and Rial. Everything is an integer; a fraction is a pair of integers."""

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

RIAL_MAX = 10**15
"""Largest amount of money in one event, in Rial."""


class Ratio(NamedTuple):
    """A non-negative rational number `numerator / denominator` in lowest terms; the denominator is positive."""

    numerator: int
    denominator: int

    @classmethod
    def of(cls, value: Decimal | int) -> "Ratio":
        """The exact ratio that a decimal stands for; floats are not accepted anywhere."""
        fraction = Fraction(value)
        return cls(fraction.numerator, fraction.denominator)


ONE = Ratio(1, 1)


def round_half_up(numerator: int, denominator: int) -> int:
    """The integer nearest to `numerator / denominator`, halves upwards; for a numerator of 0 or more.

    Formula: floor((2n + d) / 2d), exact for integers of any size.
    """
    return (2 * numerator + denominator) // (2 * denominator)


def share(granted: int, part: int, whole: int) -> int:
    """The points that belong to `part` of an amount `whole` that earned `granted`: half up, at most `granted`."""
    return round_half_up(granted * min(part, whole), whole)
