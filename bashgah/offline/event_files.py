"""Lines of files of events as people bring them: packed, with the mark that some editors put first, in another
encoding, or so long that they are not held."""

import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from agents.process.exit_codes import ClubError, ExitCode
from schemas.dead_letter import Whole

ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.xz")

NOT_UNPACKED = (lzma.LZMAError, gzip.BadGzipFile, zlib.error, EOFError)
"""What reading raises where a file is not packed as its name says, or not to its end."""

XZ_MEMORY_MAX = 128 << 20
"""xz asks for as much memory as whoever packed a file chose, up to 4 GiB; its highest level for 65 MiB."""

_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_PIECE_BYTES = 256 << 10


def unpacked(path: Path, raw: BinaryIO) -> BinaryIO:
    """What an open file holds, by the end of its name; see `NOT_UNPACKED`."""
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    return io.BufferedReader(_Pieces(_streams_of_xz(raw)), _PIECE_BYTES) if path.suffix == ".xz" else raw


def lines_in(path: Path, file: BinaryIO, bytes_max: int) -> Iterator[bytes | Whole]:
    """The lines with their ends, none with a byte order mark before it: a file that was put together of several has
    more than one. Of a line with more than `bytes_max` bytes, which is not held, there are length and digest without
    its end.

    Raises `ClubError` for a file that its mark says is not UTF-8.
    """
    first = True
    while line := file.readline(bytes_max + 1):
        if first and line.startswith(_OTHER_MARKS):
            raise ClubError(f"{path}:1", "is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8", ExitCode.BAD_FILE)
        first = False
        held = len(line) <= bytes_max or line.endswith(b"\n")
        line = line.removeprefix(codecs.BOM_UTF8)
        yield line if held else _passed_over(line, file)


def _passed_over(start: bytes, file: BinaryIO) -> Whole:
    """The line that begins so, read to its end."""
    digest, length, last = sha256(), 0, start
    while not last.endswith(b"\n") and (piece := file.readline(_PIECE_BYTES)):
        digest.update(last[:-1])
        length += len(last) - 1
        last = last[-1:] + piece  # the end of a line may come in two pieces
    last = last.rstrip(b"\r\n")
    digest.update(last)
    return Whole(length + len(last), digest.hexdigest())


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file, for who reads lines of it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # no other buffer comes here
        """The next bytes; how many, 0 at the end."""
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = piece
        data, self._piece = self._piece[: len(buffer)], self._piece[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _streams_of_xz(raw: BinaryIO) -> Iterator[bytes]:
    """What streams one behind the other come to. `lzma.LZMAFile` takes all the memory that they ask for, and passes
    over what stands behind them and is none."""
    packed = raw.read(_PIECE_BYTES)
    if not packed:
        raise EOFError("it is empty")
    while packed:
        decoder = lzma.LZMADecompressor(memlimit=XZ_MEMORY_MAX)
        while not decoder.eof:
            if decoder.needs_input and not packed and not (packed := raw.read(_PIECE_BYTES)):
                raise EOFError("it ends in the middle")
            yield decoder.decompress(packed, _PIECE_BYTES)
            packed = b""
        packed = decoder.unused_data.lstrip(b"\0")  # streams may be padded
        while not packed and (padded := raw.read(_PIECE_BYTES)):
            packed = padded.lstrip(b"\0")
