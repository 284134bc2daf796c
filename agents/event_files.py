"""Lines of files of events as people bring them: with the mark that some editors put first, or in another encoding."""

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path

from agents.exit_codes import ExitCode, Problem

_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def without_marks(path: Path, lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, none with a byte order mark before it: a file that was put together of several has more than one.

    Raises `Problem` for a file that its mark says is not UTF-8.
    """
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith(_OTHER_MARKS):
            raise Problem(f"{path}:1", "is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8", ExitCode.BAD_FILE)
        yield line.removeprefix(codecs.BOM_UTF8)
