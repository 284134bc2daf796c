"""`weekday: [thursday, friday]`: the Tehran day of the activity falls on one of these weekdays."""

from dataclasses import dataclass
from typing import ClassVar

from engine.activity import MemberActivity
from engine.calendar import WEEKDAYS, weekday
from engine.rules.condition import Failure, FieldNames, KeyedCondition, MemberStanding, Test
from engine.rules.values import Choices
from engine.words import Words, listed


@dataclass(frozen=True, slots=True)
class Weekday(KeyedCondition):
    """`days` as in `engine.calendar.weekday`: 0 Saturday … 6 Friday."""

    days: frozenset[int]

    key: ClassVar = "weekday"
    value: ClassVar = Choices(WEEKDAYS, "thursday")
    typed: ClassVar = ("روز هفته",)

    def test(self) -> Test:
        """The compiled condition."""
        days = self.days
        return lambda activity, standing: weekday(activity.day) in days

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """Which weekday it was."""
        found = weekday(activity.day)
        if found in self.days:
            return None
        return Failure("weekday", WEEKDAYS[found].en, "one of " + ", ".join(WEEKDAYS[d].en for d in sorted(self.days)))

    def words(self, field_name: FieldNames) -> Words:
        """On thursday, friday."""
        return Words("on {days}", "در {days}").filled(days=listed(WEEKDAYS[day] for day in sorted(self.days)))
