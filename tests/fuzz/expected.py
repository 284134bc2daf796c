"""What must become of a record, by the auditor's own reading of the contract; nothing here is the product's."""

import json
import re
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types

from schemas.records import Record
from tests.simulation.auditor import Auditor, tehran_time
from tests.simulation.auditor.auditor import FUTURE_TOLERANCE_MS, RETENTION_MS
from tests.simulation.auditor.contract import BALANCE, TYPES, Activity, read
from tests.simulation.auditor.lanes import partition_of

NESTING_MAX = 32
OFFSET_WITHOUT_COLON = re.compile(r"[+-][0-9]{4}$")
SCHEMAS = Path(__file__).parent.parent.parent / "schemas" / "json"


class Unreadable(ValueError):
    """The bytes are no JSON that has one meaning."""


def expect(auditor: Auditor, record: Record, now: int, partitions: int) -> str:
    """Give the record to the auditor of a lane; the code under which it must be refused, or the auditor's outcome."""
    if _of_an_erased_member(auditor, record):
        return _refused(auditor, "erased")
    try:
        envelope = as_written(parse(record.value))
    except (Unreadable, ValueError, RecursionError):
        return _refused(auditor, "invalid")
    try:
        activity = read(envelope, record.topic)
    except OverflowError:  # a date at which Python's calendar ends
        return _refused(auditor, "invalid")
    if (
        isinstance(activity, str)
        or record.key != activity.subject.encode()
        or not within_contract(envelope, activity, record.topic)
    ):
        return _refused(auditor, "invalid")
    if activity.time > now + FUTURE_TOLERANCE_MS:
        return _refused(auditor, "from_the_future")
    if activity.time < now - RETENTION_MS:
        return _refused(auditor, "too_old")
    if partition_of(activity.subject, partitions):
        day = tehran_time.day_of(activity.time)
        ahead = activity.type == BALANCE and date.fromisoformat(activity.data["date"]) > day
        return _refused(auditor, "from_the_future" if ahead else "wrong_partition")
    return auditor.event(envelope, record.topic, now)


def _of_an_erased_member(auditor: Auditor, record: Record) -> bool:
    """Whether the key, or the subject as far as it can be read, is a member who was erased."""
    names = [(record.key or b"").decode("ascii", "replace")]
    with suppress(ValueError, RecursionError, LookupError, TypeError):
        names.append(json.loads((record.value or b"").decode(errors="replace"))["subject"])
    members = [auditor.lanes[0].members.get(name) for name in names if isinstance(name, str)]
    return any(member is not None and member.status == "erased" for member in members)


def parse(value: bytes | None) -> Any:
    """The JSON of a record. Unreadable where a name is given twice, or it is nested too deep, or is no strict JSON."""
    if value is None:
        raise Unreadable("no value")
    parsed = json.loads(value.decode("utf-8"), object_pairs_hook=_once, parse_constant=_never)
    json.dumps(parsed, ensure_ascii=False).encode()  # half a surrogate pair is no text
    if _depth(parsed) > NESTING_MAX:
        raise Unreadable("too deep")
    return parsed


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Unreadable("a name twice")
    return dict(pairs)


def _never(constant: str) -> Any:
    raise Unreadable(constant)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def as_written(envelope: Any) -> Any:
    """In the auditor's spelling: an optional field that is null is absent, a space between date and time is a `T`,
    and an offset has a colon: the product takes these too."""
    if not isinstance(envelope, dict):
        return envelope
    time = envelope.get("time")
    if isinstance(time, str) and time[10:11] == " ":
        time = f"{time[:10]}T{time[11:]}"
    if isinstance(time, str) and OFFSET_WITHOUT_COLON.search(time):
        time = f"{time[:-2]}:{time[-2:]}"
    envelope = envelope | {"time": time}
    if not isinstance(envelope.get("data"), dict):
        return envelope
    optional = {name[:-1] for name in TYPES.get(str(envelope.get("type")), ("", {}))[1] if name.endswith("?")}
    data = {name: value for name, value in envelope["data"].items() if value is not None or name not in optional}
    if isinstance(data.get("consents"), dict):
        data["consents"] = {medium: given for medium, given in data["consents"].items() if given is not None}
    return envelope | {"data": data}


def within_contract(envelope: Any, activity: Activity, topic: str) -> bool:
    """Limits of the published contract that the auditor's reading leaves out: its JSON Schema, years, and `data`."""
    if "data" not in envelope and activity.type not in ("member.left", "member.erased"):
        return False
    years = [(tehran_time.EPOCH + activity.time * tehran_time.MILLISECOND).year]
    if "date" in activity.data and activity.type.startswith("deposit."):
        years.append(int(activity.data["date"][:4]))
    return all(1900 <= year <= 2199 for year in years) and validator(topic).is_valid(envelope)


@cache
def validator(topic: str) -> Any:
    """The published JSON Schema of a topic."""
    schema = json.loads((SCHEMAS / f"{topic}.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


def _refused(auditor: Auditor, code: str) -> str:
    auditor.dead.append({"outcome": code})
    return code
