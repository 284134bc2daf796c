"""What a disk, or the operating system in its place, refused: said by its name, with a remedy of its own.

RocksDB passes on what the system said as text; Python gives its number. Both come to the same sentence here.
"""

import errno
import os
from typing import NamedTuple

from agents.process.exit_codes import ClubError, ExitCode


class SystemRefusal(NamedTuple):
    """Why the system refused, and what to do about it."""

    reason: str
    remedy: str


_FULL = "free space, or give it another disk"
_REFUSALS = {
    errno.ENOSPC: SystemRefusal("the disk is full", _FULL),
    errno.EDQUOT: SystemRefusal("the quota of this disk is used up", _FULL),
    errno.EFBIG: SystemRefusal("a file may not grow any more", "raise the limit (`ulimit -f`, LimitFSIZE)"),
    errno.EROFS: SystemRefusal(
        "the disk is mounted read-only", "see `dmesg` for why, mend it and mount it for writing"
    ),
    errno.EACCES: SystemRefusal(
        "this user may not write there", "give the directory to the user that the process runs as"
    ),
    errno.EPERM: SystemRefusal(
        "this user may not write there", "give the directory to the user that the process runs as"
    ),
    errno.EMFILE: SystemRefusal(
        "too many files and connections are open", "raise the limit (`ulimit -n`, LimitNOFILE)"
    ),
    errno.ENFILE: SystemRefusal("too many files are open on this machine", "raise fs.file-max"),
    errno.EIO: SystemRefusal("the disk does not read or write", "see `dmesg`; replace the disk"),
}
OF_A_DISK = frozenset(_REFUSALS)
"""Numbers of errors that a sentence is known for."""


def refusal_of(number: int | None) -> SystemRefusal | None:
    """What the system's number of an error means; None for others than a disk's."""
    return None if number is None else _REFUSALS.get(number)


def refusal_in(text: str) -> SystemRefusal | None:
    """What the system said, somewhere in a text of RocksDB's; None where it said nothing of a disk."""
    return next((each for number, each in _REFUSALS.items() if os.strerror(number) in text), None)


def disk_problem(directory: str, error: Exception, kept: str) -> ClubError:
    """An error of what stands in a directory, as a fault; `kept` says what of it is not lost."""
    said = str(error)
    found = refusal_of(error.errno) if isinstance(error, OSError) else refusal_in(said)
    if found is None:
        return ClubError(directory, f"cannot be used: {said}", f"check the disk; {kept}", ExitCode.FAULT)
    return ClubError(directory, found.reason, f"{found.remedy}; {kept}", ExitCode.FAULT)
