"""Instants as people type them, in Latin, Persian or Arabic digits."""

import datetime as dt
import re

from agents.process.exit_codes import ClubError, ExitCode
from engine.calendar import day_number, jalali_day, midnight, to_ms
from engine.words import latin_digits

FORMS = "1405-01-01, 2026-03-21 or 2026-03-21T00:00:00+03:30"
_FIRST_GREGORIAN_YEAR = 1700
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


def instant(text: str) -> int:
    """The instant (ms) of a Jalali or Gregorian date, its midnight in Tehran, or of RFC 3339 with an offset.

    ValueError, with what is wrong, for anything else.
    """
    typed = latin_digits(text.strip())
    if found := _DATE.fullmatch(typed):
        year, month, day = (int(part) for part in found.groups())
        gregorian = year >= _FIRST_GREGORIAN_YEAR
        return midnight(day_number(dt.date(year, month, day)) if gregorian else jalali_day(year, month, day))
    read = dt.datetime.fromisoformat(typed)
    if read.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return to_ms(read)


def instant_of(option: str, text: str | None) -> int | None:
    """The instant that an option names; None where it is left out. `ClubError` for what is none."""
    if text is None:
        return None
    try:
        return instant(text)
    except ValueError as fault:
        raise ClubError(option, f"{text!r}: {fault}", f"write {FORMS}", ExitCode.USAGE) from None
