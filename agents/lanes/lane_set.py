"""All lanes of a worker: opened when partitions are assigned, fed with runs, closed when they are taken away.

Whoever carries records here, Faust's agents or `LaneDriver`, asks `seek_targets` where to read from after `open_all`
and gives the epoch of that seek with every run. A run of another epoch is dropped: it will be read again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Protocol

from agents.broker.errors import BrokerError
from agents.broker.interface import Broker
from agents.lanes.end_offsets import EndOffsets
from agents.lanes.input import Input
from agents.lanes.lane import Lane
from agents.lanes.observer import LaneObserver
from agents.lanes.opening import StoreFactory, open_lanes
from agents.lanes.options import LaneOptions
from agents.lanes.run import Run
from agents.lanes.spec import NEEDED, check_topics
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError
from agents.process.watched_file import LOOKS_EACH_S, take_in
from agents.task.refusal import Fault, TaskRefused, problem_of
from agents.topics.partition_counts import COPARTITIONED, INPUT_NAMES, REMEDY, raised
from agents.topics.programmes import ProgrammeFollower
from schemas.kafka.batch_body import PieceCount
from schemas.records import TopicPartition

log = logging.getLogger(__name__)

_WATCH_INTERVAL_S = 1.0
_TOPICS_INTERVAL_S = 10.0
_CLOSE_SLACK_S = 5.0


class Flow(Protocol):
    """Whoever fetches for the lanes: stops and goes on by partition, so that a full lane holds up no other."""

    def pause_partitions(self, tps: Iterable[TopicPartition]) -> None:
        """Fetch nothing of these for now."""

    def resume_partitions(self, tps: Iterable[TopicPartition]) -> None:
        """Fetch these again."""


class Companion(Protocol):
    """What runs once in the whole club, beside lane 0: whoever has that lane has it too."""

    async def open(self) -> None:
        """Take it over from whoever had it. Raises `ClubError`; nothing is open then."""

    def start(self) -> None:
        """Begin."""

    def stalled_s(self, now: float) -> float:
        """For how long there has been something to do, and nothing of it was done."""
        ...

    def done(self, offset: int) -> bool:
        """Whether it has done all that lanes told it before this offset of `club.partial`."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go."""


Fatal = Callable[[ClubError], None]


