"""Writing to Kafka: transactions, and plain publishing.

aiokafka's transactions are sound only under rules that this module keeps (docs/ARCHITECTURE.md, the state protocol):
the future of EVERY batch is awaited before the commit, since a refused batch does not fail the transaction; everything
stands under a deadline, since a transactional batch never expires by itself; and after any doubt the producer is
finished, since its sequence numbers or a commit still under way are beyond our knowledge.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, InvalidTxnState, KafkaError, ProducerFenced

from agents.broker.errors import BrokerError, Fenced, OutcomeUnknown, Overtaken, RecordTooLarge, Unreachable
from agents.broker.interface import NOTHING_EXPECTED
from agents.broker.kafka.client import CLOSE_S_MAX, meaning_of, start
from agents.broker.kafka.metadata import Metadata
from agents.process.settings import Settings
from schemas.records import BATCH_BYTES_MAX, OutputRecord, TopicPartition, record_bytes

SURELY_SMALL = BATCH_BYTES_MAX // 2
"""A record without headers whose key and value are below this needs no exact count."""

_NO_HEADERS: list[tuple[str, bytes]] = []

Packed = Mapping[TopicPartition, Sequence[Any]]
"""Filled batch builders by partition, in the order to send them."""


@dataclass(frozen=True)
class Timing:
    """How long things may take."""

    request_timeout_ms: int = 40_000
    transaction_timeout_ms: int = 30_000
    transaction_deadline_ms: int = 20_000
    open_deadline_ms: int = 60_000

    def __post_init__(self) -> None:
        if self.transaction_deadline_ms >= self.transaction_timeout_ms:
            raise ValueError("the deadline of a transaction must come before the broker's timeout")

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What the process's settings say."""
        return cls(
            request_timeout_ms=settings.request_timeout_ms,
            transaction_timeout_ms=settings.transaction_timeout_ms,
            transaction_deadline_ms=settings.transaction_deadline_ms,
        )


def pack(create_batch: Callable[[], Any], outputs: Iterable[OutputRecord]) -> Packed:
    """Put the outputs of each partition into as few batches as hold them. Raises `RecordTooLarge`."""
    packed: dict[TopicPartition, list[Any]] = {}
    now_ms = int(time.time() * 1000)
    batches: list[Any] = []
    last_topic, last_partition, append = "", -1, _refuse
    for topic, partition, key, value, headers in outputs:
        if headers or len(value or b"") + len(key or b"") > SURELY_SMALL:
            size = record_bytes(OutputRecord(topic, partition, key, value, headers))
            if size > BATCH_BYTES_MAX:
                raise RecordTooLarge(topic, key, size, BATCH_BYTES_MAX)
        if topic is not last_topic or partition != last_partition:  # rows, and outputs of one topic, come in a row
            last_topic, last_partition = topic, partition
            batches = packed.setdefault(TopicPartition(topic, partition), [])
            append = batches[-1].append if batches else _refuse
        named = list(headers) if headers else _NO_HEADERS
        if append(timestamp=now_ms, key=key, value=value, headers=named) is None:
            batches.append(create_batch())
            append = batches[-1].append
            append(timestamp=now_ms, key=key, value=value, headers=named)
    return packed


def _refuse(**_: Any) -> None:
    """What stands for the batch before the first: it takes nothing."""


async def send(producer: Any, packed: Packed) -> dict[TopicPartition, int]:
    """Send every batch and await every answer; the offset after the last record of each partition."""

    async def one(place: TopicPartition, batches: Sequence[Any]) -> int:
        # send_batch returns when the partition's batch before it is under way: partitions go side by side.
        answers = []
        for batch in batches:
            answers.append(await producer.send_batch(batch, place.topic, partition=place.partition))
            answers[-1].add_done_callback(_heard)  # of several that fail, only the first is waited for
        for answer in answers[:-1]:
            await answer
        first_offset: int = (await answers[-1]).offset
        if first_offset < 0:
            raise KafkaError(f"{place.topic}/{place.partition}: the broker no longer knows where it put a batch")
        return first_offset + int(batches[-1].record_count())

    ends = await asyncio.gather(*(one(place, batches) for place, batches in packed.items()))
    return dict(zip(packed, ends, strict=True))


def _heard(answer: asyncio.Future[Any]) -> None:
    """What an answer says has been looked at: asyncio prints a traceback of an error that nobody looks at."""
    if not answer.cancelled():
        answer.exception()


def _overtaken(
    packed: Packed, ends: Mapping[TopicPartition, int], expected: Mapping[TopicPartition, int]
) -> Overtaken | None:
    """The partition whose records do not stand one behind the other from where it was expected to end, if any."""
    for place, end in expected.items():
        begin = ends[place] - sum(batch.record_count() for batch in packed[place])
        if begin != end:
            return Overtaken(*place, end, begin)
    return None


async def stop(producer: Any) -> None:
    """Stop an aiokafka producer; what it still tries after a few seconds is given up."""
    with suppress(Exception):
        await asyncio.wait_for(producer.stop(), CLOSE_S_MAX)
        return
    # stop() waits for batches that a broker which is away will never take.
    for leftover in (producer._sender.close, producer.client.close):
        with suppress(Exception):
            await asyncio.wait_for(leftover(), CLOSE_S_MAX)


