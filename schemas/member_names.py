"""The rule for names that members give themselves, and that boards show to everybody.

A name is normalised (NFC, one kind of blank, never two in a row, none at the ends) and must have a letter or digit that
can be seen. It holds nothing that a screen obeys or that turns the direction of a line, and nothing invisible but the
joiners that Persian spelling needs, between letters or digits of its script. All of it goes by Unicode 3.2, which every
Python carries unchanged, and the range of emoji: a verification years later, on another Python, must decide as this one
did.
"""

import re
from functools import lru_cache
from unicodedata import ucd_3_2_0 as unicode

CHARACTERS_MAX, BYTES_MAX = 128, 256
"""Of a name in UTF-8, after it was normalised."""
MARKS_MAX = 3
"""Combining marks in a row, with no joiner among them: a vowelled Arabic letter has up to three; more climb over the
lines beside it."""

_BLANKS = re.compile("  +")
_JOINERS = "\u200c\u200d"
_VARIATIONS = "\ufe0e\ufe0f"
"""Whether a symbol is shown as text or in colour: phones add it to hearts. It says nothing, so it is left out."""
_INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u200b\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE0E)))
)
"""Letters, marks, blanks and symbols that show nothing; what else is invisible has a category of its own."""
_ARABIC = ((0x0621, 0x06FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
_EMOJI = range(0x1F000, 0x1FB00)
_LAST_SHORT = 0xFFFF


@lru_cache(maxsize=4_096)
def name_of(text: str) -> str | None:
    """The name that a text is, normalised; None for a text that is none."""
    if any(_kind(each) == "?" for each in text):
        return None  # before it is normalised: no later version of Unicode has a say
    spaced = "".join(" " if _kind(each) == "Z" else each for each in text if each not in _VARIATIONS)
    name = _BLANKS.sub(" ", unicode.normalize("NFC", spaced)).strip(" " + _JOINERS)
    if len(name) > CHARACTERS_MAX or len(name.encode()) > BYTES_MAX:
        return None
    kinds = "".join(map(_kind, name))
    if not {"L", "N"} & set(kinds) or "M" * (MARKS_MAX + 1) in kinds or kinds[0] == "M":
        return None
    for index, kind in enumerate(kinds):
        if kind == "J" and not (_joins(name, len(kinds[:index].rstrip("M")) - 1) and _joins(name, index + 1)):
            return None
    return name


def kept_or_none(alias: str | None) -> str | None:
    """What a record or a row of any age has as a name, as it may be shown: None where it has none that is one."""
    return name_of(alias) if alias else None


def _kind(character: str) -> str:
    """Letter, mark, number, punctuation, symbol, blank, joiner; `?` for what no name holds."""
    code = ord(character)
    if code in _EMOJI or character in _VARIATIONS:
        return "S"
    if character in _JOINERS:
        return "J"
    category = unicode.category(character)
    refused = category[0] == "C" or category in ("Zl", "Zp", "Me") or character in _INVISIBLE
    if refused or (code > _LAST_SHORT and category[0] != "L"):
        return "?"
    return category[0]


def _joins(name: str, index: int) -> bool:
    """Whether a joiner may stand beside what is there: a letter or a digit of the script, whose marks do not count."""
    character = name[index]
    return _kind(character) in "LN" and any(first <= ord(character) <= last for first, last in _ARABIC)
