"""What only the embedded broker has: its clock, faults, upkeep, group offsets."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.broker.errors import Fenced, OutcomeUnknown, TopicRefused
from agents.broker.interface import TopicSpec
from bashgah.embedded.broker import EmbeddedBroker, Point
from bashgah.embedded.log import Log
from bashgah.embedded.storage import DirectoryStorage, MemoryStorage, Storage
from schemas.records import OutputRecord, TopicPartition

PLACE = TopicPartition("t", 0)
HOUR_MS = 3_600_000


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "directory"])
def log(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[Log]:
    storage: Storage = MemoryStorage() if request.param == "memory" else DirectoryStorage(tmp_path)
    log = Log(storage, clock, transaction_timeout_ms=30_000)
    log.open()
    yield log
    log.close()


def written(*values: str, key: str | None = None) -> list[OutputRecord]:
    return [OutputRecord(*PLACE, (key or value).encode(), value.encode() or None) for value in values]


async def visible(broker: EmbeddedBroker) -> list[tuple[int, bytes | None]]:
    reader = await broker.reader()
    await reader.assign(await broker.begin_offsets([PLACE]))
    found = await reader.fetch(0, 10_000)
    return [(record.offset, record.value) for record in found.get(PLACE, [])]


async def test_timestamps_are_the_injected_clock(log: Log, clock: Clock) -> None:
    broker = EmbeddedBroker(log)
    await broker.create_topics([TopicSpec("t", 1)])
    await broker.publish(written("a"))
    clock.now_ms += HOUR_MS
    await (await broker.producer("p")).transact(written("b"))
    reader = await broker.reader()
    await reader.assign({PLACE: 0})
    records = (await reader.fetch(0, 10))[PLACE]
    assert [record.timestamp for record in records] == [clock.now_ms - HOUR_MS, clock.now_ms]


class DieAt:
    """A fault at one point of the next transaction."""

    def __init__(self, point: Point) -> None:
        self.point: Point | None = point
        self.seen: list[Point] = []

    async def reached(self, point: Point, transactional_id: str) -> None:
        assert transactional_id == "p"
        self.seen.append(point)
        if point == self.point:
            self.point = None
            raise ConnectionResetError(point)


@pytest.mark.parametrize(
    ("point", "kept"),
    [("before_append", []), ("after_append", []), ("before_commit", []), ("after_commit", [b"a"])],
)
async def test_a_fault_at_each_point_leaves_all_or_nothing(log: Log, point: Point, kept: list[bytes]) -> None:
    faults = DieAt(point)
    broker = EmbeddedBroker(log, faults)
    await broker.create_topics([TopicSpec("t", 1)])
    dead = await broker.producer("p")
    with pytest.raises(ConnectionResetError):
        await dead.transact(written("a"))
    with pytest.raises(OutcomeUnknown):
        await dead.transact(written("a"))
    assert [value for _, value in await visible(broker)] == kept
    after = await broker.producer("p")
    await after.transact(written("b"))
    assert [value for _, value in await visible(broker)] == [*kept, b"b"]
    assert faults.seen[-4:] == ["before_append", "after_append", "before_commit", "after_commit"]


async def test_a_transaction_left_open_too_long_is_aborted_and_its_producer_fenced(log: Log, clock: Clock) -> None:
    class Stall:
        def __init__(self) -> None:
            self.arrived, self.go_on = asyncio.Event(), asyncio.Event()

        async def reached(self, point: Point, transactional_id: str) -> None:
            del transactional_id
            if point == "after_append":
                self.arrived.set()
                await self.go_on.wait()

    stall = Stall()
    broker = EmbeddedBroker(log, stall)
    await broker.create_topics([TopicSpec("t", 1)])
    producer = await broker.producer("p")
    task = asyncio.ensure_future(producer.transact(written("late")))
    await stall.arrived.wait()
    await broker.publish(written("after"))
    clock.now_ms += 30_000
    assert await broker.end_offsets([PLACE]) == {PLACE: 0}
    clock.now_ms += 1
    assert await broker.end_offsets([PLACE]) == {PLACE: 3}
    stall.go_on.set()
    with pytest.raises(Fenced):
        await task
    assert await visible(broker) == [(1, b"after")]


async def test_compaction_keeps_the_last_of_each_key_and_every_offset(log: Log, clock: Clock) -> None:
    broker = EmbeddedBroker(log)
    await broker.create_topics([TopicSpec("t", 1, 1, {"cleanup.policy": "compact", "delete.retention.ms": "1000"})])
    await broker.publish([*written("a1", "a2", key="a"), *written("b1", key="b"), *written("", key="b")])
    await (await broker.producer("p")).transact([*written("a3", key="a"), *written("c1", key="c")])
    ends = await broker.end_offsets([PLACE])
    assert broker.compact("t") == 3
    assert await visible(broker) == [(3, None), (4, b"a3"), (5, b"c1")]
    clock.now_ms += 1_001
    assert broker.compact("t") == 1, "the tombstone has been shown for long enough"
    assert await visible(broker) == [(4, b"a3"), (5, b"c1")]
    assert await broker.end_offsets([PLACE]) == ends == {PLACE: 7}
    assert await broker.begin_offsets([PLACE]) == {PLACE: 0}


async def test_compaction_does_not_look_beyond_an_open_transaction(log: Log) -> None:
    broker = EmbeddedBroker(log)
    await broker.create_topics([TopicSpec("t", 1, 1, {"cleanup.policy": "compact"})])
    await broker.publish(written("a1", key="a"))
    log.append("p", log.open_producer("p"), written("a2", key="a"))
    await broker.publish(written("a3", key="a"))
    assert broker.compact("t") == 0
    log.open_producer("p")
    assert broker.compact("t") == 1
    assert [value for _, value in await visible(broker)] == [b"a3"]


async def test_retention_moves_the_beginning_and_spares_compacted_topics(log: Log, clock: Clock) -> None:
    broker = EmbeddedBroker(log)
    kept_ms = str(HOUR_MS)
    await broker.create_topics(
        [
            TopicSpec("t", 1, 1, {"retention.ms": kept_ms}),
            TopicSpec("kept", 1, 1, {"cleanup.policy": "compact", "retention.ms": kept_ms}),
            TopicSpec("for-ever", 1, 1, {"retention.ms": "-1"}),
        ]
    )
    for value in ("old", "older than an hour"):
        for topic in ("t", "kept", "for-ever"):
            await broker.publish([OutputRecord(topic, 0, value.encode(), b"v")])
    clock.now_ms += HOUR_MS + 1
    await broker.publish(written("young"))
    assert broker.apply_retention(clock.now_ms) == 2
    assert await visible(broker) == [(2, b"young")]
    assert broker.apply_retention(clock.now_ms + 2 * HOUR_MS) == 1
    assert await broker.begin_offsets([PLACE]) == await broker.end_offsets([PLACE]) == {PLACE: 3}
    for topic in ("kept", "for-ever"):
        assert await broker.begin_offsets([TopicPartition(topic, 0)]) == {(topic, 0): 0}
    await broker.publish(written("next"))
    assert await visible(broker) == [(3, b"next")]


async def test_only_compacted_topics_are_compacted(log: Log) -> None:
    broker = EmbeddedBroker(log)
    await broker.create_topics([TopicSpec("t", 1)])
    with pytest.raises(TopicRefused):
        broker.compact("t")


async def test_group_offsets_are_kept_for_display(log: Log) -> None:
    log.store_group_offsets("g", {PLACE: 3, TopicPartition("t", 1): 4})
    log.store_group_offsets("g", {PLACE: 5})
    log.store_group_offsets("other", {PLACE: 9})
    assert log.group_offsets("g") == {PLACE: 5, ("t", 1): 4}
    assert log.group_offsets("nobody") == {}


async def test_many_readers_wake_once_there_is_something_and_not_before(log: Log) -> None:
    broker = EmbeddedBroker(log)
    await broker.create_topics([TopicSpec("t", 2)])
    one, other = await broker.reader(), await broker.reader()
    await one.assign({PLACE: 0})
    await other.assign({TopicPartition("t", 1): 0})
    waiting, idle = asyncio.ensure_future(one.fetch(60_000, 1)), asyncio.ensure_future(other.fetch(60_000, 1))
    await asyncio.sleep(0)
    await broker.publish(written("a"))
    assert len((await waiting)[PLACE]) == 1
    assert not idle.done()
    idle.cancel()
    await asyncio.wait([idle])
    assert not any(log._watchers.values()), "nobody is left waiting"
