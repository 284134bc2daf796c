"""What the lanes and the coordinator tell about themselves, as metrics and health."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from agents.boards.coordinator import BoardBacklog
from agents.boards.observer import CoordinatorCommitted, CoordinatorObserver
from agents.lanes.lane import Lane
from agents.lanes.merge import Wait
from agents.lanes.observer import CommittedTransaction, LaneObserver
from agents.process.exit_codes import ExitCode
from engine.outcome import Reason
from monitoring.health import LaneState, WorkerHealth
from monitoring.metrics import Metrics
from schemas import topics
from tables.recovery import Progress

_OUTCOMES = {ExitCode.FENCED: "fenced", ExitCode.OUTCOME_UNKNOWN: "unknown"}


class WorkerObserver(LaneObserver):
    """Counts per transaction, never per event."""

    def __init__(self, metrics: Metrics, health: WorkerHealth) -> None:
        self._metrics = metrics
        self._health = health
        self._rows_recovered: dict[int, int] = {}

    def opening(self, partition: int) -> None:
        """The lane begins to open."""
        self._rows_recovered[partition] = 0
        self._state(partition, LaneState.OPENING)

    def recovering(self, partition: int, progress: Progress) -> None:
        """A copy came nearer to its changelog."""
        label, remaining = str(partition), progress.end - progress.position
        self._metrics.recovery_rows.labels(label).inc(progress.records - self._rows_recovered.get(partition, 0))
        self._rows_recovered[partition] = progress.records
        self._metrics.recovery_remaining.labels(label).set(remaining)
        self._health.recovering(partition, remaining)

    def opened(self, partition: int, seconds: float) -> None:
        """The lane takes records."""
        self._metrics.open_seconds.observe(seconds)
        self._state(partition, LaneState.RUNNING)

    def closed(self, partition: int) -> None:
        """The lane was given up; what its gauges show is no longer true."""
        self._metrics.forget_lane(partition)

    def committed(self, batch: CommittedTransaction) -> None:
        """A transaction is done."""
        metrics, label = self._metrics, str(batch.partition)
        metrics.transactions.labels("committed").inc()
        metrics.batch_events.observe(batch.records)
        stages = {"decide": batch.decide_s, "send": batch.times.send_s, "write": batch.times.write_s}
        for stage, seconds in stages.items():
            metrics.stage_seconds.labels(stage).observe(seconds)
        metrics.committed_time.labels(label).set(batch.times.committed_ms / 1000)
        if batch.oldest_ms is not None:
            metrics.latency_seconds.observe(max(0, batch.times.committed_ms - batch.oldest_ms) / 1000)
        self._count_changes(batch)
        if batch.ticked and batch.watermark.last_tick is not None:
            metrics.ticks.labels(label).inc()
            metrics.tick_time.labels(label).set(batch.watermark.last_tick / 1000)
        metrics.programme_offset.labels(label).set(batch.watermark.programme_offset)
        window = batch.watermark.window
        metrics.dead_letter_ratio.labels(label).set(window.dead / window.seen if window.seen else 0.0)

    def waited(self, partition: int, wait: Wait) -> None:
        """The merge stood still for inputs that were behind."""
        self._metrics.merge_wait_seconds.labels(str(partition)).inc(wait.seconds)
        if wait.gave_up:
            self._metrics.merge_timeouts.labels(str(partition)).inc()

    def queued(self, partition: int, records: int) -> None:
        """So many records wait in the lane."""
        self._metrics.queued_events.labels(str(partition)).set(records)

    def topics_differ(self, reasons: Sequence[str]) -> None:
        """What about the club's topics is not as it must be."""
        self._health.topics_differ(tuple(reasons))

    def failed(self, partition: int, code: int) -> None:
        """The lane ended, and the worker with it."""
        self._metrics.transactions.labels(_OUTCOMES.get(ExitCode(code), "failed")).inc()
        self._state(partition, LaneState.REFUSED if code == ExitCode.REFUSED else LaneState.CLOSING)
        self._health.fault(f"lane {partition} ended with code {code}")

    def measure(self, lanes: Mapping[int, Lane]) -> None:
        """How far the lanes are behind their inputs, as last heard."""
        for partition, lane in lanes.items():
            for topic, source in lane.inputs.items():
                behind = source.stable - lane.watermark.offsets[topic]
                self._metrics.lag_events.labels(str(partition), topic).set(max(0, behind))

    def _state(self, partition: int, state: LaneState) -> None:
        self._health.lane(partition, state)
        for each, count in self._health.lanes().items():
            self._metrics.lanes.labels(each.value).set(count)

    def _count_changes(self, batch: CommittedTransaction) -> None:
        metrics, tallies = self._metrics, batch.changes.tallies
        for (kind, outcome, reason), count in tallies.events.items():
            metrics.events.labels(kind, outcome.value).inc(count)
            if reason is not Reason.NONE:
                metrics.reasons.labels(reason.value).inc(count)
        metrics.names_dropped.inc(tallies.names_dropped)
        for (rule, posting), points in tallies.points.items():
            if posting == "points.accrued":
                metrics.points_accrued.labels(rule).inc(points)
            elif posting == "points.reversed":
                metrics.points_reversed.labels(rule).inc(abs(points))
        for topic, records in Counter(output.topic for output in batch.changes.outputs).items():
            metrics.outputs.labels(topic).inc(records)
            if topic == topics.DEAD_LETTER.name:
                self._count_dead_letters(batch)

    def _count_dead_letters(self, batch: CommittedTransaction) -> None:
        for output in batch.changes.outputs:
            if output.topic == topics.DEAD_LETTER.name:
                headers = dict(output.headers)
                self._metrics.dead_letters.labels(headers["topic"].decode(), headers["error"].decode()).inc()


