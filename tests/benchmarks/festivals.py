"""Scoring with 200 festivals of five categories each, two of which every purchase touches, beside one that all touch.

    python -m tests.benchmarks.festivals

The same members and the same purchases, through one worker process and a real Kafka on the same machine. All register
and join first, and the worker ticks and is stopped, so that boards are live from the first purchase on when it is
started over the backlog of purchases; what is timed begins with 15% of them. The two take turns, each run from nothing,
and the figure is the median of the ratios to the runs beside. Before a figure stands, every member's scores in the
lanes' rows and every board that was published last must be what a recount of the purchases says.

A board has as many members as its festival: with 100,000 members each of 200 has about 1,000. What a festival costs the
core alone, without a broker and boards, is shown beside it; so is one that no member is of, on the common task.
"""

from __future__ import annotations

import argparse
import gc
import shutil
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from agents.process.clock import wall_clock
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas.programme_file import load as load_programme
from schemas.records import OutputRecord, Record
from tables.store import RocksStore
from tests.benchmarks.card_task import Purchase, purchases, settle
from tests.benchmarks.club_stream import Reading, follow
from tests.benchmarks.core import ONE_RULE, STAGES, Stages, batches
from tests.benchmarks.festival_club import (
    CATEGORIES,
    Recount,
    cards,
    empty_cards,
    joiners,
    programme,
    publish,
    until_right,
    until_ticked,
)
from tests.benchmarks.results import FOLDER, Results
from tests.benchmarks.sampling import Sampler, calibration_ms
from tests.benchmarks.site import Site, kafka

FESTIVALS = 200
MEMBERS = 100_000
_BEGIN, _END = 0.15, 0.98
_HOUR_MS = 3_600_000
_REST_S = 1.0
CORE_MEMBERS, CORE_BATCH = 5_000, 2_000


class Run(NamedTuple):
    """One run: rate and CPU while purchases were scored, memory at the end, and what was checked."""

    festivals: int
    rate: float
    cpu_us: float
    cores: float
    broker_cores: float
    rss_mb: float
    window_s: float
    events_a_transaction: float
    rows: int
    boards: int
    published: int
    calibration_ms: float


