"""Files and folders of the club hold what is known of people: they are their owner's alone, and no link leads astray.

Whatever writes to disk goes through here. A file is made new under a name of its own and put in place when it is whole
(`replaced`), or made new in place (`created`), or continued (`continued`). None of them follows a symbolic link where
the file should be, and none writes into a file that somebody else has put there. A test of the architecture holds that
nobody opens files for writing otherwise.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, TextIO

FOLDER_MODE, FILE_MODE = 0o700, 0o600
OTHERS = 0o077
"""The rights of everybody but the owner."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MORE = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def private_umask() -> None:
    """From now on nothing that this process makes can be read by others, libraries' files included."""
    os.umask(OTHERS)


def folder(path: Path) -> None:
    """Make the folder where it is missing, and those above it, for the owner alone. One that is there stays so."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for each in reversed(missing):
        try:
            each.mkdir(FOLDER_MODE)
        except FileExistsError:
            if not each.is_dir():
                raise
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def own_folder(path: Path) -> None:
    """The same for a folder that nothing but this program writes to: an earlier release may have left it open."""
    folder(path)
    status = path.stat()
    shared = status.st_mode & stat.S_ISVTX or status.st_uid != os.geteuid()
    if status.st_mode & OTHERS and not shared:
        path.chmod(FOLDER_MODE)


@contextmanager
def replaced(path: Path, encoding: str | None = "utf-8") -> Iterator[IO[Any]]:
    """A file that stands at `path`, whole, when the block ends, and not at all when it fails. Bytes without `encoding`.

    Raises OSError, with the path, for a link or for what is no file: neither is ever replaced.
    """
    _refuse_other_things(path)
    part = path.parent / f".bashgah-{os.urandom(8).hex()}.part"  # a name that nobody can know before
    try:
        with _opened(_new(part, path), encoding) as file:
            yield file
        os.replace(part, path)
    finally:
        with suppress(OSError):  # what went wrong before says more
            part.unlink(missing_ok=True)


def created(path: Path, encoding: str | None = None, buffering: int = -1) -> IO[Any]:
    """A new file at `path` to write to; one that is there is taken away first. Raises as `replaced`."""
    _refuse_other_things(path)
    path.unlink(missing_ok=True)
    return _opened(os.open(path, _NEW, FILE_MODE), encoding, buffering)


def continued(path: Path) -> TextIO:
    """The text at `path`, made where it is missing, to append to and to read. OSError for another owner's."""
    _refuse_other_things(path)
    number = os.open(path, _MORE, FILE_MODE)
    status = os.fstat(number)
    try:
        if status.st_uid != os.geteuid():  # root may write there, and its owner would read it
            raise PermissionError(errno.EPERM, "is another user's")
        if status.st_mode & OTHERS:
            os.fchmod(number, FILE_MODE)
    except OSError as error:
        os.close(number)
        raise OSError(error.errno, error.strerror, str(path)) from None
    return os.fdopen(number, "a+", encoding="utf-8")


class FileFault(NamedTuple):
    """What is wrong with a file, and what to do about it."""

    reason: str
    remedy: str


def keys_fault(path: Path) -> FileFault | None:
    """Why a file of keys is not to be trusted: another user's, writable by its group or readable by everybody. A pipe
    is refused, on whose writer everything would wait."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return FileFault("is no regular file", "name a file")
    if status.st_uid not in (0, os.geteuid()):
        return FileFault("belongs neither to root nor to the user of this process", "give it to one of them (chown)")
    if status.st_mode & (stat.S_IWGRP | stat.S_IRWXO):
        return FileFault("can be read by others, or written by its group", "chmod 600, or 640 with the service's group")
    return None


def _new(part: Path, path: Path) -> int:
    try:
        return os.open(part, _NEW, FILE_MODE)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _opened(number: int, encoding: str | None, buffering: int = -1) -> IO[Any]:
    if encoding is None:
        return os.fdopen(number, "wb", buffering)
    return os.fdopen(number, "w", buffering, encoding=encoding, newline="")


def _refuse_other_things(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISLNK(mode):
        raise OSError(errno.ELOOP, "is a symbolic link, which is not followed", str(path))
    if not stat.S_ISREG(mode):
        raise FileExistsError(errno.EEXIST, "is no regular file", str(path))
