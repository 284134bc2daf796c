"""Batches that grow, on real Kafka: the worker goes on in the memory that it has, and every other event counts."""

import asyncio
import json
import re
import resource
from hashlib import sha256
from pathlib import Path

import pytest

from agents.process.clock import wall_clock
from bashgah.admin.dead_letters import Letter, letter_of
from bashgah.brokers import open_broker
from engine.calendar import iso
from schemas import topics
from schemas.dead_letter import Whole
from schemas.records import TopicPartition
from tests.integration.audit import read_all
from tests.integration.club import Club
from tests.integration.processes import bashgah
from tests.kafka.broker import Cluster
from tests.kafka.produce import produce
from tests.schemas.kafka.batches import Row, bomb, compressed

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

CARD = TopicPartition(topics.CARD.name, 0)
MEMORY_MIB_MAX = 400
"""Of a worker, and of `verify`; both have most of it before they read anything. It was 1,900 with the first batch."""
PADDING_MIB = {"gzip": 600, "zstd": 600, "lz4": 200, "snappy": 18}
"""As much as a batch of at most 1 MiB, which is a broker's limit, can grow to."""


def purchase(number: int) -> Row:
    """A card purchase that earns a point."""
    data = {"amount": 100_000, "mcc": "5411", "merchant": "shop", "terminal": "t", "channel": "pos"}
    envelope = {"specversion": "1.0", "id": f"e{number}", "source": "/test", "type": "card.purchase.settled"}
    event = {**envelope, "subject": "m-1", "time": iso(wall_clock()), "data": data}
    return Row(b"m-1", json.dumps(event).encode())


def digest_of_padded(row: Row, padding: int) -> Whole:
    """Of the value of a bomb."""
    value = row.value or b""
    digest = sha256(value)
    for _ in range(padding >> 20):
        digest.update(b" " * (1 << 20))
    return Whole(len(value) + padding, digest.hexdigest())


async def outcome(cluster: Cluster) -> tuple[list[str], list[Letter]]:
    """The ids of the events that earned something, and the dead letters."""
    broker = open_broker(f"kafka://{cluster.bootstrap}")
    try:
        points = [json.loads(each.value or b"") for each in await read_all(broker, topics.POINTS.name, 0)]
        letters = [letter_of(each) for each in await read_all(broker, topics.DEAD_LETTER.name, 0)]
    finally:
        await broker.close()
    return [each["data"]["activity"]["id"] for each in points if each["type"] == "points.accrued"], letters


def test_a_batch_that_grows_to_600_megabytes_costs_its_worker_little(cluster: Cluster, tmp_path: Path) -> None:
    with Club(cluster.bootstrap, tmp_path, partitions=1, dead_letter_percent_max=100) as club:
        worker = club.worker().start().until_ready()
        expected: list[Whole] = []
        number = 0
        for name, mib in PADDING_MIB.items():
            before, event, *others = (purchase(number + each) for each in range(4))
            number += 5
            stamp = wall_clock()  # by which retention goes
            for batch in (
                compressed(name, [before], stamp=stamp),
                bomb(name, event, mib << 20, others, stamp=stamp),
                compressed("none", [purchase(number - 1)], stamp=stamp),
            ):
                asyncio.run(produce(cluster.bootstrap, CARD, batch))
            expected.append(digest_of_padded(event, mib << 20))
        club.settle(revive=False)
        status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
        worker.stop()
        assert worker.exits == [0]
        earned, letters = asyncio.run(outcome(cluster))
        assert sorted(earned) == sorted(f"e{each}" for each in range(number) if each % 5 != 1)
        assert [(each.code, each.key, each.value, each.whole_value) for each in letters] == [
            ("too_large", b"m-1", b"", whole) for whole in expected
        ]
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert peak is not None
        assert int(peak[1]) >> 10 < MEMORY_MIB_MAX
        bashgah("verify", "--broker", f"kafka://{cluster.bootstrap}", seconds=120)
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10 < MEMORY_MIB_MAX