class Stream(NamedTuple):
    """The purchases, which the same numbers always give; the first one's time in ms."""

    events: int
    members: int
    begin: int

    def purchases(self) -> Iterator[Purchase]:
        """From the first on."""
        return purchases(self.events, self.begin, self.members)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.festivals", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="purchases, besides two events a member")
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--festivals", type=int, default=FESTIVALS, help="an even number")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--core-events", type=int, default=10_000, help="a round and programme")
    parser.add_argument("--core-rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    results = Results("festivals", list(arguments) if arguments is not None else None)
    runs = _turns(results, given)
    results.detail["runs"] = [run._asdict() for run in runs]
    whole = given.festivals == FESTIVALS and given.members >= MEMBERS
    _figures(results, runs, given.festivals, given.members, whole)
    _core(results, given)
    results.save()


def _turns(results: Results, given: argparse.Namespace) -> list[Run]:
    stream = Stream(given.events, given.members, wall_clock() - given.events - 60_000)
    with kafka("festivals") as site:
        site.found_club(ONE_RULE)
        joined = joiners(stream.members, given.festivals, stream.begin - _HOUR_MS)
        joining = site.ask(lambda broker: publish(broker, joined))
        recounts = {each: Recount(stream.purchases(), each) for each in (1, given.festivals)}
        runs = []
        for number in range(2 * given.rounds):
            festivals = (1, given.festivals)[number % 2]
            settle(_REST_S)
            run = _measure(site, f"festivals-{number}", festivals, recounts[festivals], joining, stream)
            runs.append(run)
            results.note(
                f"{festivals:>5} festivals: {run.rate:>9,.0f} events/s, {run.cpu_us:6.1f} µs of CPU an event, "
                f"{run.cores:.2f} cores, broker {run.broker_cores:.2f}, {run.rss_mb:.0f} MB, window {run.window_s:.1f} "
                f"s; {run.rows:,} rows and {run.boards:,} boards right, published {run.published:,} times"
            )
        return runs


def _measure(site: Site, app: str, festivals: int, recount: Recount, joining: int, stream: Stream) -> Run:
    """One run from nothing to the last right board. Raises AssertionError unless all is right."""
    site.ask(empty_cards)
    site.begin_anew(app, programme(festivals))
    calibration = calibration_ms()
    worker = site.worker(app)
    try:
        follow(worker.start(), joining)
        until_ticked(worker)
        worker.stop()
        site.ask(lambda broker: publish(broker, cards(stream.purchases())))
        sampler, broker = Sampler(worker.start().pid), Sampler(site.broker_pid)
        sampler.start()
        broker.start()
        try:
            readings = follow(worker, stream.events)
            wanted = recount.boards()
            published = site.ask(lambda connected: until_right(connected, wanted))
        finally:
            sampler.finish()
            broker.finish()
        worker.stop()
    finally:
        worker.end()
    assert readings[-1].events == stream.events, f"{readings[-1].events:,.0f} events counted"
    rows = recount.check_rows(worker.folder)
    shutil.rmtree(worker.folder)
    begin, end = (_first(readings, share * stream.events) for share in (_BEGIN, _END))
    done, window = end.events - begin.events, end.at - begin.at
    assert window > 0, "too few events for a window"
    cpu_s = sampler.cpu_s_at(end.at) - sampler.cpu_s_at(begin.at)
    return Run(
        festivals, done / window, 1e6 * cpu_s / done, cpu_s / window,
        (broker.cpu_s_at(end.at) - broker.cpu_s_at(begin.at)) / window, sampler.rss_max / 1e6, window,
        done / (end.transactions - begin.transactions), rows, len(wanted), published, calibration,
    )  # fmt: skip


def _first(readings: Sequence[Reading], events: float) -> Reading:
    return next(each for each in readings if each.events >= events)


def ratios(runs: Sequence[Run]) -> list[float]:
    """Events/s with many festivals ÷ with one, for each run with many and the runs with one beside it."""
    found = []
    for index, run in enumerate(runs):
        if run.festivals > 1:
            beside = [each.rate for each in runs[max(0, index - 1) : index + 2] if each.festivals == 1]
            found.append(run.rate * len(beside) / sum(beside))
    return found


def _figures(results: Results, runs: Sequence[Run], festivals: int, members: int, whole: bool) -> None:
    for number, what in ((1, "one festival"), (festivals, f"{festivals} festivals, two touched")):
        own = [run for run in runs if run.festivals == number]
        results.figure(f"{what}: rate", median(run.rate for run in own), "events/s")
        results.figure(f"{what}: CPU an event", median(run.cpu_us for run in own), "µs")
        boards = f"{number} × {len(CATEGORIES)} boards, {members:,} members in all"
        results.figure(f"memory of the process, {boards}", max(run.rss_mb for run in own), "MB")
    found = ratios(runs)
    results.detail["ratios"] = found
    results.figure(f"events/s, {festivals} festivals ÷ one (median of {len(found)})", median(found), "×",
                   "festivals.ratio" if whole else None)  # fmt: skip


# -- the core alone


def _core(results: Results, given: argparse.Namespace) -> None:
    """CPU an event of the core and RocksDB by programme, in turns over states that stay."""
    programmes = {
        "no festival": programme(0),
        "one festival that no member is of": programme(1, audience="nobody"),
        "one festival": programme(1),
        "two festivals, both touched": programme(2, public=True),
        f"{given.festivals} festivals, two touched": programme(given.festivals),
    }
    members = min(CORE_MEMBERS, given.members)
    folder = FOLDER / "work" / "festivals-core"
    shutil.rmtree(folder, ignore_errors=True)
    begin = wall_clock() - 2 * _HOUR_MS
    states: dict[str, Stages] = {}
    for number, (what, text) in enumerate(programmes.items()):
        states[what] = Stages(RocksStore(folder / str(number)), versions_with(text))
        joined = (as_record(each, offset) for offset, each in enumerate(joiners(members, given.festivals, begin)))
        for batch in batches(joined, CORE_BATCH):
            states[what].run(batch)
    costs: dict[str, list[dict[str, float]]] = {what: [] for what in states}
    stream = purchases(given.core_events * (given.core_rounds + 1), begin + _HOUR_MS, members)
    for number in range(given.core_rounds + 1):
        records = [as_record(each, 0) for _, each in zip(range(given.core_events), cards(stream), strict=False)]
        gc.collect()
        gc.freeze()
        for what, stages in states.items():
            stages.spent_ns.clear()
            stages.events = 0
            for batch in batches(iter(records), CORE_BATCH):
                stages.run(batch)
            if number:  # the first round warms up
                costs[what].append(stages.per_event_us())
    for stages in states.values():
        stages.store.close()
    shutil.rmtree(folder, ignore_errors=True)
    _core_figures(results, costs)


def _core_figures(results: Results, costs: dict[str, list[dict[str, float]]]) -> None:
    for what, found in costs.items():
        by_stage = {stage: median(each[stage] for each in found) for stage in STAGES}
        results.detail[what] = {"stages_us": by_stage}
        results.figure(f"core alone, {what}: CPU an event", sum(by_stage.values()), "µs")
    none, *others = costs
    for what in others:
        both = zip(costs[what], costs[none], strict=True)
        ratio = median(sum(with_it.values()) / sum(without.values()) for with_it, without in both)
        results.figure(f"core alone, {what} ÷ {none}: CPU an event", ratio, "×")
    *_, two, many = costs
    both = zip(costs[two], costs[many], strict=True)
    ratio = median(sum(few.values()) / sum(all_.values()) for few, all_ in both)
    results.figure(f"core alone, events per CPU second, {many} ÷ {two}", ratio, "×")


def versions_with(text: str) -> ProgrammeVersions:
    """One programme's version."""
    return ProgrammeVersions([CompiledProgramme(load_programme(text, "programme"))])


def as_record(output: OutputRecord, offset: int) -> Record:
    """A record of one partition."""
    return Record(output.topic, 0, offset, 0, output.key, output.value or b"", ())


if __name__ == "__main__":
    main()
