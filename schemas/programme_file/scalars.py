"""What a written value means, by YAML 1.2's core rules and stricter: nothing is guessed, nothing becomes a float.

A plain scalar is nothing (empty, `~`, `null`), a truth value (`true`, `false`) or text, and the field that asks decides
what the text must be: `1405-02-31` is a date only for a field that wants one. Digits may be Persian or Arabic ones.
"""

import re
from decimal import Decimal

from engine.words import latin_digits
from schemas.programme_file.nodes import Scalar

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:_[0-9]{3})+)")
_DIGITS = re.compile(r"([+-]?)([0-9][0-9_]*)")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00)")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_IDENTIFIER = re.compile(r"[A-Za-z0-9._~-]{1,64}")

DIGITS_MAX = 40
"""Longer numbers than this are none of ours; it keeps arithmetic on them short."""


def is_nothing(scalar: Scalar) -> bool:
    """Whether it is YAML's null."""
    return scalar.plain and scalar.text in _NOTHING


def flag_of(scalar: Scalar) -> bool | None:
    """True or False; None for anything else, `yes` and `off` included."""
    return _FLAGS.get(scalar.text) if scalar.plain else None


def integer_of(text: str) -> int | None:
    """An integer as people write it: 2000, 2_000, ۲۰۰۰, ۲٬۰۰۰."""
    digits = _ascii(text)
    return int(digits.replace("_", "")) if len(digits) <= DIGITS_MAX and _INTEGER.fullmatch(digits) else None


def ungrouped(text: str) -> str | None:
    """The same digits as `integer_of` reads them, where only their grouping or a leading 0 is wrong."""
    found = _DIGITS.fullmatch(_ascii(text))
    if found is None or len(text) > DIGITS_MAX:
        return None
    return found[1] + f"{int(found[2].replace('_', '')):_}"


def decimal_of(text: str) -> Decimal | None:
    """An exact decimal: 1.5, 0.000002, ۱٫۵; no exponent."""
    digits = latin_digits(text).replace("٫", ".")
    return Decimal(digits) if len(digits) <= DIGITS_MAX and _DECIMAL.fullmatch(digits) else None


def time_of(text: str) -> int | None:
    """The minute of the day of `HH:MM`; `24:00` is the day's end and counts as 0."""
    found = _TIME.fullmatch(latin_digits(text))
    if found is None:
        return None
    return int(found[1]) * 60 + int(found[2]) if found[1] else 0


def date_of(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of `YYYY-MM-DD`, whatever the calendar."""
    found = _DATE.fullmatch(latin_digits(text))
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def is_identifier(text: str) -> bool:
    """Whether it has the form of ids: 1 to 64 of A-Z a-z 0-9 . _ ~ -."""
    return _IDENTIFIER.fullmatch(text) is not None


def _ascii(text: str) -> str:
    return latin_digits(text).replace("٬", "_")
