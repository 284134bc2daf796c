"""So many event streams in one process, read and thrown away: `live` starts it, and closes its input to end it.

    python -m tests.benchmarks.viewers PORT COUNT PATH

Prints `open` once every stream has been answered, and at the end, as JSON, how many are still open, how many have been
told a board, and how much was read. Connections come from several of this machine's addresses, since a server bounds
the streams and the requests of each.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence

PER_ADDRESS = 100
_BUFFER = bytearray(1 << 18)
_OPEN_S_MAX = 60.0
_BOARD = b"event: board"


class Stream(asyncio.BufferedProtocol):
    """One viewer. All share a buffer: what was read is looked at before the next one reads."""

    read = 0

    def __init__(self, request: bytes, answered: asyncio.Future[None]) -> None:
        self.request = request
        self.answered = answered
        self.told = False
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(self.request)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where to read."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Count it, and look for what is expected once."""
        Stream.read += nbytes
        if not self.answered.done():
            head = bytes(_BUFFER[:nbytes])
            if head.startswith(b"HTTP/1.1 200 "):
                self.answered.set_result(None)
            else:
                self.answered.set_exception(ConnectionError(head[:200].decode("latin-1")))
        if not self.told:
            self.told = _BUFFER.find(_BOARD, 0, nbytes) >= 0

    def connection_lost(self, exc: Exception | None) -> None:
        """Too early, unless we let go."""
        self.lost = True
        if not self.answered.done():
            self.answered.set_exception(exc or ConnectionError("closed without an answer"))


async def watch(port: int, count: int, path: str) -> None:
    """Open all, read until the input ends, and say what was seen."""
    loop = asyncio.get_running_loop()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n".encode()
    streams = [Stream(request, loop.create_future()) for _ in range(count)]
    async with asyncio.timeout(_OPEN_S_MAX):
        for number, stream in enumerate(streams):
            own = f"127.0.1.{1 + number // PER_ADDRESS}"
            await loop.create_connection(lambda: stream, "127.0.0.1", port, local_addr=(own, 0))  # noqa: B023
            await stream.answered
    print("open", flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    seen = {
        "open": sum(not each.lost for each in streams),
        "reading": sum(each.told for each in streams),
        "bytes": Stream.read,
    }
    print(json.dumps(seen), flush=True)


def main(arguments: Sequence[str]) -> None:
    """Run from the command line."""
    port, count, path = arguments
    asyncio.run(watch(int(port), int(count), path))


if __name__ == "__main__":
    main(sys.argv[1:])
