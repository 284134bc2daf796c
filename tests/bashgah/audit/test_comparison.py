"""What may be missing of what a task has put out, and what may not."""

from collections.abc import Callable

import pytest

from bashgah.audit.comparison import Difference, Written
from schemas import topics
from schemas.records import OutputRecord, Record, TopicPartition

POINTS = TopicPartition(topics.POINTS.name, 0)
BOARDS = TopicPartition(topics.LEADERBOARD.name, 0)


class Kept:
    """Stands for a cursor over records: `begin` is the first offset that is kept, `end` the one at opening."""

    def __init__(self, place: TopicPartition, begin: int, *values: tuple[bytes, bytes | None], since: int = 0) -> None:
        self.place = place
        self.begin = begin
        self.end = begin + len(values) - since
        self._left = [
            Record(place.topic, place.partition, begin + index, 0, key, value, ())
            for index, (key, value) in enumerate(values)
        ]

    async def further(self) -> Record | None:
        """See `Cursor`."""
        return self._left.pop(0) if self._left else None


async def compare(kept: Kept, *values: tuple[bytes, bytes | None], mine: Callable[[Record], bool] = bool) -> Written:
    written = Written(kept, mine)  # type: ignore[arg-type]
    for key, value in values:
        await written.compare(OutputRecord(*kept.place, key, value))
    await written.finish()
    return written


A, B, C = (b"a", b"1"), (b"b", b"2"), (b"c", b"3")


async def test_what_retention_has_deleted_is_counted_and_what_comes_after_is_compared() -> None:
    found = await compare(Kept(POINTS, 5, B, C), A, B, C)
    assert (found.compared, found.cut) == (2, 1)
    with pytest.raises(Difference, match="offset 6: key"):
        await compare(Kept(POINTS, 5, A, C), A, B, C)


async def test_where_nothing_was_deleted_nothing_may_be_missing_or_left_over() -> None:
    with pytest.raises(Difference, match="offset 0: key"):
        await compare(Kept(POINTS, 0, B), A, B)
    with pytest.raises(Difference, match="a record is missing"):
        await compare(Kept(POINTS, 0, A), A, B)
    with pytest.raises(Difference, match="offset 1: follows from nothing"):
        await compare(Kept(POINTS, 0, A, B), A)


async def test_what_the_task_has_put_out_since_is_not_looked_at() -> None:
    assert (await compare(Kept(POINTS, 0, A, B, since=1), A)).compared == 1


async def test_compaction_leaves_the_last_record_of_each_key() -> None:
    older, newer, end = (b"a", b"0"), A, (b"b", None)
    found = await compare(Kept(BOARDS, 0, newer), older, B, newer, end)
    assert (found.compared, found.cut) == (1, 3)
    with pytest.raises(Difference, match="is missing"):
        await compare(Kept(BOARDS, 0, newer), newer, B)


async def test_records_of_others_are_passed_over() -> None:
    found = await compare(Kept(POINTS, 0, B, A), A, mine=lambda record: record.key == b"a")
    assert found.compared == 1
