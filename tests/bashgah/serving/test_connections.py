"""Connections that say nothing, half a header, half a body, or take nothing: real sockets against a real process.

Times are settings made small. Tests wait for what must happen, never for a while to pass.
"""

import asyncio
import http.client
import json
import logging
import select
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter

from agents.process.settings import load
from bashgah.serving.connections import Connection, Connections, Cut
from bashgah.serving.limits import ConnectionLimits, of_web, of_worker
from monitoring.declared import HTTP_CUTS
from monitoring.logs import Sparing
from tests.bashgah.web.asking import SECRET, keys_in
from tests.integration.processes import ROOT, environment

HERE = "127.0.0.1"
FILES = 300
PATIENCE_S = 30.0
LONG = dict.fromkeys((f"http_{name}_timeout_ms" for name in ("header", "body", "idle", "write")), 600_000)


class Serving(NamedTuple):
    """The ports of a process, and where its log is."""

    web: int
    worker: int
    log: Path
    key: str = ""

    def ask(self, port: int, path: str = "/health/live", method: str = "GET") -> tuple[int, str]:
        """One request: status and media type."""
        connection = http.client.HTTPConnection(HERE, port, timeout=PATIENCE_S)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get_content_type()
        finally:
            connection.close()

    def cuts(self, reason: str) -> float:
        """How many connections the worker has cut off for a reason."""
        with urllib.request.urlopen(f"http://{HERE}:{self.worker}/metrics", timeout=PATIENCE_S) as answer:
            lines = answer.read().decode().splitlines()
        name = f'{HTTP_CUTS.name}{{reason="{reason}"}}'
        return sum(float(line.split()[1]) for line in lines if line.startswith(name))


