"""Every metric, declared once: name, kind, unit, labels and meaning. docs/METRICS.md is generated from this list.

Labels are few and closed (a partition, a topic, a type, a code, a rule of a programme), and never a member.
"""

from enum import StrEnum
from typing import NamedTuple


class MetricKind(StrEnum):
    """How a metric moves: only up, both ways, or as a distribution."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Metric(NamedTuple):
    """The declaration of one metric; `name` is how Prometheus stores it, the `_total` of counters included."""

    name: str
    kind: MetricKind
    unit: str
    labels: tuple[str, ...]
    meaning: str
    buckets: tuple[float, ...] = ()


_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 20_000.0)
_OPENING = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0)

EVENTS = Metric(
    "bashgah_events_total", MetricKind.COUNTER, "events", ("type", "outcome"),
    "Events that lanes have committed, by contract type (`unknown` where there was none) and by what became of them.",
)  # fmt: skip
REASONS = Metric(
    "bashgah_event_reasons_total", MetricKind.COUNTER, "events", ("reason",),
    "Events that earned nothing or were refused, by reason.",
)  # fmt: skip
NAMES_DROPPED = Metric(
    "bashgah_names_dropped_total", MetricKind.COUNTER, "names", (),
    "Names that members were given and that are none by the contract: left out, the rest of the event held.",
)  # fmt: skip
POINTS_ACCRUED = Metric(
    "bashgah_points_accrued_total", MetricKind.COUNTER, "points", ("rule",), "Points granted, by rule of the programme."
)
POINTS_REVERSED = Metric(
    "bashgah_points_reversed_total", MetricKind.COUNTER, "points", ("rule",), "Points taken back by refunds, by rule."
)
OUTPUTS = Metric("bashgah_outputs_total", MetricKind.COUNTER, "records", ("topic",), "Records published, by topic.")
DEAD_LETTERS = Metric(
    "bashgah_dead_letters_total", MetricKind.COUNTER, "events", ("topic", "code"),
    "Events set aside, by the topic they came from and the code that refused them.",
)  # fmt: skip
DEAD_LETTER_RATIO = Metric(
    "bashgah_dead_letter_window_ratio", MetricKind.GAUGE, "ratio", ("partition",),
    "Share of dead letters in the lane's window, 0 to 1; over the limit the worker stops.",
)  # fmt: skip
BATCH_EVENTS = Metric(
    "bashgah_batch_events", MetricKind.HISTOGRAM, "events", (), "Events in one transaction of a lane.", _SIZES
)
STAGE_SECONDS = Metric(
    "bashgah_stage_seconds", MetricKind.HISTOGRAM, "seconds", ("stage",),
    "Time a batch spends in a stage: `decide` `send` `write`.", _SECONDS,
)  # fmt: skip
LATENCY_SECONDS = Metric(
    "bashgah_latency_seconds", MetricKind.HISTOGRAM, "seconds", (),
    "From the oldest record of a batch being written to its input until its outputs are committed.", _SECONDS,
)  # fmt: skip
TRANSACTIONS = Metric(
    "bashgah_transactions_total", MetricKind.COUNTER, "transactions", ("outcome",),
    "Transactions of lanes, by outcome: `committed` `fenced` `unknown` `failed`.",
)  # fmt: skip
LAG_EVENTS = Metric(
    "bashgah_lane_lag_events", MetricKind.GAUGE, "events", ("partition", "topic"),
    "Records of an input between the lane's watermark and its end.",
)  # fmt: skip
QUEUED_EVENTS = Metric(
    "bashgah_lane_queued_events", MetricKind.GAUGE, "events", ("partition",), "Records that wait inside a lane."
)
COMMITTED_TIME = Metric(
    "bashgah_lane_committed_timestamp_seconds", MetricKind.GAUGE, "seconds", ("partition",),
    "When the lane last committed, as seconds since 1970 UTC.",
)  # fmt: skip
LANES = Metric(
    "bashgah_lanes", MetricKind.GAUGE, "lanes", ("state",),
    "Lanes of this worker by state: `opening` `running` `refused` `closing`.",
)  # fmt: skip
MERGE_WAIT_SECONDS = Metric(
    "bashgah_merge_wait_seconds_total", MetricKind.COUNTER, "seconds", ("partition",),
    "Time a lane waited for an input that was behind.",
)  # fmt: skip
MERGE_TIMEOUTS = Metric(
    "bashgah_merge_timeouts_total", MetricKind.COUNTER, "waits", ("partition",),
    "Waits that ended without that input: events may have been scored out of order of time.",
)  # fmt: skip
RECOVERY_ROWS = Metric(
    "bashgah_recovery_rows_total", MetricKind.COUNTER, "rows", ("partition",), "Rows read back from the changelog."
)
RECOVERY_REMAINING = Metric(
    "bashgah_recovery_remaining_records", MetricKind.GAUGE, "records", ("partition",),
    "Changelog records that an opening lane has still to read.",
)  # fmt: skip
OPEN_SECONDS = Metric(
    "bashgah_lane_open_seconds", MetricKind.HISTOGRAM, "seconds", (),
    "From being given a partition to the first batch it may take.", _OPENING,
)  # fmt: skip
TICKS = Metric(
    "bashgah_ticks_total", MetricKind.COUNTER, "ticks", ("partition",), "Ticks of the clock that lanes took."
)
TICK_TIME = Metric(
    "bashgah_lane_tick_timestamp_seconds", MetricKind.GAUGE, "seconds", ("partition",),
    "The instant up to which everything due has been done, as seconds since 1970 UTC.",
)  # fmt: skip
PROGRAMME_OFFSET = Metric(
    "bashgah_programme_offset", MetricKind.GAUGE, "offset", ("partition",),
    "How far into the topic of programmes the lane has adopted versions.",
)  # fmt: skip
REBALANCES = Metric(
    "bashgah_rebalances_total", MetricKind.COUNTER, "rebalances", (), "Rebalances this worker went through."
)
REBALANCE_SECONDS = Metric(
    "bashgah_rebalance_seconds", MetricKind.HISTOGRAM, "seconds", (),
    "From the start of a rebalance until the worker runs again.", _OPENING,
)  # fmt: skip
ASSIGNMENT_ERRORS = Metric(
    "bashgah_assignment_errors_total", MetricKind.COUNTER, "errors", (), "Assignments of partitions that failed."
)
COORDINATOR_RUNNING = Metric(
    "bashgah_coordinator_running", MetricKind.GAUGE, "", (),
    "1 in the worker that makes the club's boards and awards, which is the one with lane 0; 0 in the others.",
)  # fmt: skip
COORDINATOR_TRANSACTIONS = Metric(
    "bashgah_coordinator_transactions_total", MetricKind.COUNTER, "transactions", ("outcome",),
    "Transactions of the coordinator, by outcome: `committed` `fenced` `unknown` `failed`.",
)  # fmt: skip
COORDINATOR_STAGE_SECONDS = Metric(
    "bashgah_coordinator_stage_seconds", MetricKind.HISTOGRAM, "seconds", ("stage",),
    "Time the coordinator spends in a stage: `merge` (one slice of a final board) `send` `write`.", _SECONDS,
)  # fmt: skip
BOARD_TIME = Metric(
    "bashgah_board_as_of_timestamp_seconds", MetricKind.GAUGE, "seconds", (),
    "As of when the live board is that is furthest behind, as seconds since 1970 UTC; NaN where there is none.",
)  # fmt: skip
FINALS = Metric("bashgah_finals_total", MetricKind.COUNTER, "boards", (), "Final boards published.")
AWARDS = Metric(
    "bashgah_awards_total", MetricKind.COUNTER, "awards", (), "Awards by rank that went to the members' lanes."
)
ROUNDS_WAITING = Metric(
    "bashgah_rounds_waiting", MetricKind.GAUGE, "boards", ("state",),
    "Boards of frozen rounds that are not done: they wait for pages of some `lanes`, or are being merged and awarded "
    "(`merge`).",
)  # fmt: skip
ROUND_FROZEN_TIME = Metric(
    "bashgah_round_frozen_timestamp_seconds", MetricKind.GAUGE, "seconds", ("state",),
    "When the oldest round of those was frozen by the club's clock, as seconds since 1970 UTC.",
)  # fmt: skip
ROUNDS_MISSING = Metric(
    "bashgah_lane_rounds_missing", MetricKind.GAUGE, "boards", ("partition",),
    "Boards of frozen rounds that wait for this lane's pages.",
)  # fmt: skip
BUILD = Metric("bashgah_build_info", MetricKind.GAUGE, "", ("version",), "1, with the version that runs.")

HTTP_CONNECTIONS = Metric(
    "bashgah_http_connections", MetricKind.GAUGE, "connections", (),
    "Connections that are open to the worker's pages, or to the API and the dashboard of `bashgah web`.",
)  # fmt: skip
HTTP_CUTS = Metric(
    "bashgah_http_cuts_total", MetricKind.COUNTER, "connections", ("reason",),
    "Connections that were cut off: a `header` or a `body` that did not come, `idle`, an answer that was not taken "
    "(`write`), or no `room`: the place was needed for another one, or there was none.",
)  # fmt: skip

WEB_STREAMS = Metric("bashgah_web_streams", MetricKind.GAUGE, "streams", (), "Event streams that are open.")
WEB_REQUESTS = Metric(
    "bashgah_web_requests_total", MetricKind.COUNTER, "requests", ("route", "status"),
    "Requests that were answered, by route and class of status; a stream counts when it ends. Beside the API's routes "
    "there are `page`, the dashboard's files, and `unknown`.",
)  # fmt: skip
WEB_REQUEST_SECONDS = Metric(
    "bashgah_web_request_seconds", MetricKind.HISTOGRAM, "seconds", ("route",),
    "Time to answer a request, streams left out.", _SECONDS,
)  # fmt: skip
WEB_PROBLEMS = Metric(
    "bashgah_web_problems_total", MetricKind.COUNTER, "requests", ("code",),
    "Requests that were refused or failed, by the problem's code.",
)  # fmt: skip
WEB_BOARD_TIME = Metric(
    "bashgah_web_board_as_of_timestamp_seconds", MetricKind.GAUGE, "seconds", (),
    "As of when the live board is that is furthest behind of those it shows, as seconds since 1970 UTC; NaN where "
    "there is none.",
)  # fmt: skip

WORKER_METRICS: tuple[Metric, ...] = (
    EVENTS, REASONS, NAMES_DROPPED, POINTS_ACCRUED, POINTS_REVERSED, OUTPUTS, DEAD_LETTERS, DEAD_LETTER_RATIO,
    BATCH_EVENTS, STAGE_SECONDS, LATENCY_SECONDS, TRANSACTIONS, LAG_EVENTS, QUEUED_EVENTS, COMMITTED_TIME, LANES,
    MERGE_WAIT_SECONDS, MERGE_TIMEOUTS, RECOVERY_ROWS, RECOVERY_REMAINING, OPEN_SECONDS, TICKS, TICK_TIME,
    PROGRAMME_OFFSET, REBALANCES, REBALANCE_SECONDS, ASSIGNMENT_ERRORS, COORDINATOR_RUNNING, COORDINATOR_TRANSACTIONS,
    COORDINATOR_STAGE_SECONDS, BOARD_TIME, FINALS, AWARDS, ROUNDS_WAITING, ROUND_FROZEN_TIME, ROUNDS_MISSING, BUILD,
    HTTP_CONNECTIONS, HTTP_CUTS,
)  # fmt: skip
WEB_METRICS: tuple[Metric, ...] = (WEB_STREAMS, WEB_REQUESTS, WEB_REQUEST_SECONDS, WEB_PROBLEMS, WEB_BOARD_TIME)
"""Those of `bashgah web` alone."""
SHARED_METRICS: tuple[Metric, ...] = (BUILD, HTTP_CONNECTIONS, HTTP_CUTS)
"""Those of `WORKER_METRICS` that `bashgah web` shows too."""

METRICS = (*WORKER_METRICS, *WEB_METRICS)


def series_of(metric: Metric) -> tuple[str, ...]:
    """The names under which a scrape shows a metric: a histogram has three."""
    if metric.kind is MetricKind.HISTOGRAM:
        return (f"{metric.name}_bucket", f"{metric.name}_sum", f"{metric.name}_count")
    return (metric.name,)
