"""The composition root of a worker: broker, lanes, transport, agents, timers. Nothing is decided here.

Faust runs the consumer group, the assignment of partitions, the agents and the timers. State, transactions and the
order of events are the lanes' (`agents.lanes`), which hear of assignments through Faust's signals:

- `on_rebalance_complete` opens lanes. Faust awaits it without a limit, outside of the rebalance, so heartbeats go on
  however long a recovery takes, and seeks afterwards.
- `on_partitions_revoked` closes them; the group waits for it, so a partition has one owner at a time.
- `on_before_shutdown` closes them before the worker leaves the group.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import faust
from faust.app.base import BootStrategy
from faust.transport import drivers
from prometheus_client import CollectorRegistry
from yarl import URL

from agents.boards.host import CoordinatorHost
from agents.boards.options import CoordinatorOptions
from agents.broker.interface import Broker
from agents.broker.security import Security
from agents.lanes.lane_set import Fatal, LaneSet
from agents.lanes.options import LaneOptions
from agents.observers import ClubObserver, WorkerObserver
from agents.process.exit_codes import ClubError
from agents.process.settings import Settings
from agents.scoring.age_signatures import ReplayKeys
from agents.transport.delivery import Lanes
from agents.transport.inputs import declare_inputs
from monitoring.health import WorkerHealth
from monitoring.metrics import Metrics
from monitoring.sensor import RuntimeSensor
from tables.files import folder
from tables.store import RocksMemory, RocksStore

drivers.TRANSPORTS.aliases["kafka-batch"] = "agents.transport.batch:BatchTransport"

_DAY_S = 86_400.0
_AGENT_BUFFER_RUNS = 4_096
_MEASURE_INTERVAL_S = 2.0


class _WithoutProducer(BootStrategy):
    """Faust's own producer is never used; a connection less."""

    enable_kafka_producer = False


class ClubApp(faust.App):
    """A Faust app with what its transport, its agents and the worker around it need to find."""

    BootStrategy = _WithoutProducer
    broker: Broker
    lanes: Lanes
    health: WorkerHealth
    metrics: Metrics


def create_app(settings: Settings, broker: Broker, on_fatal: Callable[[ClubError], None]) -> ClubApp:
    """A worker's app with everything in it, nothing of it started. `on_fatal` hears once of what ends the process.

    Raises `ClubError` when the security settings make no sense.
    """
    metrics, health = Metrics(CollectorRegistry()), WorkerHealth()
    observer, club = WorkerObserver(metrics, health), ClubObserver(metrics, health)
    memory = RocksMemory(settings.rows_memory_mb << 20)

    def store(partition: int) -> RocksStore:
        return RocksStore(settings.data_dir / "lanes" / str(partition), memory)

    options = replace(LaneOptions.of(settings), replay_keys=ReplayKeys.read(settings.replay_keys_file))

    def coordinator(fatal: Fatal) -> CoordinatorHost:
        def copy() -> RocksStore:
            return RocksStore(settings.data_dir / "coordinator", memory)

        return CoordinatorHost(broker, lanes.follower, copy, CoordinatorOptions.of(options), fatal, club)

    lanes = LaneSet(broker, store, options, on_fatal, observer, companion=coordinator)
    app = faust_app(settings, broker, lanes)
    app.health, app.metrics = health, metrics
    app.sensors.add(RuntimeSensor(metrics))
    _bind(app, lanes, health, on_fatal)

    @app.timer(interval=_MEASURE_INTERVAL_S)  # type: ignore[untyped-decorator]
    async def measure() -> None:
        observer.measure(lanes.lanes)
        if isinstance(lanes.companion, CoordinatorHost):
            club.measure(lanes.companion.backlog)

    return app


def faust_app(settings: Settings, broker: Broker, lanes: Lanes) -> ClubApp:
    """The Faust part alone: transport, agents and settings."""
    folder(settings.data_dir)  # Faust makes one level only
    app = ClubApp(settings.app_id, **_faust_settings(settings))
    app.broker, app.lanes = broker, lanes
    declare_inputs(app)
    return app


def _bind(app: ClubApp, lanes: LaneSet, health: WorkerHealth, on_fatal: Callable[[ClubError], None]) -> None:
    """Open and close the lanes as the group assigns partitions."""

    async def opened(*_: Any, **__: Any) -> None:
        assignment = app.consumer.assignment()
        lanes.flow = app.consumer  # type: ignore[assignment]  # ours, which Faust knows by its base class only
        health.assigned(frozenset(tp.partition for tp in assignment))
        try:
            await lanes.open_all(assignment, app.consumer_generation_id)
        except ClubError as problem:
            on_fatal(problem)

    async def closed(*_: Any, **__: Any) -> None:
        health.rebalancing()
        try:
            await lanes.close_all()
        except ClubError as problem:
            on_fatal(problem)

    app.on_rebalance_complete.connect(opened, weak=False)
    app.on_partitions_revoked.connect(closed, weak=False)
    app.on_before_shutdown.connect(closed, weak=False)


def transport_urls(broker_url: str) -> list[URL]:
    """The broker's address as Faust wants it, under the scheme of our transport."""
    if broker_url.startswith("kafka://"):
        return [URL(f"kafka-batch://{server}") for server in broker_url.removeprefix("kafka://").split(",")]
    return [URL("embedded://local")]  # which directory is known to the broker that the process opened


def _faust_settings(settings: Settings) -> dict[str, Any]:
    return {
        "broker": transport_urls(settings.broker_url),
        "broker_credentials": _credentials(settings),
        "broker_session_timeout": settings.session_timeout_ms / 1000,
        "broker_heartbeat_interval": settings.heartbeat_interval_ms / 1000,
        "broker_rebalance_timeout": settings.rebalance_timeout_ms / 1000,
        "broker_request_timeout": settings.request_timeout_ms / 1000,
        "broker_max_poll_interval": _DAY_S,  # nothing is polled while lanes open, however long that takes
        "broker_commit_interval": 1.0,
        "consumer_group_instance_id": settings.static_member_id,
        "consumer_auto_offset_reset": "none",  # a lost offset must stop the worker, not skip events
        "consumer_max_fetch_size": 1 << 19,
        "datadir": settings.data_dir / "faust",
        "stream_buffer_maxsize": _AGENT_BUFFER_RUNS,
        "stream_wait_empty": False,  # what an agent still holds is read again from the watermark
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "table_standby_replicas": 1,  # not for tables: it selects the assignor that keeps partition numbers together
        "web_enabled": False,
    }


def _credentials(settings: Settings) -> Any:
    security = Security.of(settings)
    context = security.ssl_context()
    if security.sasl_mechanism:
        return faust.SASLCredentials(
            username=security.sasl_username,
            password=security.sasl_password,
            ssl_context=context,
            mechanism=str(security.sasl_mechanism),
        )
    return faust.SSLCredentials(context) if context else None
