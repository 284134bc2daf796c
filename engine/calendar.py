"""Tehran's days and the Jalali calendar. Instants are milliseconds since 1970-01-01 UTC; days are counted from there.

The zone's offsets come from the tz database (historical summer time included) and are kept as a sorted table, since
every event asks for its day. Where summer time began at midnight that midnight does not exist; the day then begins at
the instant of the change.
"""

import datetime as dt
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jalali_core import GregorianToJalali, JalaliToGregorian

from engine.words import Words

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
TEHRAN = ZoneInfo("Asia/Tehran")
UTC = dt.UTC
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
_MS = dt.timedelta(milliseconds=1)
_HOUR_MS = 3_600_000
_WITHIN_THE_HOUR = [f"{second // 60:02}:{second % 60:02}" for second in range(3_600)]
_NAIVE_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - written with a Z behind it


def _offsets() -> tuple[list[int], list[int]]:
    """Instants at which Tehran's offset changes, and the offset in ms from each on. Before 1970: the first."""
    starts, offsets = [-(2**62)], [_offset_at(dt.datetime(1970, 1, 1, tzinfo=UTC))]
    hour = dt.timedelta(hours=1)
    day = dt.datetime(1970, 1, 1, tzinfo=UTC)
    while day.year < 2040:
        if _offset_at(day + 24 * hour) != offsets[-1]:
            change = day
            while _offset_at(change) == offsets[-1]:
                change += hour // 2
            starts.append((change - _EPOCH) // _MS)
            offsets.append(_offset_at(change))
        day += 24 * hour
    return starts, offsets


def _offset_at(instant: dt.datetime) -> int:
    offset = instant.astimezone(TEHRAN).utcoffset()
    assert offset is not None
    return offset // _MS


_STARTS, _OFFSETS = _offsets()


def to_ms(instant: dt.datetime) -> int:
    """Milliseconds of an aware datetime; finer parts are cut off."""
    return (instant - _EPOCH) // _MS


def local_ms(instant: int) -> int:
    """The wall-clock reading in Tehran at an instant, as ms since 1970-01-01 00:00 local."""
    return instant + _OFFSETS[bisect_right(_STARTS, instant) - 1]


def day_of(instant: int) -> int:
    """The Tehran day that contains the instant."""
    return local_ms(instant) // DAY_MS


@lru_cache(maxsize=65_536)
def midnight(day: int) -> int:
    """The first instant of a Tehran day."""
    return at_wall(day * DAY_MS)


def at_wall(wall: int) -> int:
    """The first instant at which Tehran's wall clock reads `wall` (ms since 1970-01-01 00:00 local), or where summer
    time skips that reading, the instant of the change."""
    index = bisect_right(_STARTS, wall) - 1
    for i in (index - 1, index, index + 1):
        if 0 <= i < len(_STARTS):
            later = _STARTS[i + 1] if i + 1 < len(_STARTS) else 2**62
            if _STARTS[i] <= wall - _OFFSETS[i] < later:
                return wall - _OFFSETS[i]
    return next(start for start in _STARTS[max(index - 1, 1) :] if local_ms(start) >= wall)


def day_end(day: int) -> int:
    """The last millisecond of a Tehran day: when a balance of that date stands."""
    return midnight(day + 1) - 1


WEEKDAYS = (
    Words("saturday", "شنبه"), Words("sunday", "یکشنبه"), Words("monday", "دوشنبه"), Words("tuesday", "سه‌شنبه"),
    Words("wednesday", "چهارشنبه"), Words("thursday", "پنجشنبه"), Words("friday", "جمعه"),
)  # fmt: skip
"""As `weekday` counts."""


def weekday(day: int) -> int:
    """0 Saturday … 6 Friday, the Iranian week."""
    return (day + 5) % 7


def time_of_day(minute: int) -> str:
    """A minute of the day as `HH:MM`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class TimesOfDay(NamedTuple):
    """Minutes of the day `[begin, until)`; `begin > until` passes midnight; equal ones mean the whole day."""

    begin: int
    until: int

    def hold(self, minute: int) -> bool:
        """Whether a minute of the day (0..1439) lies inside."""
        if self.begin < self.until:
            return self.begin <= minute < self.until
        return minute >= self.begin or minute < self.until


class Jalali(NamedTuple):
    """A Jalali date; month 1..12, day 1..31."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d}"


@lru_cache(maxsize=65_536)
def jalali(day: int) -> Jalali:
    """The Jalali date of a day number."""
    date = dt.date.fromordinal(day + _EPOCH_ORDINAL)
    return Jalali(*GregorianToJalali(date.year, date.month, date.day).getJalaliList())


@lru_cache(maxsize=65_536)
def jalali_day(year: int, month: int, day: int) -> int:
    """The day number of a Jalali date; ValueError where there is no such date."""
    if not (1 <= year <= 3177 and 1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError(f"no Jalali date {year:04d}-{month:02d}-{day:02d}")
    number = day_number(dt.date(*JalaliToGregorian(year, month, day).getGregorianList()))
    if jalali(number) != (year, month, day):
        raise ValueError(f"no Jalali date {year:04d}-{month:02d}-{day:02d}")
    return number


def day_number(date: dt.date) -> int:
    """The day number of a Gregorian date."""
    return date.toordinal() - _EPOCH_ORDINAL


def gregorian(day: int) -> dt.date:
    """The Gregorian date of a day number."""
    return dt.date.fromordinal(day + _EPOCH_ORDINAL)


@lru_cache(maxsize=4_096)
def month_length(year: int, month: int) -> int:
    """Days of a Jalali month."""
    following = jalali_day(year + month // 12, month % 12 + 1, 1)
    return following - jalali_day(year, month, 1)


def month_number(day: int) -> int:
    """The Jalali month that contains a day, as year * 12 + month - 1: months count up by one."""
    date = jalali(day)
    return date.year * 12 + date.month - 1


def months_later(day: int, months: int) -> int:
    """The same Jalali day number `months` months later, clamped to that month's last day."""
    date = jalali(day)
    index = date.year * 12 + date.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return jalali_day(year, month, min(date.day, month_length(year, month)))


def month_end(day: int) -> int:
    """The last day of the Jalali month that contains the day."""
    date = jalali(day)
    return jalali_day(date.year, date.month, month_length(date.year, date.month))


def year_end(day: int) -> int:
    """The last day of the Jalali year that contains the day."""
    return jalali_day(jalali(day).year + 1, 1, 1) - 1


def iso(instant: int) -> str:
    """An instant as the contract writes it: UTC, milliseconds, `Z`."""
    hour, ms = divmod(instant, _HOUR_MS)
    return f"{_to_the_hour(hour)}{_WITHIN_THE_HOUR[ms // 1000]}.{ms % 1000:03d}Z"


@lru_cache(maxsize=16_384)
def _to_the_hour(hour: int) -> str:
    return (_NAIVE_EPOCH + dt.timedelta(hours=hour)).isoformat()[:14]
