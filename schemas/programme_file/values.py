"""Reads one field: the value in the form that the programme needs, or a problem and None."""

import datetime as dt
from collections.abc import Collection

from engine.calendar import day_number, gregorian, jalali, jalali_day, month_length
from engine.spelling import alike
from engine.units import RIAL_MAX, Ratio
from engine.words import Words, latin_digits, number, persian_digits, same
from schemas.programme_file.cursor import Section, Value, hint, one_of
from schemas.programme_file.meant import (
    bare,
    date_meant,
    decimal_meant,
    duration_meant,
    integer_meant,
    named,
    persian,
    time_meant,
    unseen,
    word_meant,
)
from schemas.programme_file.messages import Code, Parameter
from schemas.programme_file.nodes import Scalar, shown
from schemas.programme_file.scalars import (
    date_of,
    decimal_of,
    flag_of,
    integer_of,
    is_identifier,
    time_of,
    ungrouped,
)

YEAR_FIRST, YEAR_LAST = 1300, 1499
DECIMALS_MAX = 18
AN_ID = Words("an id of 1 to 64 of A-Z a-z 0-9 . _ ~ -", "شناسه‌ای از ۱ تا ۶۴ نویسهٔ A-Z a-z 0-9 . _ ~ -")
A_DATE = Words("a Jalali date as 1405-07-01", "تاریخ شمسی مانند ۱۴۰۵-۰۷-۰۱")
A_TIME = Words('a time of day as "22:00"', 'ساعت مانند "22:00"')
LANGUAGES = ("fa", "en")


def between(low: int, high: int) -> Words:
    """The words for a whole number between two bounds, both inclusive."""
    first, last = number(low), number(high)
    return Words(f"a whole number from {first.en} to {last.en}", f"عددی صحیح از {first.fa} تا {last.fa}")


def unread(value: Value, scalar: Scalar, meant: str | None, code: Code, **parameters: Parameter) -> None:
    """Notes why a value is not read: a character that nobody sees, a comma that separates nothing, what was `meant`,
    else the code."""
    character = unseen(scalar.text)
    if character is not None and bare(scalar.text):
        value.refuse(Code.UNSEEN, found=shown(scalar.text), character=named(character), remedy=shown(bare(scalar.text)))
    elif meant is not None:
        value.refuse(Code.MEANT, found=shown(scalar.text), remedy=meant)
    elif "،" in scalar.text:
        value.refuse(Code.WRONG_SEPARATOR, found="،")
    else:
        value.refuse(code, **parameters)


def integer(value: Value | None, low: int, high: int) -> int | None:
    """A whole number between two bounds, both inclusive; written without quotes."""
    expected = between(low, high)
    scalar = value.scalar(expected) if value else None
    if value is None or scalar is None:
        return None
    found, written = integer_of(scalar.text), shown(scalar.text)
    if found is None and (remedy := ungrouped(scalar.text)):
        value.refuse(Code.BAD_GROUPING, found=written, remedy=remedy)
    elif found is None:
        unread(value, scalar, integer_meant(scalar.text), Code.NOT_INTEGER, found=written, expected=expected)
    elif not scalar.plain:
        value.refuse(Code.QUOTED_INTEGER, found=written)
    elif not low <= found <= high:
        value.refuse(Code.OUT_OF_RANGE, found=written, expected=expected)
    else:
        return found
    return None


def rial(value: Value | None) -> int | None:
    """An amount of money: 1 … 10^15 Rial."""
    return integer(value, 1, RIAL_MAX)


