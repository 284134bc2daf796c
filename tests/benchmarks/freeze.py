"""The freeze of a festival with 1,000,000 members in one lane, step by step: scoring stands still for one at a time.

    python -m tests.benchmarks.freeze

The lane's side reads its rows from RocksDB, sorts and pages them; the coordinator's side keeps the pages as rows,
merges them, and makes the final board with its hash and its award commands. Both are what a worker runs between
transactions; what the broker takes for them is not here. The board must be that of a plain sort.

Afterwards a worker's first question for a rank on that board is answered out of the rows, and a second one.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from types import SimpleNamespace
from typing import TypeVar, cast

from agents.boards.coordinator import Coordinator
from agents.boards.final_order import FinalOrder
from agents.boards.options import CoordinatorOptions
from agents.lanes.lane import Lane
from agents.process.collector import settle_collector
from agents.scoring.frozen_rounds import FrozenRounds
from bashgah.serving.ranks import LaneRanks
from engine.boards.final_boards import board_hash, ranked
from engine.boards.leaderboard import BoardScore, order_key
from engine.calendar import DAY_MS, at_wall, jalali_day
from engine.ledger.member import FESTIVAL, FestivalRow, RoundScores
from engine.programme.compiler import CompiledProgramme
from engine.programme.rounds import FINAL
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.outputs import decode_output
from schemas.partial import Page, encode_partial
from schemas.programme_file import load
from schemas.records import Record
from tables import codec
from tables.rows import festival_row_key
from tables.store import RocksStore, Store
from tests.benchmarks.results import FOLDER, Results
from tests.benchmarks.sampling import calibration_ms

PROGRAMME = """
programme: club
version: 1
effective: 1404-01-01
title: {fa: باشگاه, en: Club}
points: {}
rules:
  - {id: card, event: card.purchase.settled, earn: {points: 1, per: 100_000}}
festivals:
  - id: autumn
    title: {fa: پاییز, en: Autumn}
    opens: 1405-06-01
    closes: 1405-08-01
    lateness: {hours: 1}
    indicators:
      - {id: shop, event: card.purchase.settled, earn: {points: 1}}
      - {id: bills, event: ebanking.bill.paid, earn: {points: 1}}
    categories:
      - {id: overall, title: {fa: کل}, weigh: {shop: 1, bills: 1}, then_by: bills}
    awards:
      - {id: best, category: overall, at: close, ranks: 1-1000, reward: coin}
rewards:
  - {id: coin, title: {fa: سکه}, kind: goods, value_rial: 1_000_000}
"""
AT = at_wall(jalali_day(1405, 8, 1) * DAY_MS) + 3_600_000
_LOAD = 20_000

Answer = TypeVar("Answer")


class Steps:
    """How long the steps of one side took, in seconds."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def do(self, step: Callable[[], Answer]) -> Answer:
        """Take a step."""
        began = time.perf_counter()
        found = step()
        self.seconds.append(time.perf_counter() - began)
        return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.freeze", description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    given = parser.parse_args(arguments)
    results = Results("freeze", list(arguments) if arguments is not None else None)
    calibration = calibration_ms()
    folder = FOLDER / "work" / "freeze"
    shutil.rmtree(folder, ignore_errors=True)
    versions = ProgrammeVersions([CompiledProgramme(load(PROGRAMME, "programme"))])
    lane_rows, kept = RocksStore(folder / "lane"), RocksStore(folder / "coordinator")
    for some in _members(given.members, _LOAD):
        lane_rows.write([(festival_row_key("autumn", member), codec.encode(FESTIVAL, row)) for member, row in some])
    results.note(f"{given.members:,} rows written")
    settle_collector()  # as a worker does
    lane, whole = Steps(), Steps()
    pages = _published(lane_rows, versions, lane)
    board = _merged(kept, versions, pages, whole)
    assert (board.participants, board.hash) == _sorted(given.members), "the final board is not that of a plain sort"
    first_s, second_s, pause_s = asyncio.run(_asked(lane_rows, versions, given.members))
    lane_rows.close()
    kept.close()
    shutil.rmtree(folder)
    goal = given.members == 1_000_000
    took, longest = sum(lane.seconds) + sum(whole.seconds), max(*lane.seconds, *whole.seconds)
    results.figure("the lane's whole order, read, sorted and paged", sum(lane.seconds), "s")
    results.figure("the coordinator's merge, board, hash and awards", sum(whole.seconds), "s")
    results.figure("both one after the other", took, "s", "freeze.seconds" if goal else None)
    results.figure("longest step of either", 1000 * longest, "ms", "freeze.pause" if goal else None)
    results.figure("first question for a rank on the final board, counted out of the rows", first_s, "s")
    results.figure("longest step of it", 1000 * pause_s, "ms")
    results.figure("second question", 1e6 * second_s, "µs")
    results.detail |= {"members": given.members, "calibration_ms": calibration, "pages": len(pages)}
    results.save()


