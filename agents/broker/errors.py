"""What can go wrong between the club and a broker; each error carries the exit code of a process that meets it."""

from __future__ import annotations

from agents.exit_codes import ExitCode, Problem


class BrokerError(Problem):
    """Base of all errors here: `field` says what it is about."""


class Unreachable(BrokerError):
    """The broker did not answer, or refused the connection or the credentials. The call changed nothing, except that
    any part of what `publish` was given may have been stored."""

    code = ExitCode.UNREACHABLE


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


class DirectoryInUse(BrokerError):
    """Another process owns the embedded broker's directory."""

    code = ExitCode.IN_USE