@contextmanager
def serving(folder: Path, files: int = FILES, **settings: object) -> Iterator[Serving]:
    given = environment(web_port=0, http_port=0, **settings)
    log = folder / "log"
    command = [sys.executable, "-m", "tests.bashgah.web.serving", str(files)]
    with log.open("w") as said, subprocess.Popen(
        command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=said, text=True
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            ports = process.stdout.readline().split()
            assert ports, log.read_text(encoding="utf-8")
            yield Serving(*map(int, ports), log)
            assert process.poll() is None, log.read_text(encoding="utf-8")
        finally:
            process.kill()


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server that waits for ever: what is shown is shown by how many connections there may be. Of the web an address
    may have all, as behind a proxy; of the worker's pages half."""
    with serving(tmp_path_factory.mktemp("patient"), **LONG, web_proxies=1) as served:
        yield served


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server that waits for a fifth of a second, and answers as many requests as anybody likes."""
    folder = tmp_path_factory.mktemp("quick")
    key = keys_in(folder)["all"]
    more = {"web_keys_file": folder / "keys", "web_token_secret": SECRET, "web_requests_per_minute_max": 1_000_000}
    with serving(folder, **dict.fromkeys(LONG, 200), **more) as served:
        yield served._replace(key=key)


@contextmanager
def connections(port: int, count: int, say: bytes = b"") -> Iterator[list[socket.socket]]:
    with ExitStack() as open_until_the_end:
        made = []
        for _ in range(count):
            made.append(open_until_the_end.enter_context(socket.create_connection((HERE, port), PATIENCE_S)))
            made[-1].sendall(say)
        yield made


def closed(some: Sequence[socket.socket]) -> int:
    """How many of these the other end has closed, once one of them is."""
    ended = 0
    readable, _, _ = select.select(some, [], [], PATIENCE_S)
    for each in readable:
        try:
            ended += each.recv(65_536) == b""
        except ConnectionError:
            ended += 1
    return ended


def ends(one: socket.socket) -> bytes:
    """All that comes until the other end closes."""
    one.settimeout(PATIENCE_S)
    found = b""
    try:
        while some := one.recv(65_536):
            found += some
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize("say", [b"", b"GET /health/live HTTP/1.1\r\nHost: ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_more_connections_than_files_keep_nobody_out_and_write_no_log(say: bytes, patient: Serving) -> None:
    for port in (patient.web, patient.worker):
        with connections(port, FILES + 100, say):
            for path in ("/health/live", "/health/ready"):
                assert patient.ask(port, path)[0] in (200, 503)
            if port == patient.web:
                assert patient.ask(port, "/api/v1/festivals")[0] == 200
    assert patient.ask(patient.web)[0] == 200
    assert patient.log.stat().st_size < 10_000


def test_files_that_others_take_away_are_no_storm_in_the_log(tmp_path: Path) -> None:
    """The limit is as high as it may be and lies over what files there are: accepting fails."""
    with serving(tmp_path, files=40, http_connections_max=8, web_connections_max=20, **LONG) as served:
        with connections(served.web, 60), connections(served.worker, 60):
            assert served.ask(served.web)[0] == 200
            assert served.ask(served.worker)[0] == 200
        assert served.log.stat().st_size < 10_000


@pytest.mark.parametrize(
    ("say", "reason"),
    [
        (b"", "header"),
        (b"GET /health/live HTTP/1.1\r\nHost: x\r\nA: ", "header"),
        (b"\r\n", "header"),
        (b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", "idle"),
        (b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /hea", "header"),
    ],
    ids=["nothing", "half a header", "an empty line", "no second request", "half a second request"],
)
def test_who_keeps_a_connection_waiting_is_cut_off(say: bytes, reason: str, quick: Serving) -> None:
    before = quick.cuts(reason)
    for port in (quick.web, quick.worker):
        with connections(port, 1, say) as (one,):
            said = ends(one)
        assert said.startswith(b"HTTP/1.1") == (b"\r\n\r\n" in say)
    assert quick.cuts(reason) > before


def test_a_header_that_drips_is_not_waited_for_longer(quick: Serving) -> None:
    with connections(quick.web, 1, b"GET / HTTP/1.1\r\nX: ") as (one,):
        one.settimeout(0.02)
        for _ in range(1_000):
            try:
                one.sendall(b"a")
                assert one.recv(1) == b""
                break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("it was waited for as long as something came")


def test_half_a_body_is_not_waited_for_longer(quick: Serving) -> None:
    stream = b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"
    with connections(quick.web, 1, stream) as (one,):
        assert b"event: hello" in ends(one)
    late = f"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {quick.key}\r\nContent-Length: 50"
    with connections(quick.web, 1, late.encode() + b"\r\n\r\n{") as (one,):
        said = ends(one)
    assert said == b"" or (said.startswith(b"HTTP/1.1 408") and b'"code":"body_late"' in said)
    with connections(quick.worker, 1, b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{") as (one,):
        assert ends(one).startswith(b"HTTP/1.1 405")


def test_who_takes_nothing_of_what_was_asked_for_is_cut_off(quick: Serving) -> None:
    whole = b"GET /api/v1/festivals/autumn/boards/overall?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        one.connect((HERE, quick.web))
        one.settimeout(PATIENCE_S)
        with pytest.raises(ConnectionError):  # it is reset while more and more is asked, and nothing taken
            one.sendall(whole * 100_000)


def test_one_address_has_no_more_connections_than_the_setting_and_what_is_busy_is_not_cut_off(tmp_path: Path) -> None:
    stream = b"GET /api/v1/stream?top=0 HTTP/1.1\r\nHost: x\r\n\r\n"
    with ExitStack() as stack:
        served = stack.enter_context(serving(tmp_path, **LONG, web_connections_per_address_max=16))
        streams = stack.enter_context(connections(served.web, 14, stream))
        for each in streams:
            assert each.recv(12) == b"HTTP/1.1 200"
        with connections(served.web, 1, stream) as (refused,):
            said = ends(refused)
        assert said.startswith(b"HTTP/1.1 503")
        assert b'"code":"too_busy"' in said
        assert served.ask(served.web) == (200, "application/json")
        idle = stack.enter_context(connections(served.web, 30))
        assert closed(idle)
        assert served.ask(served.web)[0] == 200
        for each in streams:
            assert b"event:" in each.recv(65_536), "a stream was cut off for somebody else's sake"


@pytest.mark.parametrize(
    "say",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"FETCH /api/v1/festivals HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 500 + b"\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nConnection: close\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_as_a_problem_without_a_word_in_the_log(say: bytes, patient: Serving) -> None:
    before = patient.log.stat().st_size
    for port in (patient.web, patient.worker):
        with connections(port, 1, say) as (one,):
            head, _, body = ends(one).partition(b"\r\n\r\n")
        assert head.split(b" ")[1] in (b"400", b"401", b"404", b"405"), head
        assert b"application/problem+json" in head
        assert b"aiohttp" not in head
        assert {"type", "title", "status", "detail", "code"} <= json.loads(body).keys()
    assert patient.log.stat().st_size == before


def _line(message: str) -> logging.LogRecord:
    return logging.LogRecord("x", logging.WARNING, __file__, 1, message, (7,), None)


def test_of_a_kind_of_line_a_few_are_written_and_the_others_counted() -> None:
    now = 0.0
    sparing = Sparing(lambda: now)
    assert [sparing.filter(_line("full: %d")) for _ in range(100)].count(True) == 5
    assert sparing.filter(_line("another: %d")), "kinds do not stand in for one another"
    now = 61.0
    after = _line("full: %d")
    assert sparing.filter(after)
    assert after.getMessage() == "full: 7 (and 95 more like it)"


def test_limits_follow_from_the_files_that_the_process_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_files(files: int) -> Callable[..., tuple[int, int]]:
        return lambda _: (files, files)

    for files, all_of_web, of_pages in ((20, 8, 8), (300, 172, 75), (1_024, 896, 100), (16_384, 14_336, 100)):
        monkeypatch.setattr("resource.getrlimit", with_files(files))
        assert of_web(load({})).connections == all_of_web
        assert of_worker(load({})).connections == of_pages
        assert of_web(load({})).requests < all_of_web
    assert of_web(load({}, web_connections_max=50)).connections == 50
    assert of_web(load({})).per_address == 400
    assert of_web(load({}, web_proxies=1)).per_address is None, "all connections are the proxy's"
    assert of_web(load({}, web_proxies=1, web_connections_per_address_max=7)).per_address == 7


class Wire(asyncio.Transport):
    """A transport with so many bytes left to send."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left, self.aborted, self.closing = left, False, False

    def get_write_buffer_size(self) -> int:
        return self.left

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.aborted = True


def _entered(wire: Wire | None) -> Connection:
    book = Connections(
        ConnectionLimits(10, None, 10, 10, 75, 30), Counter("cuts", "", ["reason"], registry=CollectorRegistry())
    )
    connection = book.enter(HERE, web.Server(lambda request: None))  # type: ignore[arg-type, return-value]
    assert connection is not None
    connection.wire = wire
    return connection


@pytest.mark.parametrize("closing", [False, True])
async def test_who_takes_an_answer_slowly_but_steadily_is_not_cut_off(closing: bool) -> None:
    wire = Wire(3_000_000)
    connection = _entered(wire)
    wire.closing = closing
    begun = asyncio.get_running_loop().time()
    if not closing:
        connection.pause_writing()
    for second in range(400):
        wire.left = 3_000_000 - 1_000 * second
        assert connection.overdue(begun + second) is None
    for second in range(400, 420):
        wire.left -= 100
        assert connection.overdue(begun + second) is None
    assert connection.overdue(begun + 450) is Cut.WRITE, "a trickle is no taking"


async def test_a_connection_that_made_room_before_it_was_open_is_closed_when_it_opens() -> None:
    connection, wire = _entered(None), Wire(0)
    connection.cut()
    connection.connection_made(wire)
    assert wire.aborted
