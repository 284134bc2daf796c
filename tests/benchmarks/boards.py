"""One board with many members: our counts beside a sorted set of Redis 7, in turns, with the same members and updates.

    python -m tests.benchmarks.boards --members 1000000

Ours runs inside the lane, so its updates and answers cross no socket; those of Redis come from a pipelining client in
Python on the same machine, and its answers one by one: the round trip alone (PING) is shown beside them. Scores lie
between 1 and 10 ** 15, nearly all distinct, which costs our board the most; between 1 and 10,000 it is shown alone.
Memory is what the process grew by, a member; ours keeps no member but the first ones, since every member's row has it
already. Before any figure stands, ours and Redis must name the same first scores and the same ranks.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from tests.benchmarks.board_runs import Run, Task, ours, theirs
from tests.benchmarks.results import Results

SPARSE, DENSE = 10**15, 10_000
SIZES = (1_000_000, 10_000_000)
FREEZE_MEMBERS = 1_000_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.boards", description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--updates", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=1, help="of Redis, each between two of ours")
    given = parser.parse_args(arguments)
    results = Results("boards", list(arguments) if arguments is not None else None)
    worst: list[Run] = []
    for members in given.members:
        task = Task(members, SPARSE, given.updates, freeze=members == FREEZE_MEMBERS)
        runs = [_apart(ours, task)]
        for _ in range(given.rounds):
            runs += [_apart(theirs, task), _apart(ours, task)]
        dense = _apart(ours, task._replace(spread=DENSE, freeze=False))
        agree(runs)
        results.detail[f"{members} members"] = [each._asdict() for each in (*runs, dense)]
        _compare(results, members, runs)
        _alone(results, members, dense)
        worst += [*(each for each in runs if each.who == "ours"), dense]
    if set(SIZES) <= set(given.members):
        _goals(results, worst)
    results.save()


def agree(runs: Sequence[Run]) -> None:
    """Raises AssertionError unless all runs of a task gave the same answers."""
    for run in runs[1:]:
        assert run.best == runs[0].best, f"{run.who}: other first scores"
        assert run.higher == runs[0].higher, f"{run.who}: other ranks"


def _apart(measure: Callable[[Task], Run], task: Task) -> Run:
    """Measure in a fresh process, whose memory is nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, task).result()


def _compare(results: Results, members: int, runs: Sequence[Run]) -> None:
    own, peer = ([each for each in runs if each.who == who] for who in ("ours", "redis"))
    board = f"{members:,} members, scores distinct"
    for who, some in ((f"board, {board}", own), (f"Redis, {board}", peer)):
        results.figure(f"{who}: updates", median(each.rate for each in some), "updates/s")
        results.figure(f"{who}: CPU an update", median(each.cpu_us for each in some), "µs")
        results.figure(f"{who}: rank, p50", median(each.rank.p50 for each in some), "µs")
        results.figure(f"{who}: rank, p99", median(each.rank.p99 for each in some), "µs")
        results.figure(f"{who}: first 100, p50", median(each.first.p50 for each in some), "µs")
        results.figure(f"{who}: memory a member", median(each.bytes_a_member for each in some), "B")
        results.figure(f"{who}: built in", median(each.build_s for each in some), "s")
        if some[0].freeze_s:
            results.figure(f"{who}: sorted and hashed in", median(each.freeze_s for each in some), "s")
    results.figure(f"Redis, {board}: round trip alone, p50", median(each.round_trip.p50 for each in peer), "µs")
    pairs = [(each, 0.5 * (runs[i - 1].rate + runs[i + 1].rate)) for i, each in enumerate(runs) if each.who == "redis"]
    ratio = median(rate / each.rate for each, rate in pairs)
    results.figure(f"{board}: updates/s, ours ÷ Redis (median of {len(pairs)})", ratio, "×")


def _alone(results: Results, members: int, run: Run) -> None:
    board = f"board, {members:,} members, scores 1–{DENSE:,}"
    results.figure(f"{board}: updates", run.rate, "updates/s")
    results.figure(f"{board}: rank, p99", run.rank.p99, "µs")
    results.figure(f"{board}: memory a member", run.bytes_a_member, "B")
    results.figure(f"{board}: built in", run.build_s, "s")


def _goals(results: Results, runs: Sequence[Run]) -> None:
    results.figure("slowest run of ours: updates", min(each.rate for each in runs), "updates/s", "board.rate")
    results.figure("slowest run of ours: rank, p99", max(each.rank.p99 for each in runs), "µs", "board.rank")
    results.figure("slowest run of ours: first 100, p99", max(each.first.p99 for each in runs), "µs", "board.first")
    memory = max(each.bytes_a_member for each in runs)
    results.figure("largest run of ours: memory a member", memory, "B", "board.memory")
    results.figure("slowest freeze of ours", max(each.freeze_s for each in runs), "s", "board.freeze")


if __name__ == "__main__":
    main()
