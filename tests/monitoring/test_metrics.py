"""Metrics: every declaration is an instrument, every instrument is declared, and none is about a member."""

import re

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from monitoring.declared import METRICS, SHARED_METRICS, WEB_METRICS, WORKER_METRICS, Metric, MetricKind, series_of
from monitoring.metrics import Metrics, WebMetrics
from tests.architecture.sources import modules


@pytest.fixture
def metrics() -> Metrics:
    """Live instruments in a registry of their own."""
    return Metrics(CollectorRegistry())


def test_every_declaration_has_one_instrument(metrics: Metrics) -> None:
    assert exposed(metrics) == {metric.name for metric in WORKER_METRICS}
    assert exposed(WebMetrics(CollectorRegistry())) == {metric.name for metric in (*WEB_METRICS, *SHARED_METRICS)}


def exposed(metrics: Metrics | WebMetrics) -> set[str]:
    names = {line.split()[2] for line in metrics.exposition().decode().splitlines() if line.startswith("# TYPE")}
    return {name for name in names if not name.endswith("_created")}


@pytest.mark.parametrize(
    "name",
    sorted({*vars(Metrics(CollectorRegistry())), *vars(WebMetrics(CollectorRegistry()))} - {"registry"}),
)
def test_somebody_moves_the_instrument(name: str) -> None:
    use = re.compile(rf"metrics\.{name}\b")
    users = [path for path in modules("agents", "bashgah", "monitoring") if use.search(path.read_text("utf-8"))]
    assert users, f"nobody counts {name}: take it out"


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_names_tell_kind_and_unit(metric: Metric) -> None:
    assert re.fullmatch(r"bashgah(_[a-z]+)+", metric.name)
    assert (metric.kind is MetricKind.COUNTER) == metric.name.endswith("_total")
    assert (metric.kind is MetricKind.HISTOGRAM) == bool(metric.buckets)
    assert metric.meaning.endswith(".")
    if metric.unit in ("seconds", "ratio"):
        assert metric.unit in metric.name


def test_no_label_can_hold_a_member() -> None:
    labels = {label for metric in METRICS for label in metric.labels}
    assert labels == {
        "type", "outcome", "reason", "rule", "topic", "code", "partition", "stage", "state", "version",
        "route", "status",
    }  # fmt: skip


def test_counts_are_exposed_under_their_labels(metrics: Metrics) -> None:
    metrics.events.labels("card.purchase.settled", "scored").inc(3)
    metrics.stage_seconds.labels("decide").observe(0.002)
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
    }
    assert samples["bashgah_events_total", (("outcome", "scored"), ("type", "card.purchase.settled"))] == 3
    assert samples["bashgah_stage_seconds_count", (("stage", "decide"),)] == 1


def test_a_lane_that_moved_away_leaves_no_gauge(metrics: Metrics) -> None:
    for partition in ("1", "12"):
        metrics.lag_events.labels(partition, "bank.card").set(7)
        metrics.queued_events.labels(partition).set(7)
    metrics.forget_lane(1)
    text = metrics.exposition().decode()
    assert 'partition="1"' not in text
    assert text.count('partition="12"') == 2


def test_the_series_of_a_histogram() -> None:
    (latency,) = [metric for metric in METRICS if metric.name == "bashgah_latency_seconds"]
    assert series_of(latency) == tuple(f"bashgah_latency_seconds_{end}" for end in ("bucket", "sum", "count"))
