"""A question to the broker, as most commands have one: connect, ask, let go, whatever comes of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agents.broker.interface import Broker
from agents.process.settings import Settings
from bashgah.brokers import broker_of

Answer = TypeVar("Answer")


def ask(settings: Settings, question: Callable[[Broker], Awaitable[Answer]]) -> Answer:
    """The answer of the broker that the settings name."""

    async def asked() -> Answer:
        broker = broker_of(settings)
        try:
            return await question(broker)
        finally:
            await broker.close()

    return asyncio.run(asked())
