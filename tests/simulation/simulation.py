"""One club under faults, from one seed: workers die between any two steps, partitions move, zombies come back, runs
arrive twice or not at all, disks fall behind or are lost. At the end nothing of it may be seen in what was published.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import NamedTuple

from agents.lanes.catch_up import PARTIAL
from agents.lanes.dead_letter_limit import Limit
from agents.lanes.lane import Lane
from agents.lanes.options import LaneOptions
from agents.process.exit_codes import ClubError
from agents.scoring.batch import Limits
from agents.topics.changelog import last_watermark
from agents.topics.partition_counts import INPUT_NAMES
from bashgah.admin.lanes import resume
from bashgah.admin.resume import Skip
from schemas import topics
from tests.simulation.club_world import ClubWorld
from tests.simulation.reckoning import read_all, reckon
from tests.simulation.reckoning_boards import reckon_final_ranks, reckon_ranks
from tests.simulation.sim_worker import Chances, SimWorker
from tests.simulation.virtual_time import run

_SETTLE_S = 900.0
_REPLAYS_MAX = 500


class Outcome(NamedTuple):
    """What a simulation came to: how workers ended by exit code, records recounted, a digest of all that was published,
    which a second run of the seed must give again, and how many of the records an operator has left out.
    """

    exits: dict[int, int]
    records: int
    digest: str
    skips: int


def simulate(seed: int, events: int = 300, faults: bool = True, festivals: bool = False) -> Outcome:
    """Run one seed. AssertionError with what went wrong; the seed replays it."""
    try:
        return run(_Simulation(seed, events, faults, festivals=festivals).run())
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error


def simulate_replay(seed: int, events: int = 300, faults: bool = True, festivals: bool = False) -> Outcome:
    """The same with one worker on a replay clock, which is started again until it comes to the end."""
    try:
        return run(_Simulation(seed, events, faults, replay=True, festivals=festivals).run_replay())
    except AssertionError as error:
        raise AssertionError(f"replay of seed {seed}: {error}") from error


class _Simulation:
    def __init__(self, seed: int, events: int, faults: bool, replay: bool = False, festivals: bool = False) -> None:
        draw = self.draw = Random(f"simulation {seed}")
        self.world = ClubWorld(seed, draw.choice((1, 2, 3)), events, festivals)
        self.festivals = festivals
        self.chances = _chances(draw) if faults else Chances()
        options = LaneOptions(
            replay=replay,
            merge_wait_ms=None if replay else draw.choice((1_000, 5_000)),
            ends_age_ms=0,
            tick_interval_ms=draw.choice((700, 3_000, 10_000)),
            batch_records_max=draw.choice((1, 3, 20, 500)),
            queue_records_max=draw.choice((2, 10, 1_000)),
            work_members_max=draw.choice((1, 3, 100)),
            board_interval_ms=0,  # the wall clock stands still once everything is published
            dead_letters=Limit(100, 1_000),
            patience_ms=20_000,
            limits=Limits(members_max=draw.choice((1, 5, 1_000)), outputs_max=draw.choice((1, 30, 1_000))),
        )
        records_max = draw.choice((1, 5, 1_000))
        self.options = options
        self.operator = Random(f"operator {seed}")
        self.skips = 0
        self.faults = faults
        self.workers = [
            SimWorker(f"worker-{number}", self.world, options, self.chances, records_max, festivals)
            for number in range(draw.choice((1, 2, 3)))
        ]

    async def run(self) -> Outcome:
        """Publish under faults, then let it settle without them, and reckon."""
        world = self.world
        await world.prepare()
        await self._revive()
        publishing = asyncio.ensure_future(world.publish_all(self._pause_s))
        while not publishing.done():
            await asyncio.sleep(self.draw.uniform(0.1, 3))
            if self.faults:
                await self._strike()
                if self.operator.random() < 0.2:
                    await self._skip()
            await self._revive(force=False)
        publishing.result()
        self._calm()
        await self._settle()
        lanes = {number: lane for each in self.workers if each.lanes for number, lane in each.lanes.lanes.items()}
        for worker in self.workers:
            await worker.stop()
        gave_up = sum(worker.waits.gave_up for worker in self.workers)
        return await self._outcome(replay=False, strict_order=gave_up == 0, lanes=lanes)

    async def run_replay(self) -> Outcome:
        """Publish, score what is there, publish the rest, score that."""
        world, worker = self.world, self.workers[0]
        await world.prepare()
        publishing = asyncio.ensure_future(world.publish_all(self._pause_s))
        while not publishing.done():
            await asyncio.sleep(self.draw.uniform(1, 30))
            await worker.replay()
        publishing.result()
        for _ in range(_REPLAYS_MAX):
            if await worker.replay():
                return await self._outcome(replay=True, strict_order=True)
        raise AssertionError(f"not at the end after {_REPLAYS_MAX} starts: {worker.exits[-1:]}")

    async def _outcome(self, replay: bool, strict_order: bool, lanes: Mapping[int, Lane] | None = None) -> Outcome:
        assert not self.world.failures, "\n".join(self.world.failures)
        reckoned = await reckon(self.world, replay, strict_order, self.festivals)
        if self.festivals and lanes is not None:
            reckon_ranks(lanes, reckoned.auditors)
            await reckon_final_ranks(lanes, reckoned.auditors)
        exits: dict[int, int] = {}
        for worker in self.workers:
            for problem in worker.exits:
                exits[int(problem.code)] = exits.get(int(problem.code), 0) + 1
        return Outcome(exits, reckoned.records + self.skips, reckoned.digest, self.skips)

    # -- what happens

    def _pause_s(self) -> float:
        kind = self.draw.random()
        if kind < 0.7:
            return 0.0
        return self.draw.uniform(0, 0.3) if kind < 0.97 else self.draw.uniform(1, 12)

    async def _strike(self) -> None:
        """One fault from outside of the workers."""
        draw, worker = self.draw, self.draw.choice(self.workers)
        kind = draw.random()
        if kind < 0.15:
            if worker.up:
                worker.kill()
            if worker.disks and draw.random() < 0.5:
                disk = worker.disks[draw.choice(sorted(worker.disks))]
                if draw.random() < 0.5:
                    disk.fall_back()
                else:
                    disk.clear()
        elif kind < 0.3:
            await worker.stop()
        elif kind < 0.5:
            await self._rebalance(leave_out=worker if draw.random() < 0.5 else None)
        elif kind < 0.6:
            for number in sorted(worker.disks):
                worker.disks[number].keep_older()
        elif kind < 0.7:
            self.world.broker.compact(topics.STATE.name)
            self.world.broker.compact(topics.COORDINATOR.name)
        elif any(each.frozen for each in self.workers):
            await self._rebalance(leave_out=next(each for each in self.workers if each.frozen))

    async def _skip(self) -> None:
        """An operator leaves out the next record of some input, or one that is not next, whoever is at work there."""
        number, topic = self.operator.randrange(self.world.partitions), self.operator.choice(INPUT_NAMES)
        watermark = await last_watermark(self.world.broker, number)
        assert watermark is not None
        offset = watermark.offsets[topic] + self.operator.choice((0, 0, 0, 1, -1))
        with suppress(ClubError):
            await resume(
                self.world.broker, number, Skip(topic, offset), "operator", "drawn", self.options, self.world.wall_ms
            )
            self.skips += 1

    async def _revive(self, force: bool = True) -> None:
        """Start the workers that are down, as a supervisor would, and share the partitions out again."""
        down = [worker for worker in self.workers if not worker.up]
        if down and (force or self.draw.random() < 0.7):
            for worker in down:
                await worker.start()
            await self._rebalance()

    async def _rebalance(self, leave_out: SimWorker | None = None) -> None:
        """Share the partitions out. Whoever is left out does not hear of it and goes on: a zombie."""
        able = [worker for worker in self.workers if worker.up and worker is not leave_out]
        if not able:
            return
        await asyncio.gather(*(worker.revoke() for worker in able))
        shares: dict[SimWorker, list[int]] = {worker: [] for worker in able}
        for number in range(self.world.partitions):
            shares[self.draw.choice(able)].append(number)
        opening = [asyncio.ensure_future(worker.assign(share)) for worker, share in shares.items()]
        if self.faults and self.draw.random() < 0.2:
            await asyncio.sleep(self.draw.uniform(0, 0.5))  # the next rebalance may come during this one
        else:
            await asyncio.gather(*opening)

    def _calm(self) -> None:
        for name in vars(self.chances):
            setattr(self.chances, name, 0.0)
        self.faults = False

    async def _settle(self) -> None:
        """Until every lane has consumed everything and ticked at the present wall clock."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _SETTLE_S
        await self._rebalance()
        while not await self._settled():
            assert loop.time() < deadline, f"not settled: {[worker.exits[-1:] for worker in self.workers]}"
            assert not self.world.failures, "\n".join(self.world.failures)
            await asyncio.sleep(1)
            await self._revive()

    async def _settled(self) -> bool:
        lanes = [lane for worker in self.workers if worker.lanes for lane in worker.lanes.lanes.values()]
        if {lane.partition for lane in lanes} != set(range(self.world.partitions)) or any(lane.busy for lane in lanes):
            return False
        for number in range(self.world.partitions):
            watermark = await last_watermark(self.world.broker, number)
            assert watermark is not None
            if watermark.last_tick != self.world.now_ms:
                return False
            for name in INPUT_NAMES:
                last = max((o for t, p, o in self.world.published if (t, p) == (name, number)), default=-1)
                if watermark.offsets[name] <= last:
                    return False
            awards = await read_all(self.world, topics.COMMAND.name, number) if self.festivals else []
            if awards and watermark.offsets[topics.COMMAND.name] <= awards[-1].offset:
                return False
        return await self._coordinated()

    async def _coordinated(self) -> bool:
        """Whether the coordinator has done all that the lanes told it."""
        if not self.festivals:
            return True
        told = (await self.world.broker.end_offsets([PARTIAL]))[PARTIAL]
        hosts = [worker.lanes.companion for worker in self.workers if worker.lanes and 0 in worker.lanes.lanes]
        return bool(hosts) and all(host is not None and host.done(told) for host in hosts)


def _chances(draw: Random) -> Chances:
    """Which faults a run has, and how often; most runs have only some."""
    chances = Chances()
    for name, most in (
        ("crash_in_transaction", 0.03),
        ("crash_in_store", 0.03),
        ("unknown", 0.03),
        ("slow", 0.2),
        ("frozen", 0.02),
        ("away", 0.02),
        ("repeat_run", 0.01),
        ("lose_run", 0.01),
        ("late_run", 0.05),
    ):
        if draw.random() < 0.5:
            setattr(chances, name, draw.uniform(0, most))
    return chances
