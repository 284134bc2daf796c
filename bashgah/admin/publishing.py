"""Events of the contract from files to the broker, each to the topic of its type and the partition of its member."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from agents.broker.interface import READ_BYTES_MAX, Broker
from agents.process.exit_codes import ClubError, ExitCode
from bashgah.offline.event_files import NOT_UNPACKED, lines_in, unpacked
from schemas import topics
from schemas.contract import INPUT_MODELS, models_of
from schemas.events import decode
from schemas.given_files import open_given
from schemas.invalid import Invalid
from schemas.kafka.partitioner import partition_of
from schemas.records import BATCH_BYTES_MAX, OutputRecord, record_bytes

BATCH_EVENTS_MAX = 2_000
LOOK_S = 0.1
"""How often a limited rate is kept to."""

_TOPIC_OF_TYPE: Mapping[str, str] = {
    model.__struct_config__.tag: topic for topic in INPUT_MODELS for model in models_of(topic)
}


class _Address(msgspec.Struct):
    type: str
    subject: str


_read_address = msgspec.json.Decoder(_Address).decode
_partition_of = lru_cache(maxsize=200_000)(partition_of)


class EventLine(NamedTuple):
    """One event of a file, and how many bytes of the file have been read so far."""

    topic: str
    key: bytes
    value: bytes
    read_bytes: int


def lines_of(path: Path) -> Iterator[EventLine]:
    """The events of a `.jsonl`, `.jsonl.gz` or `.jsonl.xz` file; empty lines are passed.

    Raises `ClubError` naming file and line for what is no event of the contract, and OSError for what cannot be read.
    """
    with open_given(path) as raw, unpacked(path, raw) as file:
        try:
            for number, line in enumerate(lines_in(path, file, BATCH_BYTES_MAX), 1):
                if not isinstance(line, bytes):
                    raise _too_large(path, number, line.length)
                value = line.strip()
                if value:
                    topic, key = _addressed(path, number, value)
                    if (size := record_bytes(OutputRecord(topic, 0, key, value))) > BATCH_BYTES_MAX:
                        raise _too_large(path, number, size)
                    yield EventLine(topic, key, value, raw.tell())
        except NOT_UNPACKED as fault:
            raise ClubError(
                str(path), f"cannot be unpacked to its end: {fault}", "pack it again", ExitCode.BAD_FILE
            ) from None


def _addressed(path: Path, number: int, value: bytes) -> tuple[str, bytes]:
    try:
        address = _read_address(value)
        topic, key = _TOPIC_OF_TYPE[address.type], address.subject.encode()
        decode(topic, key, value)
    except KeyError:
        raise _bad_line(path, number, "$.type: no input has events of this type") from None
    except Invalid as error:
        raise _bad_line(path, number, error.detail) from None
    except (ValueError, RecursionError) as error:
        raise _bad_line(path, number, str(error)) from None
    return topic, key


def _too_large(path: Path, number: int, size: int) -> ClubError:
    return _bad_line(path, number, f"takes {size} bytes as a record, {BATCH_BYTES_MAX} at most")


def _bad_line(path: Path, number: int, reason: str) -> ClubError:
    remedy = "mend it and publish again (an event that was published before counts once)"
    return ClubError(f"{path}:{number}", reason, remedy, ExitCode.BAD_FILE)


async def partition_counts(broker: Broker) -> Mapping[str, int]:
    """The partitions of the input topics. Raises `ClubError` unless all exist and have the same count."""
    found = await broker.describe([topic.name for topic in topics.INPUTS])
    counts = {topic.name: found[topic.name].partitions for topic in topics.INPUTS if topic.name in found}
    if len(counts) < len(topics.INPUTS) or len(set(counts.values())) > 1:
        have = ", ".join(f"{topic.name} {counts.get(topic.name, 'missing')}" for topic in topics.INPUTS)
        remedy = "see `bashgah topics check`"
        raise ClubError(
            "topics", f"the inputs must all have one partition count ({have})", remedy, ExitCode.BAD_SETTING
        )
    return counts


async def publish(
    broker: Broker, lines: Iterator[EventLine], rate: int | None, progress: Callable[[EventLine, int], None]
) -> int:
    """Publish every line, at most `rate` a second; how many. `progress` gets each batch's last line and its size.

    An event counts as published when all replicas in sync have it. What was published before an error stays.
    """
    counts = await partition_counts(broker)
    size = BATCH_EVENTS_MAX if rate is None else max(1, min(BATCH_EVENTS_MAX, int(rate * LOOK_S)))
    clock = asyncio.get_running_loop().time
    began, published = clock(), 0
    for batch in _batches(lines, size):
        if rate is not None:
            await asyncio.sleep(max(0.0, began + published / rate - clock()))
        await broker.publish(
            [
                OutputRecord(each.topic, _partition_of(each.key, counts[each.topic]), each.key, each.value)
                for each in batch
            ]
        )
        published += len(batch)
        progress(batch[-1], len(batch))
    return published


def _batches(lines: Iterator[EventLine], size: int) -> Iterator[list[EventLine]]:
    """The lines in lists of so many, or of `READ_BYTES_MAX`; what stands before a bad line comes before its error."""
    batch: list[EventLine] = []
    held = 0
    try:
        for line in lines:
            batch.append(line)
            held += len(line.value)
            if len(batch) == size or held >= READ_BYTES_MAX:
                yield batch
                batch, held = [], 0
    except ClubError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
