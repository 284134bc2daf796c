"""Reading one partition record by record, as far as one likes."""

from collections import deque

from agents.broker.interface import Broker, Reader
from schemas.records import Record, TopicPartition

_FETCH_WAIT_MS = 200
_FETCH_RECORDS_MAX = 4_000


class Cursor:
    """A place in a partition's committed records. `begin`: the first offset kept; `end`: the end when it was opened."""

    def __init__(self, broker: Broker, reader: Reader, place: TopicPartition, begin: int, end: int) -> None:
        self.place = place
        self.begin = begin
        self.end = end
        self._broker = broker
        self._reader = reader
        self._position = begin
        self._waiting: deque[Record] = deque()

    @classmethod
    async def open(cls, broker: Broker, place: TopicPartition) -> "Cursor":
        """Stand at the first record kept."""
        begin = (await broker.begin_offsets([place]))[place]
        end = (await broker.end_offsets([place]))[place]
        reader = await broker.reader()
        await reader.assign({place: begin})
        return cls(broker, reader, place, begin, end)

    async def seek(self, offset: int) -> None:
        """Go to an offset, forwards or back."""
        if self._waiting and self._waiting[0].offset <= offset <= self._waiting[-1].offset:
            while self._waiting[0].offset < offset:
                self._waiting.popleft()
        elif self._waiting or self._position != offset:
            self._waiting.clear()
            self._reader.seek(self.place, offset)
            self._position = offset

    async def next(self, end: int | None = None) -> Record | None:
        """The next record below `end` (None: below the end at opening), or None when there is none."""
        limit = self.end if end is None else end
        while not self._waiting and self._position < limit:
            found = await self._reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)
            self._waiting.extend(found.get(self.place, ()))
            self._position = await self._reader.position(self.place)
        if self._waiting and self._waiting[0].offset < limit:
            return self._waiting.popleft()
        return None

    async def at(self, offset: int) -> Record | None:
        """The record that stands at an offset; None where none does, or it is deleted, or not there yet."""
        if not self.begin <= offset < self.end:
            return None
        await self.seek(offset)
        record = await self.next(offset + 1)
        return record if record is not None and record.offset == offset else None

    async def further(self) -> Record | None:
        """The next record, also when it came after the opening."""
        if self._waiting:
            return self._waiting.popleft()
        return await self.next((await self._broker.end_offsets([self.place]))[self.place])

    async def until(self, end: int) -> list[Record]:
        """All records from here to `end`."""
        records: list[Record] = []
        while (record := await self.next(end)) is not None:
            records.append(record)
        return records

    async def close(self) -> None:
        """Let go of the reader."""
        await self._reader.close()
