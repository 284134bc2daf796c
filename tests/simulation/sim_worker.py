"""A worker in the simulation: lanes and their driver, on a machine whose disk and network misbehave as drawn.

A crash ends the worker's tasks where they stand and leaves everything unclosed, as a killed process would.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from agents.boards.host import CoordinatorHost
from agents.boards.options import CoordinatorOptions
from agents.broker.errors import OutcomeUnknown, Unreachable
from agents.lanes.catch_up import replay
from agents.lanes.lane_driver import LaneDriver
from agents.lanes.lane_set import Fatal, LaneSet
from agents.lanes.merge import Wait
from agents.lanes.observer import LaneObserver
from agents.lanes.options import LaneOptions
from agents.lanes.run import Run
from agents.process.exit_codes import ClubError, ExitCode
from agents.task.refusal import Fault
from bashgah.embedded.broker import EmbeddedBroker, Point
from schemas.records import TopicPartition
from tables.store import Copy, MemoryStore, Row
from tests.simulation.club_world import ClubWorld
from tests.simulation.virtual_time import Process, require_alive

COORDINATOR = -1
"""The number under which a machine keeps the coordinator's rows."""


class Crash(BaseException):
    """The process is killed here."""


@dataclass
class Chances:
    """Of each fault, at each place where it can happen. All 0: nothing goes wrong."""

    crash_in_transaction: float = 0.0
    crash_in_store: float = 0.0
    unknown: float = 0.0
    slow: float = 0.0
    frozen: float = 0.0
    away: float = 0.0
    repeat_run: float = 0.0
    lose_run: float = 0.0
    late_run: float = 0.0


class Disk(MemoryStore):
    """The rows of one lane on one machine, with the machine's chances of dying before or after a write."""

    def __init__(self, draw: Random, chances: Chances) -> None:
        super().__init__()
        self._draw = draw
        self._chances = chances
        self.older: Mapping[bytes, bytes] = {}

    def write(self, rows: Sequence[Row], copy: Copy | None = None) -> None:
        require_alive()
        self._may_crash()
        super().write(rows, copy)
        self._may_crash()

    def keep_older(self) -> None:
        """Remember the rows as they are, to come back to."""
        self.older = self.snapshot()

    def fall_back(self) -> None:
        """As if the machine had been restored from what was kept."""
        self.clear()
        super().write(list(self.older.items()))

    def _may_crash(self) -> None:
        if self._draw.random() < self._chances.crash_in_store:
            raise Crash("at a write")


class Network(EmbeddedBroker):
    """One worker's connection to the broker."""

    def __init__(self, world: ClubWorld, worker: "SimWorker") -> None:
        super().__init__(world.log, worker)
        self._worker = worker

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """See the interface; now and then slow, now and then away."""
        await self._worker.request()
        return await super().end_offsets(partitions)


class Lanes(LaneSet):
    """Lanes to which runs arrive twice, late, or not at all."""

    worker: "SimWorker"

    async def submit(self, run: Run) -> None:
        """See `LaneSet`."""
        draw, chances = self.worker.draw, self.worker.chances
        if draw.random() < chances.lose_run:
            self.worker.tampered = True
            return
        await super().submit(run)
        if draw.random() < chances.repeat_run:
            self.worker.tampered = True
            await super().submit(run)
        if draw.random() < chances.late_run:
            self.worker.kept_runs.append(run)
        elif self.worker.kept_runs and draw.random() < 0.3:
            kept = self.worker.kept_runs.pop()
            if kept.epoch != run.epoch:  # of an assignment that is over: it must be dropped
                await super().submit(kept)


class Waits(LaneObserver):
    """Counts the waits of merges that gave up: only then may order be broken."""

    def __init__(self) -> None:
        self.gave_up = 0

    def waited(self, partition: int, wait: Wait) -> None:
        self.gave_up += wait.gave_up


