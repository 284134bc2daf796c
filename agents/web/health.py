"""`/health/live`, `/health/ready` and `/metrics` of a worker, and what it tells `bashgah web` alone.

A server of its own rather than Faust's: that one starts only after recovery, when `ready` must already be answered,
and brings pages for tables that the lanes do not have.
"""

from aiohttp import web

from agents.web.internal import Internal
from agents.web.listening import listen
from monitoring.health import Health, Verdict
from monitoring.metrics import CONTENT_TYPE, Metrics


class HealthServer:
    """Serves the three pages from `start` to `stop`. `port` is the one it listens on, also when 0 was asked for."""

    def __init__(self, health: Health, metrics: Metrics, internal: Internal | None = None) -> None:
        self.port = 0
        self._health = health
        self._metrics = metrics
        pages = web.Application()
        pages.router.add_get("/health/live", self._live)
        pages.router.add_get("/health/ready", self._ready)
        pages.router.add_get("/metrics", self._exposition)
        if internal is not None:
            internal.add_to(pages)
        self._runner = web.AppRunner(pages, access_log=None, handle_signals=False)

    async def start(self, host: str, port: int) -> None:
        """Listen; raises `Problem` when the address is taken or not this machine's."""
        self.port = await listen(self._runner, host, port, "BASHGAH_HTTP_PORT")

    async def stop(self) -> None:
        """Stop listening; safe without `start`."""
        await self._runner.cleanup()

    async def _live(self, _: web.Request) -> web.Response:
        return _answer(self._health.live())

    async def _ready(self, _: web.Request) -> web.Response:
        return _answer(self._health.ready())

    async def _exposition(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})


def _answer(verdict: Verdict) -> web.Response:
    return web.json_response({"ok": verdict.ok, "reasons": verdict.reasons}, status=200 if verdict.ok else 503)
