"""The whole worker on the embedded broker: on a replay clock as a command, on the wall clock within this process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from agents.app import create_app
from agents.broker.interface import Broker
from agents.lanes.lane_set import LaneSet
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import load
from agents.topics.changelog import last_watermark
from bashgah.admin.provision import TopicPlan
from bashgah.audit.lanes import verify
from bashgah.brokers import open_broker
from bashgah.embedded import transport
from bashgah.simulator import Plan as Bank
from bashgah.simulator import simulate
from schemas import topics
from schemas.records import TopicPartition
from tests.integration.audit import audit
from tests.integration.club import PROGRAMME, prepare
from tests.integration.load import output_of
from tests.integration.processes import WorkerProcess, bashgah

pytestmark = pytest.mark.share  # a minute of processes

PARTITIONS = 2
EVENTS = 1_500


def test_replay_scores_all_there_is_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path / 'broker'}"
    worker = WorkerProcess("replay", tmp_path, broker_url=url, clock="replay")
    _with(url, lambda broker: _publish(broker, EVENTS, new=True))
    assert worker.start().wait(60) == 0, worker.tail()
    _with(url, lambda broker: _check(broker, EVENTS, replay=True))
    _with(url, lambda broker: _publish(broker, EVENTS + 500, new=False))
    assert worker.start().wait(60) == 0, worker.tail()
    _with(url, lambda broker: _check(broker, EVENTS + 500, replay=True))


def test_on_the_wall_clock_faust_feeds_the_lanes_from_the_embedded_broker(tmp_path: Path) -> None:
    url = "embedded://#worker"

    async def scenario() -> None:
        broker = open_broker(url)
        await prepare(broker, TopicPlan(PARTITIONS, 1, 1), PROGRAMME.read_text(encoding="utf-8"), "bashgah")
        transport.register()
        app = create_app(load({}, broker_url=url, data_dir=tmp_path), open_broker(url), _fail)
        lanes = app.lanes
        assert isinstance(lanes, LaneSet)
        assert not app.health.ready().ok
        await lanes.start()
        await app.start()
        assert app.health.ready().ok, app.health.ready()
        bank = simulate(Bank(100, 1, wall_clock(), rate=EVENTS, events=EVENTS))
        await broker.publish([output_of(message, PARTITIONS) for message in bank])
        await _until_consumed(broker)
        assert b"bashgah_coordinator_running 1.0" in app.metrics.exposition()
        await asyncio.sleep(2.5)  # longer than between two looks at where everything stands
        assert b'bashgah_rounds_waiting{state="lanes"} 0.0' in app.metrics.exposition()
        await app.stop()
        await lanes.stop()
        assert b"bashgah_coordinator_running 0.0" in app.metrics.exposition()
        await _check(broker, EVENTS, replay=False)
        assert b'bashgah_lanes{state="running"}' in app.metrics.exposition()
        await broker.close()

    asyncio.run(scenario())


def test_a_second_process_on_the_directory_is_told_who_has_it(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path / 'broker'}"
    held = open_broker(url)
    try:
        worker = WorkerProcess("second", tmp_path, broker_url=url).start()
        assert worker.wait(30) == ExitCode.IN_USE
        assert "Traceback" not in worker.text()
    finally:
        asyncio.run(held.close())


def test_without_topics_it_says_what_makes_them(tmp_path: Path) -> None:
    worker = WorkerProcess("bare", tmp_path, broker_url=f"embedded://{tmp_path / 'broker'}").start()
    assert worker.wait(30) == ExitCode.BAD_SETTING
    assert "bashgah topics create" in worker.text().splitlines()[-1]
    assert "Traceback" not in worker.text()


def test_an_unreachable_broker_ends_it_with_one_line(tmp_path: Path) -> None:
    worker = WorkerProcess("alone", tmp_path, broker_url="kafka://127.0.0.1:9", request_timeout_ms=11_000).start()
    assert worker.wait(90) == ExitCode.UNREACHABLE
    assert "Traceback" not in worker.text()


def test_help_has_examples_and_exit_codes() -> None:
    said = " ".join(bashgah("worker", "--help").split())
    assert "Examples: bashgah worker" in said
    assert "fenced" in said


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"ended with 78"):
        bashgah("worker", settings={"data_dir": tmp_path, "session_timeout_ms": "soon"})


def _fail(problem: ClubError) -> None:
    raise AssertionError(problem)


def _with(url: str, what: Callable[[Broker], Awaitable[None]]) -> None:
    async def whole() -> None:
        broker = open_broker(url)
        try:
            await what(broker)
        finally:
            await broker.close()

    asyncio.run(whole())


async def _publish(broker: Broker, events: int, new: bool) -> None:
    """The first `events` records of a bank; what is there already is published again, as duplicates."""
    if new:
        await prepare(broker, TopicPlan(PARTITIONS, 1, 1), PROGRAMME.read_text(encoding="utf-8"), "bashgah")
    bank = simulate(Bank(100, 1, wall_clock() - 40 * 86_400_000, events=events))
    await broker.publish([output_of(message, PARTITIONS) for message in bank])


async def _check(broker: Broker, events_min: int, replay: bool) -> None:
    taken = 0
    for partition in range(PARTITIONS):
        await verify(broker, partition)
        events, _ = await audit(broker, partition, PROGRAMME.read_text(encoding="utf-8"), replay)
        taken += events
    assert taken >= events_min


async def _until_consumed(broker: Broker) -> None:
    places = [TopicPartition(topic.name, p) for topic in topics.INPUTS for p in range(PARTITIONS)]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        ends = await broker.end_offsets(places)
        marks = [await last_watermark(broker, p) for p in range(PARTITIONS)]
        if all(
            mark and mark.offsets[place.topic] >= ends[place] for place in places for mark in [marks[place.partition]]
        ):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("not consumed")
