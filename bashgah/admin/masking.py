"""A record shown without what it says of a person: structure, the contract's words, and values that say nothing of
anybody.

Whatever is not known to be harmless is masked, so a field nobody has thought of stays hidden, its name too. A type or a
channel is shown where the contract knows it; an id where it has neither a word, which may be a name, nor the digits of
a code, a card or a phone, however they are written and whatever stands between them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec.inspect import LiteralType, Metadata, StructType, type_info

from monitoring.safe_text import plain, plain_json, plain_lines
from schemas.contract import INPUT_MODELS, field_names, input_fields, models_of

_DAY = r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]"
_CLOCK = r"[0-2][0-9]:[0-5][0-9](?::[0-6][0-9](?:\.[0-9]{1,9})?)?"
_INSTANT = rf"{_DAY}(?:[T ]{_CLOCK}(?:Z|[+-][01][0-9]:?[0-5][0-9])?)?"
_ID = r"(?!.*[A-Za-z]{4})[A-Za-z0-9/._:-]{1,64}"
DIGITS_MAX = 7
"""Of an id or a source: a phone number without its area has eight."""
FORMS: Mapping[str, str] = {
    "specversion": r"[0-9]\.[0-9]",
    "source": r"/[a-z0-9/._-]{0,63}",
    "id": _ID,
    "original": _ID,
    "time": _INSTANT,
    "date": _INSTANT,
    "mcc": r"[0-9]{4}",
}
"""Field -> the form in which its text says nothing of a person."""
_COUNTED = frozenset({"source", "id", "original"})
"""Those of which the digits are counted."""

PLAIN_NUMBERS = frozenset({"revision", "days_early"})
_QUOTED = re.compile(r"`([^`]*)(?:`|$)|\"((?:[^\"\\]|\\.?)*)(?:\"|$)", re.DOTALL)
"""What a reason quotes. The end of a quotation may be cut off: then all that is left of it is quoted."""
_WORDS_OF_DETAILS = frozenset({
    "array", "bool", "date", "datetime", "float", "int", "null", "object", "str", "subject", "type",
})  # fmt: skip


def shown(value: bytes, *, reveal: bool) -> str:
    """A record's value for a screen; masked unless `reveal`."""
    try:
        found = json.loads(value.decode())
        return plain_json(found if reveal else _masked("", found))
    except (ValueError, RecursionError):
        if reveal:
            return plain_lines(value.decode("utf-8", "backslashreplace"))
        return f"‹{len(value)} bytes, not JSON›" if value else "‹empty›"


def shown_key(key: bytes | None, *, reveal: bool) -> str:
    """A record's key for a screen; masked unless `reveal`."""
    if key is None:
        return "‹none›"
    return plain(key.decode("utf-8", "backslashreplace")) if reveal else f"‹{len(key)} bytes›"


def shown_detail(detail: str, *, reveal: bool) -> str:
    """Why a record was refused, for a screen; what it quotes is masked unless the contract knows it, or `reveal`."""
    if reveal:
        return plain(detail)
    known = _WORDS_OF_DETAILS | field_names() | contract_words("type")
    return plain(_QUOTED.sub(lambda found: found[0] if (found[1] or found[2] or "") in known else "‹…›", detail))


@cache
def contract_words(field: str) -> frozenset[str]:
    """The values that a field of this name may have, where the contract names them all."""
    if field == "type":
        return frozenset(_tags())
    words: set[str] = set()
    for name, kind in input_fields():
        inner = [kind, *getattr(kind, "types", ())]
        inner = [getattr(each, "type", each) if isinstance(each, Metadata) else each for each in inner]
        if name == field:
            words |= {str(word) for each in inner if isinstance(each, LiteralType) for word in each.values}
    return frozenset(words)


def _tags() -> Iterator[str]:
    for topic in INPUT_MODELS:
        for model in models_of(topic):
            kind = type_info(model)
            assert isinstance(kind, StructType)
            yield str(kind.tag)


def _masked(field: str, value: Any) -> Any:
    match value:
        case dict():
            return {_name(name): _masked(name, each) for name, each in value.items()}
        case list():
            return [_masked(field, each) for each in value]
        case None | bool():
            return value
        case str():
            return value if _harmless(field, value) else f"‹{len(value)} characters›"
        case int() if field in PLAIN_NUMBERS and abs(value) < 1_000_000:
            return value
    return "‹number›"


def _harmless(field: str, text: str) -> bool:
    if text in contract_words(field):
        return True
    form = FORMS.get(field)
    counted = field in _COUNTED and sum(each.isdigit() for each in text) > DIGITS_MAX
    return form is not None and re.fullmatch(form, text) is not None and not counted


def _name(name: str) -> str:
    return name if name in field_names() else "‹field›"
