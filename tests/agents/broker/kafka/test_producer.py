"""Sending to Kafka, as far as it needs no broker."""

import asyncio
import gc
from typing import Any, NamedTuple

import pytest
from aiokafka.errors import ProducerFenced

from agents.broker.kafka.producer import send
from schemas.records import TopicPartition


class Batch(NamedTuple):
    """What a batch says of itself."""

    number: int

    def record_count(self) -> int:
        return 1


class FencedProducer:
    """Takes two batches of a partition, and answers each of them, and all at once, that it is fenced."""

    def __init__(self) -> None:
        self.answers: list[asyncio.Future[Any]] = []

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> "asyncio.Future[Any]":
        if batch.number == 2:
            raise ProducerFenced
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(answer.set_exception, ProducerFenced())
        self.answers.append(answer)
        return answer


@pytest.mark.parametrize("batches", [2, 3])
def test_an_error_of_several_answers_is_told_once_and_printed_by_nobody(batches: int) -> None:
    printed: list[dict[str, Any]] = []

    async def whole() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: printed.append(context))
        packed = {TopicPartition("club.state", lane): [Batch(n) for n in range(batches)] for lane in range(2)}
        with pytest.raises(ProducerFenced):
            await send(FencedProducer(), packed)
        await asyncio.sleep(0)
        gc.collect()

    asyncio.run(whole())
    gc.collect()
    assert printed == []
