"""What a decision knows of the time besides the event's own."""

from typing import NamedTuple

from engine.calendar import jalali, jalali_day, midnight
from engine.meaning import CURRENT


class Clock(NamedTuple):
    """Given to each decision."""

    last_tick: int | None = None  # instant (ms) of the lane's last tick; None before the first
    retention_days: int | None = None  # how long rows of events are kept; None: for ever, as on a replay clock
    frozen: frozenset[str] = frozenset()  # rounds of festivals that count no more (`engine.programme.rounds.round_key`)
    meaning: int = CURRENT  # the number of the meaning that decides (`engine.meaning`)
    kept_from: int = 0  # the Tehran day on which an operator let the event pass in spite of its age; 0: nobody did

    def horizon(self, time: int) -> int:
        """The later of the last tick and an event's time: what is due by then comes before the event."""
        return time if self.last_tick is None or self.last_tick < time else self.last_tick

    def forgets(self, oldest: int) -> int:
        """When rows of a day are forgotten: the first midnight of the Jalali month after their retention; 0 never."""
        if self.retention_days is None or not oldest:
            return 0
        date = jalali(oldest + self.retention_days + 1)
        return midnight(jalali_day(date.year + date.month // 12, date.month % 12 + 1, 1))
