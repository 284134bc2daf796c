"""Reading `club.state`: the changelog of the lanes' rows, one partition a lane."""

from collections.abc import Sequence

from agents.broker.interface import Broker, Reader, TopicPartition
from schemas import topics
from tables.recovery import Logged
from tables.store import WATERMARK_KEY
from tables.watermark import Watermark, decode_watermark

_FETCH_RECORDS_MAX = 20_000
_FETCH_WAIT_MS = 200
_FIRST_LOOK_BACK = 4_096


def changelog_of(partition: int) -> TopicPartition:
    """Where the lane's rows and watermarks are."""
    return TopicPartition(topics.STATE.name, partition)


class PartitionReader:
    """One partition through a reader of its own, as recovery wants it."""

    def __init__(self, reader: Reader, partition: TopicPartition) -> None:
        self._reader = reader
        self._partition = partition

    async def seek(self, offset: int) -> None:
        """Read on from this offset."""
        await self._reader.assign({self._partition: offset})

    async def fetch(self) -> Sequence[Logged]:
        """The next records; none when there are none at once."""
        found = await self._reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)
        return [Logged(each.key or b"", each.value, each.timestamp) for each in found.get(self._partition, ())]

    async def position(self) -> int:
        """The offset that is read next."""
        return await self._reader.position(self._partition)


async def last_watermark(broker: Broker, partition: int) -> Watermark | None:
    """The watermark that a changelog ends with; None when it has none.

    Each transaction of a lane ends with one, so that it is found by looking at the log's last records.
    """
    log = changelog_of(partition)
    end = (await broker.end_offsets([log]))[log]
    begin = (await broker.begin_offsets([log]))[log]
    reader = await broker.reader()
    try:
        look_back = _FIRST_LOOK_BACK
        while True:
            start = max(begin, end - look_back)
            found = await _newest(PartitionReader(reader, log), start, end)
            if found is not None or start == begin:
                return found
            look_back *= 8
    finally:
        await reader.close()


async def _newest(reader: PartitionReader, start: int, end: int) -> Watermark | None:
    await reader.seek(start)
    found: bytes | None = None
    while await reader.position() < end:
        for record in await reader.fetch():
            if record.key == WATERMARK_KEY and record.value is not None:
                found = record.value
    return None if found is None else decode_watermark(found)
