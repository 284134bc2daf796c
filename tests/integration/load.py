"""A stream of believable events into the inputs, at a steady rate, from a thread of the test."""

import asyncio
import threading
import time
from collections.abc import Iterator
from itertools import islice

from agents.broker.errors import Unreachable
from agents.broker.interface import Broker
from agents.process.settings import Settings
from bashgah.brokers import broker_of
from bashgah.simulator import BankMessage, Plan, simulate
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import OutputRecord

_SLICE_S = 0.1


class Load(threading.Thread):
    """Publishes `events` records at `rate` a second; `published` counts what is acknowledged.

    When the broker is away it tries again, which may store a record twice: events carry their ids for that.
    """

    def __init__(
        self, settings: Settings, partitions: int, events: int, rate: int, seed: int, members: int = 400,
        start_ms: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name="load", daemon=True)
        self.published = 0
        self.failed: BaseException | None = None
        self._settings = settings
        self._partitions = partitions
        self._rate = rate
        self._stream: Iterator[BankMessage] = islice(
            simulate(Plan(members, seed, start_ms or time.time_ns() // 1_000_000, rate=rate, dirt=0.002)), events
        )
        self._ended = threading.Event()

    def run(self) -> None:
        """Publish until all is out."""
        try:
            asyncio.run(self._publish())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self.failed = error

    def end(self) -> None:
        """Publish no more."""
        self._ended.set()
        self.finish()

    def finish(self, seconds: float = 300.0) -> None:
        """Wait until all is out."""
        self.join(seconds)
        assert not self.is_alive(), f"the load did not get out; {self.published} events did"
        if self.failed is not None:
            raise self.failed

    async def _publish(self) -> None:
        broker = broker_of(self._settings)
        began = time.monotonic()
        try:
            while not self._ended.is_set():
                due = int((time.monotonic() - began) * self._rate) - self.published
                outputs = [
                    output_of(message, self._partitions) for message in islice(self._stream, max(1, min(due, 2_000)))
                ]
                if not outputs:
                    return
                await self._insist(broker, outputs)
                self.published += len(outputs)
                await asyncio.sleep(_SLICE_S)
        finally:
            await broker.close()

    async def _insist(self, broker: Broker, outputs: list[OutputRecord]) -> None:
        while True:
            try:
                return await broker.publish(outputs)
            except Unreachable:
                await asyncio.sleep(0.5)


def output_of(message: BankMessage, partitions: int) -> OutputRecord:
    """A record of the simulated bank as the bank publishes it."""
    key = message.key.encode()
    return OutputRecord(topics.BY_SHORT_NAME[message.topic].name, partition_of(key, partitions), key, message.value)
