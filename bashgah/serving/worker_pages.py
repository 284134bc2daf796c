"""`/health/live`, `/health/ready` and `/metrics` of a worker, and what it tells `bashgah web` alone.

A server of its own rather than Faust's: that one starts only after recovery, when `ready` must already be answered,
and brings pages for tables that the lanes do not have.
"""

import logging
from collections.abc import Callable, Mapping

from aiohttp import web

from agents.lanes.lane import Lane
from agents.process.settings import Settings
from bashgah.serving.internal import Internal
from bashgah.serving.limits import of_worker
from bashgah.serving.listening import Listener
from bashgah.serving.ranks import LaneRanks
from bashgah.serving.refusing import refusals
from monitoring.health import ProbeAnswer, WorkerHealth
from monitoring.metrics import CONTENT_TYPE, Metrics

log = logging.getLogger(__name__)

_ALWAYS = frozenset({"/health/live", "/health/ready", "/metrics"})


class WorkerPages:
    """Serves the three pages from `start` to `stop`. `port` is the one it listens on, also when 0 was asked for.

    The internal pages are there too where the settings have their secret; they answer for the lanes that `lanes` gives.
    """

    def __init__(
        self, settings: Settings, health: WorkerHealth, metrics: Metrics, lanes: Callable[[], Mapping[int, Lane]] = dict
    ) -> None:
        self.port = 0
        self._settings = settings
        self._health = health
        self._metrics = metrics
        pages = web.Application(middlewares=[refusals])
        pages.router.add_get("/health/live", self._live)
        pages.router.add_get("/health/ready", self._ready)
        pages.router.add_get("/metrics", self._exposition)
        secret = settings.internal_secret
        if secret is not None:
            Internal(LaneRanks(lanes), secret.get_secret_value()).add_to(pages)
        self._listener = Listener(pages, of_worker(settings), metrics.http_cuts, _ALWAYS)
        metrics.http_connections.set_function(lambda: len(self._listener.connections))

    async def start(self) -> None:
        """Listen; raises `ClubError` when the address is taken or not this machine's."""
        settings = self._settings
        self.port = await self._listener.start(settings.http_host, settings.http_port, "BASHGAH_HTTP_PORT")
        log.info("health and metrics at http://%s:%s", settings.http_host, self.port)

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
