"""What people mean by a value that is not read here: the same value as the format writes it, where that is sure."""

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal

from engine.words import Words, latin_digits
from schemas.programme_file.keys import SYNONYMS

_QUOTES = "“”„«»‘’‚\"'"
_ARABIC_LETTERS = str.maketrans("كيىە", "کییه", "ـ")
_LETTERS = str.maketrans("كيىۀة", "کییهه")
_GROUPED = re.compile(r"([+-]?)([0-9]{1,3}(?:[,،٬٫’'\s][0-9]{3})+|[0-9]+)")
_UNITS = {
    "": 1, "ریال": 1, "rial": 1, "rials": 1, "irr": 1, "امتیاز": 1, "point": 1, "points": 1, "روز": 1, "day": 1,
    "days": 1, "ماه": 1, "months": 1, "بار": 1, "تومان": 10, "toman": 10, "هزار": 10**3, "هزارریال": 10**3,
    "هزارتومان": 10**4, "میلیون": 10**6, "میلیونریال": 10**6, "میلیونتومان": 10**7, "میلیارد": 10**9,
    "میلیاردریال": 10**9,
}  # fmt: skip
_DECIMAL = re.compile(r"[×x*]?\s*([0-9]*)(?:[.,/٫]([0-9]+))?\s*([%٪]?)")
_EXPONENT = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?[eE][+-]?[0-9]{1,2}")
_DURATION = re.compile(r"([0-9]{1,6})\s*(\D{0,20})")
_LENGTHS = {
    **dict.fromkeys(("d", "day", "days", "روز"), "days"),
    **dict.fromkeys(("h", "hr", "hour", "hours", "ساعت"), "hours"),
    **dict.fromkeys(("m", "min", "minute", "minutes", "دقیقه"), "minutes"),
    **dict.fromkeys(("mo", "month", "months", "ماه"), "months"),
}
_PARTS = re.compile(r"([0-9]{4})\s*[-–—−/.\s]\s*([0-9]{1,2})\s*[-–—−/.\s]\s*([0-9]{1,2})(?:[T\s].*)?")
_SOLID = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NAMED = re.compile(r"([0-9]{1,2})\s*(\D+?)\s*([0-9]{4})")
_MONTHS = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
_TIME = re.compile(r"(?:ساعت)?\s*([0-9]{1,2})(?:[:.٫]([0-9]{2}))?(?::[0-9]{2})?\s*(\D*)")
_AFTERNOON = {"pm", "p.m.", "عصر", "شب", "بعدازظهر", "بعد از ظهر", "ب.ظ", "بظ"}
_MORNING = {"", "am", "a.m.", "صبح", "بامداد", "قبل از ظهر", "ق.ظ"}
_NAMES_FA = {
    0x00A0: "فاصلهٔ نشکن", 0x200B: "فاصلهٔ بی‌عرض", 0x200C: "نیم‌فاصله", 0x200D: "پیونددهندهٔ بی‌عرض",
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "نشانهٔ جهت متن"),
    0x200E: "نشانهٔ چپ‌به‌راست", 0x200F: "نشانهٔ راست‌به‌چپ", 0x202F: "فاصلهٔ باریک", 0xFEFF: "نشانهٔ آغاز پرونده",
}  # fmt: skip


def unseen(text: str) -> str | None:
    """The first character that nobody sees and that changes what is read; not a half space inside a Persian word."""
    for index, character in enumerate(text):
        if not character.isprintable() and not joins(text, index) and character not in "\t\n":
            return character
    return None


def joins(text: str, index: int) -> bool:
    """Whether a half space stands there between two letters of a Persian word, as it should."""
    around = text[index - 1 : index] + text[index + 1 : index + 2]
    return text[index] == "\u200c" and len(around) == 2 and all("\u0620" <= each <= "\u06ff" for each in around)


def named(character: str) -> Words:
    """A character that nobody sees, by its number and its name."""
    number = f"U+{ord(character):04X}"
    english = unicodedata.name(character, "").lower()
    persian = _NAMES_FA.get(ord(character))
    return Words(f"{number} ({english})" if english else number, f"{number} ({persian})" if persian else number)


