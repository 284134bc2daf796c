"""The newest committed records of partitions, found by looking back from their ends."""

from collections.abc import Callable, Collection, Mapping

from agents.broker.interface import Broker, Reader
from schemas.records import Record, TopicPartition

_FETCH_WAIT_MS = 200
_FETCH_RECORDS_MAX = 1_000
_FIRST_LOOK_BACK = 16


async def newest_records(
    broker: Broker, places: Collection[TopicPartition], wanted: Callable[[Record], bool] = lambda _: True
) -> Mapping[TopicPartition, Record]:
    """The newest committed record of each partition that is `wanted`, in the order of `places`; without one, none.

    Looks further back where the last offsets are markers, records of aborted transactions and others.
    """
    begins, ends = await broker.begin_offsets(places), await broker.end_offsets(places)
    found: dict[TopicPartition, Record] = {}
    left = {place for place in places if begins[place] < ends[place]}
    look_back = _FIRST_LOOK_BACK
    reader = await broker.reader()
    try:
        while left:
            starts = {place: max(begins[place], ends[place] - look_back) for place in left}
            found.update(await _last_records(reader, starts, ends, wanted))
            left = {place for place in left if place not in found and starts[place] > begins[place]}
            look_back *= 8
    finally:
        await reader.close()
    return {place: found[place] for place in places if place in found}


async def _last_records(
    reader: Reader,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    wanted: Callable[[Record], bool],
) -> dict[TopicPartition, Record]:
    """The last wanted record below the end of each partition that has one from its start on."""
    found: dict[TopicPartition, Record] = {}
    unread = set(starts)
    await reader.assign(starts)
    while unread:
        for place, records in (await reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)).items():
            below = [record for record in records if record.offset < ends[place] and wanted(record)]
            if below:
                found[place] = below[-1]
        unread = {place for place in unread if await reader.position(place) < ends[place]}
    return found
