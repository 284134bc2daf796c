"""A copy comes up to its changelog, or is thrown away; what it must never do is miss a record in silence."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tables.recovery import Logged, Progress, Truncated, recover, still_good
from tables.store import WATERMARK_KEY, Copy, MemoryStore, RocksStore, Store
from tables.watermark import Watermark, encode_watermark

CHANGELOG = "id-of-the-topic"
DAY_MS = 86_400_000


class Changelog:
    """A partition of the changelog: records, each followed by a control record that no fetch returns."""

    def __init__(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        self.records = [Logged(key, value, 1_000 + index) for index, (key, value) in enumerate(records)]
        self.end = 2 * len(self.records)
        self.seeks: list[int] = []
        self._position = 0

    async def seek(self, offset: int) -> None:
        self.seeks.append(offset)
        self._position = offset

    async def fetch(self) -> Sequence[Logged]:
        first = (self._position + 1) // 2
        found = self.records[first : first + 2]
        self._position = min(self.end, 2 * (first + 2))
        return found

    async def position(self) -> int:
        return self._position


def watermark(lineage: int = 0) -> tuple[bytes, bytes]:
    return WATERMARK_KEY, encode_watermark(Watermark(offsets={}, topics={}, lineage=lineage))


def rows(store: Store) -> list[tuple[bytes, bytes]]:
    return list(store.scan(b"\x01", b"\xff"))


async def test_applies_everything_and_stands_behind_the_last_control_record() -> None:
    log, store = Changelog([(b"a", b"1"), (b"b", b"2"), (b"a", None), watermark(), (b"c", b"3")]), MemoryStore()
    heard: list[Progress] = []
    assert await recover(store, log, CHANGELOG, log.end, heard.append) == 5
    assert rows(store) == [(b"b", b"2"), (b"c", b"3")]
    assert store.copy() == Copy(CHANGELOG, 10, 1_004)
    assert heard[-1] == Progress(5, 10, 10)


async def test_goes_on_where_the_copy_stands() -> None:
    log, store = Changelog([(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]), MemoryStore()
    store.write([(b"a", b"1")], Copy(CHANGELOG, 1, 900))
    assert await recover(store, log, CHANGELOG, log.end) == 2
    assert log.seeks == [1]
    assert rows(store) == [(b"a", b"1"), (b"b", b"2"), (b"c", b"3")]


async def test_rocksdb_holds_it_all_after_closing(tmp_path: Path) -> None:
    log, store = Changelog([(b"a", b"1"), (b"b", b"2"), (b"a", None)]), RocksStore(tmp_path)
    await recover(store, log, CHANGELOG, log.end)
    store.close()
    again = RocksStore(tmp_path)
    assert rows(again) == [(b"b", b"2")]
    assert again.copy() == Copy(CHANGELOG, 6, 1_002)


async def test_a_copy_ahead_of_its_changelog_is_a_changelog_that_lost_records() -> None:
    log, store = Changelog([watermark(), (b"a", b"1")]), MemoryStore()
    store.write([(b"b", b"2"), watermark()], Copy(CHANGELOG, 9, 0))
    with pytest.raises(Truncated) as found:
        await recover(store, log, CHANGELOG, log.end)
    assert found.value.args == (9, 4)


@pytest.mark.parametrize("offset", [9, 2])
async def test_once_an_operator_accepts_the_changelog_the_copy_is_made_anew(offset: int) -> None:
    log, store = Changelog([(b"a", b"1"), (b"c", b"3"), watermark(lineage=1)]), MemoryStore()
    store.write([(b"lost", b"2"), watermark()], Copy(CHANGELOG, offset, 0))
    await recover(store, log, CHANGELOG, log.end)
    assert rows(store) == [(b"a", b"1"), (b"c", b"3")]


@pytest.mark.parametrize(
    ("copy", "good"),
    [
        (None, False),
        (Copy(CHANGELOG, 5, 10 * DAY_MS), True),
        (Copy("another", 5, 10 * DAY_MS), False),
        (Copy(CHANGELOG, 5, 10 * DAY_MS - DAY_MS // 2), True),
        (Copy(CHANGELOG, 5, 10 * DAY_MS - DAY_MS // 2 - 1), False),
    ],
)
def test_a_copy_older_than_half_of_what_deletions_are_kept_is_not_used(copy: Copy | None, good: bool) -> None:
    assert still_good(copy, CHANGELOG, now=10 * DAY_MS, delete_retention_ms=DAY_MS) is good
