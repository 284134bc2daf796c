"""The simulated bank as a publisher: at a rate, and never further ahead of the club than it can catch up soon."""

import asyncio
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice

from agents.broker.interface import Broker
from bashgah.demo.folder import Story
from bashgah.simulator import BankMessage, Plan, simulate
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import OutputRecord

DIRT = 0.003
"""Share of records that break the contract, so that there are dead letters to see."""
AHEAD_EVENTS_MAX = 4_000
_BATCHES_A_SECOND = 25
_BATCH_EVENTS_MAX = 500
_DEBT_S = 0.2
"""A publisher that was held up makes up for so much, not for more."""
_SKIP_EVENTS = 2_000
_HELD_UP_S = 0.01
_NAMES = {short: topic.name for short, topic in topics.BY_SHORT_NAME.items()}
_partition_of = lru_cache(maxsize=200_000)(partition_of)


class Bank:
    """Publishes a story's records behind the first `published`, `events` more of them or without end."""

    def __init__(self, broker: Broker, story: Story, partitions: int, published: int, events: int | None) -> None:
        self.published = published
        self.done = False
        """Whether all that was asked for is published."""
        self._broker = broker
        self._partitions = partitions
        self._skip = published
        self._events = events
        self._messages = simulate(Plan(story.members, story.seed, story.start, dirt=DIRT))

    async def publish(self, rate: int, processed: Callable[[], int]) -> None:
        """At most `rate` records a second, while no more than so many wait beyond what is `processed`."""
        await self._pass_over()
        clock = asyncio.get_running_loop().time
        due = clock()
        for batch in self._batches(max(1, min(_BATCH_EVENTS_MAX, rate // _BATCHES_A_SECOND))):
            while self.published - processed() > AHEAD_EVENTS_MAX:
                await asyncio.sleep(_HELD_UP_S)
            due = max(due, clock() - _DEBT_S) + len(batch) / rate
            await asyncio.sleep(max(0.0, due - clock()))
            await self._broker.publish([self._output(message) for message in batch])
            self.published += len(batch)
        self.done = True

    async def _pass_over(self) -> None:
        """Make what was published before once more: only so is it known what comes next."""
        for begin in range(0, self._skip, _SKIP_EVENTS):
            for _ in islice(self._messages, min(_SKIP_EVENTS, self._skip - begin)):
                pass
            await asyncio.sleep(0)

    def _batches(self, size: int) -> Iterator[list[BankMessage]]:
        messages = islice(self._messages, self._events)
        while batch := list(islice(messages, size)):
            yield batch

    def _output(self, message: BankMessage) -> OutputRecord:
        key = message.key.encode()
        return OutputRecord(_NAMES[message.topic], _partition_of(key, self._partitions), key, message.value)
