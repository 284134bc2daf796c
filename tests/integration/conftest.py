"""One Kafka for all tests of this folder that do not break it; each test makes its topics anew."""

import asyncio
import inspect
from collections.abc import Iterator

import pytest

from tests.kafka.broker import Cluster
from tests.kafka.jars import KafkaMissing


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A single broker in plain text."""
    try:
        with Cluster(tmp_path_factory.mktemp("kafka")) as started:
            yield started
    except KafkaMissing as missing:
        pytest.skip(str(missing))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
