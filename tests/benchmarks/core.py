"""The core alone, without a broker: what an event costs on each way from bytes to bytes, in µs of CPU.

    python -m tests.benchmarks.core

Events of the simulator go through `club.yaml` in batches, over RocksDB and over memory, the stages timed apart:
decode, read (rows out of the store), decide (everything between), hand over (rows and outputs encoded), write.
The calibration loop says how fast the machine was meanwhile: compare figures of two runs by their ratio to it.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median

from agents.scoring.intake import StampedRecord, decode_record
from agents.scoring.processor import Processor
from bashgah.simulator import BankMessage, Plan, simulate
from engine.calendar import DAY_MS
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.programme_file import load as load_programme
from schemas.records import Record
from tables.store import MemoryStore, RocksStore, Store
from tests.benchmarks.card_task import purchases
from tests.benchmarks.results import FOLDER, ROOT, Results
from tests.benchmarks.sampling import calibration_ms

CLUB = ROOT / "programmes" / "club.yaml"
ONE_RULE = Path(__file__).resolve().parent / "one_rule.yaml"
BATCH = 1_000
STAGES = ("decode", "read", "decide", "hand over", "write")


class TimedStore:
    """A store that adds up the time its readers wait for it, in ns of CPU."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.spent_ns = 0

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """See `Store`."""
        began = time.process_time_ns()
        found = self.store.get_many(keys)
        self.spent_ns += time.process_time_ns() - began
        return found

    def scan(self, begin: bytes, end: bytes) -> Iterable[tuple[bytes, bytes]]:
        """See `Store`."""
        began = time.process_time_ns()
        found = list(self.store.scan(begin, end))
        self.spent_ns += time.process_time_ns() - began
        return found


def compiled_of(programme: Path) -> ProgrammeVersions:
    """One programme's version."""
    return ProgrammeVersions([CompiledProgramme(load_programme(programme.read_text(encoding="utf-8"), str(programme)))])


def simulated(members: int, events: int, seed: int = 1) -> Iterator[Record]:
    """The simulator's stream of the last days, as records of one partition."""
    start = time.time_ns() // 1_000_000 - 12 * DAY_MS
    return as_records(simulate(Plan(members, seed, start, events, days=10)))


def as_records(messages: Iterable[BankMessage]) -> Iterator[Record]:
    """Messages as records of one partition."""
    for offset, message in enumerate(messages):
        topic = topics.BY_SHORT_NAME[message.topic].name
        yield Record(topic, 0, offset, message.at, message.key.encode(), message.value, ())


def card_records(members: int, events: int) -> Iterator[Record]:
    """The common task's stream, as records of one partition."""
    begin = time.time_ns() // 1_000_000 - events - 60_000
    for offset, (key, value) in enumerate(purchases(events, begin, members)):
        yield Record(topics.CARD.name, 0, offset, begin, key, value, ())


def batches(records: Iterator[Record], size: int = BATCH) -> Iterator[list[Record]]:
    """Records in lists of one batch."""
    while batch := list(islice(records, size)):
        yield batch


class Stages:
    """A processor over a store, and where its time goes, in ns of CPU by stage."""

    def __init__(self, store: Store, versions: ProgrammeVersions, *, replay: bool = False) -> None:
        self.store = store
        self.timed = TimedStore(store)
        self.processor = Processor(self.timed, versions, partition=0, partitions=1, replay=replay)
        self.spent_ns: Counter[str] = Counter()
        self.events = 0
        self.rows = 0
        self.outputs = 0

    def run(self, batch: Sequence[Record]) -> None:
        """One batch through all stages."""
        clock = time.process_time_ns
        began = clock()
        items: Sequence[StampedRecord] = [decode_record(record) for record in batch]
        self.spent_ns["decode"] += clock() - began
        now = time.time_ns() // 1_000_000
        while items:
            began, read = clock(), self.timed.spent_ns
            taken = self.processor.take(items, now)
            read = self.timed.spent_ns - read
            decided = clock()
            changes = self.processor.changes()
            handed = clock()
            self.store.write(changes.rows)
            written = clock()
            self.spent_ns["read"] += read
            self.spent_ns["decide"] += decided - began - read
            self.spent_ns["hand over"] += handed - decided
            self.spent_ns["write"] += written - handed
            self.rows += len(changes.rows)
            self.outputs += len(changes.outputs)
            items = items[taken:]
        self.events += len(batch)

    def per_event_us(self) -> dict[str, float]:
        """µs of CPU an event, by stage."""
        return {stage: self.spent_ns[stage] / 1000 / self.events for stage in STAGES}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.core", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args(arguments)
    results = Results("core", list(arguments) if arguments is not None else None)
    folder = FOLDER / "work" / "core"
    streams = {
        "club.yaml, simulator": (CLUB, list(simulated(given.members, given.events))),
        "one rule, card purchases": (ONE_RULE, list(card_records(given.members, given.events))),
    }
    found: dict[tuple[str, str], list[Stages]] = {}
    loops: list[float] = []
    for _ in range(given.repeat):
        for stream, (programme, records) in streams.items():
            for kind in ("RocksDB", "memory"):
                shutil.rmtree(folder, ignore_errors=True)
                loops.append(calibration_ms())
                gc.collect()
                gc.freeze()  # the prepared input is no part of what runs in a worker
                store: Store = RocksStore(folder) if kind == "RocksDB" else MemoryStore()
                stages = Stages(store, compiled_of(programme))
                for batch in batches(iter(records)):
                    stages.run(batch)
                store.close()
                found.setdefault((stream, kind), []).append(stages)
    shutil.rmtree(folder, ignore_errors=True)
    for (stream, kind), runs in found.items():
        by_stage = {stage: median(run.per_event_us()[stage] for run in runs) for stage in STAGES}
        results.figure(f"{stream}, {kind}: CPU an event", sum(by_stage.values()), "µs")
        shares = ", ".join(f"{stage} {value:.1f}" for stage, value in by_stage.items())
        last = runs[-1]
        rows, outputs = last.rows / last.events, last.outputs / last.events
        results.note(f"    {shares}; {rows:.2f} rows and {outputs:.2f} outputs an event")
        results.detail[f"{stream}, {kind}"] = {
            "stages_us": by_stage, "rows_an_event": rows, "outputs_an_event": outputs
        }  # fmt: skip
        results.figure(f"{stream}, {kind}: CPU an event ÷ calibration loop", sum(by_stage.values()) / median(loops),
                       "µs/ms")  # fmt: skip
    results.detail["calibration_ms"] = loops
    results.save()


if __name__ == "__main__":
    main()
