"""With the rights that the runbook lists everything runs; what is missing is said by operation and resource."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from agents.broker.errors import ClockOff, NotPermitted
from agents.broker.interface import TopicSpec
from agents.broker.kafka import producer as kafka_producer
from agents.broker.kafka.broker import KafkaBroker
from agents.broker.kafka.producer import Timing
from agents.broker.security import Security
from agents.process.exit_codes import ExitCode
from agents.topics.rights import check_rights
from bashgah.admin.status import lane_status
from schemas import topics
from schemas.records import TopicPartition
from tests.contract.sites import new_topic, outputs, values
from tests.integration.processes import COMMAND, ROOT, WorkerProcess, bashgah, environment
from tests.kafka.broker import Cluster
from tests.kafka.fixtures import kafka_cluster, require_kafka
from tests.kafka.rights import Right, give, listed

__all__ = ["kafka_cluster"]

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]

HASTY = Timing(request_timeout_ms=8_000, open_deadline_ms=8_000, transaction_deadline_ms=8_000)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    require_kafka()
    with Cluster(tmp_path_factory.mktemp("rights"), secure=True, rights=True) as running:
        yield running


def settings(cluster: Cluster, user: str, **more: object) -> dict[str, object]:
    """A user's settings of the environment."""
    credentials = cluster.credentials
    assert credentials is not None
    return {
        "broker_url": f"kafka://{cluster.bootstrap}",
        "broker_tls": "true", "broker_tls_ca_file": credentials.certificate,
        "broker_sasl_mechanism": "PLAIN", "broker_sasl_username": user, "broker_sasl_password": credentials.password,
        **more,
    }  # fmt: skip


def broker(cluster: Cluster, user: str) -> KafkaBroker:
    credentials = cluster.credentials
    assert credentials is not None
    security = Security(
        tls=True, ca_file=credentials.certificate, sasl_mechanism="PLAIN", sasl_username=user,
        sasl_password=credentials.password,
    )  # fmt: skip
    return KafkaBroker(cluster.bootstrap, security, HASTY)


def test_the_rights_that_the_runbook_lists_are_enough(cluster: Cluster, tmp_path: Path) -> None:
    give(cluster.internal, listed())
    operator = settings(cluster, "operator")
    lines = bashgah("topics", "create", "--partitions", "2", "--dev", "--from", "earliest", settings=operator)
    assert "2 lanes got their first watermark" in lines
    assert "topics are as they must be" in bashgah("topics", "check", "--dev", settings=operator)
    programme = ("programme", "publish", "programmes/club.yaml", "--allow-waiting", "--backdated", "--operator", "o")
    bashgah(*programme, settings=operator)
    bashgah(
        "simulate", "--members", "50", "--events", "400", "--seed", "1", "--days", "5", "--out", str(tmp_path / "r")
    )
    files = [str(tmp_path / "r" / f"{name}.jsonl") for name in ("member", "card", "ebanking", "deposit")]
    assert "400 events published" in bashgah("publish", *files, settings=operator)
    worker = WorkerProcess("worker", tmp_path, **settings(cluster, "worker")).start()
    other = WorkerProcess("other", tmp_path, **settings(cluster, "worker", app_id="other"))
    try:
        until_done(cluster, worker)
        assert "coordinator" in bashgah("lane", "status", settings=operator)
        other.start()
        assert other.wait(100) == ExitCode.UNREACHABLE, other.tail()
        assert "no right to Read; give it: " in other.text().splitlines()[-1]
        assert "--operation Read --group other" in other.text().splitlines()[-1]
        worker.stop()
        assert worker.exits == [0], worker.tail()
        assert "verified byte for byte" in bashgah("verify", settings=operator)
        bashgah("dead-letter", "list", settings=operator)
    finally:
        for each in (worker, other):
            each.end()


def until_done(cluster: Cluster, worker: WorkerProcess) -> None:
    """Wait until the lanes have taken all that was published."""

    async def lag() -> int:
        admin = KafkaBroker(cluster.internal)
        try:
            return sum(sum(lane.lag.values()) + (not lane.watermark or not lane.watermark.transactions)
                       for lane in await lane_status(admin))  # fmt: skip
        finally:
            await admin.close()

    deadline = time.monotonic() + 120
    while asyncio.run(lag()):
        assert worker.alive, worker.tail()
        assert time.monotonic() < deadline, worker.tail()
        time.sleep(0.5)


def test_a_worker_says_at_its_start_what_it_lacks(cluster: Cluster, tmp_path: Path) -> None:
    lacking = {("club.reward", "Write"), ("club.state", "DescribeConfigs"), ("club.coordinator", "DescribeConfigs")}
    some = [
        each._replace(user="nobody")
        for each in listed()
        if each.user == "worker" and (each.name, each.operation) not in lacking
    ]
    give(cluster.internal, [*some, Right("nobody", "topic", "club.reward", "Describe")])
    worker = WorkerProcess("lacking", tmp_path, **settings(cluster, "nobody")).start()
    try:
        assert worker.wait(60) == ExitCode.UNREACHABLE, worker.tail()
    finally:
        worker.end()
    said = [line for line in worker.text().splitlines() if line.startswith("bashgah:")]
    assert len(said) == 2, said
    assert "club.reward: the broker's user has no right to Write" in said[0] + said[1]
    assert "--operation DescribeConfigs --topic club.coordinator --topic club.state" in said[0] + said[1] or (
        "--operation DescribeConfigs --topic club.state --topic club.coordinator" in said[0] + said[1]
    )


