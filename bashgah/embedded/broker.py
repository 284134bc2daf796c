"""`agents.broker.interface.Broker` inside this process, so that nothing needs to be installed. NOT for production:
one process, one copy, no replication, compaction and retention only when called.

For demonstrations and tests: in memory, or in a directory that survives a kill at any point. Tests give it a clock,
a storage and `Faults`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from agents.broker.errors import BrokerError, OutcomeUnknown
from agents.broker.interface import NOTHING_EXPECTED, READ_BYTES_MAX, TopicDescription, TopicSpec
from bashgah.embedded import upkeep
from bashgah.embedded.log import Log
from bashgah.embedded.storage import LOG, DirectoryStorage, MemoryStorage
from schemas.records import OutputRecord, Record, TopicPartition, content_bytes

Point = Literal["before_append", "after_append", "before_commit", "after_commit"]
"""Where a transaction can be interrupted. Nothing is visible before `after_commit`, all is from there on."""


class Faults(Protocol):
    """Somebody who may delay or end a transaction: whatever `reached` raises comes out of `transact`, and the producer
    is finished, its transaction left open as if its process had died there."""

    async def reached(self, point: Point, transactional_id: str) -> None:
        """Called at each point of each transaction, in order."""
        ...


class NoFaults:
    """Everything goes well."""

    async def reached(self, point: Point, transactional_id: str) -> None:
        """Let others run in the middle of a transaction, as they would with a broker on the network."""
        if point == "before_commit":
            await asyncio.sleep(0)


def wall_clock_ms() -> int:
    """Now, in ms since 1970 UTC."""
    return int(time.time() * 1000)


class EmbeddedProducer:
    """`agents.broker.interface.Producer` on a `Log`."""

    def __init__(self, log: Log, transactional_id: str, faults: Faults) -> None:
        self._log, self._transactional_id, self._faults = log, transactional_id, faults
        self._epoch = log.open_producer(transactional_id)
        self._ended: BrokerError | None = None
        self._closed = self._busy = False

    async def transact(
        self, outputs: Sequence[OutputRecord], expected_ends: Mapping[TopicPartition, int] = NOTHING_EXPECTED
    ) -> Mapping[TopicPartition, int]:
        """See the interface."""
        if self._ended:
            raise self._ended
        if self._closed or self._busy:
            raise RuntimeError(f"{self._transactional_id}: transact on a producer that is closed or busy")
        if not outputs:
            return {}
        self._log.check(outputs)
        self._busy = True
        try:
            return await self._commit(outputs, expected_ends)
        except BrokerError as error:
            self._ended = error
            raise
        except BaseException as error:
            self._ended = OutcomeUnknown(self._transactional_id, repr(error))
            raise
        finally:
            self._busy = False

    async def _commit(
        self, outputs: Sequence[OutputRecord], expected_ends: Mapping[TopicPartition, int]
    ) -> Mapping[TopicPartition, int]:
        reached, name = self._faults.reached, self._transactional_id
        await reached("before_append", name)
        self._log.append(name, self._epoch, outputs, expected_ends)
        await reached("after_append", name)
        await reached("before_commit", name)
        ends = self._log.commit(name, self._epoch)
        await reached("after_commit", name)
        return ends

    async def close(self) -> None:
        """See the interface."""
        self._closed = True


class EmbeddedReader:
    """`agents.broker.interface.Reader` on a `Log`."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._turn = 0

    async def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """See the interface."""
        for place in positions:
            self._log.partition(place)
        self._positions = {TopicPartition(*place): position for place, position in positions.items()}
        self._paused.clear()

    async def fetch(self, timeout_ms: int, max_records: int) -> Mapping[TopicPartition, list[Record]]:
        """See the interface."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / 1000
        while True:
            found = self._ready(max_records)
            left_s = deadline - loop.time()
            if found or left_s <= 0:
                # A loop that always finds something must not keep the others from running.
                await asyncio.sleep(0)
                return found
            await self._wait(left_s)

    def _ready(self, count_max: int) -> dict[TopicPartition, list[Record]]:
        active = [place for place in self._positions if place not in self._paused]
        # All are looked at before any position moves: what was read must not be lost to another one's error.
        for place in active:
            self._log.check_position(place, self._positions[place])
        found: dict[TopicPartition, list[Record]] = {}
        bytes_left = READ_BYTES_MAX
        # Another one comes first each time, so that a full partition cannot use up everybody's count.
        self._turn += 1
        for index in range(len(active)):
            if count_max <= 0 or bytes_left <= 0:
                break
            place = active[(self._turn + index) % len(active)]
            records, self._positions[place] = self._log.read(place, self._positions[place], count_max, bytes_left)
            bytes_left -= sum(map(content_bytes, records))
            if records:
                found[place] = records
                count_max -= len(records)
        return found

    async def _wait(self, timeout_s: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        places = list(self._positions)
        self._log.watch(places, woken)
        try:
            await asyncio.wait([woken], timeout=timeout_s)
        finally:
            self._log.unwatch(places, woken)

    async def position(self, partition: TopicPartition) -> int:
        """See the interface."""
        return self._positions[partition]

    def seek(self, partition: TopicPartition, position: int) -> None:
        """See the interface."""
        if partition not in self._positions:
            raise KeyError(partition)
        self._positions[partition] = position

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """See the interface."""
        self._paused.update(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """See the interface."""
        self._paused.difference_update(partitions)

    async def close(self) -> None:
        """See the interface."""
        self._positions.clear()


class EmbeddedBroker:
    """One connection to a `Log`. It does not own the log unless `on_close` says so."""

    def __init__(self, log: Log, faults: Faults | None = None, on_close: Callable[[], None] | None = None) -> None:
        self.log = log
        self._faults = faults or NoFaults()
        self._on_close = on_close

    async def producer(self, transactional_id: str) -> EmbeddedProducer:
        """See the interface."""
        return EmbeddedProducer(self.log, transactional_id, self._faults)

    async def reader(self) -> EmbeddedReader:
        """See the interface."""
        return EmbeddedReader(self.log)

    async def publish(self, outputs: Sequence[OutputRecord]) -> None:
        """See the interface."""
        self.log.publish(outputs)

    async def begin_offsets(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """See the interface."""
        return {TopicPartition(*place): self.log.partition(place).begin for place in partitions}

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """See the interface."""
        return {TopicPartition(*place): self.log.partition(place).stable for place in partitions}

    async def offsets_at(self, partitions: Iterable[TopicPartition], instant: int) -> Mapping[TopicPartition, int]:
        """See the interface."""
        return {TopicPartition(*place): self.log.offset_at(place, instant) for place in partitions}

    async def has_read(self, group: str, partitions: Iterable[TopicPartition]) -> bool:
        """See the interface."""
        return True

    async def check_group(self, group: str) -> None:
        """See the interface."""

    async def ping(self) -> None:
        """See the interface."""

    async def describe(self, topics: Iterable[str]) -> Mapping[str, TopicDescription]:
        """See the interface."""
        return self.log.describe(topics)

    async def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """See the interface."""
        for spec in specs:
            self.log.create_topic(spec)

    async def delete_topics(self, topics: Sequence[str]) -> None:
        """See the interface."""
        for name in topics:
            self.log.delete_topic(name)

    def compact(self, topic: str) -> int:
        """See `upkeep.compact`."""
        return upkeep.compact(self.log, topic)

    def apply_retention(self, now_ms: int) -> int:
        """See `upkeep.apply_retention`."""
        return upkeep.apply_retention(self.log, now_ms)

    async def close(self) -> None:
        """See the interface."""
        on_close, self._on_close = self._on_close, None
        if on_close:
            on_close()


class Instances:
    """The logs that this process has open, so that every connection to one address shares one log.

    A directory's log is closed with its last connection. One in memory stays until the process ends, like a server.
    """

    _memory: ClassVar[dict[str, Log]] = {}
    _directories: ClassVar[dict[Path, tuple[Log, int]]] = {}

    @classmethod
    def memory(cls, name: str) -> EmbeddedBroker:
        """Connect to the log of this name in memory."""
        if name not in cls._memory:
            log = Log(MemoryStorage(), wall_clock_ms)
            log.open()
            cls._memory[name] = log
        return EmbeddedBroker(cls._memory[name])

    @classmethod
    def directory(cls, directory: Path) -> EmbeddedBroker:
        """Connect to the log in a directory. Raises `DirectoryInUse` when another process has it."""
        path = directory.resolve()
        if path not in cls._directories:
            log = Log(DirectoryStorage(path), wall_clock_ms)
            log.open()
            cls._directories[path] = log, 0
        log, users = cls._directories[path]
        cls._directories[path] = log, users + 1
        return EmbeddedBroker(log, on_close=lambda: cls._release(path))

    @staticmethod
    def holds(directory: Path) -> bool:
        """Whether a broker has been opened in this directory before."""
        return (directory / LOG).is_dir()

    @classmethod
    def _release(cls, path: Path) -> None:
        log, users = cls._directories[path]
        if users > 1:
            cls._directories[path] = log, users - 1
        else:
            del cls._directories[path]
            log.close()
