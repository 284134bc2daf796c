"""The declared metrics as live instruments of one registry, which the process that serves them creates."""

import math
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from monitoring import declared as d

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""What `/metrics` answers with."""


class Metrics:
    """One instrument a declaration, by the name of the declaration. Count per batch, not per event."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.events = _counter(d.EVENTS, registry)
        self.reasons = _counter(d.REASONS, registry)
        self.names_dropped = _counter(d.NAMES_DROPPED, registry)
        self.points_accrued = _counter(d.POINTS_ACCRUED, registry)
        self.points_reversed = _counter(d.POINTS_REVERSED, registry)
        self.outputs = _counter(d.OUTPUTS, registry)
        self.dead_letters = _counter(d.DEAD_LETTERS, registry)
        self.dead_letter_ratio = _gauge(d.DEAD_LETTER_RATIO, registry)
        self.batch_events = _histogram(d.BATCH_EVENTS, registry)
        self.stage_seconds = _histogram(d.STAGE_SECONDS, registry)
        self.latency_seconds = _histogram(d.LATENCY_SECONDS, registry)
        self.transactions = _counter(d.TRANSACTIONS, registry)
        self.lag_events = _gauge(d.LAG_EVENTS, registry)
        self.queued_events = _gauge(d.QUEUED_EVENTS, registry)
        self.committed_time = _gauge(d.COMMITTED_TIME, registry)
        self.lanes = _gauge(d.LANES, registry)
        self.merge_wait_seconds = _counter(d.MERGE_WAIT_SECONDS, registry)
        self.merge_timeouts = _counter(d.MERGE_TIMEOUTS, registry)
        self.recovery_rows = _counter(d.RECOVERY_ROWS, registry)
        self.recovery_remaining = _gauge(d.RECOVERY_REMAINING, registry)
        self.open_seconds = _histogram(d.OPEN_SECONDS, registry)
        self.ticks = _counter(d.TICKS, registry)
        self.tick_time = _gauge(d.TICK_TIME, registry)
        self.programme_offset = _gauge(d.PROGRAMME_OFFSET, registry)
        self.rebalances = _counter(d.REBALANCES, registry)
        self.rebalance_seconds = _histogram(d.REBALANCE_SECONDS, registry)
        self.assignment_errors = _counter(d.ASSIGNMENT_ERRORS, registry)
        self.coordinator_running = _gauge(d.COORDINATOR_RUNNING, registry)
        self.coordinator_transactions = _counter(d.COORDINATOR_TRANSACTIONS, registry)
        self.coordinator_stage_seconds = _histogram(d.COORDINATOR_STAGE_SECONDS, registry)
        self.board_time = _gauge(d.BOARD_TIME, registry)
        self.finals = _counter(d.FINALS, registry)
        self.awards = _counter(d.AWARDS, registry)
        self.rounds_waiting = _gauge(d.ROUNDS_WAITING, registry)
        self.round_frozen_time = _gauge(d.ROUND_FROZEN_TIME, registry)
        self.rounds_missing = _gauge(d.ROUNDS_MISSING, registry)
        self.http_connections = _gauge(d.HTTP_CONNECTIONS, registry)
        self.http_cuts = _counter(d.HTTP_CUTS, registry)
        _gauge(d.BUILD, registry).labels(_version()).set(1)
        self.forget_coordinator()

    def forget_lane(self, partition: int) -> None:
        """Drop the gauges of a partition that this worker no longer owns: a last value would go on being alarmed."""
        label = {"partition": str(partition)}
        for gauge in (
            self.dead_letter_ratio, self.lag_events, self.queued_events, self.committed_time, self.recovery_remaining,
            self.tick_time, self.programme_offset,
        ):  # fmt: skip
            gauge.remove_by_labels(label)

    def forget_coordinator(self) -> None:
        """Drop the coordinator's gauges: it runs elsewhere, or nowhere."""
        self.coordinator_running.set(0)
        self.board_time.set(math.nan)
        for gauge in (self.rounds_waiting, self.round_frozen_time, self.rounds_missing):
            gauge.clear()

    def exposition(self) -> bytes:
        """All series in Prometheus' text format."""
        return generate_latest(self.registry)


class WebMetrics:
    """The same for `bashgah web`. What it holds at a moment is read when somebody asks, by `set_function`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.web_streams = _gauge(d.WEB_STREAMS, registry)
        self.web_requests = _counter(d.WEB_REQUESTS, registry)
        self.web_request_seconds = _histogram(d.WEB_REQUEST_SECONDS, registry)
        self.web_problems = _counter(d.WEB_PROBLEMS, registry)
        self.web_board_time = _gauge(d.WEB_BOARD_TIME, registry)
        self.http_connections = _gauge(d.HTTP_CONNECTIONS, registry)
        self.http_cuts = _counter(d.HTTP_CUTS, registry)
        _gauge(d.BUILD, registry).labels(_version()).set(1)

    def exposition(self) -> bytes:
        """All series in Prometheus' text format."""
        return generate_latest(self.registry)


def _version() -> str:
    try:
        return version("bashgah")
    except PackageNotFoundError:
        return "uninstalled"


def _counter(metric: d.Metric, registry: CollectorRegistry) -> Counter:
    _of_kind(metric, d.MetricKind.COUNTER)
    return Counter(metric.name, metric.meaning, metric.labels, registry=registry)


def _gauge(metric: d.Metric, registry: CollectorRegistry) -> Gauge:
    _of_kind(metric, d.MetricKind.GAUGE)
    return Gauge(metric.name, metric.meaning, metric.labels, registry=registry)


def _histogram(metric: d.Metric, registry: CollectorRegistry) -> Histogram:
    _of_kind(metric, d.MetricKind.HISTOGRAM)
    return Histogram(metric.name, metric.meaning, metric.labels, registry=registry, buckets=metric.buckets)


def _of_kind(metric: d.Metric, kind: d.MetricKind) -> None:
    assert metric.kind is kind, f"{metric.name} is declared as a {metric.kind}"