def _members(count: int, some: int) -> Iterator[list[tuple[str, FestivalRow]]]:
    draw = Random(7).random
    for start in range(0, count, some):
        rows = []
        for number in range(start, min(start + some, count)):
            shop, bills = 1 + int(100_000 * draw() ** 3), int(50 * draw())
            reached = AT - int(draw() * 60 * DAY_MS)
            scores = RoundScores({"shop": shop, "bills": bills}, {"overall": reached})
            rows.append((f"m{number:08d}", FestivalRow(scores, {}, True, f"a{number}" if number % 3 else None)))
        yield rows


def _published(store: Store, versions: ProgrammeVersions, steps: Steps) -> list[bytes]:
    """The records of `club.partial` that the lane writes."""
    terms = versions.festival("autumn", AT)
    assert terms is not None
    order = FinalOrder(store, terms, FINAL, AT)
    pages: list[bytes] = []

    def step() -> None:
        found = order.next_page()
        if found is not None:
            page = Page(
                lane=0, lanes=1, transactions=1, festival="autumn", round=FINAL, as_of=AT, category=found.category,
                number=found.number, last=found.last, places=found.places,
            )  # fmt: skip
            pages.append(encode_partial(page))

    while not order.done:
        steps.do(step)
    return pages


def _merged(store: Store, versions: ProgrammeVersions, pages: Sequence[bytes], steps: Steps) -> object:
    """The `data` of the final board."""
    options = CoordinatorOptions()
    coordinator = Coordinator(store, versions, 0, lanes=1, as_of=None, terms=options.boards)
    for _ in coordinator.load():
        pass
    outputs = []

    def end() -> None:
        changes = coordinator.changes()
        outputs.extend(changes.outputs)
        store.write(changes.rows)

    def take(offset: int, raw: bytes) -> None:
        coordinator.take([Record(topics.PARTIAL.name, 0, offset, 0, b"0", raw, ())])
        end()

    def work() -> None:
        if coordinator.merge(options.slice_places):
            coordinator.work(options.commands_max)
            end()

    for offset, raw in enumerate(pages):
        steps.do(lambda offset=offset, raw=raw: take(offset, raw))  # type: ignore[misc]
    while coordinator.working:
        steps.do(work)
    commands = [each for each in outputs if each.topic == topics.COMMAND.name]
    assert len(commands) == 1000, f"{len(commands)} awards"
    (final,) = [each for each in outputs if each.topic == topics.LEADERBOARD.name and each.value is not None]
    return decode_output(topics.LEADERBOARD.name, final.value).data


async def _asked(store: Store, versions: ProgrammeVersions, members: int) -> tuple[float, float, float]:
    """Seconds of a first and a second question, and of the longest step for which everything else stood still."""
    frozen_rounds = FrozenRounds(store, versions)
    frozen_rounds.tick(AT)
    store.write(frozen_rounds.rows())
    lane = cast(Lane, SimpleNamespace(store=store, versions=versions, partition=0, partitions=1))
    ranks = LaneRanks(lambda: {0: lane})
    pause_s = 0.0

    async def others() -> None:
        nonlocal pause_s
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            last, pause_s = now, max(pause_s, now - last)

    meanwhile = asyncio.create_task(others())
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        found = await ranks.final_counts("autumn", "overall", FINAL, 1_000)
        seconds.append(time.perf_counter() - began)
        assert found.listed == members
    meanwhile.cancel()
    return seconds[0], seconds[1], pause_s


def _sorted(members: int) -> tuple[int, str]:
    everyone = [
        (BoardScore(row.whole.indicators["shop"] + row.whole.indicators["bills"], row.whole.indicators["bills"],
                  row.whole.reached["overall"]), member, row.alias)
        for some in _members(members, _LOAD)
        for member, row in some
    ]  # fmt: skip
    everyone.sort(key=lambda each: order_key(each[0], each[1]))
    return len(everyone), board_hash(ranked(everyone))


if __name__ == "__main__":
    main()
