"""An activity: something a customer did, or the bank recorded, that the club may give points for."""

from typing import Any, NamedTuple

from engine.calendar import day_of


class Activity(NamedTuple):
    """One event of the contract as the core sees it; instants are milliseconds since 1970-01-01 UTC.

    `time` is the envelope's: merge, clock, ticks and limits go by it. `moment` is when the activity stands for the
    rules (version, window, conditions, periods, lots): the same instant, but for a balance the last millisecond of
    its date in Tehran. `day` is the Tehran day number of `moment` (days since 1970-01-01) and `minute` its minute of
    the day, 0..1439. `data` carries the event's known fields as attributes, absent ones as None.
    `identity` is a 12-byte digest of (source, id) and `content` an 8-byte digest of everything that makes two events
    the same content (type, time, subject, known data).
    """

    source: str
    id: str
    type: str
    member: str
    time: int
    moment: int
    day: int
    minute: int
    data: Any
    identity: bytes
    content: bytes

    def is_of_the_future(self) -> bool:
        """Whether it stands for a day after the one on which it was told: no end of that day has been seen yet."""
        return self.moment > self.time and self.day > day_of(self.time)
