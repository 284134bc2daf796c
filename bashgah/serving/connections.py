"""The connections of a server: how many there may be, and which are closed because they take too long.

aiohttp waits for a request for ever and accepts whatever comes. Here each connection is watched: it is **waiting** for
a request (nothing has come, or half of one), or **busy** with one. Whoever keeps a connection waiting, leaves a body
half sent or takes nothing of an answer for longer than the `ConnectionLimits` say is cut off. Where all places are
taken, the one that has waited longest makes room for the next: a thousand connections that say nothing keep nobody out.
"""

import asyncio
from collections import Counter
from enum import StrEnum

import prometheus_client
from aiohttp import web

from bashgah.serving.limits import ConnectionLimits
from bashgah.serving.problems import Refusal, RefusalCode
from bashgah.serving.sources import source_of

_LOOKS_EACH_S = 1.0
_LINGERING_S = 2.0
"""How long the rest of a body that nobody reads is waited for after its answer."""

_TAKEN_BYTES_MIN = 16 << 10
"""Whoever takes so much of an answer within `ConnectionLimits.write_s` is slow, and is waited for."""

_HEADERS_END = b"\r\n\r\n"

_NEVER_S = 86_400.0
"""For how long aiohttp itself keeps a connection that nothing comes on; `Connection.overdue` decides that."""

_HEADERS = {"Server": "bashgah", "X-Content-Type-Options": "nosniff"}
"""On every answer: without the first, aiohttp says its name and version."""


class Cut(StrEnum):
    """Why a connection was cut off or not taken."""

    HEADER = "header"
    BODY = "body"
    IDLE = "idle"
    WRITE = "write"
    ROOM = "room"
    """Another one needed its place, or there was none."""


