"""Where the embedded broker keeps its log: in memory, or in a directory that is one RocksDB owned by one process.

A storage knows records by topic id, partition and offset. It knows nothing of transactions: `write` takes what a
commit changes and applies all of it or, when the process dies, nothing.
"""

from __future__ import annotations

import errno
import fcntl
import os
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import IO, NamedTuple, Protocol

import msgspec
from rocksdict import Options, Rdict, WriteBatch, WriteOptions

from agents.broker.errors import BadAddress, DirectoryInUse, StorageBroken
from agents.process.disk import OF_A_DISK
from schemas.records import Headers
from tables import files


class StoredPartition(NamedTuple):
    """A partition of a topic as it was created: a topic created anew has another id (32 hex digits)."""

    topic_id: str
    partition: int


class StoredRecord(NamedTuple):
    """A record as stored."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def size(self) -> int:
        """Its bytes, as they count where those are bounded."""
        return len(self.key or b"") + len(self.value or b"")


class Extent(NamedTuple):
    """The first offset that retention left, and the offset that the next record will get."""

    begin: int
    end: int


DEFAULT_CONFIG = {
    "cleanup.policy": "delete",
    "retention.ms": str(7 * 86_400_000),
    "delete.retention.ms": str(86_400_000),
    "max.message.bytes": str(1_048_588),
    "min.insync.replicas": "1",
}
"""What holds for a topic that was created without saying otherwise, as on Kafka."""


class StoredTopic(msgspec.Struct, frozen=True):
    """A topic's declaration."""

    id: str
    name: str
    partitions: int
    replication: int
    config: dict[str, str]

    @property
    def compacted(self) -> bool:
        """Whether only the last record of each key counts."""
        return "compact" in self.config["cleanup.policy"]

    @property
    def retention_ms(self) -> int | None:
        """How long records are kept; None for ever."""
        kept_ms = int(self.config["retention.ms"])
        return kept_ms if "delete" in self.config["cleanup.policy"] and kept_ms >= 0 else None


GroupOffsets = dict[tuple[str, str, int], int]
"""Next offset by group, topic and partition; for display only."""


@dataclass
class LogChange:
    """What one commit, publication or clean-up changes. `added` lists rising offsets."""

    added: dict[StoredPartition, Sequence[StoredRecord]] = field(default_factory=dict)
    removed: dict[StoredPartition, Sequence[int]] = field(default_factory=dict)
    extents: dict[StoredPartition, Extent] = field(default_factory=dict)
    created: StoredTopic | None = None
    deleted: StoredTopic | None = None
    group_offsets: GroupOffsets = field(default_factory=dict)


@dataclass
class Contents:
    """What a storage held when it was opened, without the records."""

    topics: list[StoredTopic]
    extents: dict[StoredPartition, Extent]
    group_offsets: GroupOffsets


class Storage(Protocol):
    """A place for the log."""

    def open(self) -> Contents:
        """Take possession. Raises `DirectoryInUse`."""
        ...

    def write(self, change: LogChange) -> None:
        """Apply a change as a whole."""
        ...

    def read(
        self, place: StoredPartition, begin: int, end: int, count_max: int, bytes_max: int
    ) -> Sequence[StoredRecord]:
        """Entries of the partition with begin <= offset < end in order, at most `count_max`, no further one once they
        reach `bytes_max`."""
        ...

    def close(self) -> None:
        """Let go; what was written stays."""
        ...


class MemoryStorage:
    """Everything in memory, as long as this object lives. It grows with what is written."""

    def __init__(self) -> None:
        self._topics: dict[str, StoredTopic] = {}
        self._extents: dict[StoredPartition, Extent] = {}
        self._groups: GroupOffsets = {}
        self._entries: dict[StoredPartition, list[StoredRecord]] = {}

    def open(self) -> Contents:
        """See `Storage`."""
        return Contents(list(self._topics.values()), dict(self._extents), dict(self._groups))

    def write(self, change: LogChange) -> None:
        """See `Storage`."""
        if change.created:
            self._topics[change.created.id] = change.created
        for place, added in change.added.items():
            entries = self._entries.setdefault(place, [])
            entries.extend(added)
            if len(entries) > len(added) and entries[-len(added) - 1].offset > added[0].offset:
                # A transaction that was open for longer than its neighbours: its offsets lie before theirs.
                entries.sort(key=_offset)
        for place, removed in change.removed.items():
            gone = set(removed)
            self._entries[place] = [entry for entry in self._entries[place] if entry.offset not in gone]
        self._extents.update(change.extents)
        self._groups.update(change.group_offsets)
        if change.deleted:
            del self._topics[change.deleted.id]
            for partition in range(change.deleted.partitions):
                self._extents.pop(StoredPartition(change.deleted.id, partition), None)
                self._entries.pop(StoredPartition(change.deleted.id, partition), None)

    def read(
        self, place: StoredPartition, begin: int, end: int, count_max: int, bytes_max: int
    ) -> Sequence[StoredRecord]:
        """See `Storage`."""
        entries = self._entries.get(place, [])
        first = bisect_left(entries, begin, key=_offset)
        last = bisect_left(entries, end, lo=first, key=_offset)
        found: list[StoredRecord] = []
        for entry in islice(entries, first, min(last, first + count_max)):
            found.append(entry)
            bytes_max -= entry.size
            if bytes_max <= 0:
                break
        return found

    def close(self) -> None:
        """See `Storage`."""


def _offset(entry: StoredRecord) -> int:
    return entry.offset