class ClubObserver(CoordinatorObserver):
    """What the coordinator tells. Counts per transaction."""

    def __init__(self, metrics: Metrics, health: WorkerHealth) -> None:
        self._metrics = metrics
        self._health = health

    def opened(self) -> None:
        """It takes records."""
        self._metrics.coordinator_running.set(1)

    def committed(self, batch: CoordinatorCommitted) -> None:
        """A transaction is done."""
        metrics, changes = self._metrics, batch.changes
        metrics.coordinator_transactions.labels("committed").inc()
        metrics.coordinator_stage_seconds.labels("send").observe(batch.times.send_s)
        metrics.coordinator_stage_seconds.labels("write").observe(batch.times.write_s)
        metrics.finals.inc(len(changes.finals))
        metrics.awards.inc(changes.awards)
        for topic, records in Counter(output.topic for output in changes.outputs).items():
            metrics.outputs.labels(topic).inc(records)

    def merged(self, seconds: float) -> None:
        """A slice of a final board was merged."""
        self._metrics.coordinator_stage_seconds.labels("merge").observe(seconds)

    def closed(self) -> None:
        """It was given up; what its gauges show is no longer true."""
        self._metrics.forget_coordinator()

    def failed(self, code: int) -> None:
        """It ended, and the worker with it."""
        self._metrics.coordinator_transactions.labels(_OUTCOMES.get(ExitCode(code), "failed")).inc()
        self._metrics.forget_coordinator()
        self._health.fault(f"the coordinator ended with code {code}")

    def measure(self, backlog: BoardBacklog) -> None:
        """How far boards are behind, and what final ones wait for."""
        metrics = self._metrics
        metrics.board_time.set(math.nan if backlog.oldest is None else backlog.oldest / 1000)
        metrics.round_frozen_time.clear()
        metrics.rounds_missing.clear()
        for state, some in (
            ("lanes", [each for each in backlog.waiting if each.missing]),
            ("merge", [each for each in backlog.waiting if not each.missing]),
        ):
            metrics.rounds_waiting.labels(state).set(len(some))
            if some:
                metrics.round_frozen_time.labels(state).set(min(each.frozen_at for each in some) / 1000)
        for lane, rounds in Counter(lane for each in backlog.waiting for lane in each.missing).items():
            metrics.rounds_missing.labels(str(lane)).set(rounds)
