"""`weekday: [thursday, friday]`: the Tehran day of the activity falls on one of these weekdays."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.calendar import weekday
from engine.rules.condition import Failure, Standing, Test

NAMES = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True, slots=True)
class Weekday:
    """`days` as in `engine.calendar.weekday`: 0 Saturday … 6 Friday."""

    days: frozenset[int]

    def test(self) -> Test:
        """The compiled condition."""
        days = self.days
        return lambda activity, standing: weekday(activity.day) in days

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """Which weekday it was."""
        found = weekday(activity.day)
        if found in self.days:
            return None
        return Failure("weekday", NAMES[found], "one of " + ", ".join(NAMES[d] for d in sorted(self.days)))
