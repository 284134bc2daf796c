"""What the three pages answer, over HTTP."""

import asyncio
import json
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import load
from bashgah.serving.worker_pages import WorkerPages
from monitoring.health import LaneState, WorkerHealth
from monitoring.metrics import Metrics


def get(port: int, path: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def test_the_pages_follow_what_the_worker_says_of_itself() -> None:
    async def scenario() -> None:
        health, metrics = WorkerHealth(), Metrics(CollectorRegistry())
        server = WorkerPages(load({}, http_port=0), health, metrics)
        await server.start()
        try:
            assert (await asyncio.to_thread(get, server.port, "/health/live"))[0] == 200
            assert (await asyncio.to_thread(get, server.port, "/health/ready"))[0] == 503
            health.assigned(frozenset({3}))
            health.lane(3, LaneState.OPENING)
            health.recovering(3, 120)
            status, _, body = await asyncio.to_thread(get, server.port, "/health/ready")
            assert (status, json.loads(body)["reasons"]) == (503, ["lane 3 opening, 120 records to read"])
            health.lane(3, LaneState.RUNNING)
            assert (await asyncio.to_thread(get, server.port, "/health/ready"))[0] == 200
            health.fault("lane 3 stands still")
            assert (await asyncio.to_thread(get, server.port, "/health/live"))[0] == 503
            metrics.transactions.labels("committed").inc()
            status, kind, body = await asyncio.to_thread(get, server.port, "/metrics")
            assert status == 200
            assert kind.startswith("text/plain")
            assert 'bashgah_transactions_total{outcome="committed"} 1.0' in body
            assert (await asyncio.to_thread(get, server.port, "/table"))[0] == 404
        finally:
            await server.stop()

    asyncio.run(scenario())


def test_a_port_in_use_is_a_problem_of_the_settings() -> None:
    async def scenario() -> None:
        first = WorkerPages(load({}, http_port=0), WorkerHealth(), Metrics(CollectorRegistry()))
        await first.start()
        try:
            second = WorkerPages(load({}, http_port=first.port), WorkerHealth(), Metrics(CollectorRegistry()))
            with pytest.raises(ClubError, match="cannot listen") as caught:
                await second.start()
            assert caught.value.code is ExitCode.BAD_SETTING
        finally:
            await first.stop()

    asyncio.run(scenario())
