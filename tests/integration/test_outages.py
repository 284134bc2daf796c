"""The broker fails: restarted, killed, frozen inside transactions; one of three lost; a listener that wants secrets."""

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaConnectionError

from agents.process.exit_codes import ExitCode
from schemas import topics
from tests.integration.club import Club
from tests.integration.processes import COMMAND, ROOT, WorkerProcess, environment, get
from tests.integration.rounds import OUTAGES, SEED, WITHOUT_END
from tests.kafka.broker import Cluster, Node, free_port

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1500)]

IMPATIENT = {
    "transaction_deadline_ms": 4_000,
    "transaction_timeout_ms": 10_000,
    "session_timeout_ms": 6_000,
    "rebalance_timeout_ms": 15_000,
    "request_timeout_ms": 10_000,
    "batch_events_max": 100,
}


def stopped(node: Node) -> None:
    """A clean restart."""
    node.stop()
    node.start()


def killed(node: Node) -> None:
    """A crash, and back after a few seconds."""
    node.kill()
    time.sleep(3)
    node.start()


def frozen(node: Node) -> None:
    """No answer for longer than a transaction may take: its outcome is unknown."""
    node.freeze()
    time.sleep(8)
    node.thaw()


LINES_A_MINUTE_MAX = 300
"""Of the Kafka clients, which have some twenty kinds of them; there were 15,000."""
HITS_WITHIN = 40
"""Outages until one has fallen into a transaction, at most; every second or third does."""


def test_the_broker_restarts_also_inside_transactions(tmp_path: Path) -> None:
    choice = Random(f"outages {SEED}")
    with Cluster(tmp_path / "kafka") as cluster, Club(cluster.bootstrap, tmp_path, **IMPATIENT) as club:
        worker = club.worker().start().until_ready()
        load = club.load(WITHOUT_END, 400, SEED)
        hows: list[Callable[[Node], None]] = [frozen, stopped, killed]
        number = 0
        while number < max(3, OUTAGES) or ExitCode.OUTCOME_UNKNOWN not in worker.exits:
            assert number < HITS_WITHIN, f"no outage fell into a transaction: {worker.exits}"
            watch(worker, choice.uniform(1.0, 3.0))
            hows[number % len(hows)](cluster.nodes[0])
            again(worker)
            number += 1
        load.end()
        club.settle()
        club.reckon()
        assert set(worker.exits) <= {0, ExitCode.OUTCOME_UNKNOWN, ExitCode.UNREACHABLE, ExitCode.FENCED}, worker.exits


def test_three_brokers_lose_their_leader_again_and_again(tmp_path: Path) -> None:
    with (
        Cluster(tmp_path / "kafka", nodes=3) as cluster,
        Club(cluster.bootstrap, tmp_path, partitions=3, replication=3, **IMPATIENT) as club,
    ):
        worker = club.worker().start().until_ready()
        load = club.load(WITHOUT_END, 200, SEED)
        for number in range(max(2, OUTAGES - 2)):  # about 20 s each
            watch(worker, 2.0)
            node = cluster.nodes[leader(cluster, topics.STATE.name, number % 3) - 1]
            node.kill()
            # Not before the others have taken its partitions over: docs/RUNBOOK.md, "A broker that is back too soon".
            while leads(cluster, node):
                watch(worker, 0.5)
            node.start()
            again(worker)
        load.end()
        club.settle()
        club.reckon()
        assert set(worker.exits) <= {0, ExitCode.OUTCOME_UNKNOWN, ExitCode.UNREACHABLE, ExitCode.FENCED}, worker.exits


def test_tls_and_sasl_reach_every_client(tmp_path: Path) -> None:
    with Cluster(tmp_path / "kafka", secure=True) as cluster:
        assert cluster.credentials is not None
        secrets = {
            "broker_tls": "true",
            "broker_tls_ca_file": cluster.credentials.certificate,
            "broker_sasl_mechanism": "PLAIN",
            "broker_sasl_username": cluster.credentials.username,
            "broker_sasl_password": cluster.credentials.password,
        }
        with Club(cluster.bootstrap, tmp_path, **secrets) as club:
            club.worker().start().until_ready()
            club.load(1_000, 500, SEED)
            club.settle()
            club.reckon()
            stranger = club.worker("stranger", broker_sasl_password="wrong", request_timeout_ms=11_000).start()
            assert stranger.wait(90) == ExitCode.UNREACHABLE
            assert "Traceback" not in stranger.text()
            assert "wrong" not in stranger.text()