def test_settings_that_may_not_be_read_are_one_finding_and_no_wrong_ones(cluster: Cluster) -> None:
    names = [topic.name for topic in topics.TOPICS]
    give(cluster.internal, [Right("web", "topic", name, "Describe") for name in names])
    given = settings(cluster, "web")
    done = subprocess.run(
        [*COMMAND, "topics", "check", "--dev"], cwd=ROOT, env=environment(**given), capture_output=True, text=True,
        check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == ExitCode.BAD_SETTING, done.stderr
    [line] = done.stderr.splitlines()
    assert "settings: found no right to read them" in line
    assert "cleanup.policy" not in line


def test_each_missing_right_is_named(cluster: Cluster) -> None:
    async def scenario() -> None:
        admin = KafkaBroker(cluster.internal)
        topic, other, hidden = await new_topic(admin), await new_topic(admin), await new_topic(admin)
        user = f"{uuid4().hex[:6]}"
        give(
            cluster.internal,
            [Right("nobody", "topic", topic, "Write"), Right("nobody", "topic", other, "Describe"),
             Right("nobody", "transactional-id", f"{user}-*", "Write")],
        )  # fmt: skip
        lacking = broker(cluster, "nobody")
        place = TopicPartition(other, 0)
        producer = await lacking.producer(f"{user}-0")
        reader = await lacking.reader()
        cases = [
            (lambda: lacking.describe([hidden]), ("Describe", "topic", hidden)),
            (lambda: lacking.producer("elsewhere"), ("Write", "transactional-id", "elsewhere")),
            (lambda: producer.transact([*outputs(topic, "a"), *outputs(other, "a")]), ("Write", "topic", other)),
            (lambda: lacking.publish(outputs(other, "a")), ("Write", "topic", other)),
            (lambda: reader.assign({place: 0}), ("Read", "topic", other)),
            (lambda: lacking.has_read("group", [place]), ("Read", "group", "group")),
            (lambda: lacking.create_topics([TopicSpec("new", 1)]), ("Create", "topic", "new")),
            (lambda: lacking.delete_topics([other]), ("Delete", "topic", other)),
        ]
        for ask, expected in cases:
            with pytest.raises(NotPermitted) as found:
                await ask()
            assert (found.value.operation, found.value.kind, found.value.name) == expected
            assert f"--operation {expected[0]} --{expected[1]} {expected[2]}" in found.value.remedy
        assert await lacking.end_offsets([place]) == {place: 0}
        await reader.close()
        await producer.close()
        await lacking.close()
        await admin.close()

    asyncio.run(scenario())


def test_a_right_that_is_taken_away_meanwhile_is_named_and_nothing_is_committed(cluster: Cluster) -> None:
    async def scenario() -> None:
        admin = KafkaBroker(cluster.internal)
        topic, other = await new_topic(admin), await new_topic(admin)
        give(cluster.internal, [Right("web", "topic", topic, "Write"), Right("web", "topic", other, "Write")])
        give(cluster.internal, [Right("web", "transactional-id", "web-*", "Write")])
        user = broker(cluster, "web")
        producer = await user.producer("web-0")
        await producer.transact([*outputs(topic, "a"), *outputs(other, "a")])
        take_away(cluster, other)
        with pytest.raises(NotPermitted) as found:
            await producer.transact([*outputs(topic, "b"), *outputs(other, "b")])
        assert (found.value.operation, found.value.name) == ("Write", other)
        await producer.close()
        await (await user.producer("web-0")).close()
        assert await values(admin, topic) == ["a"]
        await user.close()
        await admin.close()

    asyncio.run(scenario())


def take_away(cluster: Cluster, topic: str) -> None:
    """Leave the right to describe it."""
    from kafka import KafkaAdminClient
    from kafka.admin import ACLFilter, ACLOperation, ACLPermissionType, ResourcePatternFilter, ResourceType
    from kafka.admin import ACLResourcePatternType as Pattern

    give(cluster.internal, [Right("web", "topic", topic, "Describe")])
    admin = KafkaAdminClient(bootstrap_servers=cluster.internal)
    pattern = ResourcePatternFilter(ResourceType.TOPIC, topic, Pattern.LITERAL)
    admin.delete_acls([ACLFilter("User:web", "*", ACLOperation.WRITE, ACLPermissionType.ALLOW, pattern)])
    admin.close()


def test_a_clock_that_is_off_is_said_as_one_and_nothing_is_committed(
    kafka_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        connected = KafkaBroker(kafka_cluster.bootstrap, None, HASTY)
        topic = await new_topic(connected)
        producer = await connected.producer(f"id-{topic}")
        ahead = SimpleNamespace(time=lambda: time.time() + 25 * 3_600)
        with monkeypatch.context() as with_clock:
            with_clock.setattr(kafka_producer, "time", ahead)
            with pytest.raises(ClockOff) as found:
                await producer.transact(outputs(topic, "a"))
            with pytest.raises(ClockOff):
                await connected.publish(outputs(topic, "a"))
        assert found.value.code == ExitCode.FAULT
        assert "NTP" in found.value.remedy
        await producer.close()
        again = await connected.producer(f"id-{topic}")
        await again.transact(outputs(topic, "b"))
        assert await values(connected, topic) == ["b"]
        await again.close()
        await connected.close()

    asyncio.run(scenario())


def test_what_nobody_says_about_rights_keeps_nobody_out(kafka_cluster: Cluster) -> None:
    async def scenario() -> None:
        connected = KafkaBroker(kafka_cluster.bootstrap, None, HASTY)
        topic = await new_topic(connected)
        described = await connected.describe([topic])
        check_rights(dict.fromkeys(("club.state", "club.reward"), described[topic]))
        await connected.close()

    asyncio.run(scenario())
