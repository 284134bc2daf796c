"""What `bashgah web` counts of itself, and the page on which it tells it.

The page has a port of its own: what stands behind the proxy is for visitors, this is for Prometheus.
"""

import math
import time
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from agents.process.settings import Settings
from bashgah.serving.connections import Connections
from bashgah.serving.limits import of_metrics
from bashgah.serving.listening import Listener
from bashgah.serving.problems import PROBLEM
from bashgah.serving.refusing import refusals
from bashgah.web.boards import BoardFollower
from bashgah.web.stream import Hub
from monitoring.metrics import CONTENT_TYPE, WebMetrics

_STREAM = "stream"
_PORT = "BASHGAH_WEB_METRICS_PORT"


def meter(metrics: WebMetrics) -> Middleware:
    """The outermost middleware: it sees every answer as it goes out."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        response = await handler(request)
        route = _route(request)
        metrics.web_requests.labels(route, f"{response.status // 100}xx").inc()
        if route != _STREAM or response.status != HTTPStatus.OK:
            metrics.web_request_seconds.labels(route).observe(time.perf_counter() - began)
        problem = response.get(PROBLEM)
        if problem is not None:
            metrics.web_problems.labels(problem).inc()
        return response

    return count


def _route(request: web.Request) -> str:
    """Never the path, which may name a member."""
    found = request.match_info
    if found.http_exception is not None:
        return "unknown"
    return found.route.name or "page"


def watch(metrics: WebMetrics, hub: Hub, boards: BoardFollower, connections: Connections) -> None:
    """Let the gauges tell of these whenever they are asked."""

    def oldest() -> float:
        as_of = boards.oldest
        return math.nan if as_of is None else datetime.fromisoformat(as_of).timestamp()

    metrics.web_streams.set_function(lambda: len(hub))
    metrics.http_connections.set_function(lambda: len(connections))
    metrics.web_board_time.set_function(oldest)


class MetricsServer:
    """Serves `/metrics` from `start` to `stop`. `port` is the one it listens on, also when 0 was asked for."""

    def __init__(self, metrics: WebMetrics, settings: Settings) -> None:
        self.port = 0
        self._metrics = metrics
        self._settings = settings
        pages = web.Application(middlewares=[refusals])
        pages.router.add_get("/metrics", self._exposition)
        self._listener = Listener(pages, of_metrics(settings), metrics.http_cuts, frozenset({"/metrics"}))

    async def start(self) -> None:
        """Listen; raises `ClubError` when that cannot be."""
        settings = self._settings
        self.port = await self._listener.start(settings.web_host, settings.web_metrics_port, _PORT)

    async def stop(self) -> None:
        """Stop listening; safe without `start`."""
        await self._listener.stop()

    async def _exposition(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})
