"""What every aiokafka client here needs: to be started and stopped within a time, and its errors in our words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from aiokafka.errors import KafkaError
from kafka.errors import KafkaError as AdminError

from agents.broker.errors import BrokerError, ClockOff, NotPermitted, Unreachable
from agents.broker.kafka.diagnosis import why_unreachable

CLOSE_S_MAX = 5.0
NO_BROKERS_S = 0.2
"""How long to wait before a cluster that named no broker is asked again."""

_CLOCK, _TOPIC, _GROUP, _CLUSTER, _TRANSACTIONAL_ID = 32, 29, 30, 31, 53
"""Kafka's numbers of errors: https://kafka.apache.org/protocol#protocol_error_codes."""
_UNSUPPORTED = 35


async def start(
    make: Callable[[], Any], settings: Mapping[str, Any], deadline_ms: int, operation: str, resource: str
) -> Any:
    """An aiokafka client that `make` built of `settings`, started to do `operation` on `resource`. A cluster whose
    brokers are all coming back names none for a moment: it is asked again until the deadline. Raises `Unreachable`
    saying why it cannot, `NotPermitted` included."""
    client = make()
    try:
        async with asyncio.timeout(deadline_ms / 1000):
            while not await _started(client):
                await asyncio.sleep(NO_BROKERS_S)
                client = make()
            return client
    except asyncio.CancelledError:
        await stop(client)
        raise
    except (KafkaError, OSError, TimeoutError) as error:
        await stop(client)
        raise meaning_of(error, operation, resource) or await why_unreachable(settings, error) from error


async def _started(client: Any) -> bool:
    """Start a client. False where the server answered and named no broker, which aiokafka takes for impossible."""
    try:
        await client.start()
    except AssertionError:
        await stop(client)
        return False
    return True


async def stop(client: Any) -> None:
    """Stop an aiokafka client; what it still tries after a few seconds is given up. Does not raise."""
    with suppress(Exception):
        await asyncio.wait_for(client.stop(), CLOSE_S_MAX)


def meaning_of(error: BaseException, operation: str, resource: str) -> BrokerError | None:
    """What an error that the broker answered with means, where it says that by its number: a right that is missing, a
    clock. `operation` and `resource`: what was asked for. None for all others."""
    for each in (error, error.__cause__):
        if not isinstance(each, KafkaError | AdminError):
            continue
        match getattr(each, "errno", None):
            case number if number == _TOPIC:
                return NotPermitted(operation, "topic", _named(each) or resource)
            case number if number == _GROUP:
                return NotPermitted("Read", "group", resource)
            case number if number == _CLUSTER:
                return NotPermitted(operation, "cluster", resource)
            case number if number == _TRANSACTIONAL_ID:
                return NotPermitted("Write", "transactional-id", resource)
            case number if number == _CLOCK:
                return ClockOff(resource)
            case number if number == _UNSUPPORTED:
                remedy = "this release is made for Kafka 4.1; upgrade the brokers"
                return Unreachable(resource, f"the broker is too old for a request ({each})", remedy)
    return None


def _named(error: BaseException) -> str | None:
    """The topics that an error is about, where it names them."""
    [about] = error.args or (None,)
    names = [about] if isinstance(about, str) else list(about or ())
    return ", ".join(sorted(map(str, names))) or None
