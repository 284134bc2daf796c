"""The common task at full speed: our worker beside its peers, in turns, each run checked and measured.

    python -m tests.benchmarks.throughput --peers faust --rounds 3

The input topic is filled once. Each run begins from nothing, reads it as fast as it can and is stopped at its end, or
after `--seconds` of output. Its rate is the broker's view (the times at which outputs were appended), its cost the CPU
of the whole process in the same window: from 20% of the run, at most 6 s, to the end. A peer's ratio is to
the runs of ours beside it; the figure is the median of a peer's ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from schemas.records import TopicPartition
from tests.benchmarks.card_task import MEMBERS, Recount, fill, settle, verify
from tests.benchmarks.contestants import ENGINES, Contestant, contestant, install
from tests.benchmarks.results import Results
from tests.benchmarks.sampling import Sampler, calibration_ms
from tests.benchmarks.site import PARTITIONS, Site, kafka

PROGRAMME = Path(__file__).resolve().parent / "one_rule.yaml"
START_S_MAX = 90.0
_POLL_S = 0.25
_QUIET_S = 1.5
_REST_S = 2.0


class Run(NamedTuple):
    """One measured run."""

    engine: str
    rate: float
    cpu_us: float
    cores: float
    broker_cores: float
    rss_mb: int
    window_s: float
    outputs: int
    complete: bool
    calibration_ms: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.throughput", description=__doc__)
    parser.add_argument("--events", type=int, default=1_500_000)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=40.0, help="of output, at most, a run")
    parser.add_argument("--peers", default="faust", help="of: " + ",".join(name for name in ENGINES if name != "ours"))
    given = parser.parse_args(arguments)
    peers = [name for name in given.peers.split(",") if name]
    install(peers)
    results = Results("throughput", list(arguments) if arguments is not None else None)
    with kafka("throughput") as site:
        runs = _rounds(results, site, given, peers)
    results.detail["runs"] = [run._asdict() for run in runs]
    _figures(results, runs, peers)
    results.save()


def order(peers: Sequence[str], rounds: int) -> list[str]:
    """Ours between every two peers, and at both ends: each peer has a run of ours before or after it, most both."""
    turns = [name for _ in range(rounds) for name in peers]
    return ["ours", *(each for name in turns for each in (name, "ours"))] if turns else ["ours"] * rounds


def _rounds(results: Results, site: Site, given: argparse.Namespace, peers: Sequence[str]) -> list[Run]:
    site.found_club(PROGRAMME)
    began = time.perf_counter()
    size = site.ask(lambda broker: fill(broker, given.events, given.members))
    recount = site.ask(Recount.of)
    results.detail["input"] = {"events": recount.events, "bytes_an_event": round(size), "outputs": recount.outputs}
    results.note(
        f"{recount.events:,} events of {size:.0f} bytes, {recount.outputs:,} outputs due, "
        f"prepared in {time.perf_counter() - began:.0f} s"
    )
    runs = []
    for number, engine in enumerate(order(peers, given.rounds)):
        run = measure(site, engine, f"{engine}-{number}", recount, given.seconds)
        runs.append(run)
        results.note(
            f"{engine:>14}: {run.rate:>9,.0f} events/s, {run.cpu_us:6.1f} µs of CPU an event, {run.cores:.2f} cores, "
            f"broker {run.broker_cores:.2f}, {run.rss_mb} MB, window {run.window_s:.1f} s, "
            f"{run.outputs:,} outputs right{'' if run.complete else ' (cut)'}"
        )
    return runs


def measure(site: Site, engine: str, name: str, recount: Recount, seconds: float) -> Run:
    """One run from start to verification. Raises AssertionError unless every output is right."""
    settle(_REST_S)
    calibration = calibration_ms()
    run = contestant(engine, site, name)
    sampler, broker = Sampler(run.start()), Sampler(site.broker_pid)
    sampler.start()
    broker.start()
    try:
        site.ask(lambda connected: _follow(connected, run, recount.outputs, seconds))
    finally:
        code = run.stop()
        sampler.finish()
        broker.finish()
    verdict = site.ask(lambda connected: verify(connected, run.output, run.decode, recount))
    assert not verdict.wrong, f"{name}: {len(verdict.wrong)} wrong outputs, the first: {verdict.wrong[:3]}"
    whole = verdict.appended[-1] - verdict.appended[0]
    assert verdict.complete or whole > 0.8 * seconds, (
        f"{name}: {verdict.outputs:,} of {recount.outputs:,} outputs, exit {code}; see {run.log}"
    )
    begin = verdict.appended[0] + min(6.0, 0.2 * whole)
    end = verdict.appended[int(len(verdict.appended) * 0.99) - 1]
    events = bisect.bisect(verdict.appended, end) - bisect.bisect(verdict.appended, begin)
    events = round(events * recount.events / recount.outputs)
    window = end - begin
    cpu = sampler.cpu_s_at(end) - sampler.cpu_s_at(begin)
    shutil.rmtree(site.folder / name, ignore_errors=True)
    if engine != "ours":
        site.ask(lambda connected: connected.delete_topics([run.output]))
    return Run(
        engine, events / window, 1e6 * cpu / events, cpu / window,
        (broker.cpu_s_at(end) - broker.cpu_s_at(begin)) / window,
        round(sampler.rss_max / 1e6), window, verdict.outputs, verdict.complete, calibration,
    )  # fmt: skip


async def _follow(broker: Any, run: Contestant, outputs: int, seconds: float) -> None:
    """Wait until all outputs are there, or for so many seconds of them."""
    places = [TopicPartition(run.output, number) for number in range(PARTITIONS)]
    patience = time.monotonic() + START_S_MAX
    first: float | None = None
    last, quiet_since = 0, time.monotonic()
    while True:
        await asyncio.sleep(_POLL_S)
        now = time.monotonic()
        there = sum((await broker.end_offsets(places)).values())
        if there != last:
            last, quiet_since = there, now
        first = now if there and first is None else first
        assert first is not None or now < patience, f"no output after {START_S_MAX} s; see {run.log}"
        assert run.alive(), f"it ended by itself; see {run.log}"
        if first is not None and (now - first > seconds or (there >= outputs and now - quiet_since > _QUIET_S)):
            return


def ratios(runs: Sequence[Run], peer: str, value: str) -> list[float]:
    """Ours ÷ the peer, for each run of the peer with the runs of ours beside it."""
    found = []
    for index, run in enumerate(runs):
        if run.engine == peer:
            beside = [runs[i] for i in (index - 1, index + 1) if 0 <= i < len(runs) and runs[i].engine == "ours"]
            ours = sum(getattr(each, value) for each in beside) / len(beside)
            found.append(ours / getattr(run, value))
    return found


def _figures(results: Results, runs: Sequence[Run], peers: Sequence[str]) -> None:
    for engine in ("ours", *peers):
        own = [run for run in runs if run.engine == engine]
        title = ENGINES[engine].title
        results.figure(f"{title}: rate", median(run.rate for run in own), "events/s")
        results.figure(f"{title}: CPU an event", median(run.cpu_us for run in own), "µs")
    for peer in peers:
        rates = ratios(runs, peer, "rate")
        # Events per CPU second: the inverse of CPU an event.
        costs = [1 / each for each in ratios(runs, peer, "cpu_us")]
        results.detail[f"ratios.{peer}"] = {"rate": rates, "cpu": costs}
        title = ENGINES[peer].title
        goal = f"ratio.{peer}" if peer != "kafka_streams" else None
        results.figure(f"events/s, ours ÷ {title} (median of {len(rates)})", median(rates), "×", goal)
        goal = "ratio.kafka_streams.cpu" if peer == "kafka_streams" else None
        results.figure(f"events per CPU second, ours ÷ {title} (median of {len(costs)})", median(costs), "×", goal)


if __name__ == "__main__":
    main()
