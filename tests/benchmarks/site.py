"""A Kafka for one benchmark, and our club on it: topics, programme, first watermarks, a worker process."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from agents.broker.interface import Broker, TopicSpec
from agents.broker.kafka.broker import KafkaBroker
from agents.process.clock import wall_clock
from agents.topics.changelog import last_watermark
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.provision import TopicPlan, look, spec_of
from schemas import topics
from schemas.programme_file import load as load_programme
from schemas.programmes import encode_programme
from schemas.records import OutputRecord, TopicPartition
from tests.benchmarks.results import FOLDER
from tests.integration.processes import WorkerProcess
from tests.kafka.broker import Cluster

Answer = TypeVar("Answer")
PARTITIONS = 4
WRITTEN = (
    *(topic for topic in topics.OUTPUTS if topic is not topics.RECEIPT),
    topics.STATE,
    topics.JOURNAL,
    topics.PARTIAL,
    topics.COORDINATOR,
)
"""What a worker writes, and what is made anew where a run must begin from nothing."""


@contextmanager
def kafka(name: str) -> Iterator[Site]:
    """A broker with an empty folder for the script `name`; BENCHMARK_KAFKA_PORT fixes its port."""
    folder = FOLDER / "work" / name
    shutil.rmtree(folder, ignore_errors=True)
    port = os.environ.get("BENCHMARK_KAFKA_PORT")
    with Cluster(folder / "kafka", port=int(port) if port else None) as cluster:
        yield Site(cluster, folder)
    shutil.rmtree(folder, ignore_errors=True)


class Site:
    """The broker, and a folder for whatever runs against it."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.bootstrap = cluster.bootstrap

    @property
    def broker_pid(self) -> int:
        """The broker's process."""
        process = self.cluster.nodes[0].process
        assert process is not None
        return process.pid

    def ask(self, question: Callable[[Broker], Awaitable[Answer]]) -> Answer:
        """Ask something of the broker over a connection of its own."""

        async def asked() -> Answer:
            broker = KafkaBroker(self.bootstrap)
            try:
                return await question(broker)
            finally:
                await broker.close()

        return asyncio.run(asked())

    # -- our club

    def found_club(self, programme: Path) -> None:
        """Create every topic of the club and publish its programme; no watermarks yet."""
        text = programme.read_text(encoding="utf-8")
        self.ask(lambda broker: _found(broker, _programme_record(text)))

    def begin_anew(self, app_id: str, programme: str | None = None) -> None:
        """Empty whatever a worker writes and let its lanes begin at the first event; the inputs stay. `programme`: the
        text of the one that is there from then on, alone."""
        self.ask(lambda broker: _begin_anew(broker, app_id, programme))

    def worker(self, name: str, **settings: object) -> WorkerProcess:
        """A worker of our club, not started; `name` is its consumer group too."""
        given = {"broker_url": f"kafka://{self.bootstrap}", "app_id": name, "log_level": "warning", **settings}
        return WorkerProcess(name, self.folder, **given)

    def behind(self) -> int:
        """How many offsets of the inputs the lanes' watermarks lack."""
        return self.ask(_behind)

    def rows(self) -> int:
        """Records in the lanes' changelog."""
        return self.ask(_changelog_records)


def output_spec(name: str, partitions: int = PARTITIONS) -> TopicSpec:
    """A topic for a peer's outputs, which like ours say when the broker appended each."""
    return TopicSpec(name, partitions, 1, {"message.timestamp.type": "LogAppendTime"})


def _spec(topic: topics.Topic) -> TopicSpec:
    spec = spec_of(topic, TopicPlan(PARTITIONS, 1, 1))
    if topic not in topics.OUTPUTS:
        return spec
    return TopicSpec(spec.name, spec.partitions, 1, {**spec.config, "message.timestamp.type": "LogAppendTime"})


def _programme_record(text: str) -> tuple[bytes, bytes]:
    read = load_programme(text, "programme")
    return encode_programme(read.id, read.version, read.effective, text, wall_clock(), "benchmark")


async def _found(broker: Broker, programme: tuple[bytes, bytes]) -> None:
    await broker.create_topics([_spec(topic) for topic in topics.TOPICS])
    await broker.publish([OutputRecord(topics.PROGRAMME.name, 0, *programme)])


async def _begin_anew(broker: Broker, app_id: str, programme: str | None) -> None:
    there = await look(broker)
    anew = WRITTEN if programme is None else (*WRITTEN, topics.PROGRAMME)
    await broker.delete_topics([topic.name for topic in anew if topic.name in there])
    await broker.create_topics([_spec(topic) for topic in anew])
    if programme is not None:
        await broker.publish([OutputRecord(topics.PROGRAMME.name, 0, *_programme_record(programme))])
    await first_watermarks(broker, "earliest", app_id=app_id)


async def _behind(broker: Broker) -> int:
    places = [TopicPartition(topic.name, number) for topic in topics.INPUTS for number in range(PARTITIONS)]
    ends = await broker.end_offsets(places)
    behind = 0
    for number in range(PARTITIONS):
        watermark = await last_watermark(broker, number)
        assert watermark is not None, f"lane {number} has no watermark"
        behind += sum(
            max(0, ends[TopicPartition(topic.name, number)] - watermark.offsets[topic.name]) for topic in topics.INPUTS
        )
    return behind


async def _changelog_records(broker: Broker) -> int:
    places = [TopicPartition(topics.STATE.name, number) for number in range(PARTITIONS)]
    return sum((await broker.end_offsets(places)).values())
