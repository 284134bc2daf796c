"""How a command ends. Supervisors read these, so a code never changes its meaning.

docs/RUNBOOK.md has the way out of each.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes after sysexits.h, with the protocol's own where it has none."""

    DONE = 0
    USAGE = 64
    """The command line was not understood."""
    BAD_FILE = 65
    """A file was read and does not hold what it must."""
    NO_FILE = 66
    """A file or directory is not there or cannot be read."""
    UNREACHABLE = 69
    """The broker cannot be reached, or refuses the connection, the credentials or a right."""
    FAULT = 70
    """A fault: a bug, a hole between batches, a stalled lane, a broken disk."""
    IN_USE = 73
    """Another process holds the directory."""
    FENCED = 75
    """Another worker took the partition over."""
    OUTCOME_UNKNOWN = 76
    """A commit got no answer; the restart finds out what became of it."""
    REFUSED = 77
    """The worker refuses to go on until an operator decides: `bashgah lane resume`."""
    BAD_SETTING = 78
    """A setting is wrong, or the broker's topics are not what the settings say."""
    HUNG_UP = 129
    """Its terminal was closed (SIGHUP)."""
    INTERRUPTED = 130
    """Ctrl-C, where the command had no better way to end."""
    TERMINATED = 143
    """Told to end (SIGTERM), where the command is none that runs until it is told."""

    @property
    def restart_helps(self) -> bool:
        """Whether a supervisor should start the process again: what an operator must decide or mend stays down."""
        return self in (ExitCode.UNREACHABLE, ExitCode.FAULT, ExitCode.FENCED, ExitCode.OUTCOME_UNKNOWN)


class ClubError(Exception):
    """An error that its user can act on: what it is about, why it is refused, what to do instead."""

    code = ExitCode.FAULT

    def __init__(self, field: str, reason: str, remedy: str, code: ExitCode | None = None) -> None:
        super().__init__(field, reason, remedy)
        self.field = field
        self.reason = reason
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        # A reason that a broker or a library gave may be a sentence already.
        return f"{self.field}: {self.reason.removesuffix('.')}; {self.remedy}"
