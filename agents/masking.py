"""A record shown without what it says of a person: structure, names of fields, and values that say nothing of anybody.

Whatever is not known to be harmless is masked, so a field nobody has thought of stays hidden.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_WORD = r"[a-z][a-z_]{0,31}"
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{5,16}(?:Z|[+-][0-9:]{4,6})?)?"
PLAIN: Mapping[str, str] = {
    "specversion": r"[0-9.]{1,5}",
    "type": r"[a-z][a-z._]{0,63}",
    "source": r"/[A-Za-z0-9/._-]{0,63}",
    "id": r"[A-Za-z0-9/._:-]{1,64}",
    "original": r"[A-Za-z0-9/._:-]{1,64}",
    "time": _INSTANT,
    "date": _INSTANT,
    "mcc": r"[0-9]{4}",
    **dict.fromkeys(("channel", "rail", "bill", "kind", "service", "product", "medium"), _WORD),
}
"""Field -> the form in which its text says nothing of a person."""

PLAIN_NUMBERS = frozenset({"revision", "days_early"})
_LONG_NUMBER = re.compile(r"[0-9\u06f0-\u06f9\u0660-\u0669]{10}")
"""As many digits as a national code, a card or an account have."""


def shown(value: bytes, *, reveal: bool) -> str:
    """A record's value for a screen; masked unless `reveal`."""
    try:
        found = json.loads(value.decode())
        return _printable(json.dumps(found if reveal else _masked("", found), ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        if reveal:
            return _printable(value.decode("utf-8", "backslashreplace"))
        return f"‹{len(value)} bytes, not JSON›" if value else "‹empty›"


def shown_key(key: bytes | None, *, reveal: bool) -> str:
    """A record's key for a screen; masked unless `reveal`."""
    if key is None:
        return "‹none›"
    return _printable(key.decode("utf-8", "backslashreplace")) if reveal else f"‹{len(key)} bytes›"


def _printable(text: str) -> str:
    """The text without what a terminal would obey or could not write."""
    return "".join(c if c.isprintable() or c in "\n\u200c" else f"\\u{ord(c):04x}" for c in text)


def _masked(field: str, value: Any) -> Any:
    match value:
        case dict():
            return {_name(name): _masked(name, each) for name, each in value.items()}
        case list():
            return [_masked(field, each) for each in value]
        case None | bool():
            return value
        case str():
            form = PLAIN.get(field)
            plain = form is not None and re.fullmatch(form, value) and not _LONG_NUMBER.search(value)
            return value if plain else f"‹{len(value)} characters›"
        case int() if field in PLAIN_NUMBERS and abs(value) < 1_000_000:
            return value
    return "‹number›"


def _name(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_.-]{1,32}", name) and not _LONG_NUMBER.search(name) else "‹field›"
