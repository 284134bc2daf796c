"""Where the inputs of a process's lanes end: asked for all of them in one request, by whoever needs it first."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from agents.broker.errors import Unreachable
from agents.broker.interface import Broker
from agents.lanes.input import Input
from schemas.records import TopicPartition

log = logging.getLogger(__name__)

_PAUSE_S = 0.5


class EndOffsets:
    """Asks the broker and tells the inputs. `patience_s`: how long a broker may be away before that is an error."""

    def __init__(
        self, broker: Broker, inputs: Callable[[], Iterable[tuple[TopicPartition, Input]]], patience_s: float
    ) -> None:
        self._broker = broker
        self._inputs = inputs
        self._patience_s = patience_s
        self._lock = asyncio.Lock()
        self._begun = 0

    async def ask(self) -> None:
        """Return when a question that was put after this call has been answered and every input knows its end.

        Raises Unreachable when the broker stays away. Whoever comes while one is under way shares the next one.
        """
        wanted = self._begun + 1
        async with self._lock:
            if self._begun >= wanted:
                return
            self._begun += 1
            asked_at = asyncio.get_running_loop().time()
            inputs = dict(self._inputs())
            for partition, end in (await self._answer(list(inputs))).items():
                inputs[TopicPartition(*partition)].learn(end, asked_at)

    async def _answer(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._patience_s
        while True:
            try:
                return dict(await self._broker.end_offsets(partitions))
            except Unreachable as error:
                if loop.time() >= give_up_at:
                    raise
                log.warning("the ends of the inputs are not known, asking again: %s", error)
            await asyncio.sleep(_PAUSE_S)
