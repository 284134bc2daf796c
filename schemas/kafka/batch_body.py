"""The body of a batch as a stream of bytes: drawn piece by piece, of which only what somebody asks for is held."""

import time
from collections.abc import Callable, Generator
from weakref import WeakKeyDictionary

from schemas.kafka.decompression import WINDOW_BYTES_KEPT, BadStream, Pieces

BATCH_BYTES_READ_MAX = 2 << 30
"""What lies further inside a batch is not read: no lane could wait for it. One record alone may not be longer."""
READING_S_MAX = 0.5
"""Whoever reads something long lets others go on after so many seconds."""
RESTING_BYTES_MAX = 128 << 20
"""What decoders with large windows hold in a process while nobody reads from them: one of the largest, or several."""
_VARINT_BYTES_MAX = 10


clock = time.monotonic
_resting: WeakKeyDictionary["BatchBody", int] = WeakKeyDictionary()


class PieceCount:
    """How many pieces of batches this process has read: while that grows, who waits for them does not stand still."""

    pieces = 0


class BatchBody:
    """`draw` begins the pieces anew from the first.

    What a stream held before it broke is given out first, and then `BadStream` raised. The generators here give None
    where others should go on before the next step, and return what they have read.

    A decoder with a large window stays open while it rests as long as `RESTING_BYTES_MAX` has room for it, and whoever
    came first keeps its place. Any other is let go of, and what it had given out is drawn once more when somebody reads
    on. The time for reading begins behind that and is at least as long as that took: so every turn comes further, on
    a machine however slow, and all of them together cost a small multiple of reading the batch once.
    """

    def __init__(self, draw: Callable[[], Pieces]) -> None:
        self.position = 0
        self._draw = draw
        self._pieces: Pieces | None = None
        self._drawn = self._drawings = 0  # bytes, and pieces
        self._buffer = b""
        self._at = 0
        self._broken: BadStream | None = None
        self.resume()

    def resume(self) -> None:
        """There is time again."""
        _resting.pop(self, None)
        self._until = clock() + READING_S_MAX

    def rest(self) -> None:
        """Nobody reads for now."""
        held = 0 if self._pieces is None else self._pieces.window_bytes
        if held > WINDOW_BYTES_KEPT:
            if sum(_resting.values()) + held > RESTING_BYTES_MAX:
                self._pieces = None
            else:
                _resting[self] = held

    @property
    def late(self) -> bool:
        """Whether others should go on."""
        return clock() > self._until

    def take(self, length: int) -> Generator[None, None, bytes]:
        """The next so many bytes."""
        yield from self.have(length)
        if len(self._buffer) - self._at < length:
            raise self._broken or BadStream("it ends in the middle")
        taken = self._buffer[self._at : self._at + length]
        self._at += length
        self.position += length
        return taken

    def varint(self) -> Generator[None, None, int]:
        """The next number: groups of seven bits, the lowest first, zigzag."""
        yield from self.have(_VARINT_BYTES_MAX)
        found = _varint(self._buffer, self._at)
        if found is None:
            raise self._broken or BadStream("it ends in the middle")
        number, end = found
        self.position += end - self._at
        self._at = end
        return number

    def pass_over(self, length: int, look: Callable[[bytes], object] | None = None) -> Generator[None, None, None]:
        """Read so many bytes without holding them; `look` sees them."""
        while length > 0:
            yield from self.have(1)
            part = yield from self.take(min(length, max(1, len(self._buffer) - self._at)))
            if look is not None:
                look(part)
            length -= len(part)
            if self.late:
                yield

    def whole_records(self, count_max: int, bytes_max: int) -> Generator[None, None, tuple[bytes, int]]:
        """As many whole records as `bytes_max` bytes hold, and how many; none where the next is larger, or broken."""
        yield from self.have(bytes_max)
        buffer, begin = self._buffer, self._at
        count, end, last = 0, begin, min(len(buffer), begin + bytes_max)
        while count < count_max and end + 1 < last:
            first, second = buffer[end], buffer[end + 1]
            if first < 0x80:
                length, after = first, end + 1
            elif second < 0x80:
                length, after = first & 0x7F | second << 7, end + 2
            elif (found := _varint(buffer, end)) is not None:
                length, after = found[0] << 1, found[1]
            else:
                break
            after += length >> 1
            if length < 0 or length & 1 or after > last:
                break  # larger than there is room for, cut off, or no length: whoever reads it field by field will see
            end = after
            count += 1
        self.position += end - begin
        self._at = end
        return buffer[begin:end], count

    def require_end(self) -> Generator[None, None, None]:
        """Raise `BadStream` unless this is the end."""
        yield from self.have(1)
        if len(self._buffer) > self._at or self._broken is not None:
            raise self._broken or BadStream("bytes are left over after its last record")

    def have(self, wanted: int) -> Generator[None, None, None]:
        """Have `wanted` bytes at hand, if there are so many."""
        available = len(self._buffer) - self._at
        if available >= wanted:
            return
        parts = [self._buffer[self._at :]]
        while available < wanted and (piece := self._next()) is not None:
            parts.append(piece)
            available += len(piece)
            if self.late:
                # What is held in pieces of a byte takes many times its size.
                self._buffer, self._at = b"".join(parts), 0
                parts = [self._buffer]
                yield
        self._buffer, self._at = b"".join(parts), 0

    def _next(self) -> bytes | None:
        """The next piece, which may be empty; None at the end."""
        if self._broken is not None:
            return None
        try:
            if self._pieces is None:
                self._pieces = self._redrawn()
            piece = next(self._pieces, None)
            if piece is None:
                return None
            self._drawings += 1
            self._drawn += len(piece)
            PieceCount.pieces += 1
            if self._drawn > BATCH_BYTES_READ_MAX:
                raise BadStream(f"it holds more than {BATCH_BYTES_READ_MAX} bytes")
        except BadStream as broken:
            self._broken = broken
            return None
        return piece

    def _redrawn(self) -> Pieces:
        """The pieces behind those that were given out already."""
        began = clock()
        pieces = self._draw()
        for _ in range(self._drawings):
            next(pieces)
        took = clock() - began
        self._until = max(self._until, began + took + max(READING_S_MAX, took))
        return pieces


def _varint(buffer: bytes, position: int) -> tuple[int, int] | None:
    """The number at a position and where it ends; None where the buffer ends before."""
    number = shift = 0
    for place in range(position, min(position + _VARINT_BYTES_MAX, len(buffer))):
        byte = buffer[place]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), place + 1
        shift += 7
    return None
