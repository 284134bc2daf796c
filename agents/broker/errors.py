"""What can go wrong between the club and a broker; each error carries the exit code of a process that meets it."""

from __future__ import annotations

from agents.process.disk import disk_problem
from agents.process.exit_codes import ClubError, ExitCode


class BrokerError(ClubError):
    """Base of all errors here: `field` says what it is about."""


class Unreachable(BrokerError):
    """The broker did not answer, or refused the connection or the credentials. The call changed nothing, except that
    any part of what `publish` was given may have been stored."""

    code = ExitCode.UNREACHABLE


class NoRoom(Unreachable):
    """This process or machine has no connection left to open; nothing is wrong with the broker."""


class NotTrusted(Unreachable):
    """TLS does not come about: who the broker is, or that it speaks TLS at all, is not as the settings say."""


class NotAuthenticated(Unreachable):
    """The broker does not take the process for who the settings say that it is."""


class NotPermitted(Unreachable):
    """The broker's user lacks a right. `kind` and `name` are the resource, as `kafka-acls.sh` calls it."""

    def __init__(self, operation: str, kind: str, name: str) -> None:
        where = "--cluster" if kind == "cluster" else " ".join(f"--{kind} {each}" for each in name.split(", "))
        super().__init__(
            name,
            f"the broker's user has no right to {operation}",
            f"give it: kafka-acls.sh --add --allow-principal User:… --operation {operation} {where};"
            " docs/RUNBOOK.md lists all that are needed",
        )
        self.operation, self.kind, self.name = operation, kind, name


class ClockOff(BrokerError):
    """The broker refused a record for its time, which this machine's clock gave it. Nothing of it was committed."""

    code = ExitCode.FAULT

    def __init__(self, where: str) -> None:
        super().__init__(
            where,
            "the broker refuses records of this machine's clock: it and the broker's are too far apart"
            " (message.timestamp.after.max.ms); nothing of the transaction was committed",
            "set the clocks of this machine and of the brokers by NTP; the restart goes on from there",
        )


class Fenced(BrokerError):
    """Another producer holds the transactional id, or the broker ended a transaction that stayed open too long.

    It does NOT mean that the last transaction was not committed: open again, read the changelog, never conclude.
    """

    code = ExitCode.FENCED

    def __init__(self, transactional_id: str) -> None:
        super().__init__(
            transactional_id,
            "another producer took this transactional id over, or a transaction stayed open for too long",
            "restart; what was committed is in the changelog",
        )


class OutcomeUnknown(BrokerError):
    """A transaction may or may not have been committed. Never to be retried: open again and read the changelog."""

    code = ExitCode.OUTCOME_UNKNOWN

    def __init__(self, transactional_id: str, what_happened: str) -> None:
        super().__init__(
            transactional_id,
            f"it is not known whether the transaction was committed ({what_happened})",
            "restart; what was committed is in the changelog",
        )


class Overtaken(BrokerError):
    """Something was written to a partition that this producer took for its own. Nothing of the transaction was, or
    will be, committed."""

    code = ExitCode.FENCED

    def __init__(self, topic: str, partition: int, expected: int, found: int) -> None:
        super().__init__(
            f"{topic}/{partition}",
            f"it ended at {expected} when it was read, and at {found} now: somebody else writes to it, and nothing of"
            " this transaction was committed",
            "start again; if it repeats, look for another worker or command with another BASHGAH_APP_ID",
        )
        self.topic, self.partition = topic, partition


class OffsetOutOfRange(BrokerError):
    """A reader stands before the first offset (retention took records unread) or beyond the end (another topic)."""

    code = ExitCode.REFUSED

    def __init__(self, topic: str, partition: int, position: int) -> None:
        super().__init__(
            f"{topic}/{partition}",
            f"offset {position} is not in the log: records were deleted unread, or the topic was created anew",
            "find out what was lost, then see `bashgah lane resume --help`",
        )
        self.topic, self.partition, self.position = topic, partition, position


class RecordTooLarge(BrokerError):
    """A record is over the bound on a batch. Raised before anything is sent. The key is not in the message, which is
    logged: it names a member."""

    code = ExitCode.FAULT

    def __init__(self, topic: str, key: bytes | None, size: int, size_max: int) -> None:
        super().__init__(topic, f"a record has {size} bytes, {size_max} is the most", "send it in smaller parts")
        self.topic, self.key, self.size = topic, key, size


class Unheld(BrokerError):
    """A topic that the club alone writes has a record over the bound on what is read whole, or one that is none."""

    code = ExitCode.REFUSED

    def __init__(self, topic: str, partition: int, offset: int) -> None:
        super().__init__(
            f"{topic}/{partition} offset {offset}",
            "the record is larger than the club writes any, or cannot be read",
            "find out who writes to the topic besides the club; restore the topic without it",
        )


class BadBatch(BrokerError):
    """A batch of records that is not read: its bytes were damaged, or its format is not one of those that are known.

    Of an input it comes as a record (`Withheld.refused`) and is raised by whoever would take it next; of a topic that
    the club alone writes, at once."""

    code = ExitCode.REFUSED


class UnknownTopic(BrokerError):
    """A topic or partition does not exist. Raised before anything is sent; nothing creates topics on the side."""

    code = ExitCode.BAD_SETTING

    def __init__(self, topic: str, partition: int | None = None) -> None:
        where = topic if partition is None else f"{topic}/{partition}"
        super().__init__(where, "does not exist on this broker", "create the topics with `bashgah topics create`")
        self.topic, self.partition = topic, partition


class TopicRefused(BrokerError):
    """The broker would not create or delete a topic; it exists already, or its settings are impossible."""

    code = ExitCode.BAD_SETTING


class BadAddress(BrokerError):
    """A broker's URL or its security settings make no sense."""

    code = ExitCode.BAD_SETTING


class StorageBroken(BrokerError):
    """The embedded broker's directory cannot be read or written. A transaction under way is in it whole or not at all:
    whoever opens it next sees which."""

    code = ExitCode.FAULT

    def __init__(self, directory: str, error: Exception) -> None:
        kept = "nothing that was committed is lost, and the next start goes on from there"
        found = disk_problem(directory, error, kept)
        super().__init__(found.field, found.reason, found.remedy)


class DirectoryInUse(BrokerError):
    """Another process owns the embedded broker's directory."""

    code = ExitCode.IN_USE
