"""The records of one Kafka batch (format 2), read without ever holding more than a bounded part of them.

A batch that is small when decompressed, as nearly all are, is read by aiokafka's parser whole. Any other is read in
pieces: whole records of up to a mebibyte go to the same parser, and a larger one is read field by field. A record over
`RECORD_BYTES_HELD_MAX` is passed over, and stands among the others by length and digest alone. What cannot be read,
though its checksum is right, stands there the same way.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Generator, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch

from schemas.dead_letter import WHOLE_BYTES_MAX, Whole
from schemas.kafka.batch_body import BatchBody
from schemas.kafka.decompression import PIECE_BYTES_MAX, BadStream, Pieces, whole
from schemas.records import RECORD_BYTES_HELD_MAX, Withheld, header_bytes

HEAD_BYTES = 61
CODEC_MASK = 0x07
CODECS = range(5)
"""None, gzip, snappy, lz4, zstd."""

_ATTRIBUTES_AT = 22  # of two bytes the second, which has them all
COUNT_AT = 57
_LOG_APPEND_TIME = 0x08
log = logging.getLogger(__name__)

UNREADABLE = (CorruptRecordException, ValueError, IndexError, OverflowError)
"""What aiokafka's parser raises for a record that it cannot read; a header's name that is no UTF-8 is a ValueError."""


class Read(NamedTuple):
    """A record as aiokafka's parser gives them, and what was withheld of it."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    withheld: Withheld | None = None


class RecordBatch:
    """One batch as it came from the broker; `head` answers for everything but the records."""

    def __init__(self, data: memoryview) -> None:
        self.head: Any = DefaultRecordBatch(data)
        self.codec = data[_ATTRIBUTES_AT] & CODEC_MASK
        self._data = data
        self._body: BatchBody | None = None

    def resume(self) -> None:
        """Somebody reads on, and has time again."""
        if self._body is not None:
            self._body.resume()

    def rest(self) -> None:
        """Nobody reads for now: let go of what is large and can be had again."""
        if self._body is not None:
            self._body.rest()

    def records(self) -> Iterator[Any]:
        """All records in order; None each time that the reader should let others go on first.

        A small batch is left to aiokafka's parser. Where that raises one of `UNREADABLE`, `one_by_one` has all records.
        """
        if not self.codec:
            return iter(self.head) if len(self._data) <= PIECE_BYTES_MAX else self._in_pieces()
        small = whole(self.codec, self._data[HEAD_BYTES:], PIECE_BYTES_MAX)
        if small is None:
            return self._in_pieces()
        return iter(DefaultRecordBatch(self._plain(small, self._count)))

    def one_by_one(self) -> Iterator[Any]:
        """The same, each by its fields: slow, and what cannot be read is one of them."""
        return self._in_pieces(by_parser=False)

    def unreadable(self, offset: int, why: str) -> Read:
        """What is left of the batch, as one record at the first offset that could not be read."""
        last = self.head.next_offset - 1
        known = Whole.of(bytes(self._data[HEAD_BYTES:]))
        withheld = Withheld(known, None, f"its batch cannot be read from here to offset {last}: {why}")
        return Read(offset, self.head.max_timestamp, None, None, [], withheld)

    @property
    def _count(self) -> int:
        return int.from_bytes(self._data[COUNT_AT:HEAD_BYTES], "big", signed=True)

    def _decompressed(self) -> BatchBody:
        codec, data = self.codec, self._data[HEAD_BYTES:]
        return BatchBody(lambda: Pieces(codec, data))

    def _plain(self, records: bytes, count: int) -> bytes:
        """A batch of some of the records, not compressed; its checksum is not its own and must not be looked at."""
        head = bytearray(self._data[:HEAD_BYTES])
        head[_ATTRIBUTES_AT] &= ~CODEC_MASK
        head[COUNT_AT:] = struct.pack(">i", count)
        return bytes(head) + records

    def _in_pieces(self, by_parser: bool = True) -> Iterator[Any]:
        body = self._body = self._decompressed()
        left, offset = self._count, self.head.base_offset
        try:
            while left > 0:
                records, count = b"", 0
                if by_parser:
                    records, count = yield from body.whole_records(left, PIECE_BYTES_MAX)
                for record in self._parsed(records, count) if count else self._by_fields(body):
                    if record is not None:
                        if record.offset < offset:
                            raise BadStream("the offsets of its records do not rise")
                        offset = record.offset + 1
                    yield record
                left -= count or 1
                if body.late:  # all of these may be records that nobody wants
                    yield None
            yield from body.require_end()
        except BadStream as broken:
            if offset < self.head.next_offset:
                yield self.unreadable(offset, str(broken))
            else:  # no offset of the batch is without its record
                log.warning("behind the record at offset %s of its topic its batch goes on: %s", offset - 1, broken)

    def _parsed(self, records: bytes, count: int) -> Iterator[Any]:
        given = 0
        try:
            for record in DefaultRecordBatch(self._plain(records, count)):
                yield record
                given += 1
        except UNREADABLE:  # field by field it is known which
            body = BatchBody(lambda: Pieces(0, records))
            for index in range(count):
                for record in self._by_fields(body):
                    if index >= given:
                        yield record

    def _by_fields(self, body: BatchBody) -> Iterator[Read | None]:
        """The next record."""
        length = yield from body.varint()
        end = body.position + length
        if length < 0:
            raise BadStream("a record has a negative length")
        yield from body.take(1)  # attributes, of which there are none yet
        stamp = self.head.first_timestamp + (yield from body.varint())
        if self._data[_ATTRIBUTES_AT] & _LOG_APPEND_TIME:
            stamp = self.head.max_timestamp
        offset = self.head.base_offset + (yield from body.varint())
        room = RECORD_BYTES_HELD_MAX
        key = yield from _field(body, end, room, WHOLE_BYTES_MAX)
        value = yield from _field(body, end, room - key.length)
        headers = yield from _headers(body, end, room - key.length - value.length)
        if headers is None:
            yield from body.pass_over(end - body.position)
            cut = key.whole if key.length > WHOLE_BYTES_MAX else None
            yield Read(offset, stamp, key.start, None, [], Withheld(value.whole, cut))
            return
        if body.position != end:
            raise BadStream("a record is not as long as it says")
        yield Read(offset, stamp, key.held, value.held, headers)


