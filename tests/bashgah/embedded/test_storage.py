"""The directory of the embedded broker outlives its process, however that ends."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.broker.interface import Broker, TopicSpec
from agents.process.exit_codes import ExitCode
from bashgah.brokers import open_broker
from bashgah.embedded.log import Log
from bashgah.embedded.storage import DirectoryStorage
from schemas.records import OutputRecord, TopicPartition

PLACES = [TopicPartition("one", 0), TopicPartition("two", 0)]
ROOT = Path(__file__).resolve().parents[3]

# Transactions over two topics, each acknowledged on standard output, with a publication between.
WRITER = """
import asyncio, sys
from schemas.records import OutputRecord
from bashgah.brokers import open_broker

async def main():
    broker = open_broker(sys.argv[1])
    producer = await broker.producer("p")
    for number in range(1_000_000):
        value = b"%d" % number
        await broker.publish([OutputRecord("one", 0, b"published", value)])
        places = [(topic, b"%d" % i) for topic in ("one", "two") for i in range(5)]
        await producer.transact([OutputRecord(topic, 0, key, value) for topic, key in places])
        print(number, flush=True)

asyncio.run(main())
"""


async def contents(broker: Broker) -> dict[TopicPartition, list[tuple[int, bytes | None, bytes | None]]]:
    reader = await broker.reader()
    await reader.assign(dict.fromkeys(PLACES, 0))
    ends = await broker.end_offsets(PLACES)
    found: dict[TopicPartition, list[tuple[int, bytes | None, bytes | None]]] = {place: [] for place in PLACES}
    while any([await reader.position(place) < ends[place] for place in PLACES]):
        for place, records in (await reader.fetch(0, 1_000)).items():
            found[place] += [(record.offset, record.key, record.value) for record in records]
    return found


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_process_loses_no_commit_and_shows_nothing_else(tmp_path: Path) -> None:
    url = f"embedded://{tmp_path}"

    async def prepare() -> None:
        broker = open_broker(url)
        await broker.create_topics([TopicSpec("one", 1), TopicSpec("two", 1)])
        await broker.close()

    asyncio.run(prepare())
    transactions = 0
    for run in range(5):
        writer = start(WRITER, url)
        assert writer.stdout is not None
        assert writer.stdout.readline(), "the writer ended before its first transaction"
        time.sleep(0.02 * run)
        writer.send_signal(signal.SIGKILL)
        acknowledged = len(writer.stdout.read().splitlines()) + 1
        writer.wait()
        assert writer.stderr is not None
        writer.stderr.close()
        writer.stdout.close()
        transactions = asyncio.run(audit(url, transactions + acknowledged))


async def audit(url: str, least: int) -> int:
    broker = open_broker(url)
    try:
        found = await contents(broker)
        ends = await broker.end_offsets(PLACES)
    finally:
        await broker.close()
    values = {}
    for place, rows in found.items():
        offsets = [offset for offset, _, _ in rows]
        assert offsets == sorted(set(offsets))
        assert offsets[-1] < ends[place]
        inside = [(key, value) for _, key, value in rows if key != b"published"]
        # Whole transactions only, each of its five records in order.
        assert [key for key, _ in inside] == [b"%d" % (n % 5) for n in range(len(inside))]
        assert len(inside) % 5 == 0
        values[place] = [value for _, value in inside[::5]]
    assert values[PLACES[0]] == values[PLACES[1]]
    assert len(values[PLACES[0]]) >= least
    return len(values[PLACES[0]])


def test_a_second_process_is_told_who_has_the_directory(tmp_path: Path) -> None:
    broker = open_broker(f"embedded://{tmp_path}")
    code = "import sys\nfrom bashgah.cli.main import main\nfrom bashgah.brokers import open_broker\n"
    code += "try:\n    open_broker(sys.argv[1])\nexcept Exception as error:\n    print(error)\n    sys.exit(error.code)"
    second = start(code, f"embedded://{tmp_path}")
    said, _ = second.communicate(timeout=60)
    assert second.returncode == ExitCode.IN_USE
    assert str(os.getpid()) in said
    assert str(tmp_path) in said
    asyncio.run(broker.close())
    third = start(code, f"embedded://{tmp_path}")
    said, errors = third.communicate(timeout=60)
    assert third.returncode == 0, said + errors


def test_everything_but_open_transactions_is_there_again(tmp_path: Path) -> None:
    def opened() -> Log:
        log = Log(DirectoryStorage(tmp_path), lambda: 1_700_000_000_000)
        log.open()
        return log

    log = opened()
    log.create_topic(TopicSpec("one", 2, 1, {"cleanup.policy": "compact"}))
    log.create_topic(TopicSpec("gone", 1))
    log.publish([OutputRecord("gone", 0, b"k", b"v")])
    log.delete_topic("gone")
    epoch = log.open_producer("p")
    log.append("p", epoch, [OutputRecord("one", 1, b"k", b"committed", (("h", b"1"),))])
    log.commit("p", epoch)
    log.append("p", epoch, [OutputRecord("one", 1, b"k", b"open")])
    log.store_group_offsets("g", {TopicPartition("one", 1): 7})
    before = log.describe(["one", "gone"])
    log.close()

    log = opened()
    place = TopicPartition("one", 1)
    assert log.describe(["one", "gone"]) == before
    assert [(entry.offset, entry.value) for entry in log.entries(place)] == [(0, b"committed")]
    assert log.partition(place).stable == 2
    assert log.group_offsets("g") == {place: 7}
    # Nobody saw the offsets of the transaction that was open, so they are given again.
    epoch = log.open_producer("p")
    log.append("p", epoch, [OutputRecord("one", 1, b"k", b"next")])
    assert log.commit("p", epoch) == {place: 3}
    log.create_topic(TopicSpec("gone", 1))
    assert list(log.entries(TopicPartition("gone", 0))) == []
    log.close()


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="cannot be used") as error:
        open_broker(f"embedded://{tmp_path}/file/below")
    assert getattr(error.value, "code", None) == ExitCode.BAD_SETTING
