"""An activity: something a customer did, or the bank recorded, that the club may give points for."""

from typing import Any, NamedTuple

from engine.calendar import day_of


class MemberActivity(NamedTuple):
    """One event of the contract as the core sees it; instants are milliseconds since 1970-01-01 UTC."""

    source: str
    id: str
    type: str
    member: str
    time: int  # the envelope's: merge, clock, ticks and limits go by it
    moment: int  # when it stands for the rules: its time, but of a balance the last millisecond of its date in Tehran
    day: int  # the Tehran day number of the moment (days since 1970-01-01)
    minute: int  # the moment's minute of that day, 0..1439
    data: Any  # the event's known fields as attributes, absent ones None
    identity: bytes  # a digest of (source, id), 12 bytes
    content: bytes  # a digest of what duplicates share: type, time, subject, known data; 8 bytes

    def is_of_the_future(self) -> bool:
        """Whether it stands for a day after the one on which it was told: no end of that day has been seen yet."""
        return self.moment > self.time and self.day > day_of(self.time)
