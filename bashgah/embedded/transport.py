"""The `embedded://` transport: Faust on the broker that lives in this process. One worker with every partition."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from faust.transport import base, drivers
from faust.transport.producer import Producer
from faust.types import TP

from agents.broker.interface import Broker, Reader
from agents.lanes.run import Run
from agents.transport.delivery import RECORDS_PER_FETCH_MAX, RunConsumer
from schemas.records import TopicPartition

_GENERATION = 1


class EmbeddedConsumer(RunConsumer):
    """Faust's consumer over a `Reader`. The group has this one member, so it is assigned everything, once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._broker: Broker = cast(Any, self.app).broker
        self._reader: Reader | None = None
        self._partitions: set[TP] = set()
        self._reading_epoch: int | None = None
        self._next: dict[TP, int] = {}

    # -- assignment

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Take all partitions of these topics."""
        described = await self._broker.describe(sorted(topics))
        self._partitions = {TP(name, number) for name, topic in described.items() for number in range(topic.partitions)}
        self.add_future(self._assign())  # not awaited: assigning waits until this call has returned

    async def _assign(self) -> None:
        self.app.on_rebalance_start()
        await self.on_partitions_revoked(set())
        self.app.consumer_generation_id = _GENERATION
        await self.on_partitions_assigned(set(self._partitions), _GENERATION)

    def assignment(self) -> set[TP]:
        """Every partition of the subscribed topics."""
        return set(self._partitions)

    async def on_stop(self) -> None:
        """Close the reader; the broker belongs to the process."""
        await super().on_stop()
        if self._reader is not None:
            reader, self._reader = self._reader, None
            await reader.close()

    # -- reading

    async def seek_all(self, targets: Mapping[TP, int], epoch: int) -> bool:
        """Position all partitions."""
        if set(targets) != self._partitions:
            return False
        if self._reader is None:
            self._reader = await self._broker.reader()
        await self._reader.assign({TopicPartition(*tp): offset for tp, offset in targets.items()})
        self._next = dict(targets)
        self._reading_epoch = epoch
        return True

    async def take(self, active: set[TP], timeout_s: float) -> list[Run]:
        """The runs that are there."""
        if self._reader is None or self._reading_epoch is None:
            await self.sleep(timeout_s)
            return []
        reader, epoch = self._reader, self._reading_epoch
        wanted = {TopicPartition(*tp) for tp in active}
        reader.pause([tp for tp in map(_of_broker, self._partitions) if tp not in wanted])
        reader.resume(wanted)
        fetched = await reader.fetch(int(timeout_s * 1000), RECORDS_PER_FETCH_MAX)
        stable = await self._broker.end_offsets(sorted(wanted))
        runs = []
        for tp in sorted(wanted):
            start, end = self._next[TP(*tp)], await reader.position(tp)
            if end > start:
                self._next[TP(*tp)] = end
                records = fetched.get(tp, [])
                runs.append(Run(tp.topic, tp.partition, start, end, max(stable[tp], end), epoch, records))
        return runs

    async def show(self, offsets: Mapping[TP, int]) -> None:
        """Nobody looks at the lag of a group inside one process."""

    # -- what Faust asks of every consumer

    def topic_partitions(self, topic: str) -> int | None:
        """How many partitions a subscribed topic has."""
        return sum(tp.topic == topic for tp in self._partitions) or None

    def highwater(self, tp: TP) -> int:
        """The position: what lies beyond it is only known by asking the broker."""
        return self._next.get(tp, 0)

    def _closed(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("the lanes alone say where to read; Faust's own ways are closed")

    # What Faust's class leaves to its transports and `RunConsumer` makes superfluous.
    _commit = _getmany = _new_topicpartition = _seek = _to_message = _closed
    create_topic = earliest_offsets = highwaters = key_partition = position = seek_to_committed = seek_wait = _closed


def _of_broker(tp: TP) -> TopicPartition:
    return TopicPartition(*tp)


class NoProducer(Producer):
    """Faust sends nothing itself: outputs go through the lanes' transactional producers."""


class EmbeddedTransport(base.Transport):
    """What Faust creates for an `embedded://` URL."""

    Consumer = EmbeddedConsumer
    Producer = NoProducer
    default_port = 0
    driver_version = "embedded"


def register() -> None:
    """From now on Faust finds this transport by its scheme."""
    drivers.TRANSPORTS.aliases["embedded"] = f"{__name__}:{EmbeddedTransport.__name__}"
