"""`earn: {points: 20}`: the same points each time; where `of` is given, its field must be there."""

from dataclasses import dataclass
from typing import Any

from engine.rules.condition import FieldNames
from engine.rules.formula import Base, Earning, points_of
from engine.words import Words


@dataclass(frozen=True, slots=True)
class Fixed(Earning):
    """`earn: {points: 20}`. Where `of` is given the field must be there."""

    points: int
    of: str | None = None

    @property
    def fewest(self) -> int:
        """Always the same."""
        return self.points

    def base(self) -> Base:
        """Always the same points."""
        points, of = (self.points, 1), self.of
        if of is None:
            return lambda data: points
        return lambda data: None if getattr(data, of, None) is None else points

    def words(self, field_name: FieldNames) -> Words:
        """20 points."""
        return points_of(self.points)

    def measured(self, data: Any) -> int | None:
        """Nothing is measured."""
        return None
