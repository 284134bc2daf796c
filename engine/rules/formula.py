"""What every way to earn compiles to."""

from collections.abc import Callable
from typing import Any

Base = Callable[[Any], tuple[int, int] | None]
"""Event data -> the points before multipliers as (numerator, denominator); None where the field to earn by is absent,
which means that the rule does not match."""
