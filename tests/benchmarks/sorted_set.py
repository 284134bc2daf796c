"""A Redis of our own for one benchmark, and as little of a client as pipelines need.

The client speaks the protocol by itself: it spends less on a command than a general one, to Redis's advantage.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_S_MAX = 10.0


@contextmanager
def redis() -> Iterator[Redis]:
    """Debian's redis-server on a socket in a folder of its own, which writes nothing to disk; gone at the end."""
    server = shutil.which("redis-server")
    assert server, "redis-server is missing: apt-get install redis-server, then systemctl disable --now redis-server"
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    command = [server, "--port", "0", "--unixsocket", str(folder / "socket"), "--save", "", "--appendonly", "no",
               "--dir", str(folder)]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield Redis(_connected(folder / "socket", process), process.pid)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def _connected(path: Path, process: subprocess.Popen[bytes]) -> socket.socket:
    deadline = time.monotonic() + START_S_MAX
    while True:
        try:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(path))
            return connection
        except OSError:
            assert process.poll() is None, "redis-server ended"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.05)


class Redis:
    """A connection to the server with process id `pid`."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.pid = pid
        self._send = connection.sendall
        self._replies = connection.makefile("rb", buffering=1 << 16)

    def ask(self, *words: bytes) -> Any:
        """One command, one round trip."""
        self._send(command(*words))
        return self._reply()

    def pipeline(self, commands: Sequence[bytes]) -> list[Any]:
        """Many commands in one round trip."""
        self._send(b"".join(commands))
        reply = self._reply
        return [reply() for _ in commands]

    def _reply(self) -> Any:
        line = self._replies.readline()
        kind = line[:1]
        if kind == b"$":
            length = int(line[1:])
            return None if length < 0 else self._replies.read(length + 2)[:-2]
        if kind == b":":
            return int(line[1:])
        if kind == b"*":
            return [self._reply() for _ in range(int(line[1:]))]
        assert kind == b"+", line
        return line[1:-2]


def command(*words: bytes) -> bytes:
    """A command as it is sent."""
    return b"*%d\r\n" % len(words) + b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in words])
