"""What the command line says and which code it ends with when something went wrong."""

from typing import NamedTuple

from agents.exit_codes import ExitCode, Problem


class Failure(NamedTuple):
    """The lines for standard error and the code of the process."""

    code: ExitCode
    lines: list[str]


def failure_of(error: BaseException) -> Failure:
    """The failure that an error stands for; an error nobody foresaw is a fault and says how to see more of it."""
    match error:
        case Problem():
            return Failure(error.code, [str(error)])
        case ExceptionGroup() if all(isinstance(each, Problem) for each in error.exceptions):
            codes = [each.code for each in error.exceptions if isinstance(each, Problem)]
            return Failure(codes[0], [str(each) for each in error.exceptions])
        case FileNotFoundError() | NotADirectoryError() | IsADirectoryError() | PermissionError() if error.filename:
            return Failure(ExitCode.NO_FILE, [f"{error.filename}: {error.strerror}; check the path and its rights"])
        case _:
            remedy = "this is a fault in bashgah; run again with BASHGAH_DEBUG=1 for the details and report it"
            return Failure(ExitCode.FAULT, [f"{type(error).__name__}: {error}; {remedy}"])
