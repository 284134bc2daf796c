"""What Faust's runtime tells its sensors, as metrics. Events are counted by the lanes, which alone know their fate."""

from time import monotonic
from typing import Any

from faust import Sensor
from faust.types import AppT
from faust.types.assignor import PartitionAssignorT

from monitoring.metrics import Metrics


class RuntimeSensor(Sensor):
    """Counts and times rebalances."""

    def __init__(self, metrics: Metrics, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._metrics = metrics

    def on_rebalance_end(self, app: AppT, state: dict[str, Any]) -> None:
        """Called when the worker runs again; `state` is what `on_rebalance_start` returned."""
        self._metrics.rebalances.inc()
        self._metrics.rebalance_seconds.observe(monotonic() - state["time_start"])

    def on_assignment_error(self, assignor: PartitionAssignorT, state: dict[str, Any], exc: BaseException) -> None:
        """Called on the leader when no assignment could be made."""
        self._metrics.assignment_errors.inc()
