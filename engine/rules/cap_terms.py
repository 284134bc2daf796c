"""Caps: how many points one rule may give a member in one event, day, week, month, year, or ever; narrowest first."""

from typing import NamedTuple


class Caps(NamedTuple):
    """The most points per period; None is no cap. Days, weeks (Saturday to Friday), Jalali months and years, Tehran."""

    transaction: int | None = None
    day: int | None = None
    week: int | None = None
    month: int | None = None
    year: int | None = None
    programme: int | None = None
