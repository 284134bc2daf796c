"""The sensor inside a real Faust app: what Faust tells its sensors arrives as metrics."""

import faust
from prometheus_client import CollectorRegistry

from monitoring.metrics import Metrics
from monitoring.sensor import RuntimeSensor


def test_rebalances_are_counted_and_timed() -> None:
    metrics = Metrics(CollectorRegistry())
    app = faust.App("sensing", broker="memory://", web_enabled=False)
    app.sensors.add(RuntimeSensor(metrics))
    for _ in range(2):
        state = app.sensors.on_rebalance_start(app)
        app.sensors.on_rebalance_end(app, state)
    text = metrics.exposition().decode()
    assert "bashgah_rebalances_total 2.0" in text
    assert "bashgah_rebalance_seconds_count 2.0" in text


def test_a_failed_assignment_is_counted() -> None:
    metrics = Metrics(CollectorRegistry())
    app = faust.App("sensing", broker="memory://", web_enabled=False)
    app.sensors.add(RuntimeSensor(metrics))
    state = app.sensors.on_assignment_start(app.assignor)
    app.sensors.on_assignment_error(app.assignor, state, ValueError("no"))
    assert "bashgah_assignment_errors_total 1.0" in metrics.exposition().decode()
