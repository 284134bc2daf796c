"""Reading `club.state`: the changelog of the lanes' rows, one partition a lane."""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping, Sequence

from agents.broker.interface import Broker, Reader
from agents.topics.newest_records import newest_records
from schemas import topics
from schemas.records import Record, TopicPartition
from tables.recovery import Logged
from tables.store import WATERMARK_KEY
from tables.watermark import Watermark, decode_watermark

_FETCH_RECORDS_MAX = 20_000
_FETCH_WAIT_MS = 200


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
        return [_logged(each) for each in found.get(self._partition, ())]

    async def position(self) -> int:
        """The offset that is read next."""
        return await self._reader.position(self._partition)


class SharedReader:
    """One reader for several partitions that are recovered at the same time: a fetch brings records for all of them."""

    def __init__(self, reader: Reader, begins: Mapping[TopicPartition, int]) -> None:
        self._reader = reader
        self._begins = begins
        self._fetching = asyncio.Lock()
        self._parts: dict[TopicPartition, SharedPart] = {}

    async def open(self) -> None:
        """Assign the partitions; each is read once its part has been told from where."""
        await self._reader.assign(self._begins)
        self._reader.pause(self._begins)

    def part(self, place: TopicPartition) -> "SharedPart":
        """The share of one partition."""
        self._parts[place] = SharedPart(self, place)
        return self._parts[place]

    def begin(self, place: TopicPartition, offset: int) -> None:
        """Read this partition from this offset."""
        self._reader.seek(place, offset)
        self._reader.resume([place])

    async def fetch_for(self, part: "SharedPart") -> None:
        """Fetch once, for everybody, unless somebody else's fetch has brought this part something meanwhile."""
        async with self._fetching:
            if part.arrived:
                return
            found = await self._reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)
            for place, each in self._parts.items():
                if each.reached is not None:
                    each.arrive(found.get(place, ()), await self._reader.position(place))


class SharedPart:
    """One partition of a `SharedReader`, as recovery wants it. `reached`: how far it has been fetched."""

    def __init__(self, shared: SharedReader, place: TopicPartition) -> None:
        self.arrived: deque[tuple[Sequence[Record], int]] = deque()
        self.reached: int | None = None
        self._shared = shared
        self._place = place
        self._position = 0

    def arrive(self, records: Sequence[Record], position: int) -> None:
        """Take what a fetch brought, and where the partition stands after it."""
        if position != self.reached:
            self.arrived.append((records, position))
            self.reached = position

    async def seek(self, offset: int) -> None:
        """Read on from this offset."""
        self.arrived.clear()
        self.reached = self._position = offset
        self._shared.begin(self._place, offset)

    async def fetch(self) -> Sequence[Logged]:
        """The next records; none when there are none at once."""
        if not self.arrived:
            await self._shared.fetch_for(self)
        if not self.arrived:
            return []
        records, self._position = self.arrived.popleft()
        return [_logged(each) for each in records]

    async def position(self) -> int:
        """The offset after what was handed out. It passes markers that no fetch returns."""
        return self._position


def _logged(record: Record) -> Logged:
    return Logged(record.key or b"", record.value, record.timestamp)


async def last_watermark(broker: Broker, partition: int) -> Watermark | None:
    """The watermark that a lane's changelog ends with; None when it has none."""
    return await newest_watermark(broker, changelog_of(partition))


async def newest_watermark(broker: Broker, log: TopicPartition) -> Watermark | None:
    """The watermark that a changelog ends with; None when it has none."""
    return (await newest_watermarks(broker, [log])).get(log)


async def newest_watermarks(broker: Broker, logs: Collection[TopicPartition]) -> Mapping[TopicPartition, Watermark]:
    """The watermarks that changelogs end with; one without is left out. Each transaction writes one last."""
    found = await newest_records(broker, logs, _is_watermark)
    return {log: decode_watermark(record.value or b"") for log, record in found.items()}


def _is_watermark(record: Record) -> bool:
    return record.key == WATERMARK_KEY and record.value is not None
