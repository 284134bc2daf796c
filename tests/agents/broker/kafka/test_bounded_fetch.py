"""What one fetch holds: bounded in bytes over all partitions, and whatever a batch grows to."""

import subprocess
import sys
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.structs import TopicPartition as KafkaPartition

from agents.broker.kafka.bounded_fetch import Batches, BoundedRecords, BoundedResult, Room
from schemas.records import Record
from tests.schemas.kafka.batches import Row, compressed

MIB = 1 << 20


class Assigned:
    """aiokafka's state of one assigned partition."""

    def __init__(self) -> None:
        self.active, self.paused, self.position = True, False, 0

    def state_value(self, place: KafkaPartition) -> Any:
        del place
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def fetched(data: bytes, number: int = 0) -> tuple[BoundedResult, Assigned]:
    """An answer as the fetcher keeps it."""
    place, assigned = KafkaPartition("bank.card", number), Assigned()
    records = BoundedRecords(place, Batches(data), [], 0, None, None, True, fetcher.READ_COMMITTED)
    return BoundedResult(place, assignment=assigned, partition_records=records, backoff=0), assigned


def test_a_fetch_ends_with_the_record_that_reaches_its_bytes_and_the_next_goes_on_there() -> None:
    result, assigned = fetched(compressed("gzip", [Row(b"k", b"x" * MIB)] * 30))
    found: list[Record] = []
    sizes = []
    while result.has_more():
        part = result.getall(Room.of(10_000, 5 * MIB))
        sizes.append(len(part))
        found += part
        assert not part or assigned.position == part[-1].offset + 1
    assert sizes == [5] * 6 + [0]
    assert [record.offset for record in found] == list(range(30))


def test_the_bytes_are_shared_by_all_partitions_of_a_fetch() -> None:
    room = Room.of(10_000, 5 * MIB)
    brought = []
    for number in range(4):
        result, _ = fetched(compressed("zstd", [Row(b"k", b"x" * MIB)] * 3), number)
        records = result.getall(room)
        brought.append(len(records))
        room = room - len(records)
        if room == 0:
            break
    assert brought == [3, 2]


def test_records_that_are_all_headers_fill_a_fetch_too() -> None:
    result, _ = fetched(compressed("none", [Row(b"", b"", (("", b""),) * 1_000)] * 50))
    assert len(result.getall(Room.of(10_000, 640_000))) == 10


def test_no_more_records_than_asked_for() -> None:
    result, _ = fetched(compressed("lz4", [Row(None, b"")] * 100))
    assert [len(result.getall(Room.of(40))) for _ in range(3)] == [40, 40, 20]
    assert not result.has_more()


SCRIPT = """
import resource, sys
from agents.broker.kafka.bounded_fetch import Room
from tests.schemas.kafka.batches import Row, bomb, compressed, flood
from tests.agents.broker.kafka.test_bounded_fetch import fetched

name, kind, mib = sys.argv[1:]
event = Row(b"m", b"{}")
if kind == "one":
    data = bomb(name, event, int(mib) << 20, [event] * 3) + compressed(name, [event], 4)
else:
    data = flood(name, int(mib))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
result, _ = fetched(data)
offsets, withheld = [], 0
while result.has_more():
    for record in result.getall(Room.of(10_000)):
        offsets.append(record.offset)
        withheld += record.withheld is not None
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10
print(len(offsets), withheld, grown, len(set(offsets)))
"""


@pytest.mark.share
@pytest.mark.parametrize(
    ("name", "mib"), [("gzip", 600), ("snappy", 200), ("lz4", 200), ("zstd", 200), ("none", 100), ("raw snappy", 20)]
)
@pytest.mark.parametrize("kind", ["one", "many"])
def test_600_mebibytes_in_a_batch_are_never_held(name: str, mib: int, kind: str) -> None:
    """In one record, or in many that are each small enough; less where a smaller batch shows it in less time."""
    count, withheld = (5, 1) if kind == "one" else (mib, 0)
    command = [sys.executable, "-c", SCRIPT, name, kind, str(mib)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found, unheld, grown_mib, different = map(int, done.stdout.split())
    assert (found, unheld, different) == (count, withheld, count)
    assert grown_mib < 64