def bare(text: str) -> str:
    """The text without quotation marks around it and without characters that nobody sees."""
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return seen.replace("\u00a0", " ").strip().strip(_QUOTES).strip()


def persian(name: str) -> str:
    """A name as a Persian keyboard types it, without what nobody sees but for half spaces inside words."""
    usual = name.translate(_ARABIC_LETTERS)
    kept = (each for i, each in enumerate(usual) if unicodedata.category(each) != "Cf" or joins(usual, i))
    return "".join(kept)


def integer_meant(text: str) -> str | None:
    """100,000 · 100 000 · 50000 Rial · 5 million · “500” -> the number as it is written here."""
    plain = latin_digits(bare(text))
    found = _GROUPED.match(plain)
    if found is None or len(plain) > 40:
        return None
    unit = re.sub(r"\s", "", plain[found.end() :]).translate(_LETTERS).lower()
    if unit not in _UNITS:
        return None
    return found[1] + f"{int(re.sub('[^0-9]', '', found[2])) * _UNITS[unit]:_}"


def decimal_meant(text: str) -> str | None:
    """0.5% · ۱۵۰٪ · 1,5 · ۱/۵ · .5 · ×2 · 2e-6 -> the decimal as it is written here."""
    plain = latin_digits(bare(text))
    if _EXPONENT.fullmatch(plain):
        return f"{Decimal(plain):f}"
    found = _DECIMAL.fullmatch(plain)
    if found is None or not (found[1] or found[2]) or len(plain) > 40:
        return None
    if ("/" in plain and plain in text) or ("," in plain and len(found[2]) == 3):
        return None  # a fraction, or thousands
    exact = Decimal(f"{found[1] or '0'}.{found[2] or '0'}") / (100 if found[3] else 1)
    return f"{exact.normalize():f}"


def date_meant(text: str) -> tuple[int, int, int] | None:
    """1405/1/1 · ۱۴۰۵.۰۱.۰۱ · 14050101 · ۱ فروردین ۱۴۰۵ -> year, month and day, whatever the calendar."""
    plain = latin_digits(bare(text)).translate(_LETTERS)
    found = _PARTS.fullmatch(plain) or _SOLID.fullmatch(plain)
    if found is not None:
        return int(found[1]), int(found[2]), int(found[3])
    worded = _NAMED.fullmatch(plain)
    if worded is not None and worded[2].removesuffix("ماه").strip() in _MONTHS:
        return int(worded[3]), _MONTHS.index(worded[2].removesuffix("ماه").strip()) + 1, int(worded[1])
    return None


def time_meant(text: str) -> str | None:
    """8:00 · 8 · 22.30 · 8 pm · ۸ شب · “22:00” -> HH:MM."""
    found = _TIME.fullmatch(latin_digits(bare(text)))
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3].strip().lower()
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half not in _MORNING and half not in _AFTERNOON:
        return None
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def duration_meant(text: str, units: Collection[str]) -> str | None:
    """6h · ۶ ساعت · 3 days · 7, where there is but one unit -> the section as it is written here."""
    found = _DURATION.fullmatch(latin_digits(bare(text)))
    if found is None:
        return None
    written = re.sub(r"\s", "", found[2].translate(_LETTERS)).lower()
    unit = _LENGTHS.get(written) or (next(iter(units)) if not written and len(units) == 1 else None)
    return f"{{{unit}: {int(found[1])}}}" if unit in units else None


def word_meant(text: str, allowed: Collection[str]) -> str | None:
    """A word of the format by its Persian name, in any spelling, or by its beginning: پنج شنبه, thu -> thursday."""
    plain = bare(text)
    synonym = SYNONYMS.get(re.sub(r"\s", "", plain.translate(_LETTERS)).lower())
    if synonym in allowed:
        return synonym
    begun = [each for each in allowed if len(plain) >= 3 and each.startswith(plain.lower())]
    return begun[0] if len(begun) == 1 else None
