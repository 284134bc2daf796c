"""A partition's rows on disk or in memory: a copy of its changelog that may be lost at any time.

`RocksStore` is one RocksDB a partition. Nothing waits for the disk: the changelog is the truth, the write-ahead log
only saves a killed process from applying it again. `MemoryStore` is the same for `score`, `verify` and simulation.
Keys are ordered bytewise. Keys that begin with a zero byte and are named here belong to the store, all others to rows.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from rocksdict import (
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    ReadOptions,
    WriteBatch,
    WriteBufferManager,
    WriteOptions,
)
from sortedcontainers import SortedList

from tables.files import own_folder

WATERMARK_KEY = b"\x00watermark"
"""The watermark's row, in the changelog and in every copy of it."""

COPY_KEY = b"\x00copy"
"""What a copy knows about itself; never in the changelog."""

_SCAN_CHUNK_ROWS = 256

Row = tuple[bytes, bytes | None]
"""Key and value; None deletes."""


class StoreInUse(Exception):
    """Another process, or another lane of this one, holds the directory. The argument is its path."""


class StoreBroken(Exception):
    """RocksDB cannot be opened, read or written. Arguments: path, what it said."""


class Copy(msgspec.Struct, array_like=True, frozen=True):
    """Where a copy stands: it holds all of the changelog below `offset`.

    `changelog` is the topic's id; `applied_at` the time in ms at which its last record was written, which tells whether
    deletions may have gone from the changelog before this copy saw them.
    """

    changelog: str
    offset: int
    applied_at: int


