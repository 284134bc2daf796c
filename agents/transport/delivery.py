"""What both transports share: seeks by the lanes' watermarks, epochs, back-pressure and the delivery of runs.

Faust asks its consumer for messages, tells it to seek after a rebalance and to commit now and then. Here the lanes
decide all three: a seek goes to their watermarks, a "commit" only shows the watermarks to whoever looks at the group's
lag, and a partition whose lane has enough is left alone until it asks again.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Protocol, cast

from faust.transport.consumer import Consumer
from faust.types import TP, Message

from agents.lanes.run import Run
from agents.transport.run import RunMessage
from schemas.records import TopicPartition

RECORDS_PER_RUN_MAX = 2_000
"""A longer run is cut, so that one message stays far below what a lane takes into a transaction."""
RECORDS_PER_FETCH_MAX = 10_000
"""With every partition paused by its lane, no more than one fetch of this size is on its way to them."""
WAIT_S = 0.25
"""How long one fetch waits for records."""


class Lanes(Protocol):
    """What a transport needs to know from the lanes."""

    def seek_targets(self, generation: int, epoch: int) -> Mapping[TopicPartition, int] | None:
        """Where each input partition is to be read from; None when no lanes are open for this generation."""

    def watermarks(self) -> Mapping[TopicPartition, int]:
        """The next offset of each input partition, as the lanes' transactions have it."""

    async def submit(self, run: Run) -> None:
        """Take a run of a current epoch for its lane, drop any other. Does not wait for a lane that has enough: that
        one pauses its partitions, while an agent that waits would keep the runs of its topic from every lane."""


class RunConsumer(Consumer):
    """A Faust consumer that yields one message per run. Subclasses read from a broker; here is said what and when."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lanes: Lanes = cast(Any, self.app).lanes
        self._epoch = 0
        self._held: set[TP] = set()
        self._released = asyncio.Event()

    # -- for subclasses

    async def take(self, active: set[TP], timeout_s: float) -> list[Run]:
        """The runs that are there, waiting at most `timeout_s` for the first; takes from `active` partitions only."""
        raise NotImplementedError

    async def seek_all(self, targets: Mapping[TP, int], epoch: int) -> bool:
        """Position all partitions at once, from now on in `epoch`; False when the assignment has changed meanwhile."""
        raise NotImplementedError

    async def show(self, offsets: Mapping[TP, int]) -> None:
        """Write the group's committed offsets, for displays only."""
        raise NotImplementedError

    # -- called by Faust

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109 - Faust's signature
        """Deliver what has arrived.

        Nothing is sought here: Faust's own consumer seeks back when it finds the flow stopped, which with a seek of
        the resuming rebalance under way would position the partitions twice.
        """
        if not self.flow_active:
            await self.wait(cast(Any, self.can_resume_flow))
        active = self.assignment() - self._held
        if not active:
            await self._wait_for_release(min(timeout, WAIT_S))
            return
        runs = await self.take(active, min(timeout, WAIT_S))
        if runs and not self.flow_active:
            # A fetch may wait from before a rebalance until after its seek. What it brings is of the new epoch then,
            # and nobody will bring it again.
            await self.wait(cast(Any, self.can_resume_flow))
        if self.should_stop:
            return
        generation = self.app.consumer_generation_id
        for run in runs:
            if run.epoch != self._epoch:
                continue
            tp = TP(run.topic, run.partition)
            for part in run.parts(RECORDS_PER_RUN_MAX):
                yield tp, RunMessage(part, generation)

    async def perform_seek(self) -> None:
        """Go to the lanes' watermarks. Faust calls it after `on_rebalance_complete`, before the flow resumes."""
        generation = self.app.consumer_generation_id
        self._epoch += 1
        targets = self.lanes.seek_targets(generation, self._epoch)
        places = {TP(*place): offset for place, offset in (targets or {}).items()}
        if targets is None or not await self.seek_all(places, self._epoch):
            self.log.info("no seek in generation %s: the next rebalance has begun", generation)
            return
        for tp in places:
            self._read_offset[tp] = None  # Faust would drop what lies before the offset it saw last
        self.log.info("seek %s of generation %s: %s partitions", self._epoch, generation, len(places))

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Show the watermarks as the group's offsets. Nothing resumes from them, so a failure is only logged."""
        offsets = self.lanes.watermarks()
        if not offsets:
            return False
        try:
            await self.show({TP(*place): offset for place, offset in offsets.items()})
        except Exception as error:  # noqa: BLE001 - whatever it is, it may not stop the lanes
            self.log.warning("group offsets not updated (they are for display only): %r", error)
            return False
        return True

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's livelock detector goes by acknowledgements, which are not used; the lanes watch themselves."""

    # -- back-pressure: by partition, never by blocking an agent, which would stop the lanes that wait for its others

    def pause_partitions(self, tps: Iterable[tuple[str, int]]) -> None:
        """Stop delivering these partitions (Faust during a rebalance, a lane that has enough)."""
        held = {TP(*tp) for tp in tps}
        self._held |= held
        super().pause_partitions(held)

    def resume_partitions(self, tps: Iterable[tuple[str, int]]) -> None:
        """Deliver these partitions again."""
        released = {TP(*tp) for tp in tps}
        self._held -= released
        super().resume_partitions(released)
        self._released.set()

    def on_buffer_full(self, tp: TP) -> None:
        """An agent's buffer is full: it holds a reference per run and empties without waiting, so nothing to do."""

    def on_buffer_drop(self, tp: TP) -> None:
        """The counterpart of `on_buffer_full`."""

    async def _wait_for_release(self, timeout_s: float) -> None:
        self._released.clear()
        try:
            await asyncio.wait_for(self._released.wait(), timeout_s)
        except TimeoutError:
            return