_TOPIC, _EXTENT, _GROUP, _RECORD = b"t", b"e", b"g", b"r"
_PLACE = Struct(">16sI")
_OFFSET = Struct(">Q")
_encode = msgspec.msgpack.Encoder().encode
_decode_entry = msgspec.msgpack.Decoder(tuple[int, bytes | None, bytes | None, Headers]).decode
_decode_topic = msgspec.msgpack.Decoder(StoredTopic).decode
_decode_extent = msgspec.msgpack.Decoder(tuple[int, int]).decode
_decode_group = msgspec.msgpack.Decoder(tuple[str, str, int, int]).decode


LOG = "log"
"""Where in the directory the rows are."""


class DirectoryStorage:
    """One RocksDB in a directory; memory stays bounded by RocksDB's own buffers, which also serve as tail cache.

    A killed process loses nothing that was written. Against power loss only with `sync`, which waits for the disk at
    each write.
    """

    def __init__(self, directory: Path, *, sync: bool = False) -> None:
        self._directory = directory
        self._options = WriteOptions()
        self._options.sync = sync
        self._lock: IO[str] | None = None
        self._rows: Rdict | None = None

    def open(self) -> Contents:
        """See `Storage`."""
        self._take_lock()
        with self._disk():
            return self._contents()

    def _contents(self) -> Contents:
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_write_buffer_size(16 << 20)
        options.set_keep_log_file_num(2)
        self._rows = Rdict(str(self._directory / LOG), options)
        contents = Contents([], {}, {})
        for _, value in self._scan(_TOPIC):
            contents.topics.append(_decode_topic(value))
        for key, value in self._scan(_EXTENT):
            topic_id, partition = _PLACE.unpack(key[1:])
            contents.extents[StoredPartition(topic_id.hex(), partition)] = Extent(*_decode_extent(value))
        for _, value in self._scan(_GROUP):
            group, topic, partition, offset = _decode_group(value)
            contents.group_offsets[group, topic, partition] = offset
        return contents

    def _take_lock(self) -> None:
        try:
            files.folder(self._directory)
            files.own_folder(self._directory / LOG)
            lock = files.continued(self._directory / "owner")
        except OSError as error:
            if error.errno in OF_A_DISK - {errno.EACCES, errno.EPERM}:
                raise StorageBroken(str(self._directory), error) from error
            remedy = "name a directory that can be written"
            raise BadAddress(str(self._directory), f"cannot be used ({error.strerror})", remedy) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            reason = f"another process (pid {owner}) runs the embedded broker here"
            remedy = "stop it, or use another directory; several processes need a real Kafka"
            raise DirectoryInUse(str(self._directory), reason, remedy) from error
        self._lock = lock
        with self._disk():
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """What the disk refuses in here, in words. RocksDB's errors are bare exceptions."""
        try:
            yield
        except Exception as error:
            if type(error) is Exception or isinstance(error, OSError):
                raise StorageBroken(str(self._directory), error) from error
            raise

    def _open_rows(self) -> Rdict:
        if self._rows is None:
            raise RuntimeError(f"{self._directory}: the embedded broker is closed")
        return self._rows

    def _scan(self, prefix: bytes) -> list[tuple[bytes, bytes]]:
        found = []
        for key, value in self._open_rows().items(from_key=prefix):
            if not key.startswith(prefix):
                break
            found.append((key, value))
        return found

    def write(self, change: LogChange) -> None:
        """See `Storage`: one WriteBatch."""
        batch = WriteBatch(raw_mode=True)
        if change.created:
            batch.put(_TOPIC + bytes.fromhex(change.created.id), _encode(change.created))
        for place, added in change.added.items():
            prefix = _prefix(place)
            for offset, timestamp, key, value, headers in added:
                batch.put(prefix + _OFFSET.pack(offset), _encode((timestamp, key, value, headers)))
        for place, removed in change.removed.items():
            prefix = _prefix(place)
            for offset in removed:
                batch.delete(prefix + _OFFSET.pack(offset))
        for place, extent in change.extents.items():
            batch.put(_EXTENT + _PLACE.pack(bytes.fromhex(place.topic_id), place.partition), _encode(extent))
        for (group, topic, partition), offset in change.group_offsets.items():
            row = f"{group}\0{topic}\0{partition}".encode()
            batch.put(_GROUP + row, _encode((group, topic, partition, offset)))
        if change.deleted:
            self._delete(batch, change.deleted)
        with self._disk():
            self._open_rows().write(batch, self._options)

    @staticmethod
    def _delete(batch: WriteBatch, topic: StoredTopic) -> None:
        topic_id = bytes.fromhex(topic.id)
        batch.delete(_TOPIC + topic_id)
        for partition in range(topic.partitions):
            batch.delete(_EXTENT + _PLACE.pack(topic_id, partition))
        batch.delete_range(_prefix(StoredPartition(topic.id, 0)), _prefix(StoredPartition(topic.id, topic.partitions)))

    def read(
        self, place: StoredPartition, begin: int, end: int, count_max: int, bytes_max: int
    ) -> Sequence[StoredRecord]:
        """See `Storage`."""
        found: list[StoredRecord] = []
        prefix = _prefix(place)
        last = prefix + _OFFSET.pack(end)
        if begin >= end or count_max <= 0:
            return found
        with self._disk():
            for key, value in self._open_rows().items(from_key=prefix + _OFFSET.pack(begin)):
                if key >= last:
                    break
                found.append(StoredRecord(_OFFSET.unpack_from(key, len(prefix))[0], *_decode_entry(value)))
                bytes_max -= found[-1].size
                if len(found) == count_max or bytes_max <= 0:
                    break
        return found

    def close(self) -> None:
        """See `Storage`."""
        rows, self._rows = self._rows, None
        if rows is not None:
            with suppress(Exception):  # a disk that refuses; what was committed stands in the log's own log
                rows.close()
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()


def _prefix(place: StoredPartition) -> bytes:
    return _RECORD + _PLACE.pack(bytes.fromhex(place.topic_id), place.partition)
