"""`hours: {from: "22:00", until: "06:00"}`: Tehran's time of day, `until` exclusive; may pass midnight."""

from dataclasses import dataclass
from typing import ClassVar

from engine.activity import MemberActivity
from engine.calendar import TimesOfDay, time_of_day
from engine.rules.condition import Failure, FieldNames, KeyedCondition, MemberStanding, Test
from engine.rules.values import HoursOfDay
from engine.words import Words, persian_digits


@dataclass(frozen=True, slots=True)
class Hours(KeyedCondition):
    """The minute of the activity lies within these times of day."""

    times: TimesOfDay

    key: ClassVar = "hours"
    value: ClassVar = HoursOfDay()
    typed: ClassVar = ("ساعت",)

    def test(self) -> Test:
        """The compiled condition."""
        hold = self.times.hold
        return lambda activity, standing: hold(activity.minute)

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """What time it was."""
        if self.times.hold(activity.minute):
            return None
        first, last = map(time_of_day, self.times)
        return Failure("hours", time_of_day(activity.minute), f"from {first} until {last} (exclusive)")

    def words(self, field_name: FieldNames) -> Words:
        """22:00 to 06:00."""
        first, last = map(time_of_day, self.times)
        return Words(f"{first} to {last}", f"از {persian_digits(first)} تا {persian_digits(last)}")
