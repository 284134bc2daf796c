"""`earn: {per_rial: "0.000002"}`: an exact decimal times a field; a negative one counts as 0."""

from dataclasses import dataclass
from typing import Any

from engine.rules.formula import Base
from engine.units import Ratio


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
