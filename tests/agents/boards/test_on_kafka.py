"""The coordinator on a real Kafka, killed with -9 again and again while lanes tell and a festival is frozen."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from agents.broker.interface import Broker, TopicSpec
from agents.broker.kafka.broker import KafkaBroker
from agents.process.exit_codes import ExitCode
from bashgah.audit.coordinator import verify_coordinator
from schemas import topics
from schemas.partial import Page, Partial, encode_partial
from schemas.programme_file import load
from schemas.programmes import encode_programme
from schemas.records import OutputRecord, Record, TopicPartition
from tests.agents.boards.naive_lanes import (
    FESTIVALS,
    FREEZE,
    HEAD,
    NaiveLane,
    board_hash,
    expected_awards,
    expected_live,
    places_of,
)
from tests.kafka.broker import Cluster
from tests.kafka.fixtures import require_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

LANES, ROUNDS, KILLS = 3, 60, 8
OVERALL, SHOPPER = "autumn/overall", "autumn/shopper"
FORESEEN = {ExitCode.UNREACHABLE, ExitCode.FENCED, ExitCode.OUTCOME_UNKNOWN}


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A broker with the club's own topics."""
    require_kafka()
    with Cluster(tmp_path / "kafka") as cluster:
        yield cluster


async def prepare(broker: Broker) -> None:
    """Topics and a programme."""
    specs = [TopicSpec(each.name, each.partition_count(LANES), 1, each.config()) for each in topics.TOPICS]
    await broker.create_topics(specs)
    text = HEAD.format(version=1) + FESTIVALS
    key, value = encode_programme("club", 1, load(text, "programme").effective, text, FREEZE)
    await broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])


async def tell(broker: Broker, *told: Partial | Page) -> None:
    """Publish what lanes tell."""
    outputs = [OutputRecord(topics.PARTIAL.name, 0, str(each.lane).encode(), encode_partial(each)) for each in told]
    await broker.publish(outputs)


async def records(broker: Broker, topic: str, partition: int = 0) -> list[Record]:
    """Every committed record."""
    place = TopicPartition(topic, partition)
    end = (await broker.end_offsets([place]))[place]
    reader = await broker.reader()
    found: list[Record] = []
    try:
        await reader.assign({place: 0})
        while await reader.position(place) < end:
            found += (await reader.fetch(500, 10_000)).get(place, [])
    finally:
        await reader.close()
    return found


async def play(broker: Broker, lanes: list[NaiveLane], draw: Random) -> None:
    """Lanes tell for a while, then freeze, then tell on."""
    for lane in lanes:
        lane.tick = FREEZE - 1_000_000
        await tell(broker, *lane.tell(opened=True))
    for number in range(ROUNDS):
        for lane in lanes:
            for board in (OVERALL, SHOPPER):
                if number < ROUNDS // 2 or board == SHOPPER:
                    member = f"m-{lane.number}-{draw.randint(0, 6)}"
                    lane.stand(board, member, draw.randint(0, 9), draw.randint(0, 2), draw.randint(0, 9))
            assert lane.tick is not None
            lane.tick = max(lane.tick + 5_000, FREEZE if number >= ROUNDS // 2 else 0)
            await tell(broker, *lane.tell(frozen=[OVERALL] if number >= ROUNDS // 2 else []))
            if number == ROUNDS // 2:
                await tell(broker, *lane.pages(OVERALL, "final", FREEZE, 2))
        await asyncio.sleep(0.1)


def start(cluster: Cluster, directory: Path) -> subprocess.Popen[bytes]:
    """A process that coordinates."""
    module = "tests.agents.boards.coordinator_process"
    return subprocess.Popen([sys.executable, "-m", module, cluster.bootstrap, str(directory)])


async def test_kills_lose_and_double_nothing(own_cluster: Cluster, tmp_path: Path) -> None:
    draw = Random(4)
    broker = KafkaBroker(own_cluster.bootstrap)
    await prepare(broker)
    lanes = [NaiveLane(number, LANES) for number in range(LANES)]
    playing = asyncio.ensure_future(play(broker, lanes, draw))
    kills = 0
    while kills < KILLS or not playing.done():
        process = start(own_cluster, tmp_path / f"rows-{draw.randint(0, 1)}")
        await asyncio.sleep(draw.uniform(1.5, 4))
        assert process.poll() is None or process.returncode in FORESEEN
        process.kill()
        process.wait()
        kills += 1
    playing.result()
    process = start(own_cluster, tmp_path / "rows-0")
    try:
        await asyncio.sleep(20)
        assert process.poll() is None
        for lane in lanes:
            assert lane.tick is not None
            lane.tick += 100_000
            await tell(broker, *lane.tell(frozen=[OVERALL]))
        await asyncio.sleep(5)
        await check(broker, lanes)
        print(f"{kills} kills: {await verify_coordinator(broker)}")
    finally:
        process.kill()
        process.wait()
        await broker.close()


async def check(broker: Broker, lanes: list[NaiveLane]) -> None:
    """Boards are what their headers say, the final one is right, each award was given once."""
    by_number = {lane.number: lane for lane in lanes}
    order = places_of({member: at for lane in lanes for member, at in lane.boards[OVERALL].items()})
    as_of, finals = "", 0
    for record in await records(broker, topics.LEADERBOARD.name):
        if record.value is None:
            continue
        data = json.loads(record.value)["data"]
        if (record.key or b"").count(b"/") == 2:
            finals += 1
            assert (data["participants"], data["hash"]) == (len(order), board_hash(order))
            continue
        participants, listed = expected_live(record, by_number)
        assert (data["participants"], data["entries"]) == (participants, listed[: len(data["entries"])])
        assert data["as_of"] >= as_of
        as_of = data["as_of"]
    assert finals == 1
    given = []
    for number in range(LANES):
        for record in await records(broker, topics.COMMAND.name, number):
            event = json.loads(record.value or b"")
            given.append((event["data"]["award"], event["subject"], event["data"]["rank"]))
    assert sorted(given) == sorted(expected_awards(order))
