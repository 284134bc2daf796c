"""Starting clients of Kafka, as far as it needs no broker."""

from typing import Any

import pytest

from agents.broker.errors import Unreachable
from agents.broker.kafka.client import start
from tests.kafka.broker import free_port


class Client:
    """Starts where the cluster names a broker, and says what aiokafka says where it names none."""

    def __init__(self, names_a_broker: bool) -> None:
        self._names_a_broker = names_a_broker
        self.stopped = False

    async def start(self) -> None:
        assert self._names_a_broker, "Did we not perform bootstrap?"

    async def stop(self) -> None:
        self.stopped = True


async def test_a_cluster_whose_brokers_are_coming_back_is_asked_again() -> None:
    made: list[Client] = []

    def make() -> Client:
        made.append(Client(names_a_broker=len(made) == 2))
        return made[-1]

    assert await start(make, {"bootstrap_servers": "b:9092"}, 60_000, "Write", "p") is made[2]
    assert [client.stopped for client in made] == [True, True, False]


async def test_a_cluster_that_names_no_broker_is_given_up_at_the_deadline() -> None:
    made: list[Client] = []

    def make() -> Any:
        made.append(Client(names_a_broker=False))
        return made[-1]

    with pytest.raises(Unreachable):
        await start(make, {"bootstrap_servers": f"127.0.0.1:{free_port()}"}, 300, "Write", "p")
    assert all(client.stopped for client in made)
