"""The benchmark of boards: its run of ours answers as sorting does, and other answers are found."""

import pytest

from tests.benchmarks.board_runs import TOP, Task, Times, ours, times
from tests.benchmarks.boards import agree
from tests.benchmarks.sorted_set import command

TASK = Task(members=3_000, spread=500, updates=2_000, freeze=True)


def test_ours_names_the_first_scores_and_ranks_after_all_updates() -> None:
    scores = TASK.scores()
    for number, points in TASK.drawn():
        scores[number] += points
    run = ours(TASK)
    assert run.best == sorted(scores, reverse=True)[:TOP]
    asked = TASK.numbers(len(run.higher))
    assert run.higher == [sum(each > scores[number] for each in scores) for number in asked]


def test_runs_with_other_answers_are_found() -> None:
    run = ours(TASK)
    agree([run, run])
    for other in (run._replace(best=run.best[1:]), run._replace(higher=[0, *run.higher])):
        with pytest.raises(AssertionError):
            agree([run, other])


def test_quantiles_are_of_single_calls_in_microseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(each for number in range(1, 101) for each in (0, number * 1_000))
    monkeypatch.setattr("time.perf_counter_ns", lambda: next(clock))
    assert times(str, range(100)) == Times(51, 100)


def test_a_command_is_sent_as_the_protocol_says() -> None:
    assert command(b"ZREVRANK", b"board", b"m1") == b"*3\r\n$8\r\nZREVRANK\r\n$5\r\nboard\r\n$2\r\nm1\r\n"
