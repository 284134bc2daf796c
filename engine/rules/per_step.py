"""`earn: {points: 1, per: 100_000, of: amount}`: points for every full step of a field; a negative one counts as 0."""

from dataclasses import dataclass
from typing import Any

from engine.rules.formula import Base


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
