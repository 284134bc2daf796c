"""aiokafka's fetcher with bounds: what a fetch holds, and what a single record may make it hold.

aiokafka decompresses a batch as soon as its first record is asked for, whole and whatever it grows to, and counts
records, not bytes. `install` puts three classes in the place of its own, for every consumer of the process; requests,
positions, seeks and the handling of answers stay aiokafka's. What they rest on is named in
`agents.transport.private_parts`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch

from agents.broker.errors import BadBatch
from agents.broker.interface import READ_BYTES_MAX
from agents.process.exit_codes import ExitCode
from schemas.dead_letter import Whole
from schemas.kafka.record_batches import CODECS, COUNT_AT, HEAD_BYTES, UNREADABLE, Read, RecordBatch
from schemas.records import Record, Withheld, content_bytes

_LOG_OVERHEAD_BYTES = 12
_LENGTH = struct.Struct(">i")
_OFFSET = struct.Struct(">q")
_LENGTH_AT, _MAGIC_AT = 8, 16
_MAGIC = 2

_StockRecords: Any = fetcher.PartitionRecords
_StockResult: Any = fetcher.FetchResult


class Room(int):
    """What `max_records` of aiokafka's `getmany` is given: how many records there is room for, and for how many bytes.

    aiokafka subtracts what each partition brought, and asks no further partition when nothing is left.
    """

    bytes_left: int

    @classmethod
    def of(cls, records: int, bytes_max: int = READ_BYTES_MAX) -> Room:
        """Room for so much."""
        room = cls(records)
        room.bytes_left = bytes_max
        return room

    def __sub__(self, brought: int) -> Room:
        return Room.of(int(self) - brought if self.bytes_left > 0 else 0, self.bytes_left)


class Batches:
    """The batches of one partition in a fetch's answer; the last one may be cut off, and is no batch then."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    def size_in_bytes(self) -> int:
        """All of the answer."""
        return len(self._data)

    def has_next(self) -> bool:
        """Whether a whole batch is left."""
        return self._end() is not None

    def next_batch(self) -> memoryview:
        """The next batch as it came."""
        end = self._end()
        assert end is not None, "has_next() comes first"
        batch, self._at = self._data[self._at : end], end
        return batch

    def next_offset(self) -> int | None:
        """The first offset of what follows, if so much of it is there."""
        start = bytes(self._data[self._at : self._at + _OFFSET.size])
        return int(_OFFSET.unpack(start)[0]) if len(start) == _OFFSET.size else None

    def _end(self) -> int | None:
        if len(self._data) - self._at < _LOG_OVERHEAD_BYTES:
            return None
        (length,) = _LENGTH.unpack_from(self._data, self._at + _LENGTH_AT)
        end = self._at + _LOG_OVERHEAD_BYTES + max(0, length)
        return end if end <= len(self._data) else None


