"""Lanes that only keep what a transport gives them, and an app around them; for tests of transports."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from faust.types import TP

from agents.app import ClubApp, faust_app
from agents.broker.interface import Broker, TopicSpec
from agents.lanes.run import Run
from agents.process.settings import load
from bashgah.embedded import transport
from schemas import topics
from schemas.records import OutputRecord

PARTITIONS = 3


class RecordingLanes:
    """They take runs that chain only, as real lanes do. `next` is what they have of each partition."""

    def __init__(self) -> None:
        self.generation: int | None = None
        self.epoch = 0
        self.next: dict[TP, int] = {}
        self.runs: dict[TP, list[Run]] = defaultdict(list)
        self.assigned: set[TP] = set()
        self.holes: list[str] = []

    def bind(self, app: ClubApp) -> None:
        """Hear of assignments."""
        app.on_rebalance_complete.connect(self._opened, weak=False)
        app.on_partitions_revoked.connect(self._closed, weak=False)

    async def _opened(self, app: Any, **_: Any) -> None:
        self.generation = app.consumer_generation_id
        self.assigned = {TP(*tp) for tp in app.consumer.assignment()}
        for tp in self.assigned:
            self.next.setdefault(tp, 0)

    async def _closed(self, app: Any, *_: Any, **__: Any) -> None:
        self.generation = None

    def seek_targets(self, generation: int, epoch: int) -> Mapping[TP, int] | None:
        if generation != self.generation:
            return None
        self.epoch = epoch
        return {tp: self.next[tp] for tp in self.assigned}

    def watermarks(self) -> Mapping[TP, int]:
        return {tp: self.next[tp] for tp in self.assigned} if self.generation is not None else {}

    async def submit(self, run: Run) -> None:
        if run.epoch != self.epoch:
            return
        tp = TP(run.topic, run.partition)
        if run.start != self.next[tp]:
            self.holes.append(f"hole in {tp}: {self.next[tp]} … {run.start}")
            return
        assert all(run.start <= record.offset < run.end <= run.stable for record in run.records)
        self.next[tp] = run.end
        self.runs[tp].append(run)

    def values(self, tp: TP) -> list[bytes | None]:
        """What was received of a partition."""
        return [record.value for run in self.runs[tp] for record in run.records]


async def create_inputs(broker: Broker) -> None:
    """The five input topics, empty."""
    names = [topic.name for topic in topics.INPUTS]
    there = await broker.describe(names)
    if there:
        await broker.delete_topics(list(there))
    await broker.create_topics([TopicSpec(name, PARTITIONS) for name in names])


@asynccontextmanager
async def running(broker: Broker, url: str, lanes: RecordingLanes, folder: Path, group: str) -> AsyncIterator[ClubApp]:
    """A started app with these lanes."""
    settings = load({}, app_id=group, broker_url=url, data_dir=folder, heartbeat_interval_ms=500)
    transport.register()
    app = faust_app(settings, broker, lanes)
    lanes.bind(app)
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)


def outputs(topic: str, partition: int, values: range) -> list[OutputRecord]:
    """Records whose values are numbers."""
    return [OutputRecord(topic, partition, b"m%d" % value, b"%d" % value) for value in values]
