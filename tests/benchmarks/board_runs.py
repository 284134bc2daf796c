"""One board with many members and many changes of scores: our `Leaderboard` and a sorted set of Redis, one run each.

Both get the same members, scores and updates, drawn from the task's seed, and say where some members ended up.
"""

from __future__ import annotations

import gc
import hashlib
import os
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import NamedTuple

from engine.boards.final_boards import board_hash, ranked
from engine.boards.leaderboard import BoardScore, Leaderboard, order_key
from engine.calendar import DAY_MS
from tests.benchmarks.sampling import calibration_ms, sample
from tests.benchmarks.sorted_set import Redis, command, redis

TOP = 100
OPENED = 1_750_000_000_000
TOLD_EVERY = 5_000
"""Updates after which our board says what changed among the first ones: 20 times a second at 100,000 updates/s."""
PIPELINE = 1_000
_LOAD = 1_000
_SKEW = 2
"""A member's number is drawn as random ** 2: the busiest 1% of the members make 10% of the updates."""
_SAMPLES = 10_000
_CHECKED = 50


class Update(NamedTuple):
    """Points for the member with a number."""

    number: int
    points: int


class Task(NamedTuple):
    """Scores of so many members are drawn from 1 to `spread`, an update gives up to a hundredth of it."""

    members: int
    spread: int
    updates: int
    freeze: bool
    seed: int = 7

    def scores(self) -> array[int]:
        """Each member's score to begin with, by number."""
        draw = Random(self.seed).random
        return array("q", (1 + int(draw() * self.spread) for _ in range(self.members)))

    def reached(self) -> array[int]:
        """When each reached it, in ms."""
        draw = Random(self.seed + 1).random
        return array("q", (OPENED + int(draw() * 30 * DAY_MS) for _ in range(self.members)))

    def drawn(self) -> list[Update]:
        """The updates."""
        draw = Random(self.seed + 2).random
        most = max(1, self.spread // 100)
        return [Update(int(self.members * draw() ** _SKEW), 1 + int(draw() * most)) for _ in range(self.updates)]

    def numbers(self, count: int) -> list[int]:
        """Members drawn evenly."""
        draw = Random(self.seed + 3).random
        return [int(self.members * draw()) for _ in range(count)]


class Times(NamedTuple):
    """Of many calls, in µs."""

    p50: float
    p99: float


class Run(NamedTuple):
    """What one run measured. `freeze_s` is 0 where none was asked for, `cpu_us` the server's or our own an update."""

    who: str
    build_s: float
    rate: float
    cpu_us: float
    rank: Times
    first: Times
    round_trip: Times
    bytes_a_member: float
    freeze_s: float
    refills: int
    calibration_ms: float
    best: list[int]
    higher: list[int]


def times(call: Callable[[int], object], arguments: Iterable[int]) -> Times:
    """How long these calls take, one by one."""
    clock = time.perf_counter_ns
    spent = []
    for argument in arguments:
        began = clock()
        call(argument)
        spent.append(clock() - began)
    spent.sort()
    return Times(spent[len(spent) // 2] / 1000, spent[len(spent) * 99 // 100] / 1000)


def ours(task: Task) -> Run:
    """A board inside a process of its own: scores and instants come from arrays, as from rows in a lane."""
    calibration = calibration_ms()
    scores, reached = task.scores(), task.reached()
    updates = [(number, f"m{number:08d}", points) for number, points in task.drawn()]
    numbers = task.numbers(_SAMPLES)
    gc.collect()
    gc.freeze()
    before = sample(os.getpid()).rss_bytes
    board = Leaderboard(TOP)
    began = time.perf_counter()
    board.fill(_everyone(scores, reached))
    build_s = time.perf_counter() - began
    board.changes()
    began, cpu, refills = time.perf_counter(), time.process_time(), 0
    for count, (number, member, points) in enumerate(updates):
        old = BoardScore(scores[number], 0, reached[number])
        now = OPENED + 30 * DAY_MS + count
        new = BoardScore(old.score + points, 0, now)
        scores[number], reached[number] = new.score, now
        board.change(member, old, new)
        if not count % TOLD_EVERY:
            if board.short:
                board.refill(_everyone(scores, reached))
                refills += 1
            board.changes()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    gc.collect()
    held = sample(os.getpid()).rss_bytes - before
    if board.short:
        board.refill(_everyone(scores, reached))
    return Run(
        "ours", build_s, len(updates) / seconds, 1e6 * cpu / len(updates),
        times(lambda number: board.above(scores[number]) + 1, numbers),
        times(lambda _: board.first(), numbers), Times(0, 0), held / task.members,
        _frozen(scores, reached) if task.freeze else 0, refills, calibration,
        [standing.score for _, standing in board.first()],
        [board.above(scores[number]) for number in numbers[:_CHECKED]],
    )  # fmt: skip


def _everyone(scores: array[int], reached: array[int]) -> Iterator[tuple[str, BoardScore]]:
    for number, score in enumerate(scores):
        yield f"m{number:08d}", BoardScore(score, 0, reached[number])


def _frozen(scores: array[int], reached: array[int]) -> float:
    """Seconds for the whole order with its ranks, and the hash over its lines, from standings in memory."""
    everyone = list(_everyone(scores, reached))
    began = time.perf_counter()
    everyone.sort(key=lambda each: order_key(each[1], each[0]))
    board_hash(ranked((standing, member, None) for member, standing in everyone))
    return time.perf_counter() - began


def theirs(task: Task) -> Run:
    """A sorted set of Redis, on a socket of this machine: updates in pipelines, questions one by one."""
    with redis() as server:
        return _theirs(task, server)


def _theirs(task: Task, server: Redis) -> Run:
    calibration = calibration_ms()
    before = sample(server.pid).rss_bytes
    build_s = _load(task, server)
    drawn = task.drawn()
    began, cpu = time.perf_counter(), sample(server.pid).cpu_s
    for start in range(0, len(drawn), PIPELINE):
        server.pipeline([
            command(b"ZINCRBY", b"board", b"%d" % points, b"m%08d" % number)
            for number, points in drawn[start : start + PIPELINE]
        ])  # fmt: skip
    seconds, cpu = time.perf_counter() - began, sample(server.pid).cpu_s - cpu
    held = sample(server.pid).rss_bytes - before
    numbers = task.numbers(_SAMPLES)
    best = server.ask(b"ZREVRANGE", b"board", b"0", b"%d" % (TOP - 1), b"WITHSCORES")[1::2]
    higher = []
    for number in numbers[:_CHECKED]:
        score = server.ask(b"ZSCORE", b"board", b"m%08d" % number)
        higher.append(server.ask(b"ZCOUNT", b"board", b"(" + score, b"+inf"))
    return Run(
        "redis", build_s, len(drawn) / seconds, 1e6 * cpu / len(drawn),
        times(lambda number: server.ask(b"ZREVRANK", b"board", b"m%08d" % number), numbers),
        times(lambda _: server.ask(b"ZREVRANGE", b"board", b"0", b"99", b"WITHSCORES"), numbers[: _SAMPLES // 2]),
        times(lambda _: server.ask(b"PING"), numbers), held / task.members,
        _listed(server) if task.freeze else 0, 0, calibration, [int(each) for each in best], higher,
    )  # fmt: skip


def _load(task: Task, server: Redis) -> float:
    """Seconds until everyone is in the set, many members a command."""
    scores = task.scores()
    began = time.perf_counter()
    for start in range(0, task.members, _LOAD):
        words = [b"ZADD", b"board"]
        for number in range(start, min(start + _LOAD, task.members)):
            words += (b"%d" % scores[number], b"m%08d" % number)
        server.ask(*words)
    return time.perf_counter() - began


def _listed(server: Redis) -> float:
    """Seconds for the whole order and a digest of its lines; a sorted set has no instants to order or to print."""
    began = time.perf_counter()
    order = server.ask(b"ZREVRANGE", b"board", b"0", b"-1", b"WITHSCORES")
    digest = hashlib.sha256()
    rank, last = 0, b""
    for place in range(0, len(order), 2):
        if order[place + 1] != last:
            rank, last = place // 2 + 1, order[place + 1]
        digest.update(b"%d %b %b\n" % (rank, order[place], last))
    assert len(digest.hexdigest()) == 64
    return time.perf_counter() - began