class LaneSet:
    """The lanes of one process. `on_fatal` is called once, with the `problem` that ends the process.

    `flow` may be set at any time; without one the lanes' queues have no bound.
    """

    def __init__(
        self,
        broker: Broker,
        stores: StoreFactory,
        options: LaneOptions,
        on_fatal: Callable[[ClubError], None],
        observer: LaneObserver | None = None,
        wall_ms: Callable[[], int] = wall_clock,
        companion: Callable[[Fatal], Companion] | None = None,
    ) -> None:
        """`companion` makes what runs beside lane 0; it is given what to tell of a problem that ends the process."""
        self.companion: Companion | None = None
        self._new_companion = companion
        self._broker = broker
        self.options = options
        self.lanes: dict[int, Lane] = {}
        self._alive: dict[int, Lane] = {}  # those that take runs, and those that finish their last transaction
        self.flow: Flow | None = None
        self.problem: ClubError | None = None
        self.follower = ProgrammeFollower(broker, self._wake_all)
        self._ends = EndOffsets(broker, self._all_inputs, options.patience_ms / 1000)
        self._observer = observer or LaneObserver()
        self._wall_ms = wall_ms
        self._stores = stores
        self._on_fatal = on_fatal
        self._generation: int | None = None
        self._paused: set[TopicPartition] = set()
        self._lock = asyncio.Lock()
        self._opening: asyncio.Task[None] | None = None
        self._services: list[asyncio.Task[None]] = []

    # -- life

    async def start(self) -> None:
        """Read the programmes, then follow them and watch for lanes that stand still. Raises `ClubError`."""
        await self.follower.open()
        self._services = [
            asyncio.create_task(self._serve(self.follower.follow), name="programmes"),
            asyncio.create_task(self._serve(self._watch), name="stall-watch"),
            asyncio.create_task(self._serve(self._watch_topics), name="topic-watch"),
            asyncio.create_task(self._serve(self._watch_keys), name="key-watch"),
        ]

    async def stop(self) -> None:
        """Finish what is under way and close everything."""
        await self.close_all()
        for service in self._services:
            service.cancel()
        await asyncio.gather(*self._services, return_exceptions=True)
        self._services = []
        await self.follower.close()

    # -- assignment

    async def open_all(self, assignment: Iterable[tuple[str, int]], generation: int) -> None:
        """Open the lanes of an assignment of input partitions, closing what is open.

        Returns without lanes when `close_all` came meanwhile. Raises `ClubError`; nothing is open then.
        """
        inputs = {TopicPartition(*each) for each in assignment if each[0] in INPUT_NAMES}
        numbers = sorted({place.partition for place in inputs})
        for number in numbers:
            lacking = [name for name in INPUT_NAMES if (name, number) not in inputs]
            if lacking:
                check_topics(await self._broker.describe(NEEDED), [])
                reason = f"assigned without {', '.join(lacking)}: the inputs are not co-partitioned"
                raise TaskRefused(f"lane {number}", reason, "give all inputs one number of partitions")
        self._opening = asyncio.create_task(self._open(numbers, generation), name="opening")
        try:
            await asyncio.shield(self._opening)
        except asyncio.CancelledError:
            if self._opening.cancelled():
                log.info("opening of generation %s was given up", generation)
                return
            self._opening.cancel()
            raise
        except Exception as error:
            raise problem_of(error, "opening") from error

    async def close_all(self) -> None:
        """Close every lane after the transaction that it is in; end an opening under way."""
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
            await asyncio.wait([self._opening])
        async with self._lock:
            await self._close()

    async def _open(self, numbers: list[int], generation: int) -> None:
        async with self._lock:
            await self._close()
            if not numbers:
                self._generation = generation
                return
            began = asyncio.get_running_loop().time()
            for number in numbers:
                self._observer.opening(number)
            opened = await open_lanes(
                self._broker, self.follower, numbers, self._stores, self.options, self._observer, self._wall_ms
            )
            for number, task in opened.items():
                lane = Lane(number, task, self, self.follower, self.options, self._observer, self._wall_ms)
                self.lanes[number] = self._alive[number] = lane
            self._generation = generation
            for lane in self.lanes.values():
                lane.start()
                self._observer.opened(lane.partition, asyncio.get_running_loop().time() - began)
            if 0 in numbers and self._new_companion is not None:
                companion = self._new_companion(self._fail)
                await companion.open()
                self.companion = companion
                companion.start()

    async def _close(self) -> None:
        self._generation = None
        companion, self.companion = self.companion, None
        if companion is not None:
            await companion.close()
        lanes, self.lanes = self.lanes, {}
        timeout_s = self.options.patience_ms / 1000 + _CLOSE_SLACK_S
        await asyncio.gather(*(lane.close(timeout_s) for lane in lanes.values()))
        self._alive.clear()
        self._paused.clear()

    def fix_ends(self, ends: Mapping[TopicPartition, int]) -> None:
        """Take these for the ends of the inputs from now on, whatever is added to them."""
        for place, source in self._all_inputs():
            source.fix_end(ends[place])

    # -- what carries records

    def seek_targets(self, generation: int, epoch: int) -> dict[TopicPartition, int] | None:
        """Where each input is to be read from, in `epoch` from now on; None when this generation has no lanes."""
        if generation != self._generation:
            return None
        for lane in self.lanes.values():
            lane.epoch = epoch
        return {
            TopicPartition(name, number): source.position
            for number, lane in self.lanes.items()
            for name, source in lane.inputs.items()
        }

    def watermarks(self) -> dict[TopicPartition, int]:
        """The next offset of each input as committed; for displays."""
        return {
            TopicPartition(name, number): offset
            for number, lane in self.lanes.items()
            for name, offset in lane.watermark.offsets.items()
        }

    async def submit(self, run: Run) -> None:
        """Give a run to its lane; never waits, the lane pauses its partitions when it has enough."""
        lane = self.lanes.get(run.partition)
        if lane is None or run.epoch != lane.epoch:
            return
        try:
            lane.receive(run)
        except Fault as fault:
            self.ended(lane, fault)
            return
        self._pause(lane)

    # -- flow

    def _pause(self, lane: Lane) -> None:
        full = lane.queued >= self.options.queue_records_max or lane.queued_bytes >= self.options.queue_bytes_max
        if self.flow is None or not full:
            return
        # Never an input without records: the merge may be waiting for that one.
        filled = {TopicPartition(name, lane.partition) for name, source in lane.inputs.items() if source.records}
        if filled - self._paused:
            self.flow.pause_partitions(filled - self._paused)
            self._paused |= filled

    def _relieve(self, lane: Lane) -> None:
        mine = {place for place in self._paused if place.partition == lane.partition}
        if lane.queued * 2 > self.options.queue_records_max or lane.queued_bytes * 2 > self.options.queue_bytes_max:
            # Full still, but an input that has run empty must not stay paused: the merge waits for it.
            mine = {place for place in mine if not lane.inputs[place.topic].records}
        if mine and self.flow is not None:
            self._paused -= mine
            self.flow.resume_partitions(mine)

    # -- services

    async def _watch(self) -> None:
        read = PieceCount.pieces
        while True:
            await asyncio.sleep(_WATCH_INTERVAL_S)
            now = asyncio.get_running_loop().time()
            if PieceCount.pieces != read:
                read = PieceCount.pieces
                for lane in self.lanes.values():
                    lane.still_reads(now)
            stalled = [(f"lane {lane.partition}", lane.stalled_s(now)) for lane in self.lanes.values()]
            if self.companion is not None:
                stalled.append(("coordinator", self.companion.stalled_s(now)))
            for name, seconds in stalled:
                if seconds * 1000 > self.options.stall_ms:
                    reason = f"records wait and nothing was committed for {self.options.stall_ms / 1000:.0f} s"
                    raise Fault(name, reason, "the restart begins from the changelog; see the log")

    async def _watch_topics(self) -> None:
        """Tell of inputs with partitions that nobody reads, as soon as there are any: records of theirs wait there."""
        told: list[str] = []
        while True:
            with suppress(BrokerError):  # the lanes notice that as well
                found = [str(each) for each in raised(await self._broker.describe(COPARTITIONED))]
                if found != told:
                    if found:
                        log.error("%s; %s", "; ".join(found), REMEDY)
                    self._observer.topics_differ(found)
                told = found
            await asyncio.sleep(_TOPICS_INTERVAL_S)

    async def _watch_keys(self) -> None:
        """Sign with, and believe, the keys of replays as their file has them now."""
        while True:
            await asyncio.sleep(LOOKS_EACH_S)
            take_in(self.options.replay_keys.refresh, "the file of keys of replays")

    async def _serve(self, service: Callable[[], Awaitable[None]]) -> None:
        try:
            await service()
        except Exception as error:  # noqa: BLE001 - whatever ends a service ends the process
            self._fail(problem_of(error, "worker"))

    # -- for the lanes

    async def ask_ends(self) -> None:
        """See `LaneHost`."""
        await self._ends.ask()

    def advanced(self, lane: Lane) -> None:
        """See `LaneHost`."""
        self._relieve(lane)

    def ended(self, lane: Lane, error: BaseException) -> None:
        """See `LaneHost`."""
        problem = problem_of(error, f"lane {lane.partition}")
        self._observer.failed(lane.partition, problem.code)
        log.error("lane %s ends: %s", lane.partition, problem, exc_info=None if problem is error else error)
        self._fail(problem)

    def _fail(self, problem: ClubError) -> None:
        if self.problem is None:
            self.problem = problem
            self._on_fatal(problem)

    def _wake_all(self) -> None:
        for lane in self.lanes.values():
            lane.wake()

    def _all_inputs(self) -> Iterator[tuple[TopicPartition, Input]]:
        for number, lane in self._alive.items():
            for name, source in lane.inputs.items():
                yield TopicPartition(name, number), source
