"""Serving an application on an address, within limits: every server here listens this way."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import Counter

from agents.process.exit_codes import ClubError, ExitCode
from bashgah.serving.connections import Connection, Connections
from bashgah.serving.limits import ConnectionLimits
from bashgah.serving.problems import Refusal, RefusalCode

log = logging.getLogger(__name__)

_BACKLOG = 512
_NO_FILE_PAUSE_S = 0.1
_RETRY_AFTER_S = 5
_SHUTDOWN_S = 1.0


class Listener:
    """Serves from `start` to `stop`; `port` is the one it listens on, also when 0 was asked for.

    `always`: paths that are answered however many connections are busy. `cuts` counts by
    `bashgah.serving.connections.Cut`.
    """

    def __init__(
        self, application: web.Application, limits: ConnectionLimits, cuts: Counter, always: frozenset[str]
    ) -> None:
        self.port = 0
        self.connections = Connections(limits, cuts)
        self._always = always
        application.middlewares.insert(0, self._admit)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=_SHUTDOWN_S)
        self._sockets: list[socket.socket] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, host: str, port: int, variable: str) -> int:
        """Listen; the port. `variable` is the setting that names it.

        Raises `ClubError` when the address is taken or not this machine's; nothing listens then.
        """
        await self._runner.setup()
        try:
            self._sockets = await _bound(host, port)
        except OSError as error:
            await self._runner.cleanup()
            raise ClubError(
                variable,
                f"cannot listen on {host}:{port} ({error.strerror})",
                "stop what listens there, or set another port (0: any free one)",
                ExitCode.BAD_SETTING,
            ) from None
        self._tasks = [asyncio.create_task(self._accept(each), name="accept") for each in self._sockets]
        self._tasks.append(asyncio.create_task(self.connections.watch(), name="watch connections"))
        self.port = self._sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        """Stop listening, end what is under way; safe without `start`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for each in self._sockets:
            each.close()
        await self._runner.cleanup()

    async def _accept(self, listening: socket.socket) -> None:
        """Take connections, one each turn of the loop, so that those that made room are gone before the next comes.

        Not by asyncio's own server: without a file left, that one writes a line for each of a hundred tries, each of
        which tries a hundred times again.
        """
        loop = asyncio.get_running_loop()
        opening: set[asyncio.Task[None]] = set()
        while True:
            try:
                taken, peer = await loop.sock_accept(listening)
            except ConnectionError:
                continue  # it went before it was taken
            except OSError as error:
                log.warning("no file is left for another connection (%s): raise `ulimit -n`", error.strerror)
                self.connections.free()
                await asyncio.sleep(_NO_FILE_PAUSE_S)
                continue
            task = asyncio.create_task(self._open(taken, str(peer[0])))
            opening.add(task)
            task.add_done_callback(opening.discard)
            await asyncio.sleep(0)

    async def _open(self, taken: socket.socket, address: str) -> None:
        server = self._runner.server
        connection = self.connections.enter(address, server) if server is not None else None
        if connection is None:
            taken.close()
            return
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, taken)
        except OSError:
            self.connections.left(connection)
            taken.close()

    @web.middleware
    async def _admit(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Goes before all other middlewares: notes that a request has come, and refuses it where too many are busy."""
        connection = request.protocol
        assert isinstance(connection, Connection), "every connection is accepted here"
        connection.begun(request)
        if request.path not in self._always and self.connections.full(connection):
            response = Refusal(RefusalCode.TOO_BUSY, "connections", retry_after_s=_RETRY_AFTER_S).response()
            response.force_close()
            return response
        return await handler(request)


async def _bound(host: str, port: int) -> list[socket.socket]:
    """Listening sockets, one for each address of the host. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((each[0], each[4]) for each in found):
            bound.append(socket.create_server(address[:2], family=family, backlog=_BACKLOG))
            bound[-1].setblocking(False)
    except OSError:
        for each in bound:
            each.close()
        raise
    return bound
