"""`bashgah publish` as people run it, and what arrives."""

import asyncio
import gzip
import json
import lzma
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.process.exit_codes import ExitCode
from bashgah.admin.provision import TopicPlan, create_missing
from bashgah.admin.publishing import lines_of, publish
from bashgah.brokers import open_broker
from schemas.kafka.partitioner import partition_of
from schemas.records import Record, TopicPartition

ENTRY = [sys.executable, "-c", "from bashgah.cli.main import main; main()", "publish"]
PARTITIONS = 3


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ENTRY, *arguments], capture_output=True, text=True, check=False)


def purchase(number: int) -> bytes:
    data = {"amount": 100_000, "mcc": "5411", "merchant": "m", "terminal": "t", "channel": "pos"}
    return event(number, "card.purchase.settled", data)


def event(number: int, kind: str, data: dict[str, object]) -> bytes:
    envelope = {"specversion": "1.0", "id": f"e{number}", "source": "/core", "type": kind, "data": data}
    return json.dumps({**envelope, "subject": f"m-{number % 7}", "time": "2026-09-23T10:00:00+03:30"}).encode()


@pytest.fixture
def url(tmp_path: Path) -> str:
    async def prepare() -> None:
        broker = open_broker(f"embedded://{tmp_path}/broker")
        await create_missing(broker, {}, TopicPlan(PARTITIONS, 1, 1))
        await broker.close()

    asyncio.run(prepare())
    return f"embedded://{tmp_path}/broker"


def arrived(url: str, topic: str) -> list[Record]:
    async def read() -> list[Record]:
        broker = open_broker(url)
        reader = await broker.reader()
        await reader.assign({TopicPartition(topic, number): 0 for number in range(PARTITIONS)})
        found = [record for records in (await reader.fetch(0, 100_000)).values() for record in records]
        await broker.close()
        return found

    return asyncio.run(read())


def test_every_event_arrives_at_its_topic_and_partition_in_order(url: str, tmp_path: Path) -> None:
    cards = [purchase(number) for number in range(60)]
    mixed = [event(100, "member.left", {}), event(101, "ebanking.login.succeeded", {"channel": "app"})]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(cards[:20]) + b"\n\n")
    with gzip.open(tmp_path / "b.jsonl.gz", "wb") as packed:
        packed.write(b"\r\n".join(cards[20:40]))
    with lzma.open(tmp_path / "c.jsonl.xz", "wb") as packed:
        packed.write(b"\n".join([*cards[40:], *mixed]))
    done = run(*(str(tmp_path / name) for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.xz")), "--broker", url)
    assert done.returncode == 0, done.stderr
    assert "62 events published" in done.stdout
    found = arrived(url, "bank.card")
    for number in range(PARTITIONS):
        expected = [card for card in cards if partition_of(json.loads(card)["subject"].encode(), PARTITIONS) == number]
        assert [record.value for record in found if record.partition == number] == expected
    assert all(record.key == json.loads(record.value or b"")["subject"].encode() for record in found)
    assert [record.value for record in arrived(url, "club.member")] == mixed[:1]
    assert [record.value for record in arrived(url, "bank.ebanking")] == mixed[1:]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "malformed"),
        (b'{"type": "no.such.type", "subject": "m"}', "$.type"),
        (purchase(3).replace(b"100000", b"-1"), "$.data.amount"),
        (purchase(3).replace(b'"m-3"', b'"m 3"'), "$.subject"),
    ],
)
def test_a_bad_line_is_named_and_what_stands_above_it_is_published(
    url: str, tmp_path: Path, line: bytes, reason: str
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b"\n".join([purchase(1), purchase(2), line, purchase(4)]))
    done = run(str(path), "--broker", url)
    assert done.returncode == ExitCode.BAD_FILE
    assert f"{path}:3" in done.stderr
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(record.value or b"" for record in arrived(url, "bank.card")) == [purchase(1), purchase(2)]


def test_files_that_cannot_be_read(url: str, tmp_path: Path) -> None:
    assert run(str(tmp_path / "missing.jsonl"), "--broker", url).returncode == ExitCode.NO_FILE
    cut = tmp_path / "cut.jsonl.xz"
    cut.write_bytes(lzma.compress(purchase(1))[:-20])
    done = run(str(cut), "--broker", url)
    assert done.returncode == ExitCode.BAD_FILE
    assert str(cut) in done.stderr


def test_without_the_topics_nothing_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(purchase(1))
    asyncio.run(open_broker(f"embedded://{tmp_path}/empty").close())
    done = run(str(path), "--broker", f"embedded://{tmp_path}/empty")
    assert done.returncode == ExitCode.BAD_SETTING
    assert "bank.card missing" in done.stderr


def test_the_rate_is_a_limit(url: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(purchase(number) for number in range(41)))

    async def timed() -> float:
        broker = open_broker(url)
        began = time.monotonic()
        sizes: list[int] = []
        assert await publish(broker, lines_of(path), 100, lambda _, size: sizes.append(size)) == 41
        assert sum(sizes) == 41
        await broker.close()
        return time.monotonic() - began

    # The last batch leaves when those before it have had their time: 40 of 100 a second.
    assert asyncio.run(timed()) >= 0.4


def test_a_batch_of_long_events_ends_at_bytes(url: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    note = {"amount": 1_000, "mcc": "5411", "merchant": "m", "terminal": "t", "channel": "pos", "note": "n" * 800_000}
    path.write_bytes(gzip.compress(b"\n".join(event(number, "card.purchase.settled", note) for number in range(23)), 1))

    async def published() -> list[int]:
        broker = open_broker(url)
        sizes: list[int] = []
        await publish(broker, lines_of(path), None, lambda _, size: sizes.append(size))
        await broker.close()
        return sizes

    assert asyncio.run(published()) == [11, 11, 1]
