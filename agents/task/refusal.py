"""Why a lane or the coordinator ends, as errors that name the field, the reason and the remedy; each has an exit code.

A lane never guesses: whatever leaves a doubt ends the process, and the restart reads the changelog.
"""

from agents.process.disk import SystemRefusal, refusal_in, refusal_of
from agents.process.exit_codes import ClubError, ExitCode
from tables.store import StoreBroken, StoreInUse
from tables.watermark import TooNew


class TaskRefused(ClubError):
    """The task cannot go on without a decision that only a person can take. Supervisors do not restart it."""

    code = ExitCode.REFUSED


class Fault(ClubError):
    """Something is broken: a hole between runs, a lane that stands still. A restart begins from the changelog."""

    code = ExitCode.FAULT


def way(who: int | str, action: str) -> str:
    """The whole command with which an operator lets a lane, or the `coordinator`, go on, as messages quote it."""
    return f"`bashgah lane resume {who} {action} --operator NAME --reason WHY`"


def problem_of(error: BaseException, lane: str) -> ClubError:
    """The problem that an error of a lane stands for; `lane` is how messages call it, e.g. `lane 3`."""
    match error:
        case ClubError():
            return error
        case StoreInUse():
            remedy = "end the other process, or give this one another data directory"
            return ClubError(str(error.args[0]), "another process holds this directory", remedy, ExitCode.IN_USE)
        case StoreBroken():
            directory, said = map(str, error.args)
            found = refusal_in(said) or SystemRefusal(said, "check the disk")
            remedy = f"{found.remedy}; the directory is a copy and may be deleted, nothing is lost with it"
            return Fault(directory, f"the lane's rows cannot be used: {found.reason}", remedy)
        case OSError() if (found_by_number := refusal_of(error.errno)) is not None:
            remedy = f"{found_by_number.remedy}; what was committed is not lost"
            return Fault(str(error.filename or lane), found_by_number.reason, remedy)
        case TooNew():
            return TaskRefused(lane, str(error), "run the release that wrote it, or a later one")
        case _:
            return Fault(lane, f"{type(error).__name__}: {error}", "this is a fault in bashgah; report it with the log")
