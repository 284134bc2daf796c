"""Worker processes for tests: started, watched and ended by their own id; what they print is kept."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from agents.process.exit_codes import ExitCode
from tests.kafka.broker import free_port

ROOT = Path(__file__).resolve().parents[2]
FAULTS_MAX = 3
"""A worker that ended with a fault so often will do so again."""


class Release(NamedTuple):
    """The code that a process runs: a tree, and the module of its command line."""

    tree: Path
    main: str

    @property
    def command(self) -> list[str]:
        """`bashgah` of this release; the working directory, which is the tree, goes before what is installed."""
        return [sys.executable, "-c", f"from {self.main} import main; main()"]


HERE = Release(ROOT, "bashgah.cli.main")
COMMAND = HERE.command


def environment(**more: object) -> dict[str, str]:
    """This process's environment without our settings, with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BASHGAH_")}
    return {**kept, **{f"BASHGAH_{name.upper()}": str(value) for name, value in more.items()}}


def bashgah(*arguments: str, settings: Mapping[str, object] | None = None, seconds: float = 60.0) -> str:
    """Run a command to its end; its standard output. AssertionError with all it said unless it ends with 0."""
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=environment(**(settings or {})), capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (
        f"bashgah {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    )
    return done.stdout


def get(port: int, path: str) -> tuple[int, str]:
    """Status and body of a page on this machine; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


class WorkerProcess:
    """One worker, started any number of times over one directory. `exits`: its codes, negative for signals; `release`
    is what the next start runs."""

    def __init__(self, name: str, folder: Path, **settings: object) -> None:
        self.name = name
        self.release = HERE
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "worker.log"
        self.port = free_port()
        self.exits: list[int] = []
        self.starts = 0
        self._settings = {"data_dir": self.folder / "data", "http_port": self.port, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    # -- life

    def start(self) -> "WorkerProcess":
        """Start without waiting."""
        assert not self.alive, f"{self.name} runs"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.release.command, "worker"],
                cwd=self.release.tree, env=environment(**self._settings), stdout=log, stderr=log,
            )  # fmt: skip
        self.starts += 1
        return self

    @property
    def alive(self) -> bool:
        """Whether it runs. Notes the exit code when it has ended."""
        if self._process is None:
            return False
        code = self._process.poll()
        if code is None:
            return True
        self.exits.append(code)
        self._process = None
        return False

    def until_it_catches(self, number: signal.Signals) -> None:
        """Wait until it handles the signal itself; the test's own timeout is the limit."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status")
        caught = 0
        while not caught >> (number - 1) & 1:
            assert self.alive, self.tail()
            lines = status.read_text(encoding="utf-8").splitlines()
            caught = int(next(line for line in lines if line.startswith("SigCgt:")).split()[1], 16)
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL."""
        self._signal(signal.SIGKILL)
        self.wait(10)

    def stop(self, seconds: float = 40.0) -> None:
        """SIGTERM, and wait."""
        self._signal(signal.SIGTERM)
        self.wait(seconds)

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def wait(self, seconds: float) -> int:
        """Its exit code. AssertionError with the end of its log when it goes on."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        assert not self.alive, f"{self.name} did not end within {seconds} s:\n{self.tail()}"
        return self.exits[-1]

    def end(self) -> None:
        """Make sure that it is gone; for clean-ups."""
        if self.alive:
            self.thaw()
            self.kill()

    def revive(self) -> bool:
        """Do a supervisor's work: start it again when it has ended with a code that a restart helps. Whether it did."""
        if self.alive or not self.exits or self.exits[-1] == ExitCode.DONE:
            return False
        code = self.exits[-1]
        assert code < 0 or ExitCode(code).restart_helps, f"{self.name} ended with {code}:\n{self.tail()}"
        assert self.exits.count(ExitCode.FAULT) < FAULTS_MAX, f"{self.name} ended with {self.exits}:\n{self.tail()}"
        self.start()
        return True

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    # -- what it says

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, f"{self.name} does not run"
        return self._process.pid

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of one of its pages; 0 when nobody answers."""
        return get(self.port, path)

    @property
    def ready(self) -> bool:
        """What `/health/ready` says."""
        return self.get("/health/ready")[0] == 200

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric over all series that have these labels."""
        total = 0.0
        for line in self.get("/metrics")[1].splitlines():
            series, _, value = line.rpartition(" ")
            if series.partition("{")[0] == name and all(f'{k}="{v}"' in series for k, v in labels.items()):
                total += float(value)
        return total

    def until_ready(self, seconds: float = 60.0) -> "WorkerProcess":
        """Wait until it scores all that it was given."""
        deadline = time.monotonic() + seconds
        while not self.ready:
            assert self.alive, f"{self.name} ended with {self.exits[-1:]}:\n{self.tail()}"
            assert time.monotonic() < deadline, f"{self.name} is not ready after {seconds} s:\n{self.tail()}"
            time.sleep(0.1)
        return self

    def text(self) -> str:
        """All that it printed, over all its starts."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self, characters: int = 3000) -> str:
        """The end of what it printed."""
        return self.text()[-characters:]

    def events(self, word: str) -> list[dict[str, Any]]:
        """Its log lines whose event contains a word."""
        found = []
        for line in self.text().splitlines():
            with suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict) and word in str(entry.get("event")):
                    found.append(entry)
        return found
