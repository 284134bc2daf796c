"""What an event costs when there are many members: CPU at 1,000,000 beside 10,000, through the core and RocksDB.

    python -m tests.benchmarks.scale

Both states are made by one purchase a member. Then batches of purchases by members drawn evenly, the worst case for
any cache, go through both in turns.
"""

from __future__ import annotations

import argparse
import gc
import shutil
import time
from collections.abc import Iterator, Sequence
from random import Random
from statistics import median

from schemas import topics
from schemas.records import Record
from tables.store import RocksStore
from tests.benchmarks.core import CLUB, STAGES, Stages, batches, compiled_of
from tests.benchmarks.results import FOLDER, Results
from tests.benchmarks.sampling import calibration_ms

SOURCE = "/core/card-switch"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale", description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=20_000, help="measured in each of the rounds, for each")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    results = Results("scale", list(arguments) if arguments is not None else None)
    folder = FOLDER / "work" / "scale"
    shutil.rmtree(folder, ignore_errors=True)
    states: dict[int, Stages] = {}
    for members in (given.few, given.many):
        began = time.perf_counter()
        states[members] = Stages(RocksStore(folder / str(members)), compiled_of(CLUB))
        for batch in batches(_purchases(range(members), "first"), 2_000):
            states[members].run(batch)
        results.note(f"{members:,} members made in {time.perf_counter() - began:.0f} s")
    costs: dict[int, list[dict[str, float]]] = {given.few: [], given.many: []}
    for number in range(given.rounds):
        for members, stages in states.items():
            costs[members].append(_round(stages, members, given.events, number))
    for members, found in costs.items():
        by_stage = {stage: median(each[stage] for each in found) for stage in STAGES}
        results.detail[f"{members} members"] = by_stage
        results.figure(f"CPU an event at {members:,} members", sum(by_stage.values()), "µs")
        results.note("    " + ", ".join(f"{stage} {value:.1f}" for stage, value in by_stage.items()))
    both = zip(costs[given.many], costs[given.few], strict=True)
    ratio = median(sum(many.values()) / sum(few.values()) for many, few in both)
    goal = "scale.ratio" if (given.few, given.many) == (10_000, 1_000_000) else None
    results.figure(f"CPU an event at {given.many:,} ÷ at {given.few:,} members (median of {given.rounds})", ratio, "×",
                   goal)  # fmt: skip
    results.detail["calibration_ms"] = calibration_ms()
    for stages in states.values():
        stages.store.close()
    shutil.rmtree(folder, ignore_errors=True)
    results.save()


def _round(stages: Stages, members: int, events: int, number: int) -> dict[str, float]:
    random = Random(f"{members} {number}")
    records = list(_purchases((random.randrange(members) for _ in range(events)), f"round-{number}"))
    gc.collect()
    gc.freeze()
    stages.spent_ns.clear()
    stages.events = 0
    for batch in batches(iter(records)):
        stages.run(batch)
    return stages.per_event_us()


def _purchases(members: Iterator[int] | range, prefix: str) -> Iterator[Record]:
    """One purchase for each of these member numbers, a minute ago."""
    at = time.time_ns() // 1_000_000 - 60_000
    text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at // 1000))
    for offset, member in enumerate(members):
        subject = f"m{member:08d}"
        value = (
            f'{{"specversion":"1.0","id":"{prefix}-{offset}","source":"{SOURCE}","type":"card.purchase.settled",'
            f'"subject":"{subject}","time":"{text}","data":{{"amount":{100_000 + offset % 9_000_000},"mcc":"5411",'
            f'"merchant":"t000001","terminal":"00000001","channel":"pos"}}}}'
        )
        yield Record(topics.CARD.name, 0, offset, at, subject.encode(), value.encode(), ())


if __name__ == "__main__":
    main()
