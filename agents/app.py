"""The Faust application: which transport, which agents, which services. Nothing is decided here.

Faust runs the consumer group, the assignment of partitions, the agents and the timers. State, transactions and the
order of events are the lanes' (`agents.lanes`), which hear of assignments through Faust's signals.
"""

from typing import Any

import faust
from faust.app.base import BootStrategy
from faust.transport import drivers
from yarl import URL

from agents.broker.interface import Broker
from agents.broker.security import Security
from agents.inputs import declare_inputs
from agents.settings import Settings
from agents.transport.delivery import Lanes
from monitoring.metrics import Metrics
from monitoring.sensor import RuntimeSensor

drivers.TRANSPORTS.aliases["kafka-batch"] = "agents.transport.batch:BatchTransport"
drivers.TRANSPORTS.aliases["embedded"] = "agents.transport.embedded:EmbeddedTransport"

_DAY_S = 86_400.0
_AGENT_BUFFER_RUNS = 4_096


class _WithoutProducer(BootStrategy):
    """Faust's own producer is never used; a connection less."""

    enable_kafka_producer = False


class ClubApp(faust.App):
    """A Faust app that knows the broker and the lanes, where its transport and its agents look for them."""

    BootStrategy = _WithoutProducer
    broker: Broker
    lanes: Lanes


def faust_app(settings: Settings, broker: Broker, lanes: Lanes, metrics: Metrics) -> ClubApp:
    """The app of one worker, ready to start."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)  # Faust makes one level only
    app = ClubApp(settings.app_id, **_faust_settings(settings))
    app.broker, app.lanes = broker, lanes
    app.sensors.add(RuntimeSensor(metrics))
    declare_inputs(app)
    return app


def transport_urls(broker_url: str) -> list[URL]:
    """The broker's address as Faust wants it, under the scheme of our transport."""
    if broker_url.startswith("kafka://"):
        return [URL(f"kafka-batch://{server}") for server in broker_url.removeprefix("kafka://").split(",")]
    return [URL("embedded://local")]  # which directory is known to the broker that the process opened


def _faust_settings(settings: Settings) -> dict[str, Any]:
    """Faust's settings. Each that differs from the default has its reason in docs/ARCHITECTURE.md."""
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
