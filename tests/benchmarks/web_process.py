"""`bashgah web` as a process that a benchmark starts, and many viewers of its event streams in another one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from typing import Any

from tests.benchmarks.results import ROOT
from tests.benchmarks.site import Site
from tests.integration.processes import COMMAND, environment
from tests.kafka.broker import free_port

START_S_MAX = 60.0
_STOP_S_MAX = 20.0


class WebProcess:
    """One web server on the site's broker, ready for viewers; a context manager."""

    def __init__(self, site: Site, name: str) -> None:
        self.port = free_port()
        self.log = site.folder / f"{name}-web.log"
        settings = environment(
            broker_url=f"kafka://{site.bootstrap}", app_id=name, web_port=self.port, log_level="warning"
        )
        with self.log.open("wb") as log:
            self._process = subprocess.Popen([*COMMAND, "web"], cwd=ROOT, env=settings, stdout=log, stderr=log)
        self.pid = self._process.pid

    def __enter__(self) -> WebProcess:
        deadline = time.monotonic() + START_S_MAX
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError(f"the web server is not ready:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        _end(self._process)

    def address(self, festival: str, category: str, top: int) -> str:
        """The event stream of a board."""
        return f"http://127.0.0.1:{self.port}{path(festival, category, top)}"

    def _ready(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2) as got:
            return bool(got.status == 200)
        return False


class Viewers:
    """Another process that holds so many streams open and reads them; a context manager, entered once all are open."""

    def __init__(self, web: WebProcess, count: int, festival: str, category: str, top: int) -> None:
        self.count = count
        self.told: dict[str, Any] = {}
        command = [sys.executable, "-m", "tests.benchmarks.viewers", str(web.port), str(count)]
        self._process = subprocess.Popen(
            [*command, path(festival, category, top)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.pid = self._process.pid

    def __enter__(self) -> Viewers:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line.strip() != b"open":
            self.__exit__()
            raise AssertionError(f"the viewers are not there: {line!r}")
        return self

    def finish(self) -> dict[str, Any]:
        """Let all go; what they saw. Raises AssertionError unless each was open to the end and read boards."""
        said, _ = self._process.communicate(timeout=60)
        self.told = json.loads(said)
        assert self.told["open"] == self.told["reading"] == self.count, self.told
        return self.told

    def __exit__(self, *_: object) -> None:
        _end(self._process)


def path(festival: str, category: str, top: int) -> str:
    """The path of a board's event stream."""
    return f"/api/v1/stream?festival={festival}&category={category}&top={top}"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
