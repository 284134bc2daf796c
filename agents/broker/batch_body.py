"""The body of a batch as a stream of bytes: drawn piece by piece, of which only what somebody asks for is held."""

import time
from collections.abc import Callable, Iterator

from agents.broker.decompression import Broken

BATCH_BYTES_READ_MAX = 2 << 30
"""What lies further inside a batch is not read: no lane could wait for it. One record alone may not be longer."""
READING_S_MAX = 0.5
"""Whoever passes over something long lets others go on after so many seconds."""
_VARINT_BYTES_MAX = 10


class BatchBody:
    """`draw` begins the pieces anew from the first; `closes`: they hold much, and are to be let go of while resting.

    What a stream held before it broke is given out first, and then `Broken` raised.
    """

    def __init__(self, draw: Callable[[], Iterator[bytes]], closes: bool = False) -> None:
        self.position = 0
        self._draw = draw
        self._closes = closes
        self._pieces: Iterator[bytes] | None = None
        self._drawn = 0
        self._buffer = b""
        self._at = 0
        self._broken: Broken | None = None
        self.resume()

    def resume(self) -> None:
        """There is time again."""
        self._until = time.monotonic() + READING_S_MAX

    def rest(self) -> None:
        """Nobody reads for now."""
        if self._closes:
            self._pieces = None

    def take(self, length: int) -> bytes:
        """The next so many bytes."""
        if self._fill(length) < length:
            raise self._broken or Broken("it ends in the middle")
        taken = self._buffer[self._at : self._at + length]
        self._at += length
        self.position += length
        return taken

    def varint(self) -> int:
        """The next number: groups of seven bits, the lowest first, zigzag."""
        self._fill(_VARINT_BYTES_MAX)
        found = _varint(self._buffer, self._at)
        if found is None:
            raise self._broken or Broken("it ends in the middle")
        number, end = found
        self.position += end - self._at
        self._at = end
        return number

    def pass_over(self, length: int, look: Callable[[bytes], object] | None = None) -> Iterator[None]:
        """Read so many bytes without holding them; `look` sees them. Pauses where others should go on first."""
        while length > 0:
            part = self.take(min(length, max(1, self._fill(1))))
            if look is not None:
                look(part)
            length -= len(part)
            if time.monotonic() > self._until:
                yield

    def whole_records(self, count_max: int, bytes_max: int) -> tuple[bytes, int]:
        """As many whole records as `bytes_max` bytes hold, and how many; none where the next is larger, or broken."""
        self._fill(bytes_max)
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

    def require_end(self) -> None:
        """Raise `Broken` unless this is the end."""
        if self._fill(1) or self._broken is not None:
            raise self._broken or Broken("bytes are left over after its last record")

    def _fill(self, wanted: int) -> int:
        """Have `wanted` bytes at hand, if there are so many; how many there are."""
        available = len(self._buffer) - self._at
        if available >= wanted:
            return available
        parts = [self._buffer[self._at :]]
        while available < wanted and (piece := self._next()):
            parts.append(piece)
            available += len(piece)
        self._buffer, self._at = b"".join(parts), 0
        return available

    def _next(self) -> bytes:
        if self._broken is not None:
            return b""
        try:
            if self._pieces is None:
                self._pieces = self._draw()
                passed = 0
                while passed < self._drawn:
                    passed += len(next(self._pieces))
            piece = next(self._pieces, b"")
            self._drawn += len(piece)
            if self._drawn > BATCH_BYTES_READ_MAX:
                raise Broken(f"it holds more than {BATCH_BYTES_READ_MAX} bytes")
        except Broken as broken:
            self._broken = broken
            return b""
        return piece


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
