"""What lanes and the coordinator tell becomes metrics and health: each hook once, with the real instruments."""

from math import isnan

from prometheus_client import CollectorRegistry

from agents.boards.coordinator import BoardBacklog, ClubChanges
from agents.boards.finals import WaitingRound
from agents.boards.observer import CoordinatorCommitted
from agents.lanes.merge import Wait
from agents.lanes.observer import CommittedTransaction
from agents.observers import ClubObserver, WorkerObserver
from agents.process.exit_codes import ExitCode
from agents.scoring.batch import BatchChanges, Tallies
from agents.task.commit import CommitTimes
from engine.outcome import Outcome, Reason
from monitoring.health import WorkerHealth
from monitoring.metrics import Metrics
from schemas import topics
from schemas.records import OutputRecord
from tables.recovery import Progress
from tables.watermark import DeadLetterWindow, Watermark

NOW_MS = 1_700_000_000_000
TIMES = CommitTimes(0.2, 0.1, NOW_MS)


class Shown:
    """An observer, and what it made of what it was told."""

    def __init__(self) -> None:
        self.health = WorkerHealth()
        self.registry = CollectorRegistry()
        metrics = Metrics(self.registry)
        self.observer, self.club = WorkerObserver(metrics, self.health), ClubObserver(metrics, self.health)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def batch() -> CommittedTransaction:
    tallies = Tallies()
    tallies.events["card.purchase.settled", Outcome.SCORED, Reason.NONE] = 7
    tallies.events["unknown", Outcome.DEAD_LETTER, Reason.NO_RULE] = 1
    tallies.points["card-purchase", "points.accrued"] = 40
    tallies.points["card-purchase", "points.reversed"] = -3
    tallies.names_dropped = 2
    headers = (("topic", b"bank.card"), ("offset", b"5"), ("error", b"invalid"))
    outputs = [OutputRecord(topics.POINTS.name, 2, b"m", b"{}") for _ in range(7)]
    outputs.append(OutputRecord(topics.DEAD_LETTER.name, 2, b"m", b"?", headers))
    watermark = Watermark(
        offsets={}, topics={}, last_tick=NOW_MS - 5_000, programme_offset=3, window=DeadLetterWindow(8, 1)
    )
    changes = BatchChanges([], outputs, tallies, [])
    return CommittedTransaction(2, 8, changes, watermark, True, NOW_MS - 250, 0.004, TIMES)


def test_a_lane_that_opens_recovers_runs_and_is_given_up() -> None:
    shown = Shown()
    shown.health.assigned(frozenset({2}))
    shown.observer.opening(2)
    assert shown.value("bashgah_lanes", state="opening") == 1
    shown.observer.recovering(2, Progress(400, 450, 1_000))
    shown.observer.recovering(2, Progress(900, 1_000, 1_000))
    assert shown.value("bashgah_recovery_rows_total", partition="2") == 900
    assert shown.value("bashgah_recovery_remaining_records", partition="2") == 0
    assert not shown.health.ready().ok
    shown.observer.opened(2, 1.5)
    assert shown.health.ready().ok
    assert shown.value("bashgah_lanes", state="running") == 1
    assert shown.value("bashgah_lane_open_seconds_sum") == 1.5
    shown.observer.closed(2)
    assert shown.value("bashgah_recovery_remaining_records", partition="2") is None


def test_a_transaction_is_counted_whole() -> None:
    shown = Shown()
    shown.observer.committed(batch())
    shown.observer.queued(2, 33)
    shown.observer.waited(2, Wait(("club.member",), 0.5, True))
    assert shown.value("bashgah_transactions_total", outcome="committed") == 1
    assert shown.value("bashgah_events_total", type="card.purchase.settled", outcome="scored") == 7
    assert shown.value("bashgah_event_reasons_total", reason="no_rule") == 1
    assert shown.value("bashgah_names_dropped_total") == 2
    assert shown.value("bashgah_points_accrued_total", rule="card-purchase") == 40
    assert shown.value("bashgah_points_reversed_total", rule="card-purchase") == 3
    assert shown.value("bashgah_outputs_total", topic="club.points") == 7
    assert shown.value("bashgah_dead_letters_total", topic="bank.card", code="invalid") == 1
    assert shown.value("bashgah_dead_letter_window_ratio", partition="2") == 1 / 8
    assert shown.value("bashgah_latency_seconds_sum") == 0.25
    assert shown.value("bashgah_lane_tick_timestamp_seconds", partition="2") == (NOW_MS - 5_000) / 1000
    assert shown.value("bashgah_programme_offset", partition="2") == 3
    assert shown.value("bashgah_lane_queued_events", partition="2") == 33
    assert shown.value("bashgah_merge_wait_seconds_total", partition="2") == 0.5
    assert shown.value("bashgah_merge_timeouts_total", partition="2") == 1


