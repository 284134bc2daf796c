"""The `kafka-batch://` transport: Faust on Kafka, one message per run of records.

aiokafka's consumer lives in a thread of its own, as in Faust's transport, so that heartbeats go on whatever the lanes
do. Offsets, epochs and runs are made in that thread, where nothing can come between taking records and reading the
position that belongs to them.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as stock
from faust.types import TP

from agents.broker.kafka import bounded_fetch
from agents.broker.kafka.bounded_fetch import Room
from agents.lanes.run import Run
from agents.transport import private_parts
from agents.transport.delivery import RECORDS_PER_FETCH_MAX, RunConsumer
from schemas.records import Record

FETCH_WAIT_MS_MAX = 100
"""How long the broker may hold a fetch that finds nothing."""
_COMMIT_TIMEOUT_S = 5.0
_NO_SEEK_YET_S = 0.05


class BatchThread(stock.AIOKafkaConsumerThread):
    """Owner of the aiokafka consumer. Methods that begin with `_in_thread` run in its thread, and only there."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.assignments = 0
        self._epoch: int | None = None
        self._next: dict[TP, int] = {}
        self._records_end: dict[TP, int] = {}
        self._shown: dict[TP, int] = {}

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        bounded_fetch.install()
        consumer = super()._create_worker_consumer(transport)
        private_parts.make_read_committed(consumer, FETCH_WAIT_MS_MAX)
        private_parts.check_assignor(consumer, self.app.assignor)
        return consumer

    # -- rebalances: aiokafka calls these in the thread, before anything else can run there

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """The assignment ends: what is fetched from now on belongs to no epoch."""
        self._forget()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """A new assignment, with a number of its own: a static member's may come under the same Kafka generation."""
        self._forget()
        await super().on_partitions_assigned(assigned, generation_id)

    def _forget(self) -> None:
        self.assignments += 1
        self._epoch = None
        self._next.clear()
        self._records_end.clear()
        self._shown.clear()

    # -- called by the consumer, from the main thread

    async def take(self, active: set[TP], timeout_s: float) -> list[Run]:
        """See `RunConsumer.take`."""
        runs: list[Run] = await self.call_thread(self._in_thread_take, frozenset(active), timeout_s)
        return runs

    async def seek_all(self, targets: Mapping[TP, int], epoch: int, assignment: int) -> bool:
        """See `RunConsumer.seek_all`; `assignment` is the number of the assignment that the targets were made for."""
        done: bool = await self.call_thread(self._in_thread_seek, dict(targets), epoch, assignment)
        return done

    async def show(self, offsets: Mapping[TP, int]) -> None:
        """See `RunConsumer.show`."""
        await self.call_thread(self._in_thread_show, dict(offsets))

    # -- in the thread

    async def _in_thread_take(self, active: frozenset[TP], timeout_s: float) -> list[Run]:
        consumer = self._ensure_consumer()
        if self._epoch is None:
            await asyncio.sleep(_NO_SEEK_YET_S)
            return []
        partitions = [TopicPartition(*tp) for tp in active]  # never empty: aiokafka takes none for all
        fetched = await consumer.getmany(
            *partitions, timeout_ms=int(timeout_s * 1000), max_records=Room.of(RECORDS_PER_FETCH_MAX)
        )
        # Nothing is awaited from here on, so the epoch of now is that of the records, also after a seek or a rebalance
        # while we waited for them; after a revocation there is none, and no next offset either.
        runs = [
            await self._run(consumer, tp, fetched.get(tp, [])) for tp in map(_of_faust, partitions) if tp in self._next
        ]
        return [run for run in runs if run is not None]

    async def _run(self, consumer: AIOKafkaConsumer, tp: TP, fetched: list[Record]) -> Run | None:
        assert self._epoch is not None, "a partition has a next offset only after a seek"
        start = self._next[tp]
        end: int = await consumer.position(TopicPartition(*tp))  # does not suspend: the seek made the position valid
        if end == start:
            return None
        if end < start or (fetched and not start <= fetched[0].offset <= fetched[-1].offset < end):
            raise RuntimeError(
                f"{tp.topic}-{tp.partition}: the reader was moved outside the lanes' seeks: "
                f"expected {start}, position {end}, records {[each.offset for each in fetched[:1] + fetched[-1:]]}"
            )
        self._next[tp] = end
        if fetched:
            self._records_end[tp] = end
        stable = consumer.last_stable_offset(TopicPartition(*tp)) or 0
        return Run(tp.topic, tp.partition, start, end, max(stable, end), self._epoch, fetched)

    async def _in_thread_seek(self, targets: dict[TP, int], epoch: int, assignment: int) -> bool:
        consumer = self._ensure_consumer()
        # Nothing is awaited between this check and the last seek.
        if self.assignments != assignment or not set(targets) <= set(map(_of_faust, consumer.assignment())):
            return False
        for tp, offset in targets.items():
            consumer.seek(TopicPartition(*tp), offset)  # drops what was prefetched from elsewhere, and late answers
            self._next[tp] = offset
        self._epoch = epoch
        return True

    async def _in_thread_show(self, offsets: dict[TP, int]) -> None:
        consumer = self._ensure_consumer()
        if self._epoch is None:
            return
        changed: dict[TP, int] = {}
        for tp, watermark in offsets.items():
            if tp in self._next:
                # Past the last record only control records are left: show no lag for them.
                done = watermark >= self._records_end.get(tp, watermark)
                offset = max(watermark, self._next[tp]) if done else watermark
                if self._shown.get(tp) != offset:
                    changed[tp] = offset
        if changed:
            commit = {TopicPartition(*tp): OffsetAndMetadata(offset, "") for tp, offset in changed.items()}
            await asyncio.wait_for(consumer.commit(commit), _COMMIT_TIMEOUT_S)
            self._shown.update(changed)


def _of_faust(partition: TopicPartition) -> TP:
    return TP(partition.topic, partition.partition)


class BatchConsumer(RunConsumer, stock.Consumer):
    """Faust's consumer over a `BatchThread`."""

    _thread: BatchThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._assignment_number = 0

    def _new_consumer_thread(self) -> BatchThread:
        return BatchThread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """The thread waits for this call, so the number read here is that of this assignment."""
        self._assignment_number = self._thread.assignments
        await super().on_partitions_assigned(assigned, generation_id)

    async def take(self, active: set[TP], timeout_s: float) -> list[Run]:
        """The runs that are there."""
        return await self._thread.take(active, timeout_s)

    async def seek_all(self, targets: Mapping[TP, int], epoch: int) -> bool:
        """Position all partitions in one step of the thread."""
        return await self._thread.seek_all(targets, epoch, self._assignment_number)

    async def show(self, offsets: Mapping[TP, int]) -> None:
        """Commit the group's offsets, for displays."""
        await self._thread.show(offsets)


class BatchTransport(stock.Transport):
    """What Faust creates for a `kafka-batch://` URL."""

    Consumer = BatchConsumer
    driver_version = f"kafka-batch/{stock.Transport.driver_version}"
