"""`earn: {points: 1, per: 100_000, of: amount}`: points for every full step of a field; a negative one counts as 0."""

from dataclasses import dataclass
from typing import Any

from engine.rules.condition import FieldNames
from engine.rules.formula import Base, Earning, points_of
from engine.words import Words, number


@dataclass(frozen=True, slots=True)
class PerStep(Earning):
    """`earn: {points: 1, per: 100_000, of: amount}`: floor(field / per) x points."""

    points: int
    per: int
    of: str = "amount"

    @property
    def least(self) -> int:
        """One full step."""
        return self.per

    @property
    def fewest(self) -> int:
        """Those of one step."""
        return self.points

    def base(self) -> Base:
        """Points for every full step."""
        points, per, of = self.points, self.per, self.of

        def stepped(data: Any) -> tuple[int, int] | None:
            value = getattr(data, of, None)
            if value is None:
                return None
            return (value // per * points if value > 0 else 0), 1

        return stepped

    def words(self, field_name: FieldNames) -> Words:
        """1 point per 100,000 of amount."""
        points, step, of = points_of(self.points), number(self.per), field_name(self.of)
        return Words(f"{points.en} per {step.en} of {of.en}", f"{points.fa} برای هر {step.fa} از {of.fa}")

    def working(self, measured: int) -> Words:
        """⌊350,000 / 100,000⌋ × 4 = 12."""
        found, step, points = number(measured), number(self.per), number(self.points)
        base, times = number(measured // self.per * self.points), self.points != 1
        return Words(
            f"⌊{found.en} / {step.en}⌋{f' × {points.en}' if times else ''} = {base.en}",
            f"⌊{found.fa} / {step.fa}⌋{f' × {points.fa}' if times else ''} = {base.fa}",
        )
