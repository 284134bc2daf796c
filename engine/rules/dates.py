"""`dates: {from: 1405-01-01, until: 1405-01-14}`: Jalali dates in Tehran, `until` exclusive."""

from dataclasses import dataclass
from typing import ClassVar

from engine.activity import MemberActivity
from engine.calendar import jalali
from engine.rules.condition import Failure, FieldNames, KeyedCondition, MemberStanding, Test
from engine.rules.values import FIRST_DAY, LAST_DAY, JalaliDates
from engine.words import Words, persian_digits


@dataclass(frozen=True, slots=True)
class Dates(KeyedCondition):
    """Day numbers `[begin, until)`; an open side is FIRST_DAY or LAST_DAY."""

    begin: int
    until: int

    key: ClassVar = "dates"
    value: ClassVar = JalaliDates()
    unit: ClassVar = Words("day(s)", "روز")

    def test(self) -> Test:
        """The compiled condition."""
        begin, until = self.begin, self.until
        return lambda activity, standing: begin <= activity.day < until

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """Which date it was, and by how many days it missed."""
        if self.begin <= activity.day < self.until:
            return None
        begin = "" if self.begin == FIRST_DAY else str(jalali(self.begin))
        until = "" if self.until == LAST_DAY else str(jalali(self.until))
        missing = self.begin - activity.day if activity.day < self.begin else activity.day - self.until + 1
        return Failure("dates", str(jalali(activity.day)), f"from {begin} until {until} (exclusive)", missing)

    def words(self, field_name: FieldNames) -> Words:
        """From 1405-01-01 before 1405-01-14."""
        parts: list[Words] = []
        if self.begin != FIRST_DAY:
            parts.append(Words(f"from {jalali(self.begin)}", f"از {persian_digits(str(jalali(self.begin)))}"))
        if self.until != LAST_DAY:
            parts.append(Words(f"before {jalali(self.until)}", f"پیش از {persian_digits(str(jalali(self.until)))}"))
        return Words(" ".join(part.en for part in parts), " ".join(part.fa for part in parts))

    def window(self) -> tuple[int, int]:
        """Its own days."""
        return self.begin, self.until