def decimal(value: Value | None, high: int) -> Ratio | None:
    """An exact decimal above 0, with or without quotes; 18 digits after the point at most."""
    expected = Words(
        f"a decimal above 0 and up to {high}, {DECIMALS_MAX} digits after the point at most",
        f"عددی اعشاری بزرگ‌تر از ۰ تا {number(high).fa} با بیشینه {number(DECIMALS_MAX).fa} رقم اعشار",
    )
    scalar = value.scalar(expected) if value else None
    if value is None or scalar is None:
        return None
    found, written = decimal_of(scalar.text), shown(scalar.text)
    if found is None:
        meant = decimal_meant(scalar.text)
        unread(value, scalar, meant and f'"{meant}"', Code.NOT_DECIMAL, found=written, expected=expected)
    elif not 0 < found <= high or -int(found.as_tuple().exponent) > DECIMALS_MAX:
        value.refuse(Code.OUT_OF_RANGE, found=f"`{written}`", expected=expected)
    else:
        return Ratio.of(found)
    return None


def duration(value: Value | None, *known: str, expected: Words) -> Section | None:
    """The section of a length of time, as {days: 7}; its keys are units, or those known besides `months`."""
    units = [key for key in known if key in ("days", "hours", "minutes", "months")]
    if value is not None and isinstance(value.node, Scalar) and (meant := duration_meant(value.node.text, units)):
        value.refuse(Code.MEANT, found=shown(value.node.text), remedy=meant)
        return None
    return value.section(*known, expected=expected) if value else None


def flag(value: Value) -> bool | None:
    """`true` or `false`."""
    scalar = value.scalar(Words("true or false", "true یا false"))
    if scalar is None:
        return None
    found = flag_of(scalar)
    if found is None:
        value.refuse(Code.NOT_FLAG, found=shown(scalar.text))
    return found


def _word(value: Value | None, expected: Words) -> Scalar | None:
    """A scalar that is text: no null and no truth value."""
    scalar = value.scalar(expected) if value else None
    if value is None or scalar is None:
        return None
    if flag_of(scalar) is not None:
        value.refuse(Code.FLAG_AS_TEXT, found=scalar.text)
        return None
    return scalar


