"""What the rows take on disk: the simulator's bank over 400 days, as busy as its customers are, on a replay clock.

    python -m tests.benchmarks.disk

The goal allows 2 kB for each member and 150 B for each event that granted something. Measured are RocksDB's data files
after the last flush, as the run left them and again after a full compaction; the write-ahead log (bounded, and gone
after a flush) is not counted. On a replay clock nothing of those days is forgotten.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rocksdict import Options, Rdict

from agents.scoring.intake import decode_record
from agents.scoring.processor import Processor
from bashgah.simulator import Plan, simulate
from engine.calendar import DAY_MS
from engine.outcome import Outcome
from tables.rows import is_row, split
from tables.store import RocksStore
from tests.benchmarks.core import CLUB, as_records, batches, compiled_of
from tests.benchmarks.results import FOLDER, Results

BYTES_A_MEMBER = 2_000
BYTES_A_GRANT = 150
KINDS = {
    ord("m"): "head", ord("e"): "event", ord("c"): "counters", ord("y"): "totals", ord("l"): "lots",
    ord("b"): "balances", ord("p"): "parked",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.disk", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=400)
    given = parser.parse_args(arguments)
    results = Results("disk", list(arguments) if arguments is not None else None)
    folder = FOLDER / "work" / "disk"
    shutil.rmtree(folder, ignore_errors=True)
    store = RocksStore(folder)
    began = time.perf_counter()
    events, granting = _live(store, given.members, given.days)
    results.note(f"{events:,} events in {time.perf_counter() - began:.0f} s, {granting:,} granted something")
    members, raw, rows = _contents(store)
    store.close()
    as_left = _flushed(folder)
    compacted = _flushed(folder, compact=True)
    allowed = members * BYTES_A_MEMBER + granting * BYTES_A_GRANT
    results.detail |= {
        "members": members, "events": events, "granting_events": granting, "rows": dict(rows),
        "raw_bytes": dict(raw), "files_bytes": as_left, "compacted_bytes": compacted, "allowed_bytes": allowed,
    }  # fmt: skip
    whole = given.days >= 400
    results.figure("disk as the run left it ÷ allowed", as_left / allowed, "×", "disk.ratio" if whole else None)
    results.figure("disk after a full compaction ÷ allowed", compacted / allowed, "×")
    results.figure("disk as the run left it, a member", as_left / members, "B")
    results.figure("disk as the run left it, an event of any kind", as_left / events, "B")
    results.figure("granting events a member", granting / members, "events")
    for kind, size in raw.most_common():
        results.note(f"    {kind}: {rows[kind]:,} rows, {size / members:,.0f} B a member before compression")
    shutil.rmtree(folder, ignore_errors=True)
    results.save()


def _live(store: RocksStore, customers: int, days: int) -> tuple[int, int]:
    """Score the days; how many events there were, and how many granted something."""
    start = time.time_ns() // 1_000_000 - (days + 1) * DAY_MS
    processor = Processor(store, compiled_of(CLUB), partition=0, partitions=1, replay=True)
    outcomes: Counter[Outcome] = Counter()
    gc.freeze()
    for batch in batches(as_records(simulate(Plan(customers, 1, start, days=days)))):
        items = [decode_record(record) for record in batch]
        while items:
            items = items[processor.take(items, 0) :]
            changes = processor.changes()
            store.write(changes.rows)
            for (_, outcome, _), count in changes.tallies.events.items():
                outcomes[outcome] += count
    return outcomes.total(), outcomes[Outcome.SCORED]


def _contents(store: RocksStore) -> tuple[int, Counter[str], Counter[str]]:
    """Members, and by kind of row the bytes of keys and values and the number of rows."""
    size: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for key, value in store.scan(b"", b"\xff"):
        if not is_row(key):
            continue
        kind = "due index" if key[:1] == b"\x00" else KINDS.get(split(key)[1][0], "other")
        size[kind] += len(key) + len(value)
        rows[kind] += 1
    return rows["head"], size, rows


def _flushed(folder: Path, *, compact: bool = False) -> int:
    """Bytes of the data files once nothing waits in memory or in the log."""
    database = Rdict(str(folder), Options(raw_mode=True))
    database.flush()
    if compact:
        database.compact_range(None, None)
    database.close()
    return sum(file.stat().st_size for file in folder.glob("*.sst"))


if __name__ == "__main__":
    main()