class BoundedRecords(_StockRecords):  # type: ignore[misc]
    """A partition's records as `Record`, one by one; None where the reader should let others go on before the next."""

    next_fetch_offset: int
    _batch: RecordBatch | None = None

    def resume(self) -> None:
        """Somebody reads on."""
        if self._batch is not None:
            self._batch.resume()

    def rest(self) -> None:
        """Nobody reads for now."""
        if self._batch is not None:
            self._batch.rest()

    def _unpack_records(self) -> Iterator[Record | None]:
        # What is aborted or control is passed over as in aiokafka's method, which this one stands in for.
        while self._records.has_next():
            data = self._records.next_batch()
            if (refused := self._refused(data)) is not None:
                yield self._bad(data, refused)
                continue
            batch = RecordBatch(data)
            head = batch.head
            if not self._is_left_out(head):
                self._batch = batch
                begin = self.next_fetch_offset  # may be inside the batch
                try:
                    for each in batch.records():
                        if each is None or each.offset >= self.next_fetch_offset:
                            yield self._next(batch, each)
                        elif each.offset >= begin:
                            raise CorruptRecordException("the offsets of its records do not rise")
                except UNREADABLE:
                    for each in batch.one_by_one():
                        if each is None or each.offset >= self.next_fetch_offset:
                            yield self._next(batch, each)
                self._batch = None
            self.next_fetch_offset = max(self.next_fetch_offset, head.next_offset)

    def _refused(self, data: memoryview) -> BadBatch | None:
        """Why a batch is not read."""
        if len(data) > _MAGIC_AT and data[_MAGIC_AT] != _MAGIC:
            return self._because(
                f"a batch has message format {data[_MAGIC_AT]}, and only {_MAGIC} is read",
                "publish through Kafka 0.11 or later; copy older records into a new topic with a client of today",
            )
        batch = RecordBatch(data) if len(data) >= HEAD_BYTES else None
        if batch is None or (self._check_crcs and not batch.head.validate_crc()):
            # Another answer may be sound, so whoever is started again with a supervisor finds out by itself.
            remedy = "restart; if it stays so, a disk of the broker has damaged it: restore that replica from another"
            return self._because("a batch does not have its checksum", remedy, ExitCode.UNREACHABLE)
        if batch.codec not in CODECS:
            remedy = "let its publisher compress with gzip, snappy, lz4 or zstd, or not at all"
            return self._because(f"a batch is compressed with codec {batch.codec}, which is not known", remedy)
        return None

    def _because(self, reason: str, remedy: str, code: ExitCode | None = None) -> BadBatch:
        topic, partition = self._tp
        return BadBatch(f"{topic}/{partition} offset {self.next_fetch_offset}", reason, remedy, code)

    def _bad(self, data: memoryview, refused: BadBatch) -> Record:
        """A batch that is not read, as one record that whoever comes to it refuses: what is before it is sound."""
        begin, last = self.next_fetch_offset, self._last_of(data)
        topic, partition = self._tp
        self.next_fetch_offset = last + 1
        why = f"its batch is not read, from here to offset {last}: {refused.reason}"
        withheld = Withheld(Whole.of(bytes(data[HEAD_BYTES:])), None, why, refused, last)
        return Record(topic, partition, begin, 0, None, None, (), withheld)

    def _last_of(self, data: memoryview) -> int:
        """The last offset of a batch that is not read. Where its head contradicts itself or what follows, that of its
        first record: nothing is passed over on the word of damaged bytes."""
        begin = self.next_fetch_offset
        if len(data) < HEAD_BYTES or data[_MAGIC_AT] != _MAGIC:
            return begin
        head = DefaultRecordBatch(data)
        last = head.next_offset - 1
        count = int.from_bytes(data[COUNT_AT:HEAD_BYTES], "big", signed=True)
        following = self._records.next_offset()
        agrees = last - head.base_offset == count - 1 and (following is None or last < following)
        return last if agrees and last >= begin else begin

    def _next(self, batch: RecordBatch, each: Any) -> Record | None:
        """A record that the position has not passed; compression and compaction leave others before it in a batch."""
        if each is None:
            return None
        end = batch.head.next_offset
        if each.offset >= end:
            if self.next_fetch_offset >= end:
                return None  # no offset is left that it could have
            each = batch.unreadable(self.next_fetch_offset, "a record is beyond its end")
        topic, partition = self._tp
        withheld = each.withheld if type(each) is Read else None
        ends = withheld is not None and withheld.unreadable is not None
        self.next_fetch_offset = end if ends else each.offset + 1
        headers = tuple(each.headers) if each.headers else ()
        return Record(topic, partition, each.offset, each.timestamp, each.key, each.value, headers, withheld)

    def _is_left_out(self, head: Any) -> bool:
        if self._isolation_level == fetcher.READ_COMMITTED and head.producer_id is not None:
            self._consume_aborted_up_to(head.base_offset)
            if head.is_control_batch and self._contains_abort_marker(head):
                self._aborted_producers.discard(head.producer_id)
            if head.is_transactional and head.producer_id in self._aborted_producers:
                return True
        return bool(head.is_control_batch)


class BoundedResult(_StockResult):  # type: ignore[misc]
    """What a fetch brought of one partition, given out by records and bytes."""

    _partition_records: BoundedRecords | None

    def getall(self, max_records: int | None = None) -> list[Any]:
        """The next records; a `Room` knows how many bytes of them, and is told how many there were."""
        source = self._partition_records if self.check_assignment(self._topic_partition) else None
        if source is None:
            return []
        room = max_records if isinstance(max_records, Room) else Room.of(max_records or 1 << 62)
        found: list[Any] = []
        left, count_max = room.bytes_left, int(room)
        source.resume()
        for record in source:
            if record is None:
                break
            found.append(record)
            left -= content_bytes(record)
            if left <= 0 or len(found) >= count_max:
                break
        else:
            self._update_position()
            self._partition_records = None
            room.bytes_left = left
            return found
        room.bytes_left = left
        self._update_position()
        source.rest()
        return found


def install() -> None:
    """From now on every consumer that is made in this process reads within the bounds. Safe to repeat."""
    fetcher.MemoryRecords = Batches
    fetcher.PartitionRecords = BoundedRecords
    fetcher.FetchResult = BoundedResult
