"""A SASL_SSL listener: both client libraries get in with the right settings, and only with those."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agents.broker.errors import Unreachable
from agents.broker.interface import TopicPartition, TopicSpec
from agents.broker.kafka import KafkaBroker
from agents.broker.kafka_producer import Timing
from agents.broker.security import Security
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


async def test_wrong_settings_are_kept_out(secure_cluster: Cluster) -> None:
    right = security_of(secure_cluster)
    wrong = [replace(right, sasl_password="wrong"), replace(right, ca_file=None), Security()]
    for security in wrong:
        broker = KafkaBroker(secure_cluster.bootstrap, security, HASTY)
        with pytest.raises(Unreachable):
            await broker.reader()
        with pytest.raises(Unreachable):
            await broker.describe(["t"])
        await broker.close()
