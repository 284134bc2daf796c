"""What every way to earn offers, and what it compiles to."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from engine.rules.condition import FieldNames
from engine.words import Words, number

Base = Callable[[Any], tuple[int, int] | None]
"""Event data -> the points before multipliers as (numerator, denominator); None where the field to earn by is absent,
which means that the rule does not match."""


class Earning(ABC):
    """A rule's `earn`: a frozen value."""

    __slots__ = ()

    @property
    @abstractmethod
    def of(self) -> str | None:
        """The field that it counts by, or that has to be there; None for any event."""

    @property
    def least(self) -> int:
        """The lowest value of that field that earns anything."""
        return 1

    @property
    def fewest(self) -> int:
        """The fewest points before multipliers that it can come to where it comes to any; 0 where nothing says."""
        return 0

    @abstractmethod
    def base(self) -> Base:
        """A closure that gives the points before multipliers."""

    @abstractmethod
    def words(self, field_name: FieldNames) -> Words:
        """What it gives, as a part of a sentence."""

    def measured(self, data: Any) -> int | None:
        """The value that decides how much an event earns; None where every event earns the same."""
        found: int | None = None if self.of is None else getattr(data, self.of, None)
        return found

    def working(self, measured: int) -> Words | None:
        """How the points before multipliers come out of the value; None where they stand for themselves."""
        return None


def points_of(count: int) -> Words:
    """1 point, 20 points."""
    points = number(count)
    return Words(f"{points.en} point{'' if count == 1 else 's'}", f"{points.fa} امتیاز")
