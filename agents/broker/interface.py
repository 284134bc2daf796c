"""What the club needs of a message broker: the docstrings here are the specification.

Two implementations stand behind it, Kafka (`agents.broker.kafka`) and the embedded broker (`bashgah.embedded`),
and `tests/contract` holds both to every sentence. Terms:

- A *partition* is a log of records with rising offsets. Offsets have holes: the end of each transaction occupies one
  in every partition it wrote to (a control record), aborted and compacted records leave theirs empty.
- The *last stable offset* is the first offset of the earliest open transaction, or the end of the log without one.
  Readers see committed records below it and nothing else.
- A *position* is the offset that a reader will look at next. It passes control records, aborted records and holes, so
  it can be beyond the last record seen + 1. Having read a partition up to `end_offsets` means `position >= end`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agents.broker.errors import NotPermitted
from schemas.records import OutputRecord, Record, TopicPartition

READ_BYTES_MAX = 8 << 20
"""A fetch ends with the record with which what it brings reaches so many bytes."""


@dataclass(frozen=True)
class TopicSpec:
    """A topic to create. `config` holds Kafka's topic settings as text, e.g. ``{"cleanup.policy": "compact"}``."""

    name: str
    partitions: int
    replication: int = 1
    config: Mapping[str, str] = field(default_factory=dict)


_LETTER = re.compile("(?<=[a-z])(?=[A-Z])")
"""Where the broker's names of operations have an underscore: DescribeConfigs, DESCRIBE_CONFIGS."""


@dataclass(frozen=True)
class TopicDescription:
    """A topic as it stands. `id` differs for a topic of the same name created anew; `config` is what is in force, None
    where the right to read it is missing. `allowed`: the operations that the broker's user may do on it, as READ; None
    where nobody says.
    """

    id: str
    partitions: int
    replication: int
    config: Mapping[str, str] | None
    allowed: frozenset[str] | None = None

    def may(self, operation: str) -> bool:
        """Whether the broker's user may do an operation, as `DescribeConfigs`; True where nobody says."""
        return self.allowed is None or _LETTER.sub("_", operation).upper() in self.allowed

    def settings(self, name: str) -> Mapping[str, str]:
        """`config` of the topic of this name. Raises `NotPermitted` where it cannot be read."""
        if self.config is None:
            raise NotPermitted("DescribeConfigs", "topic", name)
        return self.config


NOTHING_EXPECTED: Mapping[TopicPartition, int] = {}
"""Whoever may write beside others to every partition."""


class Producer(Protocol):
    """The holder of one transactional id. Opening one (`Broker.producer`) fences whoever held the id before: that
    one's open transaction is aborted, and everything it tries from then on raises `Fenced`."""

    async def transact(
        self, outputs: Sequence[OutputRecord], expected_ends: Mapping[TopicPartition, int] = NOTHING_EXPECTED
    ) -> Mapping[TopicPartition, int]:
        """Write all outputs in one transaction; every reader sees all of them or none.

        `expected_ends`: where partitions that get outputs must end as yet. Fencing keeps out who uses the same id; this
        keeps out everybody: of two producers that expect one end, one at most commits. The other raises `Overtaken`,
        its transaction is aborted, and it is finished.

        Outputs of one partition keep their order. Returns for each partition written the offset after the last record
        (where the control record is). Without outputs nothing happens, fencing is not even checked.

        Raises `RecordTooLarge` and `UnknownTopic` before anything is sent; the producer stays usable. Any other error
        ends the producer: `Fenced`, or `OutcomeUnknown` for whatever leaves a doubt, a deadline above all; each later
        call raises the same. Being cancelled ends it as well. It never retries a commit. One call at a time.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; safe to call twice and after any error. An open transaction is left to be aborted
        by the next holder or by its timeout. Does not raise, and does not wait for long."""
        ...


class Reader(Protocol):
    """Reads partitions given by name from offsets given by number: no group, no automatic reset, read_committed."""

    async def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these positions and no others. Raises `UnknownTopic`."""
        ...

    async def fetch(self, timeout_ms: int, max_records: int) -> Mapping[TopicPartition, list[Record]]:
        """The next records in order of offset, at most `max_records` in all, only partitions that have some.

        No further one once they reach `READ_BYTES_MAX` bytes. One that cannot be held comes as `Record.withheld` says
        from an input of the club, whose publishers are others; anywhere else it raises `Unheld`.

        Waits up to `timeout_ms` for the first; then an empty mapping. A partition full of records does not starve the
        others for ever. Positions move past what is returned, and past control records and holes up to the last stable
        offset when nothing visible is left before it. A broker that is away looks like one without records.

        Raises `OffsetOutOfRange` for a position below the first offset or beyond the end of the log, again on each
        call until `seek` or `assign` mends it.
        """
        ...

    async def position(self, partition: TopicPartition) -> int:
        """The offset that will be looked at next."""
        ...

    def seek(self, partition: TopicPartition, position: int) -> None:
        """Go on from `position`; what was fetched ahead is dropped."""
        ...

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Return nothing of these until `resume`; positions stay."""
        ...

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Undo `pause`."""
        ...

    async def close(self) -> None:
        """Let go of connections; safe to call twice."""
        ...


class Broker(Protocol):
    """A connection to a broker. Every method may raise `Unreachable`; those that name partitions, `UnknownTopic`."""

    async def producer(self, transactional_id: str) -> Producer:
        """Open the producer of this id, fencing whoever held it. When it returns, that one's open transaction is
        aborted and it can add nothing any more: only now does reading its changelog show everything."""
        ...

    async def reader(self) -> Reader:
        """A reader without partitions."""
        ...

    async def publish(self, outputs: Sequence[OutputRecord]) -> None:
        """Write outside of transactions; returns when all replicas in sync have every record.

        Outputs of one partition keep their order, and the client's own retries double nothing. Raises
        `RecordTooLarge` and `UnknownTopic` before anything is sent. After any other error any part of the outputs may
        have been stored, and sending again may double them.
        """
        ...

    async def begin_offsets(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The first offset that retention has left; the end of the log when it is empty."""
        ...

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The last stable offset: how far a reader can come now."""
        ...

    async def offsets_at(self, partitions: Iterable[TopicPartition], instant: int) -> Mapping[TopicPartition, int]:
        """The first offset whose record's timestamp is `instant` (ms since 1970 UTC) or later; else `end_offsets`."""
        ...

    async def has_read(self, group: str, partitions: Iterable[TopicPartition]) -> bool:
        """Whether the consumer group has committed an offset of any of these. Always, on a broker inside the process:
        that has no groups, and nobody beside its one owner."""
        ...

    async def check_group(self, group: str) -> None:
        """Raise `NotPermitted` unless the broker's user may join this consumer group: a consumer without that right
        waits for ever. A broker inside the process has no groups."""
        ...

    async def ping(self) -> None:
        """Raise `Unreachable`, saying why, where no server of the broker answers. It takes some 20 s at the longest. A
        broker inside the process always answers."""
        ...

    async def describe(self, topics: Iterable[str]) -> Mapping[str, TopicDescription]:
        """What exists of these topics; a missing one is missing in the answer."""
        ...

    async def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Create topics; returns when they can be written. Raises `TopicRefused` when one exists or is impossible;
        the others may have been created then."""
        ...

    async def delete_topics(self, topics: Sequence[str]) -> None:
        """Delete topics with all their records; returns when they are gone. Raises `UnknownTopic`."""
        ...

    async def close(self) -> None:
        """Let go of connections; safe to call twice. Producers and readers are closed by those who opened them."""
        ...
