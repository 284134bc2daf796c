"""Why a record is no event of the contract, said with the field's path and without the field's value.

Values stay out: details reach logs, and a value may be personal. The dead letter holds the record itself.
"""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from schemas.contract import field_names
from schemas.envelope import FieldError

NESTING_MAX = 32
"""Objects and lists inside one another. A fixed limit: the interpreter's own depends on who calls."""

_DETAIL_MAX = 240
_MESSAGE = re.compile(r"^(?P<problem>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_TYPE = re.compile(r"Invalid value '([a-z._]{1,64})'")
_TOKEN = re.compile(rb'\\.|["\[\]{}]', re.DOTALL)

Model = TypeVar("Model")


class Invalid(Exception):
    """A record that is no event of the contract: `code` is the dead letter's, `detail` begins with the field's path.

    `detail_before` is what letters of meaning 0 say, which quoted a name of the record's; nobody else may show it.
    """

    def __init__(self, code: str, detail: str, before: str | None = None) -> None:
        """`detail` is cut to what fits a header and a line of a screen."""
        self.code = code
        self.detail = _cut(detail)
        self.detail_before = self.detail if before is None else _cut(before)
        super().__init__(code, self.detail)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


def invalid(field: str, problem: str) -> Invalid:
    """The refusal of a record for one field, by its path from `$`, the record itself."""
    return Invalid("invalid", f"{field}: {problem[:1].lower()}{problem[1:]}")


def decoded(decode: Callable[[bytes], Model], value: bytes) -> Model:
    """`decode(value)`; Invalid for whatever is wrong with the bytes, and never another exception."""
    try:
        return decode(value)
    except (ValueError, RecursionError) as error:
        raise explained(error, value) from None


def explained(error: Exception, value: bytes) -> Invalid:
    """The refusal that a failure to decode `value` amounts to; the same whatever the depth of the caller's stack."""
    if nested_too_deep(value):
        return _too_deep()
    if isinstance(error, RecursionError):
        raise error  # the caller's own stack is full, which is no fault of the record
    if isinstance(error, UnicodeDecodeError):
        return invalid("$", "is not UTF-8")
    if not isinstance(error, msgspec.ValidationError):
        return invalid("$", f"is not JSON: {str(error).removeprefix('JSON is malformed: ')}")
    match = _MESSAGE.match(str(error))
    assert match is not None
    problem, path = match["problem"], match["path"] or "$"
    if isinstance(error.__cause__, FieldError):
        path = f"{path}.{error.__cause__.field}"
    if path == "$.type":
        known = _TYPE.match(problem)
        problem = f"unknown type `{known[1]}` on this topic" if known else "unknown type"
    elif problem.startswith("Invalid enum value"):
        problem = "not one of the values of this field"
    return invalid(path, problem)


def require_unambiguous(value: bytes) -> None:
    """Invalid unless the JSON is sound in the parts that decoding skipped and no object names a field twice.

    Readers differ in which of two values they keep, so a record with both has no one meaning. Slow, some
    microseconds: `events.decode` calls it only where counting cannot show that there is nothing to find.
    """
    if nested_too_deep(value):
        raise _too_deep()
    try:
        json.loads(value.decode(), object_pairs_hook=_once, parse_int=str, parse_float=str)
    except UnicodeDecodeError:
        raise invalid("$", "is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise invalid("$", f"is not JSON: {error.msg} (character {error.pos})") from None


def nested_too_deep(value: bytes) -> bool:
    """Whether objects and lists are nested deeper than `NESTING_MAX`; of any bytes, in linear time."""
    if value.count(b"[") + value.count(b"{") <= NESTING_MAX:
        return False
    depth, in_text = 0, False
    for match in _TOKEN.finditer(value):
        token = match[0]
        if token == b'"':
            in_text = not in_text
        elif not in_text and token in b"[{":
            depth += 1
            if depth > NESTING_MAX:
                return True
        elif not in_text and token in b"]}":
            depth -= 1
    return False


def _cut(detail: str) -> str:
    return detail if len(detail) <= _DETAIL_MAX else detail[: _DETAIL_MAX - 1] + "…"


def _too_deep() -> Invalid:
    return invalid("$", f"is nested deeper than {NESTING_MAX} levels")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        said = f'the field "{twice}"' if twice in field_names() else "a field that the contract does not have"
        before = f"$: the field {json.dumps(twice[:64])} is given twice"
        raise Invalid("invalid", f"$: {said} is given twice", before)
    return fields
