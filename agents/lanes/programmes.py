"""What each worker knows of `club.programme`: the whole topic, read outside any consumer group.

Lanes adopt new versions between batches and never go back: what a lane has adopted is an offset in its watermark, and
the versions below it are its shelf.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import lru_cache

from agents.broker.interface import Broker, Reader, Record, TopicPartition
from agents.lanes.refusal import Refused
from engine.compiled import Compiled
from engine.shelf import Shelf
from schemas import topics
from schemas.programme_file import load
from schemas.programmes import decode_programme

log = logging.getLogger(__name__)

PROGRAMME = TopicPartition(topics.PROGRAMME.name, 0)

_FETCH_WAIT_MS = 500
_FETCH_RECORDS_MAX = 100


def read_version(record: Record) -> Compiled:
    """The programme version of a record. Raises `Refused` when this release cannot execute what was published."""
    where = f"{record.topic}/{record.partition} offset {record.offset}"
    try:
        return _compiled(decode_programme(record.key, record.value).document)
    except Exception as error:  # whatever it is, going on without this version would score wrongly
        reason = f"this release cannot execute the published programme: {error}"
        raise Refused(where, reason, "run the release that it was published with, or a later one") from error


@lru_cache(maxsize=64)
def _compiled(document: str) -> Compiled:
    """The version that a programme file describes; several lanes and followers of a process share it."""
    return Compiled(load(document, "published programme"))


class ProgrammeFollower:
    """Reads the programme topic from its beginning and goes on reading. One a process.

    `end`: the offset after the newest version known; `position`: how far the topic has been read.
    """

    def __init__(self, broker: Broker, on_change: Callable[[], None] = lambda: None) -> None:
        self._broker = broker
        self._on_change = on_change
        self._reader: Reader | None = None
        self._reading = asyncio.Lock()
        self._versions: list[tuple[int, Compiled]] = []
        self.position = 0
        self.end = 0

    async def open(self) -> None:
        """Read all that is published now. Raises `Refused` for a version that cannot be executed."""
        reader = self._reader = await self._broker.reader()
        self.position = (await self._broker.begin_offsets([PROGRAMME]))[PROGRAMME]
        await reader.assign({PROGRAMME: self.position})
        await self.catch_up()

    async def catch_up(self) -> None:
        """Read to the topic's present end."""
        end = (await self._broker.end_offsets([PROGRAMME]))[PROGRAMME]
        while self.position < end:
            await self._read()

    async def follow(self) -> None:
        """Read on for ever; ends by being cancelled, or with `Refused`."""
        while True:
            await self._read()

    async def close(self) -> None:
        """Stop reading."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    def shelf(self, offset: int) -> Shelf:
        """The versions below an offset of the topic."""
        return Shelf(version for at, version in self._versions if at < offset)

    async def _read(self) -> None:
        async with self._reading:
            assert self._reader is not None, "open() comes first"
            found = await self._reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)
            for record in found.get(PROGRAMME, ()):
                self._versions.append((record.offset, read_version(record)))
                self.end = record.offset + 1
                log.info("programme %s is known", (record.key or b"").decode("utf-8", "replace"))
            self.position = await self._reader.position(PROGRAMME)
        if found:
            self._on_change()
