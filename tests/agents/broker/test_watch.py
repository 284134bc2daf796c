"""A broker that is away is said at once, once a minute, and when it is back; readiness hears of it at each question."""

import asyncio
import logging
from pathlib import Path

import pytest

from agents.app import create_app
from agents.broker.errors import Unreachable
from agents.broker.watch import BrokerWatch
from agents.process.exit_codes import ClubError
from agents.process.settings import load
from agents.worker import running
from bashgah.admin.provision import TopicPlan
from bashgah.brokers import open_broker
from bashgah.embedded import transport
from bashgah.embedded.broker import EmbeddedBroker, Instances
from bashgah.serving.worker_pages import WorkerPages
from monitoring.health import WorkerHealth
from tests.integration.club import PROGRAMME, prepare


class Away(EmbeddedBroker):
    """A broker that answers as long as `reason` is empty."""

    reason = ""

    async def ping(self) -> None:
        if self.reason:
            raise Unreachable("10.0.0.1:9092", self.reason, "start it")


def test_the_log_says_it_at_once_then_once_a_minute_then_that_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    broker, told = Away(Instances.memory("watched").log), list[str | None]()
    now = 1_000.0
    watch = BrokerWatch(broker, told.append, lambda: now)

    def said() -> list[str]:
        lines = [f"{record.levelname} {record.getMessage()}" for record in caplog.records]
        caplog.clear()
        return lines

    with caplog.at_level(logging.INFO):
        asyncio.run(watch.look())
        assert (said(), told) == ([], []), "a broker that answers is not worth a line"
        broker.reason = "nobody listens there"
        asyncio.run(watch.look())
        [first] = said()
        assert first.startswith("ERROR the broker is away")
        assert "10.0.0.1:9092: nobody listens there; start it" in first
        for _ in range(11):
            now += 5.0
            asyncio.run(watch.look())
        assert said() == []
        now += 5.0
        asyncio.run(watch.look())
        assert [line.partition(":")[0] for line in said()] == ["ERROR the broker is away for 60 s now"]
        broker.reason = ""
        now += 5.0
        asyncio.run(watch.look())
        assert said() == ["WARNING the broker answers again; it was away for 65 s"]
        assert told[-1] is None
        asyncio.run(watch.look())
        assert said() == []


def test_a_worker_is_not_ready_while_the_broker_does_not_answer_and_lives() -> None:
    health = WorkerHealth()
    health.assigned(frozenset())
    broker = Away(Instances.memory("not ready").log)
    watch = BrokerWatch(broker, health.broker)
    broker.reason = "nobody listens there"
    asyncio.run(watch.look())
    assert health.ready() == (False, ("the broker is away: 10.0.0.1:9092: nobody listens there",))
    assert health.live().ok
    broker.reason = "it hangs"
    asyncio.run(watch.look())
    assert health.ready().reasons == ("the broker is away: 10.0.0.1:9092: it hangs",)
    broker.reason = ""
    asyncio.run(watch.look())
    assert health.ready().ok


def test_the_worker_watches(tmp_path: Path) -> None:
    url = "embedded://#watching"

    async def scenario() -> None:
        broker = open_broker(url)
        await prepare(broker, TopicPlan(1, 1, 1), PROGRAMME.read_text(encoding="utf-8"), "bashgah")
        settings = load({}, broker_url=url, data_dir=tmp_path, http_port=0)
        transport.register()
        app = create_app(settings, broker, _fail)
        app.broker = Away(Instances.memory("watching").log)
        app.broker.reason = "nobody listens there"
        async with running(app, settings, WorkerPages):
            await asyncio.sleep(0)
            assert "the broker is away: 10.0.0.1:9092: nobody listens there" in app.health.ready().reasons
            assert app.health.live().ok

    asyncio.run(scenario())


def _fail(problem: ClubError) -> None:
    raise AssertionError(problem)