class _Field(NamedTuple):
    """A key, a value, a header's name or content. `start` is its beginning where not all of it is held."""

    length: int
    held: bytes | None
    start: bytes | None = None
    passed: Whole | None = None

    @property
    def whole(self) -> Whole:
        """Length and digest."""
        return self.passed or Whole.of(self.held or b"")


def _field(body: BatchBody, end: int, bytes_max: int, start_bytes: int = 0) -> Generator[None, None, _Field]:
    """The next field of a record that ends at `end`; over `bytes_max` only its first `start_bytes` are held."""
    length = yield from body.varint()
    if length < 0:
        return _Field(0, None)
    if body.position + length > end:
        raise BadStream("a field is longer than its record")
    if length <= bytes_max:
        held = yield from body.take(length)
        return _Field(length, held, held[:start_bytes])
    digest = sha256()
    start = yield from body.take(min(start_bytes, length))
    digest.update(start)
    yield from body.pass_over(length - len(start), digest.update)
    return _Field(length, None, start, Whole(length, digest.hexdigest()))


def _headers(body: BatchBody, end: int, room: int) -> Generator[None, None, list[tuple[str, bytes | None]] | None]:
    """The headers of a record; None where they and what came before are more than may be held."""
    headers: list[tuple[str, bytes | None]] = []
    if room < 0:
        return None
    count = yield from body.varint()
    if count < 0:
        raise BadStream("a record has a negative number of headers")
    for _ in range(count):
        name = yield from _field(body, end, room)
        content = yield from _field(body, end, room - name.length)
        room -= header_bytes(name.length, content.length)
        if room < 0:
            return None
        headers.append(((name.held or b"").decode("utf-8", "replace"), content.held))
    return headers
