"""Bringing the rows of tasks up to their changelogs. Nobody else may write to those any more."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from agents.broker.interface import Broker, TopicDescription
from agents.task.checks import check_changelog
from agents.task.refusal import TaskRefused, way
from agents.task.spec import Opening, TaskSpec
from agents.topics.changelog import PartitionReader, SharedPart, SharedReader
from schemas.records import TopicPartition
from tables.recovery import Truncated, recover, still_good
from tables.store import WATERMARK_KEY, Store
from tables.watermark import Watermark, decode_watermark

log = logging.getLogger(__name__)


async def check_changelogs(
    broker: Broker, specs: Sequence[TaskSpec], described: Mapping[str, TopicDescription]
) -> Mapping[TopicPartition, int]:
    """Where the changelogs begin. Raises `TaskRefused` unless they are whole."""
    begins = await broker.begin_offsets([spec.changelog for spec in specs])
    for place, begin in begins.items():
        check_changelog(place, described[place.topic], begin)
    return begins


async def recover_all(
    broker: Broker,
    openings: Sequence[Opening],
    stores: Mapping[str, Store],
    described: Mapping[str, TopicDescription],
    now: int,
) -> Mapping[TopicPartition, int]:
    """Bring the rows in these stores, by the tasks' names, up to their changelogs, with one reader; where those ended.
    `now` in ms."""
    specs = [opening.spec for opening in openings]
    ends = await broker.end_offsets([spec.changelog for spec in specs])
    begins = await check_changelogs(broker, specs, described)
    reader = await broker.reader()
    try:
        shared = SharedReader(reader, begins)
        await shared.open()
        works = []
        for opening in openings:
            place, store = opening.spec.changelog, stores[opening.spec.name]
            works.append(_recover_one(opening, store, shared.part(place), described[place.topic], ends[place], now))
        await together(works)
    finally:
        await reader.close()
    return ends


async def together(works: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Do these at once. Where one fails, the others are cancelled, and its error is raised."""
    if len(works) == 1:
        await works[0]
        return
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed


async def _recover_one(
    opening: Opening, store: Store, source: SharedPart, changelog: TopicDescription, end: int, now: int
) -> None:
    spec = opening.spec
    copy = store.copy()
    retention_ms = int(changelog.settings(spec.changelog.topic).get("delete.retention.ms", 86_400_000))
    if copy is not None and not still_good(copy, changelog.id, now, retention_ms):
        why = "it is of another changelog" if copy.changelog != changelog.id else "it is too old"
        log.warning("%s: the local copy is thrown away: %s", spec.title, why)
        opening.discarded(why)
        store.clear()
    try:
        await recover(store, source, changelog.id, end, opening.recovering)
    except Truncated as error:
        held, ends = error.args
        reason = f"the local copy holds the changelog up to {held}, the changelog ends at {ends}: it lost records"
        remedy = f"find out why; then {way(spec.name, '--accept')} takes the changelog as it is"
        raise TaskRefused(spec.title, reason, remedy) from error


async def read_rows(broker: Broker, spec: TaskSpec, store: Store) -> Watermark | None:
    """Fill an empty store with what a task's changelog holds; the watermark that it ends with."""
    place = spec.changelog
    end = (await broker.end_offsets([place]))[place]
    reader = await broker.reader()
    try:
        await recover(store, PartitionReader(reader, place), "", end)
    finally:
        await reader.close()
    return watermark_in(store)


def watermark_in(store: Store) -> Watermark | None:
    """Where the rows say to go on; None where they say nothing."""
    value = store.get_many([WATERMARK_KEY])[0]
    return None if value is None else decode_watermark(value)
