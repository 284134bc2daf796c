"""Both stores are the same sorted map with the same atomic write; RocksDB's is also there after a kill."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tables.store import Copy, MemoryStore, RocksStore, Store, StoreBroken, StoreInUse

KEYS = st.binary(min_size=1, max_size=3).filter(lambda key: key[0] != 0)
ROWS = st.lists(st.tuples(KEYS, st.one_of(st.none(), st.binary(max_size=4))), max_size=8)


@pytest.fixture(params=["memory", "rocks"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store = MemoryStore() if request.param == "memory" else RocksStore(tmp_path / "rows")
    yield opened
    opened.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(writes=st.lists(ROWS, max_size=6), begin=KEYS, end=KEYS)
def test_reads_what_was_written_in_order_of_keys(
    store: Store, writes: list[list[tuple[bytes, bytes | None]]], begin: bytes, end: bytes
) -> None:
    store.clear()
    model: dict[bytes, bytes] = {}
    for rows in writes:
        store.write(rows)
        for key, value in rows:
            if value is None:
                model.pop(key, None)
            else:
                model[key] = value
        assert list(store.scan(begin, end)) == sorted(row for row in model.items() if begin <= row[0] < end)
    keys = [key for rows in writes for key, _ in rows] + [begin]
    assert store.get_many(keys) == [model.get(key) for key in keys]


def test_a_scan_goes_on_while_rows_are_written_and_deleted(store: Store) -> None:
    store.write([(b"%04d" % number, b"x") for number in range(1_000)])
    seen = []
    for key, _ in store.scan(b"0", b"1"):
        seen.append(key)
        store.write([(key, None)])
    assert seen == [b"%04d" % number for number in range(1_000)]
    assert list(store.scan(b"0", b"1")) == []


def test_knows_where_its_copy_stands(store: Store) -> None:
    assert store.copy() is None
    store.write([(b"m\x00h", b"1")], Copy("changelog", 7, 1_000))
    store.write([(b"m\x00h", b"2")])
    assert store.copy() == Copy("changelog", 7, 1_000)
    assert list(store.scan(b"\x01", b"\xff")) == [(b"m\x00h", b"2")]
    store.clear()
    assert store.copy() is None
    assert store.get_many([b"m\x00h"]) == [None]


def killed(source: Path, target: Path) -> RocksStore:
    """What a process finds that starts after a kill: the files as they are, without any closing."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("LOCK"))
    return RocksStore(target)


def test_rocksdb_keeps_each_write_whole_through_a_kill(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "rows")
    store.write([(b"a", b"1")], Copy("changelog", 5, 0))
    found = killed(tmp_path / "rows", tmp_path / "after")
    assert (found.get_many([b"a"]), found.copy()) == ([b"1"], Copy("changelog", 5, 0))


def test_rows_loaded_without_a_log_are_never_missing_below_what_the_copy_says(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "rows")
    store.load([(b"a", b"1")], Copy("changelog", 5, 0))
    store.write([(b"b", b"2")], Copy("changelog", 6, 0))  # in the log, which alone would come back after a kill
    found = killed(tmp_path / "rows", tmp_path / "after")
    assert found.copy() == Copy("changelog", 6, 0)
    assert found.get_many([b"a", b"b"]) == [b"1", b"2"]


def test_a_directory_has_one_owner(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "rows")
    next(store.scan(b"", b"\xff"), None)
    with pytest.raises(StoreInUse):
        RocksStore(tmp_path / "rows")
    store.close()
    store.close()
    RocksStore(tmp_path / "rows").close()


def test_a_scan_that_was_not_finished_keeps_no_lock(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "rows")
    store.write([(b"%04d" % number, b"x") for number in range(1_000)])
    rows = store.scan(b"0", b"1")
    next(rows)
    store.close()
    RocksStore(tmp_path / "rows").close()
    with pytest.raises(StoreBroken, match="closed"):
        store.get_many([b"a"])


def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "CURRENT").write_text("nonsense\n")
    with pytest.raises(StoreBroken, match="rows"):
        RocksStore(tmp_path / "rows")
