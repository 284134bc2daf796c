"""Files that people name on a command line are opened here: nothing is waited for that may never come."""

import errno
import stat
from pathlib import Path
from typing import BinaryIO

_STREAMS = ("/dev/", "/proc/")
"""Where a shell puts standard input, and what `<(…)` gives."""


def open_given(path: Path) -> BinaryIO:
    """The file, to be read. OSError where it cannot be, and for a pipe or a socket that lies among files: whoever opens
    one waits until somebody writes, and without a word."""
    mode = path.stat().st_mode
    if stat.S_ISSOCK(mode) or (stat.S_ISFIFO(mode) and not str(path).startswith(_STREAMS)):
        raise OSError(errno.EINVAL, "is a pipe or a socket, no file", str(path))
    return path.open("rb")
