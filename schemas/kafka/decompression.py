"""Compressed bytes given out in pieces: whatever they grow to, no more than a piece and the codec's window is held.

The codecs are those of Kafka's record batches. What is no stream of its codec raises `BadStream`, after everything that
could be read of it.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import cramjam
import lz4.frame

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4

PIECE_BYTES_MAX = 1 << 20
"""A piece given out; snappy's blocks, which cannot be read in part, come as large as they are up to the next bound."""
SNAPPY_BLOCK_BYTES_MAX = 8 << 20
"""A larger block of snappy, which no client makes of an ordinary batch, is unpacked slowly, with a window as large."""
WINDOW_BYTES_KEPT = 8 << 20
"""A decoder with a larger window stays open while nobody reads from it only if there is room for it in the process
(`schemas.kafka.batch_body`). zstd needs one from level 20 on; more than 128 MiB, which no level needs, its
library refuses."""

STREAMS_MAX = 10_000
"""Streams one behind the other in one batch. Clients make one; each costs a decoder, however little it holds."""

_FEED_BYTES = 64 << 10
_FEED_BYTES_FIRST = 1 << 10
"""To a stream's decoder: what it leaves is copied, and there may be very many small streams."""
_UNPACKED_BYTES = 16 << 10
"""After so many bytes of a large block of snappy whoever reads looks at the clock."""
_XERIAL = b"\x82SNAPPY\0"
_XERIAL_HEADER_BYTES = 16
_SNAPPY_GROWTH_MAX = 22
"""A copy of 64 bytes takes three."""

Data = bytes | memoryview


class BadStream(Exception):
    """The bytes are no stream of their codec, or end in the middle of one."""


class _Decoder(Protocol):
    """What the decoders of Python's standard library have in common."""

    eof: bool
    needs_input: bool
    unused_data: bytes | None

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most so many bytes of what `data` and what was left of earlier data come to."""
        ...


class _Inflate:
    """zlib's decoder for gzip as one of those."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=31)
        self._tail = b""
        self._full = False

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._tail and not self._full

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._zlib.decompress(self._tail + data, max_length)
        self._tail, self._full = self._zlib.unconsumed_tail, len(piece) == max_length
        return piece


class Pieces(Iterator[bytes]):
    """What `data` decompresses to, always in the same pieces. Raises `BadStream`, and KeyError for a codec that is none
    of the four; 0 is no codec. An empty piece says that `_FEED_BYTES`, or a stream of several, came to nothing.

    `window_bytes`: what its decoder holds now to look back; what the codec always needs counts for nothing.
    """

    def __init__(self, codec: int, data: Data) -> None:
        self.window_bytes = 0
        self._read = _CODECS[codec](memoryview(data), self)

    def __next__(self) -> bytes:
        try:
            return next(self._read)
        except _ERRORS:
            # The words reach dead letters, so they are not those of a library, which may change.
            raise BadStream("it is not what its codec makes") from None


def whole(codec: int, data: Data, bytes_max: int) -> bytes | None:
    """All that `data` decompresses to where that is one sound stream of at most `bytes_max`; else None, at no more cost
    than that. Much cheaper than `Pieces` for a small batch."""
    try:
        if codec == SNAPPY:
            return _whole_snappy(memoryview(data), bytes_max)
        decoder: _Decoder = _DECODERS[codec]()
        found = decoder.decompress(bytes(data), bytes_max + 1)
        return found if decoder.eof and not decoder.unused_data and len(found) <= bytes_max else None
    except (*_ERRORS, BadStream):
        return None


def _no_window(head: bytes) -> int:
    return 0


def _zstd_window(head: bytes) -> int:
    """The window that a frame of zstd asks for; `head` are its first 18 bytes at least."""
    if len(head) < 6 or head[:4] != b"\x28\xb5\x2f\xfd":
        return 0
    if head[4] & 0x20:  # one segment: the window is the content, whose size stands in the frame's head
        start, size = 5 + (0, 1, 2, 4)[head[4] & 3], (1, 2, 4, 8)[head[4] >> 6]
        return int.from_bytes(head[start : start + size], "little")
    return (1 << 10 + (head[5] >> 3)) // 8 * (8 + (head[5] & 7))


_Read = Callable[[memoryview, Pieces], Iterator[bytes]]


def _plain(data: memoryview, of: Pieces) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE_BYTES_MAX):
        yield bytes(data[start : start + PIECE_BYTES_MAX])


