"""Every test of the contract runs against each broker: in memory, in a directory, and on real Kafka."""

from collections.abc import Iterator

import pytest

from bashgah.embedded.broker import wall_clock_ms
from bashgah.embedded.log import Log
from bashgah.embedded.storage import DirectoryStorage, MemoryStorage
from tests.contract.sites import EmbeddedSite, KafkaSite, Site
from tests.coroutines import pytest_pyfunc_call
from tests.kafka.fixtures import kafka_cluster

__all__ = ["kafka_cluster", "pytest_pyfunc_call"]


@pytest.fixture(params=["memory", "directory", pytest.param("kafka", marks=pytest.mark.kafka)])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A broker to test, and what a test does to it behind the interface's back."""
    if request.param == "kafka":
        yield KafkaSite(request.getfixturevalue("kafka_cluster").bootstrap)
        return
    folder = request.getfixturevalue("tmp_path")
    log = Log(MemoryStorage() if request.param == "memory" else DirectoryStorage(folder), wall_clock_ms)
    log.open()
    yield EmbeddedSite(log)
    log.close()