def test_a_lane_that_fails_makes_the_worker_unwell_and_counts_how_it_ended() -> None:
    for code, outcome in (
        (ExitCode.FENCED, "fenced"),
        (ExitCode.OUTCOME_UNKNOWN, "unknown"),
        (ExitCode.REFUSED, "failed"),
    ):
        shown = Shown()
        shown.observer.failed(2, code)
        assert shown.value("bashgah_transactions_total", outcome=outcome) == 1
        assert not shown.health.live().ok


def test_the_coordinator_counts_what_it_publishes() -> None:
    shown = Shown()
    assert shown.value("bashgah_coordinator_running") == 0
    outputs = [OutputRecord(topics.LEADERBOARD.name, 0, key, b"{}") for key in (b"f/c", b"f/c/final")]
    outputs += [OutputRecord(topics.COMMAND.name, lane, b"m", b"{}") for lane in range(3)]
    changes = ClubChanges([], outputs, ("f/c/final",), 3)
    shown.club.opened()
    shown.club.merged(0.01)
    shown.club.committed(CoordinatorCommitted(5, changes, Watermark(offsets={}, topics={}), TIMES))
    assert shown.value("bashgah_coordinator_running") == 1
    assert shown.value("bashgah_coordinator_transactions_total", outcome="committed") == 1
    assert shown.value("bashgah_transactions_total", outcome="committed") is None
    for stage, seconds in (("merge", 0.01), ("send", 0.2), ("write", 0.1)):
        assert shown.value("bashgah_coordinator_stage_seconds_sum", stage=stage) == seconds
    assert shown.value("bashgah_finals_total") == 1
    assert shown.value("bashgah_awards_total") == 3
    assert shown.value("bashgah_outputs_total", topic="club.leaderboard") == 2
    assert shown.value("bashgah_outputs_total", topic="club.command") == 3


def test_what_a_final_waits_for_and_how_old_boards_are() -> None:
    shown = Shown()
    waiting = [
        WaitingRound("f/c/1405-07", NOW_MS - 5_000, (0, 2)),
        WaitingRound("f/d/1405-07", NOW_MS - 9_000, (2,)),
        WaitingRound("f/e/1405-07", NOW_MS - 1_000, ()),
    ]
    shown.club.measure(BoardBacklog(NOW_MS - 20_000, waiting))
    assert shown.value("bashgah_board_as_of_timestamp_seconds") == (NOW_MS - 20_000) / 1000
    assert shown.value("bashgah_rounds_waiting", state="lanes") == 2
    assert shown.value("bashgah_rounds_waiting", state="merge") == 1
    assert shown.value("bashgah_round_frozen_timestamp_seconds", state="lanes") == (NOW_MS - 9_000) / 1000
    assert shown.value("bashgah_round_frozen_timestamp_seconds", state="merge") == (NOW_MS - 1_000) / 1000
    assert [shown.value("bashgah_lane_rounds_missing", partition=p) for p in "012"] == [1, None, 2]
    shown.club.measure(BoardBacklog(None, []))
    assert isnan(shown.value("bashgah_board_as_of_timestamp_seconds") or 0)
    assert shown.value("bashgah_rounds_waiting", state="lanes") == 0
    assert shown.value("bashgah_round_frozen_timestamp_seconds", state="lanes") is None
    assert shown.value("bashgah_lane_rounds_missing", partition="2") is None


def test_a_coordinator_that_moved_away_or_failed_leaves_no_gauge() -> None:
    for code in (None, ExitCode.FENCED):
        shown = Shown()
        shown.club.opened()
        shown.club.measure(BoardBacklog(NOW_MS, [WaitingRound("f/c/final", NOW_MS, (1,))]))
        if code is None:
            shown.club.closed()
            assert shown.health.live().ok
        else:
            shown.club.failed(code)
            assert shown.value("bashgah_coordinator_transactions_total", outcome="fenced") == 1
            assert not shown.health.live().ok
        assert shown.value("bashgah_coordinator_running") == 0
        assert isnan(shown.value("bashgah_board_as_of_timestamp_seconds") or 0)
        assert shown.value("bashgah_rounds_waiting", state="lanes") is None
        assert shown.value("bashgah_lane_rounds_missing", partition="1") is None
