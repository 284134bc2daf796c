"""Who does the common task: our worker and its peers, as processes that a benchmark starts, watches and stops."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from schemas import topics
from tests.benchmarks.card_task import INPUT, Decode, decode_posting, decode_triple
from tests.benchmarks.results import ROOT
from tests.benchmarks.site import Site, output_spec
from tests.kafka.jars import java

PEERS = Path(__file__).resolve().parent / "peers"
CACHE = ROOT / ".cache" / "benchmarks"
STREAMS = PEERS / "kafka_streams"
REQUIREMENTS = ROOT / "requirements" / "peers.txt"
_STOP_S_MAX = 40.0


class Contestant(Protocol):
    """One run of one engine, over the same input, into an output topic of its own."""

    output: str
    decode: Decode
    log: Path

    def start(self) -> int:
        """Start it from nothing; its process id."""

    def alive(self) -> bool:
        """Whether it runs."""

    def stop(self) -> int:
        """Stop it as its operators would; its exit code."""


class Ours:
    """Our worker, with the programme of one rule."""

    output = topics.POINTS.name
    decode = staticmethod(decode_posting)

    def __init__(self, site: Site, run: str) -> None:
        site.begin_anew(run)
        self._worker = site.worker(run)
        self.log = self._worker.log

    def start(self) -> int:
        """See `Contestant`."""
        return self._worker.start().pid

    def alive(self) -> bool:
        """See `Contestant`."""
        return self._worker.alive

    def stop(self) -> int:
        """See `Contestant`."""
        if self._worker.alive:
            self._worker.stop()
        return self._worker.exits[-1]


class Peer:
    """Another engine: a command, and perhaps one to run before it; {folder} in them is the run's own folder."""

    decode = staticmethod(decode_triple)

    def __init__(self, site: Site, run: str, commands: Sequence[Sequence[str]]) -> None:
        self.output = f"{run}-out"
        self.folder = site.folder / run
        self.log = site.folder / f"{run}.log"
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "state").mkdir(parents=True)
        site.ask(lambda broker: broker.create_topics([output_spec(self.output)]))
        self._environment = {
            **os.environ,
            "BENCHMARK_BOOTSTRAP": site.bootstrap,
            "BENCHMARK_INPUT": INPUT,
            "BENCHMARK_OUTPUT": self.output,
            "BENCHMARK_GROUP": run,
            "BENCHMARK_FOLDER": str(self.folder / "state"),
        }
        self._commands = [[word.replace("{folder}", str(self.folder / "state")) for word in each] for each in commands]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> int:
        """See `Contestant`."""
        *before, last = self._commands
        with self.log.open("wb") as log:
            for command in before:
                subprocess.run(command, check=True, cwd=self.folder, env=self._environment, stdout=log, stderr=log)
            self._process = subprocess.Popen(last, cwd=self.folder, env=self._environment, stdout=log, stderr=log)
        return self._process.pid

    def alive(self) -> bool:
        """See `Contestant`."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """See `Contestant`."""
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(_STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class Engine(NamedTuple):
    """A peer as the tables name it, and what it promises."""

    title: str
    guarantee: str


ENGINES: dict[str, Engine] = {
    "ours": Engine("bashgah worker", "exactly once"),
    "faust": Engine("plain Faust 0.15.3", "at least once"),
    "quix": Engine("Quix Streams", "exactly once"),
    "bytewax": Engine("Bytewax, one worker", "at least once"),
    "kafka_streams": Engine("Kafka Streams 4.1, one thread", "exactly_once_v2"),
}


def contestant(name: str, site: Site, run: str) -> Contestant:
    """A fresh run of an engine; whatever it needs is installed already (`install`)."""
    if name == "ours":
        return Ours(site, run)
    python = str(_environment() / "bin" / "python") if name in ("quix", "bytewax") else sys.executable
    commands: dict[str, list[list[str]]] = {
        "faust": [[python, str(PEERS / "faust_peer.py"), "worker", "-l", "info", "--without-web"]],
        "quix": [[python, str(PEERS / "quix_peer.py")]],
        "bytewax": [
            [python, "-m", "bytewax.recovery", "{folder}", "4"],
            [python, "-m", "bytewax.run", f"{PEERS / 'bytewax_peer.py'}:flow", "-r", "{folder}",
             "-s", "10", "-b", "0", "-w", "1"],
        ],
        "kafka_streams": [
            [java(), "-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
             "-cp", f"{_built() / 'classes'}:{_built() / 'libs'}/*", "Totals"],
        ],
    }  # fmt: skip
    return Peer(site, run, commands[name])


def install(names: Sequence[str]) -> None:
    """Install what these engines need, once: a virtual environment from hashed requirements, or a Maven build."""
    if {"quix", "bytewax"} & set(names) and not (_environment() / "installed").exists():
        folder = _environment()
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "-r", str(REQUIREMENTS)], check=True)
        (folder / "installed").touch()
    if "kafka_streams" in names and not (_built() / "classes" / "Totals.class").exists():
        command = ["mvn", "-B", "-q", "-f", str(STREAMS / "pom.xml"), "process-classes", f"-Dbuilt={_built()}"]
        subprocess.run(command, check=True)


def _environment() -> Path:
    return CACHE / f"peers-{zlib.crc32(REQUIREMENTS.read_bytes()):08x}"


def _built() -> Path:
    sources = (STREAMS / "pom.xml").read_bytes() + (STREAMS / "src/main/java/Totals.java").read_bytes()
    return CACHE / f"kafka-streams-{zlib.crc32(sources):08x}"
