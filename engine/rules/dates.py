"""`dates: {from: 1405-01-01, until: 1405-01-14}`: Jalali dates in Tehran, `until` exclusive."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.calendar import jalali
from engine.rules.condition import Failure, Standing, Test

FIRST, LAST = -(2**31), 2**31


@dataclass(frozen=True, slots=True)
class Dates:
    """Day numbers `[begin, until)`; an open side is FIRST or LAST."""

    begin: int
    until: int

    def test(self) -> Test:
        """The compiled condition."""
        begin, until = self.begin, self.until
        return lambda activity, standing: begin <= activity.day < until

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """Which date it was, and by how many days it missed."""
        if self.begin <= activity.day < self.until:
            return None
        begin = "" if self.begin == FIRST else str(jalali(self.begin))
        until = "" if self.until == LAST else str(jalali(self.until))
        missing = self.begin - activity.day if activity.day < self.begin else activity.day - self.until + 1
        return Failure("dates", str(jalali(activity.day)), f"from {begin} until {until} (exclusive)", missing)
