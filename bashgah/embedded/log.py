"""The embedded broker's rules: topics, offsets, transactions, fencing, what is visible. No waiting, no threads.

Every method either does all it says or raises and does nothing. Open transactions live in memory only: whoever kills
the process ends them, and no uncommitted record was ever stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from sys import maxsize
from uuid import UUID, uuid4

from agents.broker.errors import (
    BrokerError,
    Fenced,
    OffsetOutOfRange,
    Overtaken,
    RecordTooLarge,
    TopicRefused,
    UnknownTopic,
)
from agents.broker.interface import NOTHING_EXPECTED, READ_BYTES_MAX, TopicDescription, TopicSpec
from agents.process.exit_codes import ExitCode
from bashgah.embedded.storage import (
    DEFAULT_CONFIG,
    Extent,
    LogChange,
    Storage,
    StoredPartition,
    StoredRecord,
    StoredTopic,
)
from schemas.records import BATCH_BYTES_MAX, OutputRecord, Record, TopicPartition, record_bytes

SCAN_RECORDS = 10_000
"""How many records a walk through a partition holds at once."""


@dataclass
class Partition:
    """One partition. `open` maps the transactional ids with an open transaction to its first offset here."""

    topic: StoredTopic
    place: StoredPartition
    begin: int = 0
    end: int = 0
    open: dict[str, int] = field(default_factory=dict)

    @property
    def stable(self) -> int:
        """The last stable offset."""
        return min(self.open.values(), default=self.end)


@dataclass
class Transaction:
    """What a producer wrote since its last commit."""

    opened_ms: int
    entries: dict[TopicPartition, list[StoredRecord]] = field(default_factory=dict)


class Log:
    """One broker's whole state, shared by every connection to it in this process.

    `clock_ms` gives record timestamps and ages transactions; a transaction open for longer than
    `transaction_timeout_ms` is aborted and its producer fenced as soon as anybody looks.
    """

    def __init__(
        self,
        storage: Storage,
        clock_ms: Callable[[], int],
        *,
        transaction_timeout_ms: int = 30_000,
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        self._storage, self._clock_ms, self._new_id = storage, clock_ms, new_id
        self._transaction_timeout_ms = transaction_timeout_ms
        self._topics: dict[str, StoredTopic] = {}
        self._partitions: dict[TopicPartition, Partition] = {}
        self._transactions: dict[str, Transaction] = {}
        self._epochs: dict[str, int] = {}
        self._epoch = count(1)
        self._watchers: dict[TopicPartition, dict[asyncio.Future[None], None]] = {}  # in order: a simulation repeats
        self._open = False

    def open(self) -> None:
        """Take possession of the storage and read what it holds."""
        contents = self._storage.open()
        self._group_offsets = contents.group_offsets
        for topic in contents.topics:
            self._admit(topic)
        for partition in self._partitions.values():
            extent = contents.extents.get(partition.place, Extent(0, 0))
            partition.begin, partition.end = extent
        self._open = True

    def close(self) -> None:
        """Let go of the storage; open transactions vanish."""
        if self._open:
            self._open = False
            self._storage.close()

    def check_open(self) -> None:
        """Raise when the log was closed."""
        if not self._open:
            raise RuntimeError("the embedded broker is closed")

    # Topics

    @property
    def topics(self) -> Sequence[StoredTopic]:
        """Every topic."""
        return list(self._topics.values())

    def now_ms(self) -> int:
        """The injected clock."""
        return self._clock_ms()

    def topic(self, name: str) -> StoredTopic:
        """The topic, or `UnknownTopic`."""
        self.check_open()
        if name not in self._topics:
            raise UnknownTopic(name)
        return self._topics[name]

    def create_topic(self, spec: TopicSpec) -> None:
        """See `Broker.create_topics`. Replication is noted, not done."""
        self.check_open()
        if spec.name in self._topics:
            raise TopicRefused(spec.name, "exists already", "leave it out, or choose another name")
        if spec.partitions < 1 or spec.replication < 1:
            raise TopicRefused(spec.name, "has no partitions or no replicas", "ask for at least one of each")
        config = {**DEFAULT_CONFIG, **spec.config}
        topic = StoredTopic(self._new_id().hex, spec.name, spec.partitions, spec.replication, config)
        self._storage.write(LogChange(created=topic))
        self._admit(topic)

    def _admit(self, topic: StoredTopic) -> None:
        self._topics[topic.name] = topic
        for number in range(topic.partitions):
            self._partitions[TopicPartition(topic.name, number)] = Partition(topic, StoredPartition(topic.id, number))

    def delete_topic(self, name: str) -> None:
        """See `Broker.delete_topics`."""
        topic = self.topic(name)
        self._storage.write(LogChange(deleted=topic))
        del self._topics[name]
        for number in range(topic.partitions):
            place = TopicPartition(name, number)
            del self._partitions[place]
            for transaction in self._transactions.values():
                transaction.entries.pop(place, None)
            self._wake(place)

    def describe(self, topics: Iterable[str]) -> dict[str, TopicDescription]:
        """See `Broker.describe`."""
        self.check_open()
        return {
            name: TopicDescription(str(UUID(topic.id)), topic.partitions, topic.replication, topic.config)
            for name in topics
            if (topic := self._topics.get(name))
        }

    def partition(self, place: TopicPartition) -> Partition:
        """The partition, or `UnknownTopic`. Overdue transactions are ended first, so `stable` is true now."""
        self.check_open()
        self._expire()
        found = self._partitions.get(place)
        if found is None:
            raise UnknownTopic(place[0], place[1] if place[0] in self._topics else None)
        return found

    # Writing

    def check(self, outputs: Sequence[OutputRecord]) -> None:
        """Raise what makes it impossible to write these."""
        self.check_open()
        for output in outputs:
            topic, partition, key = output[:3]
            found = self._partitions.get(TopicPartition(topic, partition))
            if found is None:
                raise UnknownTopic(topic, partition if topic in self._topics else None)
            if (size := record_bytes(output)) > BATCH_BYTES_MAX:
                raise RecordTooLarge(topic, key, size, BATCH_BYTES_MAX)
            if key is None and found.topic.compacted:
                reason = "a record without a key cannot be compacted"
                raise BrokerError(topic, reason, "give every record of a compacted topic a key", ExitCode.FAULT)

    def publish(self, outputs: Sequence[OutputRecord]) -> None:
        """Append outside of transactions."""
        self.check(outputs)
        added: dict[TopicPartition, list[StoredRecord]] = {}
        now_ms = self._clock_ms()
        for topic, number, key, value, headers in outputs:
            place = TopicPartition(topic, number)
            entries = added.setdefault(place, [])
            offset = self._partitions[place].end + len(entries)
            entries.append(StoredRecord(offset, now_ms, key, value, headers))
        self._store(added, {place: self._partitions[place].end + len(entries) for place, entries in added.items()})

    def _store(self, added: Mapping[TopicPartition, list[StoredRecord]], ends: Mapping[TopicPartition, int]) -> None:
        change = LogChange()
        for place, entries in added.items():
            change.added[self._partitions[place].place] = entries
        for place, end in ends.items():
            partition = self._partitions[place]
            change.extents[partition.place] = Extent(partition.begin, end)
        self._storage.write(change)
        for place, end in ends.items():
            self._partitions[place].end = end
            self._wake(place)

    def open_producer(self, transactional_id: str) -> int:
        """Fence the holder, abort its transaction, and return the epoch of the new one."""
        self.check_open()
        self._epochs[transactional_id] = next(self._epoch)
        self._end(transactional_id)
        return self._epochs[transactional_id]

    def check_epoch(self, transactional_id: str, epoch: int) -> None:
        """Raise `Fenced` unless this epoch still holds the id."""
        self.check_open()
        self._expire()
        if self._epochs.get(transactional_id) != epoch:
            raise Fenced(transactional_id)

    def append(
        self,
        transactional_id: str,
        epoch: int,
        outputs: Sequence[OutputRecord],
        expected_ends: Mapping[TopicPartition, int] = NOTHING_EXPECTED,
    ) -> None:
        """Give the outputs their offsets in the producer's transaction; begins one when none is open."""
        self.check_epoch(transactional_id, epoch)
        self.check(outputs)
        for place, end in expected_ends.items():
            if self.partition(place).end != end:
                raise Overtaken(*place, end, self.partition(place).end)
        now_ms = self._clock_ms()
        transaction = self._transactions.setdefault(transactional_id, Transaction(now_ms))
        for topic, number, key, value, headers in outputs:
            place = TopicPartition(topic, number)
            partition = self._partitions[place]
            partition.open.setdefault(transactional_id, partition.end)
            entry = StoredRecord(partition.end, now_ms, key, value, headers)
            transaction.entries.setdefault(place, []).append(entry)
            partition.end += 1

    def commit(self, transactional_id: str, epoch: int) -> dict[TopicPartition, int]:
        """Store the producer's transaction; the offset after the last record of each partition."""
        self.check_epoch(transactional_id, epoch)
        entries = self._transactions[transactional_id].entries
        # The control record takes the offset at the end of each partition.
        self._store(entries, {place: self._partitions[place].end + 1 for place in entries})
        del self._transactions[transactional_id]
        self._release(transactional_id, entries)
        return {place: records[-1].offset + 1 for place, records in entries.items()}

    def _release(self, transactional_id: str, places: Iterable[TopicPartition]) -> None:
        for place in places:
            self._partitions[place].open.pop(transactional_id, None)
            self._wake(place)

    def _end(self, transactional_id: str) -> None:
        transaction = self._transactions.pop(transactional_id, None)
        if transaction is None:
            return
        for place in transaction.entries:
            self._partitions[place].end += 1
        self._release(transactional_id, transaction.entries)

    def _expire(self) -> None:
        if not self._transactions:
            return
        oldest_ms = self._clock_ms() - self._transaction_timeout_ms
        for transactional_id, transaction in list(self._transactions.items()):
            if transaction.opened_ms < oldest_ms:
                self._epochs[transactional_id] = next(self._epoch)
                self._end(transactional_id)

    # Reading

    def check_position(self, place: TopicPartition, position: int) -> None:
        """Raise `OffsetOutOfRange` unless the log has this offset or ends there."""
        partition = self.partition(place)
        if not partition.begin <= position <= partition.end:
            raise OffsetOutOfRange(*place, position)

    def read(
        self, place: TopicPartition, position: int, count_max: int, bytes_max: int = maxsize
    ) -> tuple[list[Record], int]:
        """Visible records from a checked position on and the position after them; it ends with what reaches a bound."""
        partition = self.partition(place)
        stable = partition.stable
        if position >= stable:
            return [], position
        entries = self._storage.read(partition.place, position, stable, count_max, bytes_max)
        size = sum(entry.size for entry in entries)
        topic, number = place
        records = [Record(topic, number, *entry) for entry in entries]
        full = len(records) == count_max or size >= bytes_max
        return records, records[-1].offset + 1 if full else stable

    def offset_at(self, place: TopicPartition, instant: int) -> int:
        """See `Broker.offsets_at`."""
        stable = self.partition(place).stable
        return next((entry.offset for entry in self.entries(place) if entry.timestamp >= instant), stable)

    def watch(self, places: Iterable[TopicPartition], woken: asyncio.Future[None]) -> None:
        """Complete the future when more may be visible in one of the partitions."""
        for place in places:
            self._watchers.setdefault(place, {})[woken] = None

    def unwatch(self, places: Iterable[TopicPartition], woken: asyncio.Future[None]) -> None:
        """Undo `watch`."""
        for place in places:
            self._watchers[place].pop(woken, None)

    def _wake(self, place: TopicPartition) -> None:
        for woken in list(self._watchers.get(place, ())):
            if not woken.done():
                woken.set_result(None)

    def entries(self, place: TopicPartition) -> Iterable[StoredRecord]:
        """Every visible entry of a partition in order."""
        partition = self.partition(place)
        position, stable = partition.begin, partition.stable
        while True:
            found = self._storage.read(partition.place, position, stable, SCAN_RECORDS, READ_BYTES_MAX)
            if not found:
                return
            yield from found
            position = found[-1].offset + 1

    def remove(self, place: TopicPartition, offsets: Sequence[int], begin: int) -> None:
        """Take entries out of a partition; it starts at `begin` from now on."""
        partition = self.partition(place)
        extents = {partition.place: Extent(begin, partition.end)}
        self._storage.write(LogChange(removed={partition.place: offsets}, extents=extents))
        partition.begin = begin

    # Display

    def store_group_offsets(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Note how far a consumer group says it is. Nothing resumes from that; it is for lag displays."""
        self.check_open()
        noted = {(group, topic, number): offset for (topic, number), offset in offsets.items()}
        self._storage.write(LogChange(group_offsets=noted))
        self._group_offsets.update(noted)

    def group_offsets(self, group: str) -> dict[TopicPartition, int]:
        """What `store_group_offsets` noted last."""
        return {
            TopicPartition(topic, number): offset
            for (name, topic, number), offset in self._group_offsets.items()
            if name == group
        }