class SimWorker:
    """One worker machine: down, or up with the lanes that it has been given."""

    def __init__(
        self, name: str, world: ClubWorld, options: LaneOptions, chances: Chances, records_max: int,
        coordinates: bool = False,
    ) -> None:  # fmt: skip
        """`coordinates`: whoever has lane 0 runs the coordinator beside it."""
        self.name = name
        self._coordinates = coordinates
        self.world = world
        self.chances = chances
        self.draw = Random(f"{name} {world.seed}")
        self.waits = Waits()
        self.disks: dict[int, Disk] = {}
        self.exits: list[ClubError] = []
        self.kept_runs: list[Run] = []
        self.tampered = False
        self.frozen = False
        self.finished = False
        self.lanes: Lanes | None = None
        self.driver: LaneDriver | None = None
        self._options = options
        self._records_max = records_max
        self._process = Process()

    @property
    def up(self) -> bool:
        """Whether its process runs."""
        return self.lanes is not None

    # -- life

    async def start(self) -> None:
        """Start the process; it has no partitions yet."""
        self.tampered, self.frozen = False, False
        self.kept_runs = []
        self._process = Process()
        await self._do(self._start)

    async def replay(self) -> bool:
        """Start the process on a replay clock and let it run; whether it came to the end."""
        self.tampered = False
        self.kept_runs = []
        self._process = Process()
        self.finished = False
        await self._do(self._replay)
        self.kill()
        return self.finished

    async def _replay(self) -> None:
        broker, lanes = await self._open()
        await replay(broker, lanes)
        await lanes.stop()
        self.finished = True

    async def _start(self) -> None:
        broker, lanes = await self._open()
        self.driver = LaneDriver(broker, lanes, records_max=self._records_max)
        self._process.spawn(self._guard(self.driver.feed))

    async def _open(self) -> tuple[Network, "Lanes"]:
        broker = Network(self.world, self)
        lanes = self.lanes = Lanes(
            broker, self._disk, self._options, self._die, observer=self.waits, wall_ms=self.world.wall_ms,
            companion=self._coordinator if self._coordinates else None,
        )  # fmt: skip
        lanes.worker = self
        await lanes.start()
        return broker, lanes

    def _coordinator(self, fatal: Fatal) -> CoordinatorHost:
        assert self.lanes is not None
        options = CoordinatorOptions.of(self._options)
        follower, wall_ms = self.lanes.follower, self.world.wall_ms
        return CoordinatorHost(
            Network(self.world, self), follower, lambda: self._disk(COORDINATOR), options, fatal, wall_ms=wall_ms
        )

    async def assign(self, partitions: list[int]) -> None:
        """Open the lanes of these partitions."""
        if self.driver is not None:
            await self._do(partial(self.driver.open, partitions))

    async def revoke(self) -> None:
        """Close all lanes."""
        if self.lanes is not None:
            await self._do(self.lanes.close_all)

    async def stop(self) -> None:
        """End the process cleanly (SIGTERM)."""
        if self.lanes is not None:
            await self._do(self.lanes.stop)
            self.kill()

    def kill(self) -> None:
        """End the process here and now (kill -9)."""
        self.lanes = self.driver = None
        self._process.kill()

    async def _do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await asyncio.wait([self._process.spawn(self._guard(work))])

    async def _guard(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except ClubError as problem:
            self._die(problem)
        except Crash as crash:
            self._die(Fault("worker", f"Crash: {crash}", ""))

    # -- faults

    async def reached(self, point: Point, transactional_id: str) -> None:
        """See `Faults`."""
        require_alive()
        draw, chances = self.draw, self.chances
        if draw.random() < chances.slow:
            await asyncio.sleep(draw.random() * 2)
        if draw.random() < chances.frozen:
            self.frozen = self.tampered = True  # for longer than a lane may stand still, when it comes to that
            await asyncio.sleep(draw.uniform(5, 40))
            self.frozen = False
            require_alive()
        if draw.random() < chances.crash_in_transaction:
            raise Crash(point)
        if draw.random() < chances.unknown:
            raise OutcomeUnknown(transactional_id, f"simulated {point}")

    async def request(self) -> None:
        """What any other request to the broker may meet."""
        if self.draw.random() < self.chances.slow:
            await asyncio.sleep(self.draw.random())
        if self.draw.random() < self.chances.away:
            raise Unreachable("broker", "simulated", "wait")

    def _disk(self, partition: int) -> Disk:
        if partition not in self.disks:
            self.disks[partition] = Disk(self.draw, self.chances)
        return self.disks[partition]

    def _die(self, problem: ClubError) -> None:
        if self.up:
            self.exits.append(problem)
            if not self._foreseen(problem):
                self.world.failures.append(f"{self.name} ended with {problem.code}: {problem}")
            self.kill()

    def _foreseen(self, problem: ClubError) -> bool:
        """Whether the worker may end in this way, given what was done to it."""
        if problem.code == ExitCode.FAULT:
            return problem.reason.startswith("Crash") or (
                self.tampered and ("the lane expects" in problem.reason or "nothing was committed" in problem.reason)
            )
        return problem.code in (ExitCode.FENCED, ExitCode.OUTCOME_UNKNOWN, ExitCode.UNREACHABLE)