class Store(Protocol):
    """A lane's rows. One owner, one thread."""

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """The values of the keys, in their order; None where there is none."""

    def scan(self, begin: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The rows with begin <= key < end in order of keys. Writing meanwhile is allowed."""

    def write(self, rows: Sequence[Row], copy: Copy | None = None) -> None:
        """Write all the rows, and where the copy then stands, or nothing of it."""

    def copy(self) -> Copy | None:
        """Where this copy stands, or None when it is new."""

    def clear(self) -> None:
        """Throw the copy away and begin an empty one."""

    def close(self) -> None:
        """Give the directory back. Closing twice is allowed."""


class MemoryStore:
    """A store that is gone with the process."""

    def __init__(self) -> None:
        self._rows: dict[bytes, bytes] = {}
        self._keys: SortedList[bytes] = SortedList()
        self._unsorted: set[bytes] = set()  # keys of _rows that are not in _keys yet: sorting waits for a scan

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """See `Store`."""
        return list(map(self._rows.get, keys))

    def scan(self, begin: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See `Store`."""
        self._sort()
        for key in list(self._keys.irange(begin, end, inclusive=(True, False))):
            value = self._rows.get(key)
            if value is not None:
                yield key, value

    def write(self, rows: Sequence[Row], copy: Copy | None = None) -> None:
        """See `Store`."""
        for key, value in rows:
            if value is None:
                self._forget(key)
            else:
                self._put(key, value)
        if copy is not None:
            self._put(COPY_KEY, msgspec.msgpack.encode(copy))

    def copy(self) -> Copy | None:
        """See `Store`."""
        return _decode_copy(self._rows.get(COPY_KEY))

    def clear(self) -> None:
        """See `Store`."""
        self._rows.clear()
        self._keys.clear()
        self._unsorted.clear()

    def close(self) -> None:
        """See `Store`."""

    def snapshot(self) -> Mapping[bytes, bytes]:
        """All rows as they are now, the store's own included."""
        return dict(self._rows)

    def _put(self, key: bytes, value: bytes) -> None:
        if key not in self._rows:
            self._unsorted.add(key)
        self._rows[key] = value

    def _forget(self, key: bytes) -> None:
        if self._rows.pop(key, None) is None:
            return
        if key in self._unsorted:
            self._unsorted.discard(key)
        else:
            self._keys.remove(key)

    def _sort(self) -> None:
        if self._unsorted:
            self._keys.update(self._unsorted)
            self._unsorted.clear()


class RocksMemory:
    """Memory that the RocksDBs of one process share, so that it does not grow with the number of lanes: two thirds for
    what is read, one for what waits to be written."""

    def __init__(self, bytes_max: int) -> None:
        self.cache = Cache(bytes_max * 2 // 3)
        self.memtables = WriteBufferManager(bytes_max // 3, False)


class RocksStore:
    """One RocksDB in a directory of its own."""

    def __init__(self, directory: Path, memory: RocksMemory | None = None) -> None:
        self._directory = directory
        self._memory = memory or RocksMemory(64 << 20)
        self._database: Rdict | None = None
        self._unlogged = False  # rows in memory only, which no log would bring back under later logged ones
        self._open()

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """See `Store`."""
        if not keys:
            return []
        try:
            values: list[bytes | None] = self._opened.get(keys)
        except Exception as error:  # rocksdict raises bare exceptions
            raise StoreBroken(str(self._directory), str(error)) from error
        return values

    def scan(self, begin: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """See `Store`. No native iterator lives between two rows handed out: it would keep the directory locked."""
        while True:
            chunk = self._chunk(begin, end)
            yield from chunk
            if len(chunk) < _SCAN_CHUNK_ROWS:
                return
            begin = chunk[-1][0] + b"\x00"

    def write(self, rows: Sequence[Row], copy: Copy | None = None) -> None:
        """See `Store`."""
        self._write(rows, copy, logged=True)

    def load(self, rows: Sequence[Row], copy: Copy) -> None:
        """As `write`, without the write-ahead log: for recovery, which would begin again where the copy stands."""
        self._write(rows, copy, logged=False)

    def copy(self) -> Copy | None:
        """See `Store`."""
        return _decode_copy(self.get_many([COPY_KEY])[0])

    def clear(self) -> None:
        """See `Store`."""
        self.close()
        shutil.rmtree(self._directory, ignore_errors=True)
        self._open()

    def close(self) -> None:
        """See `Store`."""
        database, self._database = self._database, None
        if database is not None:
            database.close()
            self._unlogged = False

    @property
    def _opened(self) -> Rdict:
        if self._database is None:
            raise StoreBroken(str(self._directory), "it is closed")
        return self._database

    def _open(self) -> None:
        try:
            own_folder(self._directory)
            self._database = Rdict(str(self._directory), _options(self._memory))
        except Exception as error:  # rocksdict raises bare exceptions
            if "lock" in str(error).lower():
                raise StoreInUse(str(self._directory)) from error
            raise StoreBroken(str(self._directory), str(error)) from error

    def _chunk(self, begin: bytes, end: bytes) -> list[tuple[bytes, bytes]]:
        options = ReadOptions()
        options.set_iterate_upper_bound(end)
        chunk: list[tuple[bytes, bytes]] = []
        try:
            for row in self._opened.items(from_key=begin, read_opt=options):
                chunk.append(row)
                if len(chunk) == _SCAN_CHUNK_ROWS:
                    break
        except StoreBroken:
            raise
        except Exception as error:  # rocksdict raises bare exceptions
            raise StoreBroken(str(self._directory), str(error)) from error
        return chunk

    def _write(self, rows: Sequence[Row], copy: Copy | None, logged: bool) -> None:
        batch = WriteBatch(raw_mode=True)
        for key, value in rows:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        if copy is not None:
            batch.put(COPY_KEY, msgspec.msgpack.encode(copy))
        try:
            if logged and self._unlogged:
                self._opened.flush()
            self._unlogged = not logged
            if logged:
                self._opened.write(batch)
            else:
                self._opened.write(batch, _without_log())
        except StoreBroken:
            raise
        except Exception as error:  # rocksdict raises bare exceptions
            raise StoreBroken(str(self._directory), str(error)) from error


def _decode_copy(value: bytes | None) -> Copy | None:
    return None if value is None else msgspec.msgpack.decode(value, type=Copy)


def _without_log() -> WriteOptions:
    options = WriteOptions()
    options.disable_wal = True
    return options


def _options(memory: RocksMemory) -> Options:
    blocks = BlockBasedOptions()
    blocks.set_bloom_filter(10, False)  # most keys read are of members' first events or new grants: absent
    blocks.set_block_cache(memory.cache)
    blocks.set_cache_index_and_filter_blocks(True)
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(True)
    blocks.set_format_version(5)
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_block_based_table_factory(blocks)
    options.set_write_buffer_size(16 << 20)
    options.set_write_buffer_manager(memory.memtables)
    options.set_max_write_buffer_number(3)
    options.set_memtable_prefix_bloom_ratio(0.05)
    options.set_memtable_whole_key_filtering(True)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_max_background_jobs(2)
    options.set_max_total_wal_size(64 << 20)
    options.set_keep_log_file_num(2)
    options.set_stats_dump_period_sec(0)
    # The due index is written and deleted at its low end: without this every scan would step over old deletions.
    options.add_compact_on_deletion_collector_factory(1024, 512, 0.5)
    return options
