"""What a process says and which code it ends with when something went wrong."""

import errno
from collections.abc import Iterator
from typing import NamedTuple

from agents.process.disk import OF_A_DISK, disk_problem
from agents.process.exit_codes import ClubError, ExitCode

_OF_A_PATH = {
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENAMETOOLONG, errno.EROFS,
    errno.ELOOP, errno.EINVAL,
}  # fmt: skip
"""What is wrong with a path that somebody named."""


class CommandFailure(NamedTuple):
    """The lines for standard error and the code of the process."""

    code: ExitCode
    lines: list[str]


def failure_of(error: BaseException) -> CommandFailure:
    """The failure that an error stands for; an error nobody foresaw is a fault and says how to see more of it."""
    from schemas.partial import PartialTooNew  # these here, since `--help` should not wait for them
    from schemas.programme_file.problems import ProgrammeErrors
    from tables.watermark import TooNew

    match error:
        case ClubError():
            return CommandFailure(error.code, [str(error)])
        case ProgrammeErrors():
            return CommandFailure(ExitCode.BAD_FILE, [problem.text() for problem in error.errors])
        case TooNew() | PartialTooNew():
            return CommandFailure(ExitCode.REFUSED, [f"{error}; run the release that wrote it, or a later one"])
        case ExceptionGroup():
            failures = [failure_of(each) for each in _leaves(error)]
            return CommandFailure(
                failures[0].code, list(dict.fromkeys(line for each in failures for line in each.lines))
            )
        case OSError() if error.errno in OF_A_DISK - _OF_A_PATH:
            where = error.filename or "this machine"
            return failure_of(disk_problem(str(where), error, "nothing that was committed is lost"))
        case OSError() if error.errno in _OF_A_PATH and error.filename:
            return CommandFailure(
                ExitCode.NO_FILE, [f"{error.filename}: {error.strerror}; check the path and its rights"]
            )
        case _:
            remedy = "this is a fault in bashgah; run again with BASHGAH_DEBUG=1 for the details and report it"
            return CommandFailure(ExitCode.FAULT, [f"{type(error).__name__}: {error}; {remedy}"])


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
