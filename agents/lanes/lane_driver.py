"""Feeds lanes straight from readers of the broker, without Faust and its consumer group.

For `--clock replay`, where one worker alone reads every input to the end that it found at its start, and for the
simulation. Whoever uses it decides which partitions the worker has.
"""

import asyncio
from collections.abc import Iterable, Mapping

from agents.broker.interface import Broker, Reader
from agents.lanes.lane_set import LaneSet
from agents.lanes.run import Run
from agents.lanes.spec import inputs_of
from schemas.records import TopicPartition

FETCH_WAIT_MS = 250
FETCH_RECORDS_MAX = 4_000


class LaneDriver:
    """Reads the inputs of the lanes that are open and submits what it finds.

    `until`: read no further than these offsets. `records_max`: at most so many in one fetch. Implements `Flow`.
    """

    def __init__(
        self,
        broker: Broker,
        lanes: LaneSet,
        until: Mapping[TopicPartition, int] | None = None,
        records_max: int = FETCH_RECORDS_MAX,
    ) -> None:
        self._broker = broker
        self._lanes = lanes
        self.until = dict(until or {})
        self._records_max = records_max
        self._epoch = 0
        self._reading = asyncio.Lock()
        self._reader: Reader | None = None
        self._next: dict[TopicPartition, int] = {}
        self._next_epoch = 0

    async def open(self, partitions: Iterable[int]) -> None:
        """Open the lanes of these partition numbers and stand at their watermarks."""
        epoch = self._epoch = self._epoch + 1
        await self._lanes.open_all(inputs_of(partitions), epoch)
        async with self._reading:
            targets = self._lanes.seek_targets(epoch, epoch)
            if targets is None:  # taken away again meanwhile
                return
            if self._reader is None:
                self._reader = await self._broker.reader()
            self._next, self._next_epoch = targets, epoch
            await self._reader.assign(targets)
        self._lanes.flow = self

    async def feed(self) -> None:
        """Read on for ever; ends by being cancelled or with an error of the broker."""
        while True:
            await self.feed_once()

    async def feed_once(self) -> None:
        """One fetch: submit what it brought, and how far positions have moved without records."""
        async with self._reading:
            runs = await self._fetch()
        for run in runs:
            await self._lanes.submit(run)

    async def _fetch(self) -> list[Run]:
        if self._reader is None or not self._next:
            await asyncio.sleep(FETCH_WAIT_MS / 1000)
            return []
        found = await self._reader.fetch(FETCH_WAIT_MS, self._records_max)
        runs: list[Run] = []
        for place, start in self._next.items():
            limit = self.until.get(place)
            end = await self._reader.position(place)
            records = found.get(place, [])
            if limit is not None and end > limit:
                end, records = limit, [record for record in records if record.offset < limit]
            if end > start:
                self._next[place] = end
                runs.append(Run(place.topic, place.partition, start, end, end, self._next_epoch, records))
        return runs

    @property
    def arrived(self) -> bool:
        """Whether everything before `until` has been submitted."""
        return all(self._next.get(place, 0) >= end for place, end in self.until.items())

    def extend(self, until: Mapping[TopicPartition, int]) -> None:
        """Read further, to these offsets. What was fetched beyond the old ones was left out, so it is read again."""
        assert self._reader is not None, "open() comes first"
        for place, end in until.items():
            if end > self.until[place]:
                self.until[place] = end
                self._reader.seek(place, self._next[place])

    async def close(self) -> None:
        """Let go of the reader; the lanes stay open."""
        self._next = {}
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    def pause_partitions(self, tps: Iterable[TopicPartition]) -> None:
        """See `Flow`."""
        if self._reader is not None:
            self._reader.pause(list(tps))

    def resume_partitions(self, tps: Iterable[TopicPartition]) -> None:
        """See `Flow`."""
        if self._reader is not None:
            self._reader.resume(list(tps))
