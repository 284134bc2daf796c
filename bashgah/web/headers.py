"""What every answer carries, whatever it is: headers that keep browsers from doing what no page of ours needs."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from agents.process.clock import Clock
from engine.calendar import iso

_POLICY = "; ".join([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
])  # fmt: skip
"""Scripts and styles from our own files only: text that a member chose, as an alias, never becomes either."""

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Server": "bashgah",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match, Last-Event-ID",
    "Access-Control-Max-Age": "600",
}
NOW = "Bashgah-Now"
"""The club's clock at the answer: of a replay or a demonstration it is not that of the header Date."""

_EXPOSED = f"ETag, Retry-After, {NOW}"


def on_prepare(origins: str | None, clock: Clock) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """What aiohttp calls before it sends an answer.

    `origins`: other sites that may read, separated by commas; `clock` is the club's.
    """
    allowed = frozenset(origins.split(",") if origins else ())

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS)
        response.headers[NOW] = iso(clock())
        if allowed:
            response.headers.add("Vary", "Origin")
        origin = request.headers.get("Origin")
        if origin in allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    return add


async def preflight(request: web.Request) -> web.Response:
    """The answer to a browser that asks whether it may ask; without the header above it may not."""
    return web.Response(status=204, headers=_PREFLIGHT)
