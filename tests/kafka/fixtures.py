"""A running Kafka for whoever asks: import `kafka_cluster` in a conftest.

It runs when the jars are on this machine already. ``TEST_KAFKA=1`` demands it: then they are fetched, and their
absence is a failure, not a skip.
"""

import os
from collections.abc import Iterator

import pytest

from tests.kafka.broker import Cluster
from tests.kafka.jars import KafkaMissing, fetch, java, present


def require_kafka() -> None:
    """Skip the test, or fail it, when no Kafka can be run."""
    demanded = os.environ.get("TEST_KAFKA") == "1"
    try:
        java()
        if demanded:
            fetch()
    except KafkaMissing as missing:
        if demanded:
            pytest.fail(f"TEST_KAFKA=1, but no Kafka can be run: {missing}", pytrace=False)
        pytest.skip(str(missing))
    if not present():
        pytest.skip("the jars of Kafka are not on this machine: python -m tests.kafka.jars")


@pytest.fixture(scope="session")
def kafka_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One broker, plain text, for the whole run; tests make topics of their own."""
    require_kafka()
    with Cluster(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster
