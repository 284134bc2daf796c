"""From publishing an event to seeing it in a browser, and what a thousand viewers cost the scoring.

    python -m tests.benchmarks.live

One worker with its coordinator, one `bashgah web` and a real Kafka on the same machine; a festival with five boards
that every purchase touches; all settings as they come. First purchases at a steady rate, probes among them, and a
client of the event stream: what counts is the time from handing a probe to the producer to holding the event that
shows its score. Then the same while viewers watch. Then a backlog is worked off with no viewers and with all of them,
in turns; their ratio is the median over the runs with viewers, each beside those without before and after it, and how
far the runs without lie apart is shown with it. Viewers and whoever publishes take CPU of the same machine.

Before a figure stands, every probe must have come with its member's name, every stream must have stayed open, and rows
and boards after each backlog must be what a recount says.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from agents.process.clock import wall_clock
from tests.benchmarks.card_task import purchases, settle
from tests.benchmarks.club_stream import follow
from tests.benchmarks.core import ONE_RULE
from tests.benchmarks.festival_club import (
    Recount,
    cards,
    empty_cards,
    joiners,
    name,
    programme,
    publish,
    until_right,
    until_ticked,
)
from tests.benchmarks.latency import QUANTILES
from tests.benchmarks.probes import STAGES, Found, Load, Probing, registrations
from tests.benchmarks.results import Results
from tests.benchmarks.sampling import Sampler, calibration_ms
from tests.benchmarks.site import Site, kafka
from tests.benchmarks.web_process import Viewers, WebProcess

FESTIVAL, CATEGORY, TOP = name(0), "shopper", 100
RATE, VIEWERS = 1_000, 1_000
_SEGMENTS = 20
_BEGIN, _END = 0.15, 0.98
_REST_S = 1.0
_HOUR_MS = 3_600_000


class Run(NamedTuple):
    """A backlog worked off while so many watched; cores and bytes while it was timed, or to its end."""

    viewers: int
    rate: float
    cpu_us: float
    web_cores: float
    viewers_cores: float
    read_mb: float
    window_s: float
    boards: int
    calibration_ms: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.live", description=__doc__)
    parser.add_argument("--rate", type=int, default=RATE, help="events a second, probes included")
    parser.add_argument("--probes", type=int, default=20, help="of them, a second")
    parser.add_argument("--members", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=30.0, help="that are counted")
    parser.add_argument("--warm-up", type=float, default=8.0)
    parser.add_argument("--watched-seconds", type=float, default=12.0, help="the same with viewers; 0: not at all")
    parser.add_argument("--viewers", type=int, default=VIEWERS)
    parser.add_argument("--backlog", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=2, help="with viewers, each between two without; 0: none")
    given = parser.parse_args(arguments)
    results = Results("live", list(arguments) if arguments is not None else None)
    results.detail["calibration_ms"] = calibration_ms()
    load = Load(given.rate, given.probes, given.warm_up, given.seconds, given.members)
    with kafka("live") as site:
        site.found_club(ONE_RULE)
        at = wall_clock() - _HOUR_MS
        members = site.ask(lambda broker: publish(broker, joiners(given.members, 2 * _SEGMENTS, at)))
        watched = load._replace(seconds=given.watched_seconds)
        some = registrations(0, load.probes_max + watched.probes_max, at)
        members += site.ask(lambda broker: publish(broker, some))
        _latencies(results, site, load, watched, given.viewers, members)
        if given.rounds:
            runs = _turns(results, site, given, members)
            results.detail["runs"] = [run._asdict() for run in runs]
            _figures(results, runs, given.viewers == VIEWERS)
    results.save()


# -- how long it takes


def _latencies(results: Results, site: Site, load: Load, watched: Load, viewers: int, members: int) -> None:
    site.begin_anew("live", programme(1))
    worker = site.worker("live")
    try:
        follow(worker.start(), members)
        until_ticked(worker)
        with WebProcess(site, "live") as web:
            sampler = Sampler(web.pid)
            sampler.start()
            address = web.address(FESTIVAL, CATEGORY, TOP)
            probing = Probing(load, CATEGORY, 0)
            found = site.ask(lambda broker: probing.run(broker, site.bootstrap, address))
            _tell(results, found, f"at {load.rate:,} events/s", load.rate == RATE)
            if watched.seconds:
                with Viewers(web, viewers, FESTIVAL, CATEGORY, TOP) as audience:
                    probing = Probing(watched, CATEGORY, load.probes_max)
                    found = site.ask(lambda broker: probing.run(broker, site.bootstrap, address))
                    audience.finish()
                _tell(results, found, f"at {load.rate:,} events/s with {viewers:,} viewers", False)
            sampler.finish()
        worker.stop()
        refused = worker.exits[-1]
        assert refused == 0, f"the worker ended with {refused}:\n{worker.tail()}"
    finally:
        worker.end()
    shutil.rmtree(worker.folder)


def _tell(results: Results, found: Found, when: str, goals: bool) -> None:
    for stage in STAGES:
        delays_s = found.delays_s[stage]
        for title, quantile in QUANTILES:
            value = 1000 * delays_s[min(len(delays_s) - 1, int(quantile * len(delays_s)))]
            goal = f"live.{title}" if goals and stage == STAGES[-1] else None
            results.figure(f"publish → {stage}, {title} {when}", value, "ms", goal)
    delays_s = found.delays_s[STAGES[-1]]
    results.figure(f"publish → {STAGES[-1]}, slowest of {len(delays_s):,} {when}", 1000 * delays_s[-1], "ms")
    results.detail[when] = {"events": found.sent, "rate": found.rate, "probes": len(delays_s)}
    results.note(f"    {found.sent:,} events at {found.rate:,.0f}/s")


# -- what viewers cost


def _turns(results: Results, site: Site, given: argparse.Namespace, members: int) -> list[Run]:
    begin = wall_clock() - given.backlog - 60_000
    recount = Recount(purchases(given.backlog, begin, given.members), 1)
    runs = []
    for number in range(2 * given.rounds + 1):
        settle(_REST_S)
        viewers = given.viewers if number % 2 else 0
        site.ask(empty_cards)
        site.begin_anew(f"live-{number}", programme(1))
        run = _measure(site, f"live-{number}", viewers, recount, members, given.backlog, begin, given.members)
        runs.append(run)
        results.note(
            f"{viewers:>5} viewers: {run.rate:>9,.0f} events/s, {run.cpu_us:6.1f} µs of CPU an event, web "
            f"{run.web_cores:.2f} cores, viewers {run.viewers_cores:.2f} cores and {run.read_mb:,.0f} MB, window "
            f"{run.window_s:.1f} s; boards published {run.boards:,} times and right"
        )
    return runs


def _measure(
    site: Site, app: str, viewers: int, recount: Recount, members: int, backlog: int, begin: int, buying: int
) -> Run:
    """One backlog from nothing to its end. Raises AssertionError unless all is right."""
    calibration = calibration_ms()
    worker = site.worker(app)
    with ExitStack() as after:
        after.callback(worker.end)
        follow(worker.start(), members)
        until_ticked(worker)
        worker.stop()
        site.ask(lambda broker: publish(broker, cards(purchases(backlog, begin, buying))))
        web = after.enter_context(WebProcess(site, app))
        audience = after.enter_context(Viewers(web, viewers, FESTIVAL, CATEGORY, TOP)) if viewers else None
        samplers = [Sampler(pid) for pid in (worker.start().pid, web.pid, *((audience.pid,) if audience else ()))]
        for sampler in samplers:
            sampler.start()
            after.callback(sampler.finish)
        readings = follow(worker, backlog)
        boards = site.ask(lambda broker: until_right(broker, recount.boards()))
        told = audience.finish() if audience else {"bytes": 0}
        worker.stop()
    assert readings[-1].events == backlog, f"{readings[-1].events:,.0f} events counted"
    recount.check_rows(worker.folder)
    shutil.rmtree(worker.folder)
    first, last = (next(each for each in readings if each.events >= share * backlog) for share in (_BEGIN, _END))
    done, window = last.events - first.events, last.at - first.at
    assert window > 0, "too few events for a window"
    used = [each.cpu_s_at(last.at) - each.cpu_s_at(first.at) for each in samplers]
    return Run(
        viewers, done / window, 1e6 * used[0] / done, used[1] / window, sum(used[2:]) / window, told["bytes"] / 1e6,
        window, boards, calibration,
    )  # fmt: skip


def ratios(runs: Sequence[Run], value: str) -> list[float]:
    """With viewers ÷ without, for each run with some and the two without beside it."""
    return [
        2 * getattr(run, value) / (getattr(runs[index - 1], value) + getattr(runs[index + 1], value))
        for index, run in enumerate(runs)
        if run.viewers
    ]


def _figures(results: Results, runs: Sequence[Run], whole: bool) -> None:
    without, watched = ([run for run in runs if bool(run.viewers) is some] for some in (False, True))
    for what, some in (("no viewers", without), (f"{watched[0].viewers:,} viewers", watched)):
        results.figure(f"backlog, {what}: rate", median(run.rate for run in some), "events/s")
        results.figure(f"backlog, {what}: worker's CPU an event", median(run.cpu_us for run in some), "µs")
        results.figure(f"backlog, {what}: CPU of the web server", median(run.web_cores for run in some), "cores")
    results.figure("the viewers' own CPU", median(run.viewers_cores for run in watched), "cores")
    rates = [run.rate for run in without]
    found = ratios(runs, "rate")
    results.detail["ratios"] = found
    results.figure(f"events/s with viewers ÷ without (median of {len(found)})", median(found), "×",
                   "live.viewers" if whole else None)  # fmt: skip
    results.figure("worker's CPU an event with viewers ÷ without", median(ratios(runs, "cpu_us")), "×")
    results.figure(f"events/s without viewers, slowest ÷ fastest of {len(rates)} runs", min(rates) / max(rates), "×")


if __name__ == "__main__":
    main()
