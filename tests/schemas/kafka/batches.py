"""Kafka batches made by hand: of every codec, and such as no client makes."""

import gzip
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

import cramjam
import lz4.frame
from aiokafka.codec import snappy_encode
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from crc32c import crc32c

from schemas.kafka.decompression import zstd

Header = tuple[str, bytes | None]
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "raw snappy": 2, "lz4": 3, "zstd": 4}
COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "snappy": lambda body: bytes(snappy_encode(body)),  # framed as Java does
    "raw snappy": lambda body: bytes(cramjam.snappy.compress_raw(body)),
    "lz4": lz4.frame.compress,
    "zstd": zstd.compress,
}
TRANSACTIONAL, CONTROL = 0x10, 0x20


class Row(NamedTuple):
    """A record of a batch."""

    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()


def varint(number: int) -> bytes:
    """A number as records have it."""
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def sized(content: bytes | None) -> bytes:
    """Bytes behind their length."""
    return varint(-1) if content is None else varint(len(content)) + content


def record(delta: int, row: Row, headers: bytes | None = None) -> bytes:
    """One record; `headers` in place of the row's, count included."""
    if headers is None:
        headers = varint(len(row.headers)) + b"".join(sized(n.encode()) + sized(c) for n, c in row.headers)
    body = b"\0" + varint(delta) + varint(delta) + sized(row.key) + sized(row.value) + headers
    return varint(len(body)) + body


def body_of(rows: Iterable[Row]) -> bytes:
    """The records of a batch, one behind the other."""
    return b"".join(record(delta, row) for delta, row in enumerate(rows))


def batch(
    body: bytes,
    count: int,
    base: int = 0,
    codec: int = 0,
    *,
    last: int | None = None,
    flags: int = 0,
    producer: int = -1,
    stamp: int = 1_000,
) -> bytes:
    """A batch with its checksum; `body` is compressed already. `last`: the last offset less the first."""
    last = count - 1 if last is None else last
    tail = struct.pack(">hiqqqhii", codec | flags, last, stamp, stamp + max(0, last), producer, 0, 0, count) + body
    return struct.pack(">qiib", base, len(tail) + 9, 0, 2) + struct.pack(">I", crc32c(tail)) + tail


def compressed(name: str, rows: Iterable[Row], base: int = 0, **options: int) -> bytes:
    """A batch of these rows."""
    rows = list(rows)
    return batch(COMPRESS[name](body_of(rows)), len(rows), base, CODECS[name], **options)


def by_aiokafka(rows: Iterable[Row], base: int) -> bytes:
    """The same batch as aiokafka's producer makes it, not compressed."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1 << 30)
    for delta, row in enumerate(rows):
        builder.append(delta, 1_000 + delta, row.key, row.value, list(row.headers))
    made = bytearray(builder.build())
    made[:8] = base.to_bytes(8, "big")
    return bytes(made)


def _spaces(count: int) -> Iterator[bytes]:
    step = b" " * (1 << 20)
    for begin in range(0, count, len(step)):
        yield step[: min(len(step), count - begin)]


def flood(name: str, count: int) -> bytes:
    """A batch of so many records of a mebibyte each."""
    value = b" " * (1 << 20)
    return batch(
        b"".join(_STREAMED[name](record(each, Row(b"m", value)) for each in range(count))), count, 0, CODECS[name]
    )


def _gzip(parts: Iterable[bytes]) -> Iterator[bytes]:
    made = zlib.compressobj(9, wbits=31)
    yield from map(made.compress, parts)
    yield made.flush()


def _zstd(parts: Iterable[bytes]) -> Iterator[bytes]:
    made = zstd.ZstdCompressor()
    yield from map(made.compress, parts)
    yield made.flush()


def _lz4(parts: Iterable[bytes]) -> Iterator[bytes]:
    made = lz4.frame.LZ4FrameCompressor(block_linked=False)
    yield made.begin()
    yield from map(made.compress, parts)
    yield made.flush()


def _snappy(parts: Iterable[bytes]) -> Iterator[bytes]:
    yield b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1)
    for part in parts:
        for begin in range(0, len(part), 32 << 10):
            block = bytes(cramjam.snappy.compress_raw(part[begin : begin + (32 << 10)]))
            yield struct.pack(">i", len(block)) + block


def _raw_snappy(parts: Iterable[bytes]) -> Iterator[bytes]:
    """One block, of which each part is compressed for itself; what a part refers to lies within it."""
    size, blocks = 0, []
    for part in parts:
        block = bytes(cramjam.snappy.compress_raw(part))
        blocks.append(block[len(_unsigned(len(part))) :])
        size += len(part)
    yield _unsigned(size)
    yield from blocks


def _unsigned(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


_STREAMED: Mapping[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "none": iter,
    "gzip": _gzip,
    "snappy": _snappy,
    "raw snappy": _raw_snappy,
    "lz4": _lz4,
    "zstd": _zstd,
}


def bomb(name: str, event: Row, padding: int, rows: Iterable[Row], base: int = 0, **options: int) -> bytes:
    """A batch whose first record is the event with so many spaces behind its value; then come the rows. Never whole
    in memory on its way."""
    value = event.value or b""
    head = b"\0" + varint(0) + varint(0) + sized(event.key) + varint(len(value) + padding) + value
    before = varint(len(head) + padding + 1) + head
    rows = list(rows)
    after = varint(0) + b"".join(record(delta, row) for delta, row in enumerate(rows, 1))
    body = b"".join(_STREAMED[name](chain([before], _spaces(padding), [after])))
    return batch(body, len(rows) + 1, base, CODECS[name], **options)
