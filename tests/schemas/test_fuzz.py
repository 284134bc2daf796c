"""Records damaged at random: each is an activity or Invalid, never another exception, and none is read wrongly."""

import json
import random
from copy import deepcopy
from typing import Any

import pytest

from engine.activity import MemberActivity
from schemas.events import Invalid, decode
from tests.schemas.examples import EXAMPLES, SUBJECT, event, written

RECORDS = 24_000
PIECES = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"NaN", b"-", b"0", b"1e999", b"9" * 30, b"\x00",
    b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\u0061", b" ", b"\n", b"+", b".", b'"amount":1,', b'"id":"x",',
    "۵".encode(),
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1,
    10**15,
    10**19,
    10**40,
    0.5,
    1e300,
    "",
    "x",
    "5411",
    "c-4711",
    "\0",
    "ی" * 200,
    [],
    {},
    [1],
)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_records(seed: int) -> None:
    rng = random.Random(seed)
    outcomes = {"activity": 0, "invalid": 0}
    for number in range(RECORDS // 4):
        type = rng.choice(list(EXAMPLES))
        value = _damaged_value(rng, type) if rng.random() < 0.5 else _damaged_bytes(rng, type)
        outcome = _read(type, value, f"seed {seed}, record {number}: {value!r}")
        outcomes[outcome] += 1
    assert min(outcomes.values()) > RECORDS // 100, outcomes


def _read(type: str, value: bytes, record: str) -> str:
    try:
        activity = decode(EXAMPLES[type].topic, SUBJECT.encode(), value)
    except Invalid as refusal:
        if refusal.code != "invalid" or not refusal.detail.encode().startswith(b"$"):
            raise AssertionError(f"{record}: {refusal}") from refusal
        return "invalid"
    except Exception as error:
        raise AssertionError(record) from error
    _agrees(activity, value)
    return "activity"


def _damaged_value(rng: random.Random, type: str) -> bytes:
    """Another value, or none, for one or two fields."""
    record = event(type)
    record["data"] = dict(record["data"])
    for _ in range(rng.randint(1, 2)):
        where: dict[str, Any] = rng.choice([record, record["data"]]) if isinstance(record.get("data"), dict) else record
        name = rng.choice([*where, "unknown"])
        if rng.random() < 0.2:
            where.pop(name, None)
        else:
            where[name] = deepcopy(rng.choice(VALUES))
    return json.dumps(record, ensure_ascii=rng.random() < 0.5).encode()


def _damaged_bytes(rng: random.Random, type: str) -> bytes:
    """A few bytes replaced, removed, doubled or inserted."""
    value = bytearray(written(event(type)))
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at = rng.randrange(len(value) + 1)
        until = min(len(value), at + rng.choice([0, 0, 1, 1, 2, 20]))
        value[at:until] = rng.choice([b"", bytes(value[at:until]) * 2, bytes([rng.randrange(256)]), rng.choice(PIECES)])
    return bytes(value)


def _agrees(activity: MemberActivity, value: bytes) -> None:
    """Python's own reader finds the same in what was accepted."""
    record = json.loads(value, object_pairs_hook=_once)
    assert (activity.id, activity.type, activity.member) == (record["id"], record["type"], record["subject"])
    for name, found in record.get("data", {}).items():
        read = getattr(activity.data, name, found)
        if isinstance(found, list):
            read = list(read)
        if isinstance(found, str | int | list | None):
            assert str(read) == str(found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    assert len(fields) == len(pairs), f"accepted although a field is given twice: {pairs}"
    return fields
