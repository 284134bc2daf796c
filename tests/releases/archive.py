"""A whole broker as a text file, so that what one release wrote can be kept and be opened by the next.

A line for each topic and one for each record: topic, partition, offset, timestamp, key, value, headers. Bytes that are
text stand as text, others in base64; what is long is compressed.
"""

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from bashgah.embedded.log import Log
from bashgah.embedded.storage import Extent, LogChange, MemoryStorage, StoredPartition, StoredRecord, StoredTopic
from schemas.records import TopicPartition

LONG_BYTES = 2_000
_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def save(log: Log, path: Path) -> None:
    """Write all topics with everything that is committed in them."""
    path.write_text("".join(f"{_line(line)}\n" for line in _lines(log)), encoding="utf-8")


def _line(content: Any) -> str:
    """JSON in which nothing is invisible."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _lines(log: Log) -> Iterator[Any]:
    for topic in log.topics:
        places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        extents = [(log.partition(place).begin, log.partition(place).stable) for place in places]
        yield {"topic": msgspec.to_builtins(topic), "extents": extents}
        for place in places:
            for offset, timestamp, key, value, headers in log.entries(place):
                more = [[name, _shown(said)] for name, said in headers]
                record = [place.topic, place.partition, offset, timestamp, _shown(key), _shown(value)]
                yield [*record, more] if more else record


def load(path: Path, clock_ms: Callable[[], int]) -> Log:
    """A broker in memory that holds what was saved; `clock_ms` is its clock from now on."""
    storage = MemoryStorage()
    topics: dict[str, StoredTopic] = {}
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        fields = json.loads(line)
        if isinstance(fields, dict):
            topic = msgspec.convert(fields["topic"], StoredTopic)
            topics[topic.name] = topic
            extents = {
                StoredPartition(topic.id, number): Extent(*extent) for number, extent in enumerate(fields["extents"])
            }
            storage.write(LogChange(created=topic, extents=extents))
            continue
        name, partition, offset, timestamp, key, value, *more = fields
        headers = tuple((header, _bytes(said) or b"") for header, said in (more[0] if more else ()))
        entry = StoredRecord(offset, timestamp, _bytes(key), _bytes(value), headers)
        storage.write(LogChange(added={StoredPartition(topics[name].id, partition): [entry]}))
    log = Log(storage, clock_ms, transaction_timeout_ms=2**50)
    log.open()
    return log


def _shown(value: bytes | None) -> Any:
    if value is None:
        return None
    if len(value) > LONG_BYTES:
        return {"zlib": base64.b64encode(zlib.compress(value, 9)).decode()}
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _bytes(shown: Any) -> bytes | None:
    if shown is None or isinstance(shown, str):
        return shown.encode() if shown is not None else None
    if "zlib" in shown:
        return zlib.decompress(base64.b64decode(shown["zlib"]))
    return base64.b64decode(shown["base64"])