def test_a_broker_that_is_away_is_said_in_a_few_lines_and_ends_readiness(tmp_path: Path) -> None:
    with Cluster(tmp_path / "kafka") as cluster, Club(cluster.bootstrap, tmp_path) as club:
        worker = club.worker().start().until_ready()
        web = Web(tmp_path, f"kafka://{cluster.bootstrap}")
        try:
            until(lambda: web.get("/health/ready")[0] == 200)
            began = time.monotonic()
            cluster.nodes[0].kill()
            # The worker may end meanwhile (76, then 69), where a tick fell due; the web never does.
            for each in (worker, web):
                until(lambda each=each: "the broker is away: " in each.get("/health/ready")[1])  # type: ignore[misc]
                assert each.get("/health/live")[0] == 200
            watch(worker, 20.0)
            minutes = int((time.monotonic() - began) / 60) + 1
            for log, starts in ((worker.text(), worker.starts), (web.text(), 1)):
                of_clients = len(re.findall(r'"logger": "(?:aio)?kafka', log))
                assert of_clients <= LINES_A_MINUTE_MAX * (minutes + starts), f"{of_clients} in {minutes} min"
                assert 1 <= log.count("the broker is away") <= minutes + starts, log
                assert "nobody listens there" in log
            cluster.nodes[0].start()
            until(lambda: not worker.revive() and worker.ready)
            until(lambda: web.get("/health/ready")[0] == 200)
            assert set(worker.exits) <= {ExitCode.OUTCOME_UNKNOWN, ExitCode.UNREACHABLE}, worker.exits
            assert "the broker answers again" in web.text()
        finally:
            web.end()


def until(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)


class Web:
    """`bashgah web` as a process."""

    def __init__(self, folder: Path, broker_url: str) -> None:
        self.log = folder / "web.log"
        self._port = free_port()
        settings = environment(broker_url=broker_url, web_port=self._port, web_metrics_port=0)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen([*COMMAND, "web"], cwd=ROOT, env=settings, stdout=log, stderr=log)

    def get(self, path: str) -> tuple[int, str]:
        """See `WorkerProcess.get`."""
        return get(self._port, path)

    def text(self) -> str:
        """All that it printed."""
        return self.log.read_text(encoding="utf-8")

    def end(self) -> None:
        """Make sure that it is gone."""
        self._process.kill()
        self._process.wait(10)


def watch(worker: WorkerProcess, seconds: float) -> None:
    """Do a supervisor's work for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        worker.revive()
        time.sleep(0.1)


def again(worker: WorkerProcess, seconds: float = 120.0) -> None:
    """Until the worker is ready, however often it has to be started, and has committed anew."""
    deadline = time.monotonic() + seconds
    committed = None
    while True:
        worker.revive()
        if worker.ready:
            now = worker.metric("bashgah_transactions_total", outcome="committed")
            if committed is not None and now > committed:
                return
            committed = now
        assert time.monotonic() < deadline, f"not back after {seconds} s: {worker.exits}\n{worker.tail()}"
        time.sleep(0.5)


def leader(cluster: Cluster, topic: str, partition: int) -> int:
    """The number of the broker that leads a partition."""
    return leaders(cluster)[topic, partition]


def leads(cluster: Cluster, node: Node) -> bool:
    """Whether the brokers that are left take this one for the leader of any partition; yes while one sends us there."""
    try:
        return node.number in leaders(cluster).values()
    except KafkaConnectionError:
        return True


def leaders(cluster: Cluster) -> dict[tuple[str, int], int]:
    """The number of each partition's leader, also of Kafka's own topics."""
    alive = [f"127.0.0.1:{node.port}" for node in cluster.nodes if node.process is not None]
    admin = KafkaAdminClient(bootstrap_servers=alive)
    try:
        return {
            (str(topic["name"]), int(each["partition_index"])): int(each["leader_id"])
            for topic in admin.describe_topics()
            for each in topic["partitions"]
        }
    finally:
        admin.close()