def _streamed(new: Callable[[], Any], window: Callable[[bytes], int] = _no_window) -> _Read:
    """Streams one behind the other, as all four formats allow."""

    def read(data: memoryview, of: Pieces) -> Iterator[bytes]:
        position = 0
        for _ in range(STREAMS_MAX):
            decoder: _Decoder = new()
            feed = _FEED_BYTES_FIRST
            while not decoder.eof:
                fed = b""
                if decoder.needs_input:
                    if position == len(data):
                        raise BadStream("it ends in the middle")
                    fed = bytes(data[position : position + feed])
                    if feed == _FEED_BYTES_FIRST:
                        of.window_bytes = window(fed)
                    position += len(fed)
                    feed = _FEED_BYTES
                yield decoder.decompress(fed, PIECE_BYTES_MAX)
            position -= len(decoder.unused_data or b"")
            if position == len(data):
                return
        raise BadStream(f"it has more than {STREAMS_MAX} streams")

    return read


def _whole_snappy(data: memoryview, bytes_max: int) -> bytes | None:
    parts: list[bytes] = []
    left = bytes_max
    for block in _blocks(data):
        size, _ = _block_size(block)
        left -= size
        if left < 0:
            return None
        parts.append(bytes(cramjam.snappy.decompress_raw(block)))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _snappy(data: memoryview, of: Pieces) -> Iterator[bytes]:
    for block in _blocks(data):
        size, position = _block_size(block)
        if size <= SNAPPY_BLOCK_BYTES_MAX:
            of.window_bytes = 0
            yield bytes(cramjam.snappy.decompress_raw(block))
        else:
            of.window_bytes = min(size, 2 * SNAPPY_BLOCK_BYTES_MAX)
            yield from _unpacked(block, position, size)


def _blocks(data: memoryview) -> Iterator[memoryview]:
    """Java frames blocks with the length of each in front; other clients send one block without a frame."""
    if data[: len(_XERIAL)] != _XERIAL or len(data) < _XERIAL_HEADER_BYTES:
        yield data
        return
    position = _XERIAL_HEADER_BYTES
    while position < len(data):
        begin = position + 4
        position = begin + int.from_bytes(data[position:begin], "big", signed=True)
        if not begin < position <= len(data):
            raise BadStream("a block has an impossible length")
        yield data[begin:position]


def _block_size(data: memoryview) -> tuple[int, int]:
    """How many bytes a block says that it holds, and where they begin."""
    size = shift = position = 0
    while True:
        byte = data[position]
        size |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            break
        if shift > 28:
            raise BadStream("a block has an impossible length")
    if size > _SNAPPY_GROWTH_MAX * len(data):
        raise BadStream("a block says that it holds more than it can")
    return size, position


def _unpacked(data: memoryview, position: int, size: int) -> Iterator[bytes]:
    """A block of snappy, element by element: literals, and copies of what came within the window before."""
    kept = bytearray()
    dropped = given = 0  # `kept` begins at byte `dropped` of the block; `given` of its bytes have been given out
    pause = position + _UNPACKED_BYTES
    while position < len(data):
        tag = data[position]
        position += 1
        if tag & 3 == 0:
            length = tag >> 2
            if length >= 60:
                extra = length - 59
                length = int.from_bytes(data[position : position + extra], "little")
                position += extra
            length += 1
            if position + length > len(data):
                raise BadStream("it ends in the middle")
            kept += data[position : position + length]
            position += length
        else:
            if tag & 3 == 1:
                length, offset = 4 + (tag >> 2 & 7), (tag >> 5) << 8 | data[position]
                position += 1
            else:
                width = 2 if tag & 3 == 2 else 4
                length, offset = (tag >> 2) + 1, int.from_bytes(data[position : position + width], "little")
                position += width
            begin = len(kept) - offset
            if not offset or begin < 0:
                raise BadStream("it repeats what is not there")
            source = kept[begin : begin + length]
            kept += source if len(source) == length else (source * (length // len(source) + 1))[:length]
        if dropped + len(kept) > size:
            raise BadStream("a block holds more than it says")
        if position >= pause or len(kept) - given >= PIECE_BYTES_MAX:
            yield bytes(kept[given:])
            given = len(kept)
            pause = position + _UNPACKED_BYTES
            if given >= 2 * SNAPPY_BLOCK_BYTES_MAX:
                cut = given - SNAPPY_BLOCK_BYTES_MAX
                del kept[:cut]
                given, dropped = given - cut, dropped + cut
    if dropped + len(kept) != size:
        raise BadStream("it ends in the middle")
    yield bytes(kept[given:])


_ERRORS = (zlib.error, zstd.ZstdError, cramjam.DecompressionError, RuntimeError, EOFError, IndexError)
"""What the decoders raise; RuntimeError is lz4's."""

_DECODERS: dict[int, Callable[[], Any]] = {
    GZIP: _Inflate,
    LZ4: lz4.frame.LZ4FrameDecompressor,
    ZSTD: zstd.ZstdDecompressor,
}
_CODECS: dict[int, _Read] = {
    0: _plain,
    GZIP: _streamed(_Inflate),
    SNAPPY: _snappy,
    LZ4: _streamed(lz4.frame.LZ4FrameDecompressor),
    ZSTD: _streamed(zstd.ZstdDecompressor, _zstd_window),
}
