"""Tests here may be coroutines, and may ask for a running Kafka."""

from tests.coroutines import pytest_pyfunc_call
from tests.kafka.fixtures import kafka_cluster

__all__ = ["kafka_cluster", "pytest_pyfunc_call"]
