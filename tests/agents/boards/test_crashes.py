"""Killed between any two steps, the coordinator publishes each final board and each command once, and loses nothing."""

import asyncio
import json
from collections.abc import Callable, Sequence
from random import Random

import pytest

from agents.broker.errors import OutcomeUnknown
from agents.process.exit_codes import ExitCode
from bashgah.embedded.broker import Point
from tables.store import Copy, MemoryStore, Row
from tests.agents.boards.coordinated_club import CoordinatedClub, in_club
from tests.agents.boards.naive_lanes import FREEZE, board_hash, expected_awards, places_of
from tests.simulation.seeds import seeds
from tests.simulation.sim_worker import Crash

OVERALL, SHOPPER = "autumn/overall", "autumn/shopper"


class Strikes:
    """Ends the process at the one step of this number, counted over all its starts; `raises` says how."""

    def __init__(self, at: int, raises: Callable[[str], BaseException]) -> None:
        self.left = at
        self.struck = False
        self._raises = raises

    def step(self, what: str) -> None:
        """Something happens."""
        if self.left == 0 and not self.struck:
            self.struck = True
            raise self._raises(what)
        self.left -= 1

    async def reached(self, point: Point, transactional_id: str) -> None:
        """See `Faults`."""
        self.step(f"{transactional_id} {point}")


class Disk(MemoryStore):
    """A local copy whose machine may die before or after a write."""

    def __init__(self, strikes: Strikes) -> None:
        super().__init__()
        self._strikes = strikes

    def write(self, rows: Sequence[Row], copy: Copy | None = None) -> None:
        self._strikes.step("before a write")
        super().write(rows, copy)
        self._strikes.step("after a write")


class Supervised:
    """Starts the coordinator again whenever it ended, now and then on another machine."""

    def __init__(self, club: CoordinatedClub, strikes: Strikes, draw: Random, **options: int) -> None:
        self.club, self.strikes, self.draw, self.options = club, strikes, draw, options
        self.disk = Disk(strikes)
        self.starts = 0

    async def work(self, seconds: float) -> None:
        """Let it work for so long."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        host = None
        while loop.time() < until:
            if host is None:
                self.starts += 1
                if self.draw.random() < 0.3:
                    self.disk = Disk(self.strikes)
                try:
                    host = await self.club.host(
                        self.club.faulty(self.strikes), lambda: self.disk, **self.options
                    )  # fmt: skip
                except (Crash, OutcomeUnknown):
                    continue
            await asyncio.sleep(0.05)
            if host.problem is not None:
                host = None  # it was killed: nobody tidies up
        if host is not None:
            await host.close()


async def play(club: CoordinatedClub, draw: Random) -> None:
    """Lanes tell, freeze, tell on, and one of them erases a member."""
    for lane in club.naive.values():
        lane.tick = club.now_ms
        for number in range(3):
            at = draw.randint(1, 4)
            lane.stand(OVERALL, f"m-{lane.number}-{number}", at, draw.randint(0, 1), draw.randint(0, 2), "a")
            lane.stand(SHOPPER, f"m-{lane.number}-{number}", at)
        await club.tell(*lane.tell(opened=True))
    await asyncio.sleep(draw.uniform(0, 0.6))
    for lane in club.naive.values():
        lane.stand(SHOPPER, f"m-{lane.number}-1", 9)
        lane.tick = FREEZE
        await club.tell(*lane.tell(), *lane.pages(OVERALL, "final", FREEZE, 2))
        await asyncio.sleep(draw.uniform(0, 0.6))
    everybody = {member: at for lane in club.naive.values() for member, at in lane.boards[OVERALL].items()}
    club.order = places_of(everybody)  # type: ignore[attr-defined]
    club.naive[0].stand(SHOPPER, "m-0-0", 0)
    club.naive[0].erased.append("m-0-0")
    await club.tell(*club.naive[0].tell(frozen=[OVERALL]))


def once(strikes: Strikes, seed: int) -> int:
    """One run; how often the coordinator was started."""
    starts = 0

    async def scenario(club: CoordinatedClub) -> None:
        nonlocal starts
        draw = Random(seed)
        supervised = Supervised(club, strikes, draw, commands_max=2, slice_places=2, batch_records_max=2)
        playing = asyncio.ensure_future(play(club, draw))
        await supervised.work(6)
        await playing
        starts = supervised.starts
        order = club.order  # type: ignore[attr-defined]
        assert await club.awards() == sorted(expected_awards(order))
        finals = [json.loads(each.value or b"")["data"] for each in await club.finals()]
        assert 1 <= len(finals) <= 2  # again without the alias, unless the erasure came first
        assert {final["hash"] for final in finals} == {board_hash(order)}
        assert [e["alias"] for e in finals[-1]["entries"] if e["member"] == "m-0-0"] == [None]
        newest = {each.key: each.value for each in await club.records("club.leaderboard")}
        assert newest[OVERALL.encode()] is None
        shopper = json.loads(newest[SHOPPER.encode()] or b"")["data"]
        assert (shopper["participants"], len(shopper["entries"])) == (5, 5)
        await club.check_boards()
        await club.verify()
        assert {problem.code for problem in club.ended} <= {ExitCode.FAULT, ExitCode.OUTCOME_UNKNOWN}

    in_club(scenario)
    return starts


@pytest.mark.parametrize("kind", ["crash", "unknown"])
def test_killed_at_any_step(kind: str) -> None:
    def raises(what: str) -> BaseException:
        return Crash(what) if kind == "crash" else OutcomeUnknown(what, "simulated")

    step = 0
    while True:
        strikes = Strikes(step, raises)
        starts = once(strikes, seed=step % 5)
        if not strikes.struck:
            break
        assert starts > 1, f"step {step}"
        step += 1
    assert step > 40


@pytest.mark.parametrize("seed", seeds(0.5))
def test_killed_again_and_again(seed: int) -> None:
    class Many(Strikes):
        def step(self, what: str) -> None:
            if draw.random() < 0.06:
                self.struck = True
                raise Crash(what) if draw.random() < 0.5 else OutcomeUnknown("coordinator", what)

    draw = Random(f"strikes {seed}")
    try:
        once(Many(0, Crash), seed)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error