def text(value: Value | None, longest: int, lines: bool = False) -> str | None:
    """Printable text of 1 to `longest` characters; line breaks only where `lines`."""
    expected = Words(f"printable text of 1 to {longest} characters", f"متنی خوانا با ۱ تا {number(longest).fa} نویسه")
    scalar = _word(value, expected)
    if value is None or scalar is None:
        return None
    found = scalar.text.strip()
    bare = found.replace("\n", "") if lines else found
    control = any(c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff" or c in "\u2028\u2029" for c in bare)
    if control or not 1 <= len(found) <= longest:
        value.refuse(Code.BAD_TEXT, found=shown(scalar.text), expected=expected)
        return None
    return found


def identifier(value: Value | None) -> str | None:
    """Text in the form of ids."""
    scalar = _word(value, AN_ID)
    if value is None or scalar is None:
        return None
    if not is_identifier(scalar.text):
        unread(value, scalar, None, Code.BAD_ID, found=shown(scalar.text))
        return None
    return scalar.text


def choice(value: Value | None, allowed: Collection[str]) -> str | None:
    """One of a few words."""
    scalar = _word(value, one_of(allowed))
    if value is None or scalar is None:
        return None
    if scalar.text not in allowed:
        meant = word_meant(scalar.text, allowed)
        resembled = hint(scalar.text, allowed, value.report)
        unread(value, scalar, meant, Code.NOT_ONE_OF, found=shown(scalar.text), hint=resembled)
        return None
    return scalar.text


def reference(value: Value | None, known: Collection[str], nowhere: Words) -> str | None:
    """The id of something else in the file; `nowhere` says that there is none."""
    found = identifier(value)
    if value is None or found is None:
        return None
    if found not in known:
        names = sorted(filter(is_identifier, known))
        value.refuse(Code.UNKNOWN_REFERENCE, found=found, nowhere=nowhere, hint=hint(found, names, value.report))
        return None
    return found


def references(value: Value, known: Collection[str], nowhere: Words, limit: int) -> frozenset[str]:
    """Ids of other things in the file: one, or a list of them without repetition."""
    return distinct([(item, reference(item, known, nowhere)) for item in value.one_or_more(limit, AN_ID)])


def distinct(found: list[tuple[Value, str | None]]) -> frozenset[str]:
    """The values that were read, with a warning at each repetition."""
    names: set[str] = set()
    seen: set[str] = set()
    for value, name in found:
        if name is None:
            continue
        if alike(name) in seen:
            value.refuse(Code.REPEATED, found=shown(name))
        names.add(name)
        seen.add(alike(name))
    return frozenset(names)


def name(value: Value, longest: int) -> str | None:
    """A name that events carry, which is compared as it looks: another spelling than the usual is worth a warning."""
    found = text(value, longest)
    if found is not None and (usual := persian(found)) != found:
        value.refuse(Code.OTHER_SPELLING, found=shown(found), remedy=shown(usual))
    return found


def date(value: Value | None) -> int | None:
    """The day number of a Jalali date."""
    scalar = value.scalar(A_DATE) if value else None
    if value is None or scalar is None:
        return None
    plain, written = date_of(scalar.text), shown(scalar.text)
    year, month, day = plain or date_meant(scalar.text) or (0, 0, 0)
    if YEAR_FIRST <= year <= YEAR_LAST:
        days = month_length(year, month) if 1 <= month <= 12 else 0
        if not days:
            value.refuse(Code.NO_SUCH_MONTH, found=written)
        elif not 1 <= day <= days:
            value.refuse(Code.NO_SUCH_DATE, found=written, month=month, year=year, days=days)
        elif plain is None:
            unread(value, scalar, f"{year}-{month:02d}-{day:02d}", Code.NOT_DATE, found=written)
        else:
            return jalali_day(year, month, day)
    elif meant := _gregorian_meant(year, month, day):
        value.refuse(Code.GREGORIAN_DATE, found=written, remedy=same(meant))
    else:
        unread(value, scalar, None, Code.NOT_DATE, found=written)
    return None


def _gregorian_meant(year: int, month: int, day: int) -> str | None:
    """The Jalali date for what reads like a Gregorian one of these years."""
    try:
        found = jalali(day_number(dt.date(year, month, day)))
    except ValueError:
        return None
    return str(found) if YEAR_FIRST <= found.year <= YEAR_LAST else None


def date_words(day: int) -> Words:
    """A day in both calendars."""
    return Words(f"{jalali(day)} ({gregorian(day)})", f"{persian_digits(str(jalali(day)))} ({gregorian(day)})")


def minute(value: Value | None) -> int | None:
    """The minute of the day of a time in Tehran."""
    scalar = value.scalar(A_TIME) if value else None
    if value is None or scalar is None:
        return None
    found = time_of(scalar.text)
    if found is None:
        meant = time_meant(scalar.text)
        unread(value, scalar, meant and f'"{meant}"', Code.NOT_TIME, found=shown(scalar.text))
    return found


def mcc(value: Value) -> str | None:
    """A merchant category code as its four digits, quoted or not."""
    scalar = value.scalar(Words("a merchant category code as 5411", "کد صنف مانند 5411"))
    if scalar is None:
        return None
    digits = latin_digits(scalar.text)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 4:
        unread(value, scalar, None, Code.NOT_MCC, found=shown(scalar.text))
    elif len(digits) < 4:
        value.refuse(Code.SHORT_MCC, found=shown(scalar.text), remedy=f"{digits:0>4}")
    else:
        return digits
    return None


def title(section: Section, key: str = "title", longest: int = 200, lines: bool = False) -> dict[str, str]:
    """A text in one or both languages; empty where the key is left out or wrong."""
    value = section.get(key)
    languages = value.section(*LANGUAGES, expected=Words("{fa: …, en: …}", "{fa: …, en: …}")) if value else None
    if value is None or languages is None:
        return {}
    if not languages.values:
        value.refuse(Code.NOTHING, expected=Words("{fa: …, en: …}", "{fa: …, en: …}"))
    found = {language: text(languages.get(language), longest, lines) for language in LANGUAGES}
    return {language: words for language, words in found.items() if words is not None}
