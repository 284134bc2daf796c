"""`hours: {from: "22:00", until: "06:00"}`: Tehran's time of day, `until` exclusive; may pass midnight."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.rules.condition import Failure, Standing, Test


def text(minute: int) -> str:
    """A minute of the day as `HH:MM`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of the day `[begin, until)`; `begin > until` passes midnight; equal ones mean the whole day."""

    begin: int
    until: int

    def hold(self, minute: int) -> bool:
        """Whether a minute of the day (0..1439) lies inside."""
        if self.begin < self.until:
            return self.begin <= minute < self.until
        return minute >= self.begin or minute < self.until

    def test(self) -> Test:
        """The compiled condition."""
        hold = self.hold
        return lambda activity, standing: hold(activity.minute)

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """What time it was."""
        if self.hold(activity.minute):
            return None
        return Failure("hours", text(activity.minute), f"from {text(self.begin)} until {text(self.until)} (exclusive)")
