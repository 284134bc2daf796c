"""Several workers: who comes and goes, who is killed, who sleeps and wakes up as a zombie."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import pytest

from agents.process.clock import wall_clock
from agents.process.exit_codes import ExitCode
from tests.integration.club import Club
from tests.integration.processes import WorkerProcess
from tests.integration.rounds import ROUNDS, SEED, WITHOUT_END
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500)]

LANES = 6
PAUSE_S_MAX = 15.0


def test_two_and_three_workers_that_come_go_and_are_killed(cluster: Cluster, tmp_path: Path) -> None:
    choice = Random(f"group {SEED}")
    with Club(cluster.bootstrap, tmp_path, LANES, session_timeout_ms=6_000, batch_events_max=200) as club:
        workers = [club.worker(name) for name in ("one", "two", "three")]
        for worker in workers[:2]:
            worker.start().until_ready()
        load = club.load(WITHOUT_END, 300, SEED)
        story = []
        for _ in range(max(ROUNDS, 5)):
            running = [worker for worker in workers if worker.alive]
            resting = [worker for worker in workers if not worker.alive]
            acts = ["kill", "stop"] if not resting else ["kill", "start"]
            act = "start" if len(running) == 1 else choice.choice(acts)
            worker = choice.choice(resting if act == "start" else running)
            story.append(f"{act} {worker.name}")
            before = {each: rebalances_of(each) for each in running}
            getattr(worker, act)()
            until(lambda: any_went_through_a_rebalance(workers, before), 60, "a rebalance", workers)  # noqa: B023
            until(lambda: all(each.ready for each in workers if each.alive), 60, "ready", workers)
            time.sleep(choice.uniform(0.5, 3.0))
        load.end()
        club.settle(revive=False)
        club.reckon()
        codes = {code for each in workers for code in each.exits}
        assert codes <= {0, -9}, f"{story}, seed {SEED}: {codes}"


def test_a_worker_that_slept_through_its_session_is_fenced_or_joins_anew(cluster: Cluster, tmp_path: Path) -> None:
    how = []
    with Club(cluster.bootstrap, tmp_path, LANES, session_timeout_ms=6_000, batch_events_max=10) as club:
        zombie, other = club.worker("zombie").start(), club.worker("other").start()
        both = [zombie, other]
        for number in range(max(2, ROUNDS // 2)):
            zombie.revive()
            until(lambda: lanes_of(zombie) > 0 < lanes_of(other), 60, "sharing", both)
            club.load(6_000, 20_000, seed=number)
            until(lambda: zombie.metric("bashgah_lane_queued_events") > 300, 30, "work in hand", both)
            before = {zombie: rebalances_of(zombie)}
            zombie.freeze()
            until(lambda: lanes_of(other) == LANES, 60, "takeover", both)
            time.sleep(1 + number % 3)
            zombie.thaw()
            until(
                lambda: not zombie.alive or any_went_through_a_rebalance([zombie], before),  # noqa: B023
                40, "end or rejoin", both,
            )  # fmt: skip
            how.append("joined" if zombie.alive else f"exit {zombie.exits[-1]}")
        club.settle()
        club.reckon()
    assert set(how) <= {"joined", f"exit {ExitCode.FENCED:d}"}, how
    assert f"exit {ExitCode.FENCED:d}" in how, how


@pytest.mark.parametrize("static", [True, False], ids=["static", "dynamic"])
def test_a_clean_restart_of_one_of_two_pauses_no_partition_for_long(
    cluster: Cluster, tmp_path: Path, static: bool, record_property: Callable[[str, object], None]
) -> None:
    with Club(cluster.bootstrap, tmp_path, LANES * 2) as club:
        names = ("one", "two")
        one, two = (club.worker(name, **({"static_member_id": name} if static else {})).start() for name in names)
        until(lambda: lanes_of(one) + lanes_of(two) == LANES * 2 and lanes_of(one) > 0, 60, "sharing", [one, two])
        load = club.load(WITHOUT_END, 600, SEED, members=2_000)
        time.sleep(5)
        began_ms = wall_clock()
        one.stop()
        one.start().until_ready()
        until(lambda: lanes_of(one) + lanes_of(two) == LANES * 2 and lanes_of(one) > 0, 60, "sharing", [one, two])
        time.sleep(8)
        ended_ms = wall_clock()
        load.end()
        club.settle()
        club.reckon()
        pauses = club.pauses(began_ms - 1_000, ended_ms)
        record_property("pauses_s", {number: round(seconds, 1) for number, seconds in pauses.items()})
        print(f"static={static}: {sorted(round(seconds, 1) for seconds in pauses.values())}")
        assert max(pauses.values()) <= PAUSE_S_MAX, pauses


def test_of_two_workers_under_one_name_one_is_fenced(cluster: Cluster, tmp_path: Path) -> None:
    """The broker lets the one that joined last into the group: the younger, or the older when it has joined anew."""
    with Club(cluster.bootstrap, tmp_path) as club:
        load = club.load(WITHOUT_END, 300, SEED)
        older = club.worker("older", static_member_id="same").start().until_ready()
        younger = club.worker("younger", static_member_id="same").start()
        both = [older, younger]
        until(lambda: not all(each.alive for each in both), 40, "both go on", both)
        fenced, left = (older, younger) if younger.alive else (younger, older)
        assert fenced.wait(10) == ExitCode.FENCED
        left.until_ready()
        load.end()
        club.settle(revive=False)
        club.reckon()
        assert left.exits == [0]


def lanes_of(worker: WorkerProcess) -> int:
    """How many lanes it runs; 0 while it is not ready."""
    return int(worker.metric("bashgah_lanes", state="running")) if worker.ready else 0


def rebalances_of(worker: WorkerProcess) -> int:
    """Of how many it has run again since its start. Not from its log, which tells of some of them only."""
    return int(worker.metric("bashgah_rebalances_total"))


def any_went_through_a_rebalance(workers: list[WorkerProcess], before: Mapping[WorkerProcess, int]) -> bool:
    """Whether one of them that runs has gone through more of them than `before`, where it ran then."""
    return any(each.alive and rebalances_of(each) > before.get(each, 0) for each in workers)


def until(true: Callable[[], bool], seconds: float, what: str, workers: list[WorkerProcess]) -> None:
    """Wait for something to become true; AssertionError with the workers' logs."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not after {seconds} s\n" + "\n".join(
            f"--- {worker.name} {worker.exits}\n{worker.tail(2500)}" for worker in workers
        )
        time.sleep(0.1)
