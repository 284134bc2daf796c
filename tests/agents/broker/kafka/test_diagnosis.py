"""Why a broker cannot be reached: each cause has its own sentence. What listens here are real sockets and certificates;
what only a real Kafka does is in tests/kafka/test_secured.py."""

import asyncio
import errno
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.broker.errors import NotTrusted, Unreachable
from agents.broker.kafka import diagnosis
from agents.broker.kafka.diagnosis import why_unreachable
from agents.broker.security import Security
from agents.process.exit_codes import ExitCode

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def certificate(folder: Path, days: int = 2, names: str = "IP:127.0.0.1") -> Path:
    """A self-signed certificate with its key, in one PEM file; valid for so many days, which may be none any more."""
    path, key, request, more = (folder / name for name in ("broker.pem", "key.pem", "request.csr", "more.cnf"))
    more.write_text(f"subjectAltName={names}\n")
    asked = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", key, "-out", request]
    signed = ["x509", "-req", "-in", request, "-signkey", key, "-days", str(days), "-extfile", more, "-out", path]
    for command in (asked, signed):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path


@asynccontextmanager
async def listening(handler: Handler, pem: Path | None = None) -> AsyncIterator[str]:
    """A server that treats every connection so; its address."""
    context = None
    if pem is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pem)
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4)
    writer.close()


async def speaks_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if await reader.readline():
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
    writer.close()


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del writer
    await reader.read()


async def why(server: str, security: Security | None = None) -> Unreachable:
    settings = {"bootstrap_servers": server, **(security or Security()).client_settings()}
    found = await why_unreachable(settings, TimeoutError("gave up"))
    assert found.code == ExitCode.UNREACHABLE
    return found


async def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = await why(f"127.0.0.1:{free.getsockname()[1]}")
    assert (found.reason, type(found)) == ("nobody listens there", Unreachable)
    assert "start the broker" in found.remedy


async def test_a_name_without_an_address() -> None:
    found = await why("no.such.host.invalid:9092")
    assert "the name is not known" in found.reason
    assert "BASHGAH_BROKER_URL" in found.remedy


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (speaks_http, "it speaks HTTP, not Kafka"),
        (hangs_up, "it accepts connections and hangs up"),
        (says_nothing, "no answer within"),
    ],
)
async def test_something_else_listens(handler: Handler, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "LOOK_S_MAX", 1.0)
    async with listening(handler) as server:
        assert reason in (await why(server)).reason


@pytest.mark.parametrize(
    ("days", "names", "trusted", "reason", "remedy"),
    [
        (2, "IP:127.0.0.1", False, "nobody trusted here has signed its certificate", "BASHGAH_BROKER_TLS_CA_FILE"),
        (2, "DNS:elsewhere", True, "its certificate is for another name", "advertised.listeners"),
        (-1, "IP:127.0.0.1", True, "not valid now", "renew"),
    ],
)
async def test_a_certificate_that_does_not_hold(
    tmp_path: Path, days: int, names: str, trusted: bool, reason: str, remedy: str
) -> None:
    pem = certificate(tmp_path, days, names)
    async with listening(hangs_up, pem) as server:
        found = await why(server, Security(tls=True, ca_file=pem if trusted else None))
    assert isinstance(found, NotTrusted)
    assert reason in found.reason
    assert remedy in found.remedy


async def test_of_several_servers_the_one_that_answers_says_more(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        async with listening(hangs_up, certificate(tmp_path)) as server:
            found = await why(f"127.0.0.1:{free.getsockname()[1]},{server}", Security(tls=True))
    assert isinstance(found, NotTrusted)
    assert found.field == server


@pytest.mark.parametrize("name", ["agents.broker.kafka.diagnosis.create_conn", "asyncio.open_connection"])
async def test_who_has_no_connection_left_does_not_blame_the_broker(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    async def connected(*_: object, **__: object) -> Connected:
        return Connected()

    monkeypatch.setattr("agents.broker.kafka.diagnosis.create_conn", connected)
    monkeypatch.setattr(name, none_left)
    found = await why("127.0.0.1:1,127.0.0.1:2")
    assert found.reason == "too many files and connections are open"
    assert "LimitNOFILE" in found.remedy


class Connected:
    """A connection to a broker that sends its clients on."""

    async def send(self, _: object) -> "Connected":
        return self

    def close(self) -> None:
        return None

    brokers = ((1, "127.0.0.1", 3),)
