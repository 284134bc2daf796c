"""A transaction of a task, whichever it is: what stands where, and that the copy of the rows never runs ahead."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from agents.boards.spec import coordinator_spec
from agents.broker.errors import OutcomeUnknown
from agents.broker.interface import NOTHING_EXPECTED
from agents.lanes.spec import lane_spec
from agents.task.commit import OpenTask, decided
from agents.task.spec import TaskSpec
from schemas import topics
from schemas.records import OutputRecord, TopicPartition
from tables.journal import OperatorDecision
from tables.store import WATERMARK_KEY, MemoryStore
from tables.watermark import Watermark, decode_watermark

TASKS = [lane_spec(3), coordinator_spec(4)]
POINTS = OutputRecord(topics.POINTS.name, 3, b"m", b"{}")


class Sent:
    """A producer that keeps what it was given; `lost`: no answer came."""

    def __init__(self, end: int, *, lost: bool = False) -> None:
        self.end = end
        self.lost = lost
        self.seen: list[tuple[list[OutputRecord], Mapping[TopicPartition, int]]] = []

    async def transact(
        self, outputs: Sequence[OutputRecord], expected_ends: Mapping[TopicPartition, int] = NOTHING_EXPECTED
    ) -> Mapping[TopicPartition, int]:
        """See `Producer`."""
        self.seen.append((list(outputs), expected_ends))
        if self.lost:
            raise OutcomeUnknown("task", "no answer")
        return dict.fromkeys(expected_ends, self.end)

    async def close(self) -> None:
        """See `Producer`."""


def committed(task: OpenTask, number: int) -> None:
    before = Watermark(offsets={}, topics={})
    after = Watermark(offsets={}, topics={}, transactions=number)
    entry = decided(task.spec, before, after, OperatorDecision("accept", "o", "r", {}, 0), 1)
    asyncio.run(_committed(task, after, entry))


async def _committed(task: OpenTask, after: Watermark, entry: bytes) -> None:
    await task.commit([(b"m", b"row")], [POINTS], after, entry, lambda: 7_000)


@pytest.mark.parametrize("spec", TASKS, ids=lambda spec: spec.title)
def test_the_watermark_is_the_last_row_and_the_journal_has_its_number(spec: TaskSpec) -> None:
    producer, store = Sent(13), MemoryStore()
    task = OpenTask(spec, producer, store, "id", 10, 4)
    committed(task, 5)
    [(records, expected)] = producer.seen
    assert expected == {spec.changelog: 10}
    rows = [each for each in records if each.topic == spec.changelog.topic]
    assert [(each.partition, each.key) for each in rows] == [
        (spec.changelog.partition, b"m"), (spec.changelog.partition, WATERMARK_KEY)
    ]  # fmt: skip
    assert decode_watermark(rows[-1].value or b"").transactions == 5
    [entry] = [each for each in records if each.topic == spec.journal.topic]
    assert entry.partition == spec.journal.partition
    assert spec.decode_entry(entry.value or b"").transaction == 5
    assert POINTS in records
    copy = store.copy()
    assert copy is not None
    assert (copy.changelog, copy.offset, copy.applied_at) == ("id", 13, 7_000)
    committed(task, 6)
    assert producer.seen[-1][1] == {spec.changelog: 14}  # behind the marker of the transaction before


def test_without_an_answer_nothing_is_written_to_the_copy_and_the_task_stands_where_it_stood() -> None:
    producer, store = Sent(13, lost=True), MemoryStore()
    task = OpenTask(lane_spec(3), producer, store, "id", 10, 4)
    task.watermark = Watermark(offsets={}, topics={}, transactions=4)
    with pytest.raises(OutcomeUnknown):
        committed(task, 5)
    assert store.copy() is None
    assert task.watermark.transactions == 4
