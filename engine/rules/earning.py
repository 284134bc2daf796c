"""The three ways to earn: `points` alone, `points` for every full `per`, and an exact decimal `per_rial`.

`of` names another field than `amount`. A field that is absent means that the rule does not match; a negative one
counts as 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.units import Ratio

Base = Callable[[Any], tuple[int, int] | None]
"""Event data -> the points before multipliers as (numerator, denominator); None where the field is absent."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """`earn: {points: 20}`. Where `of` is given the field must be there."""

    points: int
    of: str | None = None

    def base(self) -> Base:
        """Always the same points."""
        points, of = (self.points, 1), self.of
        if of is None:
            return lambda data: points
        return lambda data: None if getattr(data, of, None) is None else points


@dataclass(frozen=True, slots=True)
class PerStep:
    """`earn: {points: 1, per: 100_000, of: amount}`: floor(field / per) x points."""

    points: int
    per: int
    of: str = "amount"

    def base(self) -> Base:
        """Points for every full step."""
        points, per, of = self.points, self.per, self.of

        def stepped(data: Any) -> tuple[int, int] | None:
            value = getattr(data, of, None)
            if value is None:
                return None
            return (value // per * points if value > 0 else 0), 1

        return stepped


@dataclass(frozen=True, slots=True)
class PerRial:
    """`earn: {per_rial: "0.000002"}`: rate x field, exactly; rounding comes after the multipliers."""

    rate: Ratio
    of: str = "amount"

    def base(self) -> Base:
        """An exact fraction of points."""
        numerator, denominator, of = self.rate.numerator, self.rate.denominator, self.of

        def exact(data: Any) -> tuple[int, int] | None:
            value = getattr(data, of, None)
            if value is None:
                return None
            return (value * numerator if value > 0 else 0), denominator

        return exact


Earning = Fixed | PerStep | PerRial
