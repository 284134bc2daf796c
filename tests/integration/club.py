"""A whole club on real Kafka: topics, programme, workers, load, and the reckoning at the end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from agents.boards.spec import CHANGELOG, PARTIAL
from agents.broker.interface import Broker
from agents.process.clock import wall_clock
from agents.process.settings import load as load_settings
from agents.topics.changelog import last_watermark, newest_watermark
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.provision import TopicPlan, create_missing, look
from bashgah.audit.coordinator import verify_coordinator
from bashgah.audit.lanes import verify
from bashgah.brokers import broker_of
from schemas import topics
from schemas.programme_file import load as load_programme
from schemas.programmes import encode_programme
from schemas.records import OutputRecord, TopicPartition
from tests.integration.audit import audit, audit_boards, audit_live_boards, read_all
from tests.integration.load import Load
from tests.integration.processes import ROOT, WorkerProcess

Answer = TypeVar("Answer")
PROGRAMME = ROOT / "programmes" / "club.yaml"
_TELL_S = 1.0
"""More than a lane waits before it tells what has changed."""


async def prepare(broker: Broker, plan: TopicPlan, programme: str, app_id: str) -> None:
    """Make all topics anew, publish the programme, write every lane's first watermark."""
    there = await look(broker)
    if there:
        await broker.delete_topics(list(there))
    await create_missing(broker, {}, plan)
    read = load_programme(programme, "programme")
    key, value = encode_programme(read.id, read.version, read.effective, programme, wall_clock(), "tests")
    await broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])
    await first_watermarks(broker, "earliest", app_id=app_id)


class Club:
    """Topics made anew, the programme published, first watermarks written. `settings` go to every worker."""

    def __init__(
        self, bootstrap: str, folder: Path, partitions: int = 4, replication: int = 1, **settings: object
    ) -> None:
        self.folder = folder
        self.partitions = partitions
        self.workers: list[WorkerProcess] = []
        self.loads: list[Load] = []
        common = {"broker_url": f"kafka://{bootstrap}", "app_id": "club", "heartbeat_interval_ms": 1_000}
        self._given = {**common, **settings}
        self._replication = replication
        self.programme = PROGRAMME.read_text(encoding="utf-8")

    def __enter__(self) -> "Club":
        self._ask(self._prepare)
        return self

    def __exit__(self, *_: object) -> None:
        for load in self.loads:
            load.end()
        for worker in self.workers:
            worker.end()

    def worker(self, name: str = "one", **settings: object) -> WorkerProcess:
        """A worker, not started."""
        worker = WorkerProcess(name, self.folder, **{**self._given, **settings})
        self.workers.append(worker)
        return worker

    def load(self, events: int, rate: int, seed: int = 1, members: int = 400, start_ms: int | None = None) -> Load:
        """Events on their way from now on; `start_ms`: the time of the first, by default now."""
        load = Load(load_settings({}, **self._given), self.partitions, events, rate, seed, members, start_ms)
        self.loads.append(load)
        load.start()
        return load

    # -- the reckoning

    def settle(self, seconds: float = 120.0, revive: bool = True) -> None:
        """Wait until all that was published is in the lanes' watermarks; keep the workers up meanwhile."""
        for load in self.loads:
            while load.is_alive():
                self._keep_up(revive)
                load.join(0.2)
            load.finish()
        deadline = time.monotonic() + seconds
        told = 0  # where club.partial ended when the lanes had done everything
        while (behind := self._ask(self._behind)) > 0 or not self._ask(partial(self._coordinated, told)):
            if behind == 0 and not told:
                time.sleep(_TELL_S)
                told = self._ask(self._told)
            self._keep_up(revive)
            assert time.monotonic() < deadline, f"{behind} offsets behind after {seconds} s:\n" + "\n".join(
                f"--- {worker.name}, exits {worker.exits}\n{worker.tail(1500)}" for worker in self.workers
            )
            time.sleep(0.3)

    def reckon(self) -> int:
        """Stop the workers cleanly, then verify byte for byte and recount from the inputs. Events recounted."""
        for worker in self.workers:
            if worker.alive:
                worker.stop()
                assert worker.exits[-1] == 0, f"{worker.name} stopped with {worker.exits[-1]}:\n{worker.tail()}"
        return self._ask(self._check)

    def pauses(self, begin_ms: int, end_ms: int) -> dict[int, float]:
        """For each partition the longest time in seconds between two transactions of its lane, within an interval."""

        async def longest(broker: Broker) -> dict[int, float]:
            found = {}
            for partition in range(self.partitions):
                written = [each.timestamp for each in await read_all(broker, topics.JOURNAL.name, partition)]
                stamps = [begin_ms, *(stamp for stamp in written if begin_ms <= stamp <= end_ms), end_ms]
                found[partition] = max(later - earlier for earlier, later in pairwise(stamps)) / 1000
            return found

        return self._ask(longest)

    async def _check(self, broker: Broker) -> int:
        events, auditors = 0, []
        for partition in range(self.partitions):
            verified = await verify(broker, partition)
            taken, auditor = await audit(broker, partition, self.programme)
            events += taken
            auditors.append(auditor)
            assert verified.transactions > 0 or verified.records == 0
        await verify_coordinator(broker)
        await audit_boards(broker, auditors)
        assert await audit_live_boards(broker, self.programme, self.partitions) > 0
        assert events >= sum(load.published for load in self.loads) > 0
        return events

    async def _behind(self, broker: Broker) -> int:
        places = [TopicPartition(topic.name, p) for topic in topics.INPUTS for p in range(self.partitions)]
        ends = await broker.end_offsets(places)
        behind = 0
        for partition in range(self.partitions):
            watermark = await last_watermark(broker, partition)
            assert watermark is not None
            for topic in topics.INPUTS:
                behind += max(0, ends[TopicPartition(topic.name, partition)] - watermark.offsets[topic.name])
        return behind

    @staticmethod
    async def _told(broker: Broker) -> int:
        return (await broker.end_offsets([PARTIAL]))[PARTIAL]

    @staticmethod
    async def _coordinated(told: int, broker: Broker) -> bool:
        """Whether the coordinator has done all that lanes had told it below an offset of club.partial; 0: not yet."""
        watermark = await newest_watermark(broker, CHANGELOG)
        return bool(told) and watermark is not None and watermark.offsets[PARTIAL.topic] >= told

    def _keep_up(self, revive: bool) -> None:
        if revive:
            for worker in self.workers:
                worker.revive()

    # -- set-up

    async def _prepare(self, broker: Broker) -> None:
        plan = TopicPlan(self.partitions, self._replication, max(1, self._replication - 1))
        await prepare(broker, plan, self.programme, str(self._given["app_id"]))

    def _ask(self, question: Callable[[Broker], Awaitable[Answer]]) -> Answer:
        async def ask() -> Answer:
            broker = broker_of(load_settings({}, **self._given))
            try:
                return await question(broker)
            finally:
                await broker.close()

        return asyncio.run(ask())