class TransactionalProducer:
    """`agents.broker.interface.Producer` on Kafka."""

    def __init__(self, producer: Any, metadata: Metadata, transactional_id: str, timing: Timing) -> None:
        self._producer, self._metadata, self._timing = producer, metadata, timing
        self._transactional_id = transactional_id
        self._ended: BrokerError | None = None
        self._closed = self._busy = False
        self._stage = "opening"

    @classmethod
    async def open(cls, client: Mapping[str, Any], metadata: Metadata, transactional_id: str, timing: Timing) -> Self:
        """Initialise the producer id, which fences the holder before and waits for its transaction to end."""

        def make() -> Any:
            return AIOKafkaProducer(
                **client,
                client_id=f"bashgah-{transactional_id}",
                transactional_id=transactional_id,
                transaction_timeout_ms=timing.transaction_timeout_ms,
                acks="all",
                linger_ms=0,
                max_batch_size=BATCH_BYTES_MAX,
                max_request_size=8 * BATCH_BYTES_MAX,
                request_timeout_ms=timing.request_timeout_ms,
            )

        producer = await start(make, client, timing.open_deadline_ms, "Write", transactional_id)
        return cls(producer, metadata, transactional_id, timing)

    async def transact(
        self, outputs: Sequence[OutputRecord], expected_ends: Mapping[TopicPartition, int] = NOTHING_EXPECTED
    ) -> Mapping[TopicPartition, int]:
        """See the interface."""
        if self._ended:
            raise self._ended
        if self._closed or self._busy:
            raise RuntimeError(f"{self._transactional_id}: transact on a producer that is closed or busy")
        if not outputs:
            return {}
        self._busy = True
        try:
            packed = pack(self._producer.create_batch, outputs)
            await self._metadata.require(packed, "Write")
            return await self._commit(packed, expected_ends)
        finally:
            self._busy = False

    async def _commit(
        self, packed: Packed, expected_ends: Mapping[TopicPartition, int]
    ) -> Mapping[TopicPartition, int]:
        try:
            async with asyncio.timeout(self._timing.transaction_deadline_ms / 1000):
                self._stage = "begin"
                await self._producer.begin_transaction()
                self._stage = "send"
                ends = await send(self._producer, packed)
                if overtaken := _overtaken(packed, ends, expected_ends):
                    self._ended = overtaken
                    # Left open, it would hold every reader back until its timeout.
                    await self._producer.abort_transaction()
                    raise overtaken
                self._stage = "commit"
                await self._producer.commit_transaction()
                return ends
        except Overtaken:
            raise
        except (ProducerFenced, InvalidProducerEpoch) as error:
            self._ended = Fenced(self._transactional_id)
            raise self._ended from error
        except TimeoutError as error:
            self._ended = self._doubt(f"no answer in {self._timing.transaction_deadline_ms} ms")
            raise self._ended from error
        except asyncio.CancelledError:
            self._ended = self._doubt("it was cancelled")
            raise
        except Exception as error:
            self._ended = await self._refused(error, packed) or self._doubt(repr(error))
            raise self._ended from error

    async def _refused(self, error: Exception, packed: Packed) -> BrokerError | None:
        """What the broker refused the transaction for, where it leaves no doubt: no commit was asked for yet."""
        if self._stage == "commit":
            return None
        if meaning := meaning_of(error, "Write", self._transactional_id):
            return meaning
        if isinstance(error, InvalidTxnState):  # as which the client tells of a right that one of several topics lacks
            with suppress(Unreachable):
                return await self._metadata.lacking(packed, "Write")
        return None

    def _doubt(self, what_happened: str) -> OutcomeUnknown:
        return OutcomeUnknown(self._transactional_id, f"at {self._stage}: {what_happened}")

    async def close(self) -> None:
        """See the interface."""
        if not self._closed:
            self._closed = True
            await stop(self._producer)


class Publisher:
    """Idempotent publishing outside of transactions; opens itself, and anew after an error."""

    def __init__(self, client: Mapping[str, Any], metadata: Metadata, timing: Timing) -> None:
        self._client, self._metadata, self._timing = client, metadata, timing
        self._producer: Any = None
        self._opening = asyncio.Lock()

    async def publish(self, outputs: Sequence[OutputRecord]) -> None:
        """See `Broker.publish`."""
        places = {TopicPartition(*output[:2]) for output in outputs}
        await self._metadata.require(places, "Write")
        producer = await self._open()
        packed = pack(producer.create_batch, outputs)
        try:
            # An idempotent batch never expires by itself either.
            async with asyncio.timeout(self._timing.request_timeout_ms / 1000):
                await send(producer, packed)
        except (KafkaError, TimeoutError) as error:
            # Its sequence numbers may have a hole now, which the broker would refuse from here on.
            if self._producer is producer:
                self._producer = None
            await stop(producer)
            reason = f"not every record was acknowledged ({error or type(error).__name__})"
            unanswered = Unreachable("publish", reason, "publish again when the broker answers")
            raise meaning_of(error, "Write", "publish") or unanswered from error

    async def _open(self) -> Any:
        async with self._opening:
            if self._producer is None:
                deadline_ms = self._timing.open_deadline_ms
                self._producer = await start(self._make, self._client, deadline_ms, "IdempotentWrite", "cluster")
            return self._producer

    def _make(self) -> Any:
        return AIOKafkaProducer(
            **self._client,
            client_id="bashgah-publisher",
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES_MAX,
            max_request_size=8 * BATCH_BYTES_MAX,
            request_timeout_ms=self._timing.request_timeout_ms,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await stop(producer)
