"""A SASL_SSL listener: both client libraries get in with the right settings, and only with those."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from agents.broker.errors import NotAuthenticated, NotTrusted, Unreachable
from agents.broker.interface import TopicSpec
from agents.broker.kafka.broker import KafkaBroker
from agents.broker.kafka.producer import Timing
from agents.broker.security import Security
from agents.process.exit_codes import ExitCode
from schemas.records import TopicPartition
from tests.contract.sites import outputs, values
from tests.kafka.broker import Cluster
from tests.kafka.fixtures import require_kafka

pytestmark = pytest.mark.kafka

HASTY = Timing(request_timeout_ms=5_000, open_deadline_ms=5_000)


@pytest.fixture(scope="module")
def secure_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    require_kafka()
    with Cluster(tmp_path_factory.mktemp("secure"), secure=True) as cluster:
        yield cluster


def security_of(cluster: Cluster) -> Security:
    credentials = cluster.credentials
    assert credentials is not None
    return Security(
        tls=True,
        ca_file=credentials.certificate,
        sasl_mechanism="PLAIN",
        sasl_username=credentials.username,
        sasl_password=credentials.password,
    )


async def test_topics_transactions_publishing_and_reading_over_sasl_ssl(secure_cluster: Cluster) -> None:
    broker = KafkaBroker(secure_cluster.bootstrap, security_of(secure_cluster), HASTY)
    await broker.create_topics([TopicSpec("t", 1)])
    producer = await broker.producer("p")
    await producer.transact(outputs("t", "a"))
    await broker.publish(outputs("t", "b"))
    assert await values(broker, "t") == ["a", "b"]
    assert await broker.end_offsets([TopicPartition("t", 0)]) == {("t", 0): 3}
    await producer.close()
    await broker.close()


WRONG = [
    ("password", {"sasl_password": "wrong"}, NotAuthenticated, "refuses the user name or the password", "_PASSWORD"),
    ("user", {"sasl_username": "who"}, NotAuthenticated, "refuses the user name or the password", "_USERNAME"),
    ("CA", {"ca_file": None}, NotTrusted, "nobody trusted here has signed its certificate", "_TLS_CA_FILE"),
    ("TLS", {"tls": False, "ca_file": None}, NotTrusted, "it speaks TLS on this port", "BASHGAH_BROKER_TLS=true"),
    ("SASL", {"sasl_mechanism": None}, NotAuthenticated, "hangs up on whoever does not authenticate", "_MECHANISM"),
    ("mechanism", {"sasl_mechanism": "SCRAM-SHA-512"}, NotAuthenticated, "does not offer SASL SCRAM-SHA-512", "_MECH"),
]


@pytest.mark.parametrize(("what", "change", "kind", "reason", "remedy"), WRONG, ids=[each[0] for each in WRONG])
async def test_what_is_wrong_is_said_by_both_clients(
    secure_cluster: Cluster, what: str, change: dict[str, Any], kind: type[Unreachable], reason: str, remedy: str
) -> None:
    broker = KafkaBroker(secure_cluster.bootstrap, replace(security_of(secure_cluster), **change), HASTY)
    for ask in (broker.reader, partial(broker.describe, ["t"]), partial(broker.producer, "p")):
        with pytest.raises(kind) as refused:
            await ask()
        assert refused.value.field == secure_cluster.bootstrap
        assert reason in refused.value.reason
        assert remedy in refused.value.remedy
        assert refused.value.code == ExitCode.UNREACHABLE
    await broker.close()


async def test_tls_and_sasl_where_there_are_none(secure_cluster: Cluster) -> None:
    secured = security_of(secure_cluster)
    for security, kind, reason in (
        (secured, NotTrusted, "it speaks no TLS on this port"),
        (replace(secured, tls=False), NotAuthenticated, "it wants no SASL on this port"),
    ):
        broker = KafkaBroker(secure_cluster.internal, security, HASTY)
        with pytest.raises(kind, match=reason):
            await broker.reader()
        await broker.close()


async def test_a_certificate_for_another_name(secure_cluster: Cluster) -> None:
    port = secure_cluster.bootstrap.partition(":")[2]
    broker = KafkaBroker(f"[::ffff:127.0.0.1]:{port}", security_of(secure_cluster), HASTY)
    with pytest.raises(NotTrusted, match="its certificate is for another name"):
        await broker.reader()
    await broker.close()
