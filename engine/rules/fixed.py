"""`earn: {points: 20}`: the same points each time; where `of` is given, its field must be there."""

from dataclasses import dataclass

from engine.rules.formula import Base


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
