"""`bashgah simulate` as typed: files, a broker, and what it says to options that make no sense together."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.broker.interface import TopicSpec
from agents.process.exit_codes import ExitCode
from bashgah.brokers import open_broker
from bashgah.simulator import Plan, simulate
from schemas import topics
from schemas.events import decode
from schemas.kafka.partitioner import partition_of
from schemas.records import TopicPartition
from tests.bashgah.simulator.bank import NEW_YEAR

ENTRY = [sys.executable, "-c", "from bashgah.cli.main import main; main()", "simulate"]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ENTRY, *arguments], capture_output=True, text=True, check=False)


def test_files_hold_the_plans_records(tmp_path: Path) -> None:
    done = _run("--members", "50", "--events", "600", "--seed", "4", "--start", "۱۴۰۵-۰۱-۰۱", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "600 records" in done.stdout
    assert "from 1405-01-01 to" in done.stdout
    wanted = [each.value for each in simulate(Plan(50, 4, NEW_YEAR, 600)) if each.topic == "card"]
    assert (tmp_path / "card.jsonl").read_bytes().splitlines() == wanted


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--events", "5"], "--out, --broker: one of them"),
        (["--out", "x"], "without end"),
        (["--events", "5", "--out", "x", "--rate", "3"], "--rate: is for publishing"),
        (["--live", "--events", "5", "--out", "x"], "--live: needs a pace"),
        (["--live", "--rate", "5", "--days", "5", "--out", "x"], "--days: has no meaning"),
        (["--events", "5", "--out", "x", "--start", "1404-12-30"], "no Jalali date 1404-12-30"),
        (["--events", "5", "--out", "x", "--start", "yesterday"], "write a Jalali date"),
    ],
)
def test_options_that_make_no_sense_are_explained(arguments: list[str], said: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [*ENTRY, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_live_records_go_to_their_members_partition_at_the_rate(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path}"
    asyncio.run(_create(url))
    began = time.time_ns() // 1_000_000
    done = _run("--members", "50", "--events", "300", "--live", "--rate", "200", "--broker", url)
    took_ms = time.time_ns() // 1_000_000 - began
    assert done.returncode == 0, done.stderr
    assert took_ms >= 1_000
    keys, times = asyncio.run(_published(url))
    assert len(times) == 300
    assert all(partition == partition_of(key, 3) for partition, key in keys)
    assert min(times) > began - 1_000
    assert max(times) < began + took_ms + 1_000


async def _create(url: str) -> None:
    broker = open_broker(url)
    await broker.create_topics([TopicSpec(topic.name, 3) for topic in topics.INPUTS])
    await broker.close()


async def _published(url: str) -> tuple[list[tuple[int, bytes]], list[int]]:
    """Partition and key, and time, of everything in the broker."""
    broker = open_broker(url)
    reader = await broker.reader()
    partitions = [TopicPartition(topic.name, partition) for topic in topics.INPUTS for partition in range(3)]
    await reader.assign(await broker.begin_offsets(partitions))
    keys, times = list[tuple[int, bytes]](), list[int]()
    while found := await reader.fetch(200, 1_000):
        for record in (each for records in found.values() for each in records):
            assert record.key is not None
            assert record.value is not None
            keys.append((record.partition, record.key))
            times.append(decode(record.topic, record.key, record.value).time)
    await reader.close()
    await broker.close()
    return keys, times


def test_missing_topics_are_named(tmp_path: Path) -> None:
    asyncio.run(open_broker(f"embedded://{tmp_path}").close())
    done = _run("--events", "10", "--broker", f"embedded://{tmp_path}")
    assert done.returncode == ExitCode.BAD_SETTING
    assert "bank.card missing" in done.stderr
