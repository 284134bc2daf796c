"""Text in the two languages of the club's people."""

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import NamedTuple

from engine.units import Ratio

_PERSIAN = str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")
_EXACT_DIGITS = 200
_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")


class Words(NamedTuple):
    """The same thing said in English and in Persian."""

    en: str
    fa: str

    def in_(self, language: str) -> str:
        """The text in "fa", or in English for anything else."""
        return self.fa if language == "fa" else self.en

    def filled(self, **parameters: "str | int | Words") -> "Words":
        """Both texts with their {placeholders} filled: bilingual ones in their own language, numbers in its digits, and
        text as it is."""
        each = {name: value if isinstance(value, Words) else _said(value) for name, value in parameters.items()}
        return Words(
            self.en.format_map({name: words.en for name, words in each.items()}),
            self.fa.format_map({name: words.fa for name, words in each.items()}),
        )


def _said(value: str | int) -> Words:
    return Words(str(value), persian_digits(str(value)) if isinstance(value, int) else value)


def same(text: str) -> Words:
    """Text that is alike in both languages: names and values as they are written in files."""
    return Words(text, text)


def number(value: int) -> Words:
    """An integer grouped by thousands, with Persian digits in Persian."""
    grouped = f"{value:,}"
    return Words(grouped, grouped.translate(_PERSIAN))


def exact(ratio: Ratio) -> Words:
    """A ratio that came from a decimal, as that decimal."""
    places = next(places for places in range(_EXACT_DIGITS) if 10**places % ratio.denominator == 0)
    with localcontext(prec=_EXACT_DIGITS):
        shifted = Decimal(ratio.numerator * 10**places // ratio.denominator).scaleb(-places)
        written = f"{shifted.normalize():f}"
    return Words(written, persian_digits(written).replace(".", "٫"))


def persian_digits(text: str) -> str:
    """The text with its digits as Persian ones, nothing else changed."""
    return text.translate({ord(str(digit)): chr(0x06F0 + digit) for digit in range(10)})


def latin_digits(text: str) -> str:
    """The text with Persian and Arabic digits as 0-9, nothing else changed."""
    return text.translate(_LATIN)


def listed(items: Iterable[str | Words]) -> Words:
    """Items one after the other, with each language's comma."""
    words = [item if isinstance(item, Words) else same(item) for item in items]
    return Words(", ".join(w.en for w in words), "، ".join(w.fa for w in words))
