"""`/health/live`, `/health/ready` and `/metrics` of a worker, and what it tells `bashgah web` alone.

A server of its own rather than Faust's: that one starts only after recovery, when `ready` must already be answered,
and brings pages for tables that the lanes do not have.
"""

from aiohttp import web

from agents.process.settings import Settings
from agents.queries.http import Internal
from agents.serving.limits import of_worker
from agents.serving.listening import Listener
from agents.serving.refusing import refusals
from monitoring.health import ProbeAnswer, WorkerHealth
from monitoring.metrics import CONTENT_TYPE, Metrics

_ALWAYS = frozenset({"/health/live", "/health/ready", "/metrics"})


class HealthServer:
    """Serves the three pages from `start` to `stop`. `port` is the one it listens on, also when 0 was asked for."""

    def __init__(
        self, health: WorkerHealth, metrics: Metrics, settings: Settings, internal: Internal | None = None
    ) -> None:
        self.port = 0
        self._settings = settings
        self._health = health
        self._metrics = metrics
        pages = web.Application(middlewares=[refusals])
        pages.router.add_get("/health/live", self._live)
        pages.router.add_get("/health/ready", self._ready)
        pages.router.add_get("/metrics", self._exposition)
        if internal is not None:
            internal.add_to(pages)
        self._listener = Listener(pages, of_worker(settings), metrics.http_cuts, _ALWAYS)
        metrics.http_connections.set_function(lambda: len(self._listener.connections))

    async def start(self) -> None:
        """Listen; raises `Problem` when the address is taken or not this machine's."""
        settings = self._settings
        self.port = await self._listener.start(settings.http_host, settings.http_port, "BASHGAH_HTTP_PORT")

    async def stop(self) -> None:
        """Stop listening; safe without `start`."""
        await self._listener.stop()

    async def _live(self, _: web.Request) -> web.Response:
        return _answer(self._health.live())

    async def _ready(self, _: web.Request) -> web.Response:
        return _answer(self._health.ready())

    async def _exposition(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})


def _answer(verdict: ProbeAnswer) -> web.Response:
    return web.json_response({"ok": verdict.ok, "reasons": verdict.reasons}, status=200 if verdict.ok else 503)
