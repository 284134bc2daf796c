"""The newest committed records of partitions, found by looking back from their ends; above all a journal's, which must
be of the same transaction as the watermark that the changelog ends with.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from agents.broker.interface import Broker, Reader, Record, TopicPartition
from agents.task.refusal import Refused, way
from agents.topics.changelog import last_watermark
from schemas import topics
from tables.journal import decode_entry
from tables.watermark import Watermark

_FETCH_WAIT_MS = 200
_FETCH_RECORDS_MAX = 1_000
_FIRST_LOOK_BACK = 16
_COMMIT_S = 0.5


class Ends(NamedTuple):
    """The ends of a changelog and of its journal: the watermark, and the newest transaction's number, None where
    retention has left no entry."""

    watermark: Watermark | None
    newest: int | None

    def difference(self) -> str | None:
        """How they differ, if they do.

        Each transaction writes one watermark and one entry, so that they differ only where the broker has committed one
        of them alone, or has lost records.
        """
        watermark, newest = self
        if watermark is None or newest is None or newest == watermark.transactions:
            return None
        numbers = f"its changelog ends with transaction {watermark.transactions}, its journal with {newest}"
        return f"{numbers}: the broker committed a transaction in one of them alone, or lost records"


async def lasting_differences(read: Callable[[], Awaitable[Sequence[Ends]]]) -> list[tuple[Ends, str | None]]:
    """What `read` gives, each with how the journal differs from the changelog where nothing is written meanwhile.

    A transaction that is just being committed looks for a moment like one that was committed in part.
    """
    first = await read()
    found = [each.difference() for each in first]
    if any(found):
        await asyncio.sleep(_COMMIT_S)
        second = await read()
        found = [each if then == now else None for each, then, now in zip(found, first, second, strict=True)]
    return list(zip(first, found, strict=True))


async def check_ends(who: int | str, known: Ends, read: Callable[[], Awaitable[Sequence[Ends]]]) -> None:
    """Raise `Refused` where journal and changelog of a lane, or of the `coordinator`, differ for good.

    `known`: as they were found when it opened; `read` gives them as they are now. Whoever opens may have been fenced
    meanwhile, and the next owner be at work.
    """
    if known.difference() is None:
        return
    [(_, difference)] = await lasting_differences(read)
    if difference is not None:
        on = f"{way(who, '--accept')} goes on from the changelog"
        remedy = f"keep every topic as it is and see what `bashgah verify` finds; then {on}"
        raise Refused(f"lane {who}" if isinstance(who, int) else who, difference, remedy)


async def lane_ends(broker: Broker, partitions: Sequence[int]) -> list[Ends]:
    """Of these lanes, as the broker tells them."""
    watermarks = await asyncio.gather(*(last_watermark(broker, number) for number in partitions))
    newest = await newest_transactions(broker, partitions)
    return [Ends(mark, newest.get(number)) for number, mark in zip(partitions, watermarks, strict=True)]


async def newest_records(broker: Broker, places: Collection[TopicPartition]) -> Mapping[TopicPartition, Record]:
    """The newest committed record of each partition; one that holds none is left out.

    Looks further back where the last offsets are markers and records of aborted transactions.
    """
    begins, ends = await broker.begin_offsets(places), await broker.end_offsets(places)
    found: dict[TopicPartition, Record] = {}
    wanted = {place for place in places if begins[place] < ends[place]}
    look_back = _FIRST_LOOK_BACK
    reader = await broker.reader()
    try:
        while wanted:
            starts = {place: max(begins[place], ends[place] - look_back) for place in wanted}
            found.update(await _last_records(reader, starts, ends))
            wanted = {place for place in wanted if place not in found and starts[place] > begins[place]}
            look_back *= 8
    finally:
        await reader.close()
    return found


async def newest_transactions(broker: Broker, partitions: Collection[int]) -> Mapping[int, int]:
    """The number of the newest transaction in each lane's journal; a lane whose journal is empty is left out."""
    newest = await newest_records(broker, [TopicPartition(topics.JOURNAL.name, number) for number in partitions])
    return {place.partition: decode_entry(record.value or b"").transaction for place, record in newest.items()}


async def _last_records(
    reader: Reader, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, Record]:
    """The last record below the end of each partition that has one from its start on."""
    found: dict[TopicPartition, Record] = {}
    unread = set(starts)
    await reader.assign(starts)
    while unread:
        for place, records in (await reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)).items():
            below = [record for record in records if record.offset < ends[place]]
            if below:
                found[place] = below[-1]
        unread = {place for place in unread if await reader.position(place) < ends[place]}
    return found
