"""`earn: {per_rial: "0.000002"}`: an exact decimal times a field; a negative one counts as 0."""

from dataclasses import dataclass
from typing import Any

from engine.rules.condition import FieldNames
from engine.rules.formula import Base, Earning
from engine.units import Ratio
from engine.words import Words, exact, number


@dataclass(frozen=True, slots=True)
class PerRial(Earning):
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

    def words(self, field_name: FieldNames) -> Words:
        """0.000002 points per Rial of amount."""
        rate, of = exact(self.rate), field_name(self.of)
        return Words(f"{rate.en} points per Rial of {of.en}", f"{rate.fa} امتیاز برای هر ریال از {of.fa}")

    def working(self, measured: int) -> Words:
        """350,000 × 0.000002."""
        found, rate = number(measured), exact(self.rate)
        return Words(f"{found.en} × {rate.en}", f"{found.fa} × {rate.fa}")
