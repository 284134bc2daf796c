"""Time: Tehran days, Jalali dates, and the periods that contain an instant.

An instant is a whole number of milliseconds since 1970 in UTC. A day is a `datetime.date` (Gregorian, in Tehran).
"""

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

TEHRAN = ZoneInfo("Asia/Tehran")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PERIODS = ("day", "week", "month", "year", "programme")

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

# In the 33-year cycle of the Jalali calendar these years have 366 days (true for 1244 to 1502).
LEAP_YEARS_OF_THE_CYCLE = {1, 5, 9, 13, 17, 22, 26, 30}
FIRST_YEAR = 1300
LAST_YEAR = 1500


def instant_of(text: str) -> int:
    """The instant that an RFC 3339 text with an offset names; ValueError when it is none."""
    if not RFC_3339.fullmatch(text):
        raise ValueError(f"no RFC 3339 time: {text!r}")
    return instant_at(datetime.fromisoformat(text.upper()))


def instant_at(moment: datetime) -> int:
    """The milliseconds of an aware datetime."""
    return (moment - EPOCH) // MILLISECOND


def utc_text(instant: int) -> str:
    """An instant as it is published: in UTC with milliseconds."""
    return (EPOCH + instant * MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wall_clock(instant: int) -> datetime:
    """What calendars and clocks in Tehran show at the instant."""
    return (EPOCH + instant * MILLISECOND).astimezone(TEHRAN)


def day_of(instant: int) -> date:
    """The Tehran day that contains the instant."""
    return wall_clock(instant).date()


@cache
def midnight(day: date) -> int:
    """The first instant of a Tehran day (01:00 on the days when the clocks were put forward at midnight)."""
    return instant_at(datetime(day.year, day.month, day.day, tzinfo=TEHRAN))


def end_of(day: date) -> int:
    """24:00 of a Tehran day, which is the first instant of the next."""
    return midnight(day + DAY)


def wall_instants(day: date, minutes: int) -> list[int]:
    """The instants at which Tehran clocks show so many minutes after midnight on that day (two when put back)."""
    if minutes == 24 * 60:
        return [end_of(day)]
    shown = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=TEHRAN)
    return [instant_at(shown.replace(fold=0)), instant_at(shown.replace(fold=1))]


def is_leap(year: int) -> bool:
    """Whether a Jalali year has 366 days."""
    return year % 33 in LEAP_YEARS_OF_THE_CYCLE


def month_length(year: int, month: int) -> int:
    """The days of a Jalali month."""
    if month <= 6:
        return 31
    if month <= 11:
        return 30
    return 30 if is_leap(year) else 29


def _new_year_days() -> list[date]:
    days = [date(1921, 3, 21)]  # 1300-01-01
    for year in range(FIRST_YEAR, LAST_YEAR):
        days.append(days[-1] + timedelta(days=366 if is_leap(year) else 365))
    return days


NEW_YEAR_DAYS = _new_year_days()


@cache
def jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day of the month in the Jalali calendar."""
    index = bisect_right(NEW_YEAR_DAYS, day) - 1
    year, rest = FIRST_YEAR + index, (day - NEW_YEAR_DAYS[index]).days
    month = 1
    while rest >= month_length(year, month):
        rest -= month_length(year, month)
        month += 1
    return year, month, rest + 1


def gregorian(year: int, month: int, day: int) -> date:
    """The Gregorian date of a Jalali one."""
    if not (1 <= month <= 12 and 1 <= day <= month_length(year, month)):
        raise ValueError(f"no such Jalali date: {year}-{month}-{day}")
    before = sum(month_length(year, earlier) for earlier in range(1, month))
    return NEW_YEAR_DAYS[year - FIRST_YEAR] + timedelta(days=before + day - 1)


def jalali_date(text: str) -> date:
    """The day that a Jalali date in a programme file names."""
    year, month, day = (int(part) for part in text.split("-"))
    return gregorian(year, month, day)


def months_later(day: date, months: int) -> date:
    """The same day number so many Jalali months later, clamped to the month's last day."""
    year, month, number = jalali(day)
    count = year * 12 + (month - 1) + months
    year, month = count // 12, count % 12 + 1
    return gregorian(year, month, min(number, month_length(year, month)))


def end_of_period(day: date, period: str) -> date:
    """The last day of the Jalali `month` or `year` that contains the day."""
    year, month, _ = jalali(day)
    if period == "year":
        month = 12
    return gregorian(year, month, month_length(year, month))


@cache
def period_of(day: date, kind: str) -> str:
    """A name for the day, week (from Saturday), Jalali month or year that contains the day; one for the programme."""
    year, month, _ = jalali(day)
    if kind == "day":
        return day.isoformat()
    if kind == "week":
        since_saturday = (day.weekday() - 5) % 7
        return (day - since_saturday * DAY).isoformat()
    if kind == "month":
        return f"{year}-{month}"
    if kind == "year":
        return f"{year}"
    assert kind == "programme", kind
    return ""
