"""Valid events damaged at random: bytes, fields, keys, times, topics. What comes out may still be valid."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from random import Random
from typing import Any

from schemas import topics
from schemas.records import Record
from tests.schemas.examples import EXAMPLES
from tests.simulation.auditor import tehran_time
from tests.simulation.workload_clock import rfc3339

Envelope = dict[str, Any]
PIECES = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"NaN", b"-", b"0", b"1e999", b"9" * 30, b"\x00",
    b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\n", b"+", b".", b'"amount":1,', b'"id":"x",', "۵".encode(),
    b"[" * 40, b'{"a":' * 40, b"\xef\xbb\xbf",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 5_000_000, 10**15, 10**15 + 1, -(10**15), 2**63, 10**40, 0.5, 1e300, "", "x", "5411",
    "6011", "\0", "ی" * 200, "e1", "1405-01-01", "2026-02-30", [], {}, [1], ["physician"] * 33, {"sms": 1},
)  # fmt: skip
TIMES = (
    "2026-09-23", "2026-09-23T08:00:00", "2026-09-23t08:00:00z", "2026-09-23T24:00:00Z", "2026-09-23T08:00:60Z",
    "2026-09-23 08:00:00Z", "2026-09-23T08:00:00.1234567Z", "2026-09-23T08:00:00+25:00", "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "1405-07-01T08:00:00Z", "۱۴۰۵-۰۷-۰۱T08:00:00Z",
)  # fmt: skip


def damaged(draw: Random, topic: str, envelope: Envelope, others: list[Envelope], now: int, offset: int) -> Record:
    """A record of this event with something done to it. `others` are events of all kinds to take parts from."""
    envelope = deepcopy(envelope)
    if draw.random() < 0.15:
        topic = draw.choice([each.name for each in topics.INPUTS])
    if draw.random() < 0.5:
        for _ in range(draw.choice((1, 1, 2))):
            draw.choice(_FIELDS)(draw, envelope, others, now)
    value: bytes | None = json.dumps(envelope, ensure_ascii=draw.random() < 0.5).encode()
    if draw.random() < 0.5:
        value = _bytes(draw, value or b"")
    if draw.random() < 0.02:
        value = draw.choice((None, b"", b"null", b"[]", b'"x"', b"{}", b" "))
    key: bytes | None = str(envelope.get("subject")).encode()
    if draw.random() < 0.1:
        key = draw.choice((None, b"", b"x", b"\xff", (key or b"") + b"\0", (key or b"").upper(), b" " + (key or b"")))
    return Record(topic, 0, offset, now, key, value, ())


def _bytes(draw: Random, text: bytes) -> bytes:
    """A few bytes replaced, removed, doubled, inserted, or the end cut off."""
    value = bytearray(text)
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        at = draw.randrange(len(value) + 1)
        until = min(len(value), at + draw.choice((0, 0, 1, 1, 2, 20)))
        piece = draw.choice((b"", bytes(value[at:until]) * 2, bytes([draw.randrange(256)]), draw.choice(PIECES)))
        value[at:until] = piece
    return bytes(value[: draw.randrange(len(value) + 1)] if draw.random() < 0.05 else value)


def _place(draw: Random, envelope: Envelope) -> Envelope:
    data = envelope.get("data")
    return draw.choice((envelope, data, data)) if isinstance(data, dict) else envelope


def _another_value(draw: Random, envelope: Envelope, others: list[Envelope], now: int) -> None:
    where = _place(draw, envelope)
    names = [name for name in (*where, "unknown") if name != "subject"]
    where[draw.choice(names)] = deepcopy(draw.choice(VALUES))


def _no_value(draw: Random, envelope: Envelope, others: list[Envelope], now: int) -> None:
    where = _place(draw, envelope)
    where.pop(draw.choice([*where, "nothing"]), None)


def _another_time(draw: Random, envelope: Envelope, others: list[Envelope], now: int) -> None:
    if draw.random() < 0.3:
        envelope["time"] = draw.choice(TIMES)
        return
    minute = 60_000
    shift = draw.choice((5 * minute, 5 * minute + 1, minute, -minute, -400 * 1440 * minute, -400 * 1440 * minute - 1))
    at = now + (shift if draw.random() < 0.7 else draw.randint(-600, 600) * 1440 * minute)
    envelope["time"] = rfc3339(at, tehran=draw.random() < 0.3)


def _another_type(draw: Random, envelope: Envelope, others: list[Envelope], now: int) -> None:
    envelope["type"] = draw.choice([*EXAMPLES, "card.purchase.imagined", "", "deposit.month.closed"])


def _other_data(draw: Random, envelope: Envelope, others: list[Envelope], now: int) -> None:
    other = draw.choice(others)
    envelope["data"] = deepcopy(other["data"])
    if draw.random() < 0.5:
        envelope["type"] = other["type"]


def _another_date(draw: Random, envelope: Envelope, others: list[Envelope], now: int) -> None:
    if isinstance(envelope.get("data"), dict):
        day = tehran_time.day_of(now) + timedelta(days=draw.randint(-800, 3))
        envelope["data"]["date"] = day.isoformat()


_FIELDS: tuple[Callable[[Random, Envelope, list[Envelope], int], None], ...] = (
    _another_value, _another_value, _no_value, _another_time, _another_type, _other_data, _another_date,
)  # fmt: skip
