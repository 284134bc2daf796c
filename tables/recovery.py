"""Bringing a copy up to its changelog."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from tables.store import WATERMARK_KEY, Copy, MemoryStore, RocksStore, Row, Store
from tables.watermark import Watermark, decode_watermark


class Logged(NamedTuple):
    """A record of the changelog; `timestamp` in ms."""

    key: bytes
    value: bytes | None
    timestamp: int


class ChangelogReader(Protocol):
    """Reads one partition of the changelog, committed records only."""

    async def seek(self, offset: int) -> None:
        """Read on from this offset."""

    async def fetch(self) -> Sequence[Logged]:
        """The next records; none when there are none at once."""

    async def position(self) -> int:
        """The offset that is read next. It passes markers that no fetch returns."""


class Progress(NamedTuple):
    """How far a recovery has come: records applied, next offset, and the offset at which it ends."""

    records: int
    position: int
    end: int


class Truncated(Exception):
    """The copy holds more than the changelog, which lost records. Arguments: the copy's offset, the changelog's end."""


def still_good(copy: Copy | None, changelog: str, now: int, delete_retention_ms: int) -> bool:
    """Whether a copy may be brought up to date instead of being made anew.

    A deletion leaves the changelog `delete_retention_ms` after it was compacted; half of that leaves room for clocks
    that differ and for the time that recovery takes.
    """
    return copy is not None and copy.changelog == changelog and now - copy.applied_at <= delete_retention_ms // 2


async def recover(
    store: Store,
    reader: ChangelogReader,
    changelog: str,
    end: int,
    progress: Callable[[Progress], None] = lambda _: None,
) -> int:
    """Apply the changelog to the store until the position reaches `end`; return how many records were applied.

    Raises `Truncated` when the copy is ahead of the changelog and no operator has accepted that. `end` is the end of
    what is committed, read after the previous owner was fenced.
    """
    copy = store.copy()
    if copy is not None and copy.offset > end:
        accepted = await _last_watermark(reader, end)
        if accepted is None or accepted.lineage <= _lineage(store):
            raise Truncated(copy.offset, end)
        store.clear()
    applied = await _apply(store, reader, changelog, end, progress)
    if applied is None:  # made from a changelog that an operator replaced meanwhile
        store.clear()
        applied = await _apply(store, reader, changelog, end, progress)
        assert applied is not None
    return applied


async def _apply(
    store: Store, reader: ChangelogReader, changelog: str, end: int, progress: Callable[[Progress], None]
) -> int | None:
    copy = store.copy()
    position = copy.offset if copy is not None else 0
    lineage = _lineage(store) if copy is not None else None
    applied_at = copy.applied_at if copy is not None else 0
    await reader.seek(position)
    applied = 0
    while position < end:
        records = await reader.fetch()
        position = await reader.position()
        if records:
            if lineage is not None and _newest_lineage(records, lineage) > lineage:
                return None
            applied_at = max(applied_at, records[-1].timestamp)
        rows: list[Row] = [(record.key, record.value) for record in records]
        _load(store, rows, Copy(changelog, position, applied_at))
        applied += len(rows)
        progress(Progress(applied, position, end))
    return applied


def _load(store: Store, rows: list[Row], copy: Copy) -> None:
    if isinstance(store, RocksStore):
        store.load(rows, copy)
    else:
        store.write(rows, copy)


def _newest_lineage(records: Sequence[Logged], lineage: int) -> int:
    for record in reversed(records):
        if record.key == WATERMARK_KEY and record.value is not None:
            return decode_watermark(record.value).lineage
    return lineage


def _lineage(store: Store) -> int:
    value = store.get_many([WATERMARK_KEY])[0]
    return decode_watermark(value).lineage if value is not None else 0


async def _last_watermark(reader: ChangelogReader, end: int) -> Watermark | None:
    await reader.seek(0)
    memory = MemoryStore()
    while await reader.position() < end:
        memory.write([(each.key, each.value) for each in await reader.fetch() if each.key == WATERMARK_KEY])
    value = memory.get_many([WATERMARK_KEY])[0]
    return decode_watermark(value) if value is not None else None
