"""What each worker knows of `club.programme`: the whole topic, read outside any consumer group.

Lanes adopt new versions between batches and never go back: what a lane has adopted is an offset in its watermark, and
the versions below it are those that it goes by. Only `bashgah programme publish` writes there; what else comes there
publishes nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from agents.broker.interface import Broker, Reader
from agents.task.refusal import TaskRefused
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.invalid import Invalid
from schemas.programme_file import load
from schemas.programmes import ProgrammeRecord, decode_programme
from schemas.records import Record, TopicPartition

log = logging.getLogger(__name__)

PROGRAMME = TopicPartition(topics.PROGRAMME.name, 0)

_FETCH_WAIT_MS = 500
_FETCH_RECORDS_MAX = 100


class Stray(NamedTuple):
    """A record of the topic that publishes nothing, and why. `over`: it stands over a version, which compaction takes
    away with it unless that is published again."""

    offset: int
    key: bytes
    reason: str
    over: bool

    def __str__(self) -> str:
        return f"{PROGRAMME.topic}/{PROGRAMME.partition} offset {self.offset}, under {self.name}: {self.reason}"

    @property
    def name(self) -> str:
        """The key as text."""
        return self.key.decode("utf-8", "replace")


class Publications:
    """What the topic publishes: of each key the first record that is a version, which never changes.

    A record that is no version publishes nothing, so it is passed over. Where it, or another text, stands over a
    version, that is to be published again before anybody goes on. `strays`: the last such record of each key.
    """

    def __init__(self) -> None:
        self.strays: dict[bytes, Stray] = {}
        self._documents: dict[bytes, str] = {}

    def take(self, record: Record) -> ProgrammeRecord | None:
        """Add the next record of the topic; the version, where it publishes one that was not there."""
        key = record.key or b""
        known = self._documents.get(key)
        try:
            found = decode_programme(record.key, record.value)
        except Invalid as fault:
            self._astray(record, f"is no programme version: {fault.detail}")
            return None
        if known is None:
            self._documents[key] = found.document
        elif known != found.document:
            self._astray(record, "is another text of a version that has been published")
            return None
        self.strays.pop(key, None)
        return found if known is None else None

    def check(self) -> None:
        """Raise `TaskRefused` where a record stands over a version."""
        over = next((each for each in self.strays.values() if each.over), None)
        if over is not None:
            remedy = (
                f"find out who wrote it; publish {over.name} again with its first text (`bashgah programme publish`)"
                " before compaction takes that away, and start again"
            )
            raise TaskRefused(f"{PROGRAMME.topic}/{PROGRAMME.partition} offset {over.offset}", over.reason, remedy)

    def _astray(self, record: Record, reason: str) -> None:
        key = record.key or b""
        over = key in self._documents
        stray = self.strays[key] = Stray(
            record.offset, key, reason + (f", and stands over {key!r}" if over else ""), over
        )
        log.warning("passed over: %s", stray)


def compiled(published: ProgrammeRecord, offset: int) -> CompiledProgramme:
    """The version that is published. Raises `TaskRefused` when this release cannot execute it."""
    try:
        return _compiled(published.document)
    except Exception as error:  # whatever it is, going on without this version would score wrongly
        where = f"{PROGRAMME.topic}/{PROGRAMME.partition} offset {offset}"
        reason = f"this release cannot execute the published programme: {error}"
        raise TaskRefused(where, reason, "run the release that it was published with, or a later one") from error


@lru_cache(maxsize=64)
def _compiled(document: str) -> CompiledProgramme:
    """The version that a programme file describes; several lanes and followers of a process share it."""
    return CompiledProgramme(load(document, "published programme"))


class ProgrammeFollower:
    """Reads the programme topic from its beginning and goes on reading. One a process.

    `end`: the offset after the newest version known; `position`: how far the topic has been read.
    """

    def __init__(self, broker: Broker, on_change: Callable[[], None] = lambda: None) -> None:
        self._broker = broker
        self._on_change = on_change
        self._reader: Reader | None = None
        self._reading = asyncio.Lock()
        self._publications = Publications()
        self._versions: list[tuple[int, CompiledProgramme]] = []
        self.position = 0
        self.end = 0

    async def open(self) -> None:
        """Read all that is published now. Raises `TaskRefused` for a version that cannot be executed, or is
        overwritten."""
        reader = self._reader = await self._broker.reader()
        self.position = (await self._broker.begin_offsets([PROGRAMME]))[PROGRAMME]
        await reader.assign({PROGRAMME: self.position})
        await self.catch_up()

    async def catch_up(self) -> None:
        """Read to the topic's present end."""
        end = (await self._broker.end_offsets([PROGRAMME]))[PROGRAMME]
        while self.position < end:
            await self._read()
        self._publications.check()

    async def follow(self) -> None:
        """Read on for ever; ends by being cancelled, or with `TaskRefused`."""
        while True:
            await self._read()
            self._publications.check()

    async def close(self) -> None:
        """Stop reading."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    def versions(self, offset: int) -> ProgrammeVersions:
        """The versions below an offset of the topic."""
        return ProgrammeVersions(version for at, version in self._versions if at < offset)

    async def _read(self) -> None:
        async with self._reading:
            assert self._reader is not None, "open() comes first"
            found = await self._reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)
            for record in found.get(PROGRAMME, ()):
                published = self._publications.take(record)
                if published is None:
                    continue
                self._versions.append((record.offset, compiled(published, record.offset)))
                self.end = record.offset + 1
                log.info("programme %s/%d is known", published.programme, published.version)
            self.position = await self._reader.position(PROGRAMME)
        if found:
            self._on_change()


async def check_programmes(broker: Broker) -> None:
    """Raise `TaskRefused` for what no lane could go on with, whatever an operator decides about the lane itself."""
    follower = ProgrammeFollower(broker)
    try:
        await follower.open()
    finally:
        await follower.close()
