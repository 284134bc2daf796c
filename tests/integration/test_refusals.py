"""What a worker refuses: it ends with a code that no supervisor restarts and says what to do, and doing it helps."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from kafka import KafkaAdminClient, TopicPartition

from agents.boards.spec import CHANGELOG as COORDINATORS_CHANGELOG
from agents.broker.interface import Broker, TopicSpec
from agents.process.exit_codes import ExitCode
from agents.topics.changelog import last_watermark, newest_watermark
from bashgah.brokers import open_broker
from schemas import topics
from schemas.records import OutputRecord
from tables.store import WATERMARK_KEY
from tests.integration.club import Club
from tests.integration.processes import WorkerProcess, bashgah
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

CARD = topics.CARD.name
Answer = TypeVar("Answer")
WINDOW = {"dead_letter_window_events": 1_000}


def on(cluster: Cluster, what: Callable[[Broker], Awaitable[Answer]]) -> Answer:
    async def whole() -> Answer:
        broker = open_broker(f"kafka://{cluster.bootstrap}")
        try:
            return await what(broker)
        finally:
            await broker.close()

    return asyncio.run(whole())


async def owner(number: int, broker: Broker) -> str:
    """The app id that a lane belongs to."""
    mark = await last_watermark(broker, number)
    assert mark is not None
    return str(mark.app_id)


async def coordinators_owner(broker: Broker) -> str:
    """The app id that the coordinator belongs to."""
    mark = await newest_watermark(broker, COORDINATORS_CHANGELOG)
    assert mark is not None
    return str(mark.app_id)


def run_once(club: Club) -> None:
    """A worker that scores a little and stops."""
    worker = club.worker("first").start().until_ready()
    club.load(600, 600)
    club.settle()
    worker.stop()
    assert worker.exits == [0]


async def have_read(cluster: Cluster, group: str) -> None:
    """Let a consumer group have committed offsets on an input."""
    consumer = AIOKafkaConsumer(bootstrap_servers=cluster.bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([KafkaPartition(CARD, 0)])
    await consumer.commit({KafkaPartition(CARD, 0): 0})
    await consumer.stop()


def refused(club: Club, cluster: Cluster) -> str:
    """The last line of a worker that refuses to start; `lane status` says it too."""
    worker = club.worker("refused").start()
    assert worker.wait(40) == ExitCode.REFUSED, worker.tail()
    assert "Traceback" not in worker.text()
    with pytest.raises(AssertionError, match="ended with 77"):
        bashgah("lane", "status", "--broker", f"kafka://{cluster.bootstrap}", settings={"app_id": "club"})
    return worker.text().splitlines()[-1]


def resume(cluster: Cluster, lane: int | str, how: str, app_id: str = "club") -> None:
    decided = ("--operator", "tests", "--reason", "shown that it helps", "--broker", f"kafka://{cluster.bootstrap}")
    bashgah("lane", "resume", str(lane), how, *decided, settings={"app_id": app_id, **WINDOW})


def goes_on(club: Club, cluster: Cluster) -> None:
    """After the way out a worker runs again, and the whole history is verified."""
    worker = club.worker("again").start().until_ready()
    club.load(300, 600, seed=2)
    club.settle(revive=False)
    worker.stop()
    assert worker.exits == [0]
    bashgah("verify", "--broker", f"kafka://{cluster.bootstrap}")


def test_records_deleted_before_they_were_read(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path, partitions=1) as club:
        run_once(club)
        on(cluster, lambda broker: broker.publish([OutputRecord(CARD, 0, b"m", b"{}") for _ in range(20)]))
        admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
        admin.delete_records({TopicPartition(CARD, 0): -1})
        admin.close()
        assert "lane resume 0 --accept" in refused(club, cluster)
        resume(cluster, 0, "--accept")
        worker = club.worker("again").start().until_ready()
        worker.stop()
        assert worker.exits == [0]


def test_an_input_made_anew(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path, partitions=1) as club:
        run_once(club)

        async def anew(broker: Broker) -> None:
            await broker.delete_topics([topics.COMMAND.name])
            await broker.create_topics([TopicSpec(topics.COMMAND.name, 1)])

        on(cluster, anew)
        assert "created anew" in refused(club, cluster)
        resume(cluster, 0, "--accept")
        goes_on(club, cluster)


def test_inputs_that_are_not_co_partitioned(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path, partitions=2) as club:

        async def anew(broker: Broker) -> None:
            await broker.delete_topics([topics.DEPOSIT.name])
            await broker.create_topics([TopicSpec(topics.DEPOSIT.name, 3)])

        on(cluster, anew)
        worker = club.worker().start()
        assert worker.wait(40) == ExitCode.REFUSED, worker.tail()
        assert "bank.deposit has 3" in worker.text().splitlines()[-1]


def test_too_many_dead_letters_stop_it_at_the_same_record_until_an_operator_accepts(
    cluster: Cluster, tmp_path: Path
) -> None:
    with Club(cluster.bootstrap, tmp_path, partitions=1, **WINDOW) as club:
        run_once(club)
        on(cluster, lambda broker: broker.publish([OutputRecord(CARD, 0, b"m%d" % n, b"rubbish") for n in range(200)]))
        lines = set()
        for _ in range(2):
            worker = club.worker(f"stopped-{len(club.workers)}").start()
            assert worker.wait(60) == ExitCode.REFUSED, worker.tail()
            lines.add(worker.text().splitlines()[-1])
        assert len(lines) == 1, lines
        resume(cluster, 0, "--accept")
        goes_on(club, cluster)


def test_a_topic_that_loses_records_under_a_running_worker_ends_it(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path, partitions=1) as club:
        worker = club.worker().start().until_ready()
        club.load(300, 600)
        club.settle()
        worker.freeze()
        for _ in range(2):  # the first ones answer the fetch that is under way
            on(cluster, lambda broker: broker.publish([OutputRecord(CARD, 0, b"m", b"{}") for _ in range(20)]))
            time.sleep(0.5)
        admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
        admin.delete_records({TopicPartition(CARD, 0): -1})
        admin.close()
        worker.thaw()
        assert worker.wait(60) in (ExitCode.FAULT, ExitCode.REFUSED), worker.tail()
        assert "Traceback" not in worker.text()


def test_a_worker_of_another_app_id_beside_the_clubs_own(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path, partitions=2) as club:
        club.worker("own").start().until_ready()
        other = club.worker("other", app_id="other").start()
        club.load(600, 600)
        assert other.wait(60) == ExitCode.REFUSED, other.tail()
        assert "belongs to the app id 'club', and this process has 'other'" in other.text().splitlines()[-1]
        club.workers.remove(other)
        club.settle()
        club.reckon()


def test_two_workers_of_two_app_ids_on_lanes_of_a_release_that_noted_none(cluster: Cluster, tmp_path: Path) -> None:
    """Both groups have read the inputs, as where the fault had been at work: one of them goes on, and posts once."""
    with Club(cluster.bootstrap, tmp_path, partitions=2) as club:
        run_once(club)

        async def old(broker: Broker) -> None:
            for number in range(2):
                mark = await last_watermark(broker, number)
                assert mark is not None
                fields = msgspec.to_builtins(mark)[: mark.__struct_fields__.index("app_id")]
                value = msgspec.msgpack.encode([1, *fields[1:]])
                await broker.publish([OutputRecord(topics.STATE.name, number, WATERMARK_KEY, value)])
            await have_read(cluster, "other")

        on(cluster, old)
        workers = [club.worker(f"as-{app_id}", app_id=app_id).start() for app_id in ("club", "other")]
        club.load(600, 600, seed=2)
        deadline = time.monotonic() + 90
        refused: list[WorkerProcess] = []
        while not refused:
            assert time.monotonic() < deadline, [worker.tail() for worker in workers]
            for worker in workers:
                if not worker.alive:
                    assert worker.exits[-1] in (ExitCode.FENCED, ExitCode.REFUSED), worker.tail()
                    if worker.exits[-1] == ExitCode.REFUSED:
                        refused.append(worker)
                    else:
                        worker.start()
            time.sleep(0.2)
        owners = [on(cluster, partial(owner, number)) for number in range(2)]  # each may have got one
        own = workers[["club", "other"].index(owners[0])]
        for worker in workers:
            worker.end()
        if owners[1] != owners[0]:
            resume(cluster, 1, "--accept", owners[0])
        if on(cluster, coordinators_owner) != owners[0]:
            resume(cluster, "coordinator", "--accept", owners[0])
        club.workers = [own.start()]
        club.settle()
        club.reckon()
