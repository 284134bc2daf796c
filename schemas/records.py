"""Records of topics, as read and as written, and what they count for in bytes."""

from __future__ import annotations

from typing import NamedTuple

from schemas.dead_letter import Whole

Headers = tuple[tuple[str, bytes], ...]

BATCH_BYTES_MAX = 900_000
"""Bound on one batch of records, and so on one record: below the 1 MiB that a broker accepts by default."""

RECORD_OVERHEAD_BYTES = 100
"""More than what the log adds to one record and, once, to its batch."""

HEADER_OVERHEAD_BYTES = 10
"""More than what the log adds to one header."""

RECORD_BYTES_HELD_MAX = 16 << 20
"""Bound on a record that is read whole (`content_bytes`): a compressed one may be far larger than what was sent."""

HEADER_HELD_BYTES = 64
"""About what holding one header takes beyond its bytes."""


class TopicPartition(NamedTuple):
    """One partition of one topic; equal to the plain tuple."""

    topic: str
    partition: int


class Withheld(NamedTuple):
    """What is known of a record that was not held: length and digest of its value, and of its key where that is cut.

    `unreadable` says why where it is no record: the rest of a batch that nobody can read, `value` its compressed bytes.
    `refused`, what to raise: such a batch is not passed over by itself, since it may be damaged here alone, or hold
    sound events. It stands for the offsets up to `last`, as far as that is certain.
    """

    value: Whole
    key: Whole | None = None
    unreadable: str | None = None
    refused: Exception | None = None
    last: int | None = None


class Record(NamedTuple):
    """A record as read. `timestamp` is the wall clock of whoever wrote it, in ms since 1970 UTC.

    One over `RECORD_BYTES_HELD_MAX` is `withheld`: it has no value and no headers, and of its key the beginning.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    withheld: Withheld | None = None


class OutputRecord(NamedTuple):
    """A record to write. Its timestamp is the wall clock when it is sent."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


def record_bytes(output: OutputRecord) -> int:
    """The size of a record as counted against `BATCH_BYTES_MAX`: its bytes and a fixed overhead, never too low."""
    _, _, key, value, headers = output
    size = len(key or b"") + len(value or b"") + RECORD_OVERHEAD_BYTES
    for name, content in headers:
        # A character of a header's name takes at most four bytes.
        size += 4 * len(name) + len(content) + HEADER_OVERHEAD_BYTES
    return size


def content_bytes(record: Record) -> int:
    """What a record holds, as counted against the limits on one: key, value, and each header with what it costs."""
    _, _, _, _, key, value, headers, _ = record
    size = len(key or b"") + len(value or b"")
    if headers:
        size += sum(header_bytes(len(name.encode()), len(content or b"")) for name, content in headers)
    return size


def header_bytes(name: int, content: int) -> int:
    """What a header counts for, by the bytes of its name and its content."""
    return name + content + HEADER_HELD_BYTES