class Connection(web.RequestHandler):
    """One connection, from being accepted to being closed; all instants are of the loop's clock."""

    def __init__(self, book: "Connections", address: str, server: web.Server) -> None:
        limits = book.limits
        super().__init__(
            server, loop=asyncio.get_running_loop(), access_log=None,  # type: ignore[arg-type]  # None: no such log
            keepalive_timeout=_NEVER_S, lingering_time=min(_LINGERING_S, limits.body_s),
        )  # fmt: skip
        self.address = address
        self.wire: asyncio.Transport | None = None
        self.request: web.BaseRequest | None = None
        self._book = book
        self._requests = 0
        self._since = self._loop.time()
        self._heard: float | None = None
        self._tail = b""
        self._stalled: float | None = None
        """Since when the other end has taken next to nothing of what there was to take, `_left` bytes then."""
        self._left = 0
        self._is_cut = False

    # -- what asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)
        self.wire = transport
        super().connection_made(transport)
        if self._is_cut:  # before it was open
            transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """It is closed."""
        self._book.left(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        if self.request is None and self._heard is None:
            self._heard = self._loop.time()
        self._tail = (self._tail + data[-4:])[-4:]
        super().data_received(data)

    def pause_writing(self) -> None:
        """The other end takes less than is written."""
        self._stalls(self._loop.time())
        self._book.rests(self)
        super().pause_writing()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self._stalled = None
        if self.request is not None:
            self._book.works(self)
        super().resume_writing()

    # -- what aiohttp tells

    def begun(self, request: web.BaseRequest) -> None:
        """A request has come whole, but for its body."""
        self.request = request
        self._requests += 1
        self._since = self._loop.time()
        self._book.works(self)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; afterwards the next request is waited for."""
        if isinstance(resp, web.HTTPExpectationFailed):  # decided before any middleware
            resp = Refusal(RefusalCode.BAD_REQUEST, "Expect").response()
        if not resp.prepared:
            resp.headers.update(_HEADERS)
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self.request = None
            self._since = self._loop.time()
            # Behind a request without a body comes nothing, or the next one: half of it has no longer than a first one.
            self._heard = self._since if not request.body_exists and self._tail != _HEADERS_END else None
            self._book.rests(self)

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """What is no HTTP is answered without a line in the log, since anybody can send it; then it is closed."""
        broken = status == web.HTTPBadRequest.status_code
        if not broken:
            self.logger.error("a request failed outside of its handler", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has been begun, there cannot be another")
        response = Refusal(RefusalCode.BAD_REQUEST if broken else RefusalCode.FAULT, "request").response()
        response.force_close()
        return response

    # -- what the book asks

    def overdue(self, now: float) -> Cut | None:
        """Why it is to be cut off now, if it is."""
        limits = self._book.limits
        if self.wire is not None and self._stalled is None and self.wire.is_closing():
            self._stalls(now)  # what is left to send waits for the other end
        if self.wire is not None and self._stalled is not None:
            if self._left - self.wire.get_write_buffer_size() >= _TAKEN_BYTES_MIN:
                self._stalls(now)
            return Cut.WRITE if now - self._stalled > limits.write_s else None
        if self.request is not None:
            late = now - self._since > limits.body_s and not self.request.content.is_eof()
            return Cut.BODY if late else None
        if self._heard is not None or not self._requests:
            return Cut.HEADER if now - (self._heard or self._since) > limits.header_s else None
        return Cut.IDLE if now - self._since > limits.idle_s else None

    def cut(self) -> None:
        """Close it at once, whatever is left to send; where it is not open yet, as soon as it is."""
        self._is_cut = True
        if self.wire is not None:
            self.wire.abort()

    def _stalls(self, now: float) -> None:
        self._stalled = now
        self._left = 0 if self.wire is None else self.wire.get_write_buffer_size()


class Connections:
    """All connections of one server. `cuts` counts, by `Cut`, those that were cut off or not taken."""

    def __init__(self, limits: ConnectionLimits, cuts: prometheus_client.Counter) -> None:
        self.limits = limits
        self._cuts = cuts
        self._open: set[Connection] = set()
        self._by_address: Counter[str] = Counter()
        self._resting: dict[str, dict[Connection, None]] = {}
        """By address, those that may make room, the one that has rested longest first."""
        self._order: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, address: str, server: web.Server) -> Connection | None:
        """A place for a connection from an address; None where there is none. IPv6 counts by networks of /64."""
        limits, address = self.limits, source_of(address)
        if limits.per_address is not None and self._by_address[address] >= limits.per_address:
            room = self._make_room(self._resting.get(address, {}))
        else:
            room = len(self._open) < limits.connections or self._make_room(self._order)
        if not room:
            self._cuts.labels(Cut.ROOM).inc()
            return None
        connection = Connection(self, address, server)
        self._open.add(connection)
        self._by_address[address] += 1
        self.rests(connection)
        return connection

    def free(self) -> None:
        """The system has no file left: cut off the one that has rested longest."""
        self._make_room(self._order)

    def left(self, connection: Connection) -> None:
        """A connection is gone; safe for one that went before."""
        if connection in self._open:
            self._open.discard(connection)
            self.works(connection)
            self._by_address[connection.address] -= 1
            if not self._by_address[connection.address]:
                del self._by_address[connection.address]

    def rests(self, connection: Connection) -> None:
        """It waits, for a request or for the other end, and may make room."""
        if connection in self._open:
            self._order[connection] = None
            self._resting.setdefault(connection.address, {})[connection] = None

    def works(self, connection: Connection) -> None:
        """It is busy, or gone."""
        self._order.pop(connection, None)
        found = self._resting.get(connection.address, {})
        found.pop(connection, None)
        if not found:
            self._resting.pop(connection.address, None)

    def full(self, connection: Connection) -> bool:
        """Whether so many are busy, in all or from its address, that only questions for health are answered."""
        limits, address = self.limits, connection.address
        if len(self._open) - len(self._order) > limits.requests:
            return True
        busy_there = self._by_address[address] - len(self._resting.get(address, {}))
        return limits.requests_per_address is not None and busy_there > limits.requests_per_address

    async def watch(self) -> None:
        """Cut off whoever takes too long; ends by being cancelled."""
        limits = self.limits
        shortest = min(limits.header_s, limits.body_s, limits.idle_s, limits.write_s)
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(_LOOKS_EACH_S, shortest / 2))
            now = loop.time()
            for connection in list(self._open):
                reason = connection.overdue(now)
                if reason is not None:
                    self._cuts.labels(reason).inc()
                    connection.cut()

    def _make_room(self, resting: dict[Connection, None]) -> bool:
        """Cut off the first of these; whether there was one."""
        for connection in resting:
            self._cuts.labels(Cut.ROOM).inc()
            connection.cut()
            self.left(connection)
            return True
        return False
