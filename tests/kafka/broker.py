"""Real Kafka for tests: one broker or several, which a test may stop, kill, freeze and start again.

    with Cluster(folder) as cluster:              # one broker, plain text, free ports
        connect_to(cluster.bootstrap)
        cluster.nodes[0].kill()

`python -m tests.kafka.broker` starts one in a folder of its own, to try things with, and ends it at Ctrl-C.

Every process is started here and ended here by its own id.
"""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import time
import uuid
import zlib
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from tests.kafka.credentials import Credentials
from tests.kafka.jars import HERE, KafkaMissing, cache, fetch, java

START_S_MAX = 90.0
STOP_S_MAX = 30.0
SMALL = "-Xms64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -XX:-UsePerfData -Djava.awt.headless=true"

SETTINGS = """
process.roles=broker,controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=INTERNAL
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=1
transaction.state.log.num.partitions=3
num.network.threads=1
num.io.threads=2
background.threads=2
num.recovery.threads.per.data.dir=1
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=8388608
log.index.size.max.bytes=1048576
log.segment.bytes=67108864
"""


RIGHTS = (
    "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users=User:ANONYMOUS",
)


def free_port() -> int:
    """A TCP port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody accepts connections on the port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _new_id() -> str:
    """A cluster's id; none that begins with a dash, which the format tool would take for an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


class Node:
    """One broker process, broker and controller in one."""

    def __init__(self, cluster: Cluster, number: int, port: int) -> None:
        self.cluster, self.number, self.port = cluster, number, port
        self.internal_port, self.controller_port = free_port(), free_port()
        self.folder = cluster.folder / f"node-{number}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the broker printed."""
        return self.folder / "broker.log"

    def configure(self, voters: str) -> None:
        """Write the settings and format the data folder, once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        credentials = self.cluster.credentials
        copies = min(3, len(self.cluster.nodes))
        client = "SASL_SSL" if credentials else "PLAINTEXT"
        lines = [
            SETTINGS,
            f"node.id={self.number}",
            f"controller.quorum.voters={voters}",
            f"listeners=CLIENT://127.0.0.1:{self.port},INTERNAL://127.0.0.1:{self.internal_port},"
            f"CONTROLLER://127.0.0.1:{self.controller_port}",
            f"advertised.listeners=CLIENT://127.0.0.1:{self.port},INTERNAL://127.0.0.1:{self.internal_port}",
            f"listener.security.protocol.map=CLIENT:{client},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            f"log.dirs={self.folder / 'data'}",
            f"default.replication.factor={copies}",
            f"offsets.topic.replication.factor={copies}",
            f"transaction.state.log.replication.factor={copies}",
            f"min.insync.replicas={max(1, copies - 1)}",
            f"transaction.state.log.min.isr={max(1, copies - 1)}",
            *(("broker.heartbeat.interval.ms=500", "broker.session.timeout.ms=3000") if copies > 1 else ()),
            *(credentials.broker_settings() if credentials else ()),
            *(RIGHTS if self.cluster.rights else ()),
        ]
        (self.folder / "server.properties").write_text("\n".join(lines) + "\n")
        if not (self.folder / "data" / "meta.properties").exists():
            tool = ["kafka.tools.StorageTool", "format", "-t", self.cluster.id]
            command = self._java("128m") + tool + ["-c", str(self.folder / "server.properties")]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise KafkaMissing(f"Kafka could not format {self.folder}:\n{done.stdout}{done.stderr}")

    def _java(self, heap: str, *more: str) -> list[str]:
        logging = [f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}", "-Dlog4j2.disableJmx=true"]
        return [java(), f"-Xmx{heap}", *SMALL.split(), *more, *logging, "-cp", self.cluster.class_path]

    def launch(self) -> None:
        """Start the process without waiting for it."""
        archive = cache() / f"classes-{zlib.crc32(self.cluster.class_path.encode()):08x}.jsa"
        # The archive of loaded classes halves the start; the first clean stop writes it.
        sharing = f"-XX:SharedArchiveFile={archive}" if archive.exists() else f"-XX:ArchiveClassesAtExit={archive}"
        command = self._java("256m", "-XX:MaxDirectMemorySize=128m", sharing)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "kafka.Kafka", str(self.folder / "server.properties")],
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def wait(self) -> None:
        """Until the broker accepts clients. Raises `KafkaMissing` with the end of its log."""
        deadline = time.monotonic() + START_S_MAX
        while not answers(self.port):
            gone = self.process is None or self.process.poll() is not None
            if gone or time.monotonic() > deadline:
                raise KafkaMissing(f"broker {self.number} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def start(self) -> None:
        """Start and wait."""
        self.launch()
        self.wait()

    def stop(self) -> None:
        """A clean stop (SIGTERM); a broker that takes too long is killed."""
        if self.process is None:
            return
        self.thaw()
        self.process.terminate()
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nobody is told."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, number)


class Cluster:
    """Brokers that belong together; a context manager that starts and stops them.

    `folder` holds their data and logs. `port` is the first broker's, chosen when not given. With `credentials` the
    clients' listener is SASL_SSL; the brokers talk in plain text among themselves. With `rights` a user may do what an
    ACL says and nothing else, but for whoever comes in plain text (`internal`).
    """

    def __init__(
        self, folder: Path, nodes: int = 1, port: int | None = None, *, secure: bool = False, rights: bool = False
    ) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.class_path = ":".join(str(jar) for jar in fetch())
        self.id = _new_id()
        self.credentials = Credentials(folder / "tls") if secure else None
        self.rights = rights
        self.nodes: list[Node] = []
        for number in range(1, nodes + 1):
            self.nodes.append(Node(self, number, port if port and number == 1 else free_port()))

    @property
    def bootstrap(self) -> str:
        """host:port of every broker, comma separated."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    @property
    def internal(self) -> str:
        """host:port of the plain-text listener of the first broker."""
        return f"127.0.0.1:{self.nodes[0].internal_port}"

    def start(self) -> None:
        """Format what is new and start every broker."""
        if self.credentials:
            self.credentials.create()
        voters = ",".join(f"{node.number}@127.0.0.1:{node.controller_port}" for node in self.nodes)
        for node in self.nodes:
            node.configure(voters)
            node.launch()
        for node in self.nodes:
            node.wait()

    def stop(self) -> None:
        """Stop every broker; the data stay."""
        for node in self.nodes:
            node.stop()

    def __enter__(self) -> Cluster:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _until_interrupted() -> None:
    with TemporaryDirectory(prefix="bashgah-kafka-") as folder, Cluster(Path(folder)) as cluster:
        print(f"export BASHGAH_BROKER_URL=kafka://{cluster.bootstrap}   # until Ctrl-C, with all it holds", flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    _until_interrupted()
