"""The full `club.yaml` on the simulator's stream, through one worker process and a real Kafka on the same machine.

    python -m tests.benchmarks.club_stream

A backlog is published, then a worker begins: events/s, µs an event by stage, memory while the backlog shrinks. Then it
is stopped and started over its rows (warm), and once more without them (recovery from the changelog). One lane is
verified byte for byte at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from agents.broker.interface import Broker
from bashgah.audit.lanes import verify
from bashgah.simulator import BankMessage, Plan, simulate
from engine.calendar import DAY_MS
from monitoring import declared
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import OutputRecord
from tests.benchmarks.core import CLUB
from tests.benchmarks.results import Results
from tests.benchmarks.sampling import Sampler, calibration_ms
from tests.benchmarks.site import PARTITIONS, Site, kafka
from tests.integration.processes import WorkerProcess

BACKLOG_EVENTS = 1_000_000
"""The backlog for which the goal of flat memory holds."""
STAGES = ("decide", "send", "write")
START_S_MAX = 60.0
STILL_S_MAX = 120.0
_CHUNK = 20_000
_POLL_S = 0.5


class Reading(NamedTuple):
    """What the worker's metrics said at a moment: events committed, transactions, seconds by stage."""

    at: float
    events: float
    transactions: float
    stages_s: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.club_stream", description=__doc__)
    parser.add_argument("--events", type=int, default=BACKLOG_EVENTS)
    parser.add_argument("--members", type=int, default=50_000)
    given = parser.parse_args(arguments)
    results = Results("club_stream", list(arguments) if arguments is not None else None)
    with kafka("club_stream") as site:
        site.found_club(CLUB)
        site.begin_anew("club")
        began = time.perf_counter()
        plan = Plan(given.members, 1, time.time_ns() // 1_000_000 - 12 * DAY_MS, given.events, days=10)
        site.ask(lambda broker: publish(broker, simulate(plan)))
        results.note(f"{given.events:,} events of {given.members:,} members published in "
                     f"{time.perf_counter() - began:.0f} s")  # fmt: skip
        results.detail["calibration_ms"] = calibration_ms()
        worker = site.worker("club")
        try:
            _score(results, site, worker, given.events)
            _reopen(results, site, worker)
        finally:
            worker.end()
        verified = site.ask(lambda broker: verify(broker, 0))
        found = {"records": verified.records, "outputs": verified.outputs, "rows": verified.rows}
        results.note(f"lane 0 verified byte for byte: {found}")
        results.detail["verified"] = found
    results.save()


async def publish(broker: Broker, messages: Iterator[BankMessage]) -> None:
    """Publish messages in their order, each to its member's partition."""
    partitions: dict[str, int] = {}
    while chunk := list(islice(messages, _CHUNK)):
        outputs = []
        for message in chunk:
            key = message.key.encode()
            place = partitions.get(message.key)
            if place is None:
                place = partitions[message.key] = partition_of(key, PARTITIONS)
            outputs.append(OutputRecord(topics.BY_SHORT_NAME[message.topic].name, place, key, message.value))
        await broker.publish(outputs)


def read(worker: WorkerProcess) -> Reading:
    """The metrics now."""
    series: dict[str, float] = {}
    stages = dict.fromkeys(STAGES, 0.0)
    for line in worker.get("/metrics")[1].splitlines():
        name, _, value = line.rpartition(" ")
        if line.startswith("#"):
            continue
        plain = name.partition("{")[0]
        series[plain] = series.get(plain, 0.0) + float(value)
        if plain == f"{declared.STAGE_SECONDS.name}_sum":
            stages[name.partition('stage="')[2].partition('"')[0]] = float(value)
    return Reading(
        time.time(), series.get(declared.EVENTS.name, 0.0), series.get(declared.TRANSACTIONS.name, 0.0), stages
    )


def _score(results: Results, site: Site, worker: WorkerProcess, events: int) -> None:
    """Work the backlog off."""
    sampler, broker = Sampler(worker.start().pid), Sampler(site.broker_pid)
    sampler.start()
    broker.start()
    try:
        readings = follow(worker, events)
    finally:
        sampler.finish()
        broker.finish()
    assert readings[-1].events == events, f"{readings[-1].events:,.0f} events counted of {events:,} published"
    begin = next(each for each in readings if each.events >= 0.2 * events)
    end = next(each for each in readings if each.events >= 0.98 * events)
    done, seconds = end.events - begin.events, end.at - begin.at
    cpu_s = sampler.cpu_s_at(end.at) - sampler.cpu_s_at(begin.at)
    results.figure("full club.yaml, one process: rate", done / seconds, "events/s", "club.rate")
    results.figure("full club.yaml, one process: CPU an event", 1e6 * cpu_s / done, "µs")
    results.figure("events a transaction", done / (end.transactions - begin.transactions), "events")
    for stage in STAGES:
        spent = end.stages_s[stage] - begin.stages_s[stage]
        waits = " (waiting included)" if stage == "send" else ""
        results.figure(f"stage {stage}{waits}: time an event", 1e6 * spent / done, "µs")
    results.detail["cores"] = cpu_s / seconds
    results.detail["broker_cores"] = (broker.cpu_s_at(end.at) - broker.cpu_s_at(begin.at)) / seconds
    results.note(f"    {cpu_s / seconds:.2f} cores, broker {results.detail['broker_cores']:.2f}")
    _memory(results, sampler, readings, events)


def follow(worker: WorkerProcess, events: int) -> list[Reading]:
    """Readings until every event is committed."""
    readings: list[Reading] = []
    moved = time.monotonic()
    while not readings or readings[-1].events < events:
        assert worker.alive, f"the worker ended:\n{worker.tail()}"
        reading = read(worker)
        if not readings or reading.events > readings[-1].events:
            moved = time.monotonic()
        assert time.monotonic() - moved < START_S_MAX, f"nothing was committed for {START_S_MAX} s:\n{worker.tail()}"
        readings.append(reading)
        time.sleep(_POLL_S)
    return readings


def _memory(results: Results, sampler: Sampler, readings: Sequence[Reading], events: int) -> None:
    """Memory at each tenth of the backlog, and how much more the second half took than the first."""
    tenths = []
    for tenth in range(1, 11):
        at = next(each.at for each in readings if each.events >= events * tenth / 10)
        tenths.append(max(each.rss_bytes for each in sampler.samples if each.at <= at + _POLL_S))
    results.detail["rss_mb_max_by_tenth"] = [round(each / 1e6) for each in tenths]
    results.figure(f"memory, highest over a backlog of {events:,} events", tenths[-1] / 1e6, "MB")
    goal = "backlog.growth" if events >= BACKLOG_EVENTS else None
    results.figure("memory: highest over the whole backlog ÷ over its first half", tenths[-1] / tenths[4], "×", goal)
    results.note(f"    by tenth of the backlog: {results.detail['rss_mb_max_by_tenth']} MB")


def _reopen(results: Results, site: Site, worker: WorkerProcess) -> None:
    """Start over the rows, then without them."""
    _still(worker)
    worker.stop()
    records = site.rows()
    for warm in (True, False):
        if not warm:
            shutil.rmtree(worker.folder / "data" / "lanes")
        began = time.monotonic()
        worker.start().until_ready(300)
        started = time.monotonic() - began
        lanes = worker.metric(f"{declared.OPEN_SECONDS.name}_count")
        opened = worker.metric(f"{declared.OPEN_SECONDS.name}_sum") / lanes
        rows = worker.metric(declared.RECOVERY_ROWS.name)
        assert lanes == PARTITIONS, lanes
        if warm:
            results.figure(f"opening {lanes:.0f} warm lanes", opened, "s", "recovery.warm")
            results.figure("from the start of the process until ready, warm", started, "s")
        else:
            results.figure("opening without rows: from the changelog", opened, "s")
            results.figure(f"recovery of {rows:,.0f} rows", rows / opened, "rows/s", "recovery.rate")
            results.detail["changelog_records"] = records
        worker.stop()


def _still(worker: WorkerProcess) -> None:
    """Wait until nothing is committed any more but ticks: the last one has been worked off."""
    deadline = time.monotonic() + STILL_S_MAX
    while time.monotonic() < deadline:
        before = read(worker).transactions
        asyncio.run(asyncio.sleep(3))
        if read(worker).transactions - before <= PARTITIONS:
            return


if __name__ == "__main__":
    main()
