"""What the club keeps of its members, read from the broker alone: no worker is asked, and none is disturbed.

The rows are the newest of the lanes' changelogs; what a lane has not committed yet is not in them.
"""

import heapq
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from agents.broker.interface import Broker
from agents.lanes.spec import no_watermark
from agents.process.exit_codes import ClubError, ExitCode
from agents.topics.boards import published_boards
from agents.topics.changelog import PartitionReader, changelog_of
from agents.topics.partition_counts import club_lanes
from agents.topics.programmes import ProgrammeFollower
from bashgah.audit.member_festivals import InFestival, in_festivals, wanted_row
from bashgah.offline.members_table import Row, member_rows
from engine.ledger.member import HEAD, Head, Lot, active_lots
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import Record, TopicPartition
from tables import codec
from tables.overlay import MemberRows
from tables.rows import is_row, member_end, member_prefix, split
from tables.store import WATERMARK_KEY, MemoryStore
from tables.watermark import Watermark, decode_watermark

_LOOK_BACK = 20_000
_FETCH_RECORDS_MAX = 20_000
_FETCH_WAIT_MS = 200


class MemberView(NamedTuple):
    """A member as a lane has it. `lots`: active ones; `tier`: the level held, None where the programme has none.

    `postings`: the data of the last ones, newest first, each with its envelope. `versions`: the versions that the lane
    knows.
    """

    member: str
    partition: int
    watermark: Watermark
    head: Head
    lots: tuple[Lot, ...]
    tier: str | None
    festivals: tuple[InFestival, ...]
    postings: list[dict[str, Any]]
    versions: ProgrammeVersions


async def member_view(broker: Broker, member: str, postings: int) -> MemberView:
    """Everything about one member. Raises `ClubError` where the lanes know no such member."""
    partition = partition_of(member.encode(), await club_lanes(broker))
    prefix = member_prefix(member)
    store, watermark = await lane_rows(
        broker, partition, lambda key: key.startswith(prefix) or wanted_row(key, member)
    )  # fmt: skip
    rows = dict(store.scan(prefix, member_end(member)))
    if prefix + HEAD not in rows:
        raise unknown(member, partition)
    head: Head = codec.decode(HEAD, rows[prefix + HEAD])
    lots = active_lots(head, MemberRows(member, store).get)
    follower = ProgrammeFollower(broker)
    try:
        await follower.open()
        tier = _tier(follower, watermark)
        versions = follower.versions(watermark.programme_offset)
    finally:
        await follower.close()
    terms = {each.id: each for each in versions.festivals}
    boards = await published_boards(broker) if head.festivals else {}
    festivals = in_festivals(member, head, store, terms, boards)
    last = await newest_of(broker, TopicPartition(topics.POINTS.name, partition), member.encode(), postings)
    decoded = [msgspec.json.decode(record.value or b"") for record in last]
    return MemberView(
        member, partition, watermark, head, tuple(sorted(lots, key=_spent_first)), tier, festivals, decoded, versions
    )


async def all_members(broker: Broker, progress: Callable[[int, int], None] = lambda done, of: None) -> Iterator[Row]:
    """The rows of `members.csv` from all lanes, sorted by member bytewise. `progress` hears of lanes done, and of all.

    About a hundred bytes a member are held in memory, and one lane's rows at a time.
    """
    partitions = await club_lanes(broker)
    follower = ProgrammeFollower(broker)
    tables: list[list[Row]] = []
    try:
        await follower.open()
        for partition in range(partitions):
            store, watermark = await lane_rows(broker, partition, _is_head)
            tables.append(list(member_rows(store, _tier(follower, watermark))))
            progress(partition + 1, partitions)
    finally:
        await follower.close()
    return heapq.merge(*tables)


async def lane_rows(broker: Broker, partition: int, wanted: Callable[[bytes], bool]) -> tuple[MemoryStore, Watermark]:
    """The newest of those of a lane's rows whose keys are wanted, and its watermark. `ClubError` where it has none."""
    place = changelog_of(partition)
    begin = (await broker.begin_offsets([place]))[place]
    end = (await broker.end_offsets([place]))[place]
    store = MemoryStore()
    reader = await broker.reader()
    try:
        source = PartitionReader(reader, place)
        await source.seek(begin)
        while await source.position() < end:
            found = [(each.key, each.value) for each in await source.fetch()]
            store.write([row for row in found if row[0] == WATERMARK_KEY or (is_row(row[0]) and wanted(row[0]))])
    finally:
        await reader.close()
    raw = store.get_many([WATERMARK_KEY])[0]
    if raw is None:
        raise no_watermark(partition)
    return store, decode_watermark(raw)


async def newest_of(broker: Broker, place: TopicPartition, key: bytes, count: int) -> list[Record]:
    """The last `count` records of a key, newest first: looked for from the end backwards, further each time."""
    begin = (await broker.begin_offsets([place]))[place]
    end = (await broker.end_offsets([place]))[place]
    found: list[Record] = []
    look_back = _LOOK_BACK
    reader = await broker.reader()
    try:
        while end > begin and len(found) < count:
            start = max(begin, end - look_back)
            await reader.assign({place: start})
            here: list[Record] = []
            while await reader.position(place) < end:
                fetched = (await reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)).get(place, ())
                here += [record for record in fetched if record.key == key and record.offset < end]
            found += reversed(here)
            end, look_back = start, look_back * 4
    finally:
        await reader.close()
    return found[:count]


def unknown(member: str, partition: int) -> ClubError:
    """No lane has a row of the member."""
    remedy = "check the reference; a customer is known from the first event that was processed (`bashgah lane status`)"
    return ClubError(member, f"lane {partition} knows no such member", remedy, ExitCode.BAD_FILE)


def _is_head(key: bytes) -> bool:
    return key[:1] != b"\0" and split(key)[1] == HEAD


def _tier(follower: ProgrammeFollower, watermark: Watermark) -> str | None:
    version = follower.versions(watermark.programme_offset).at(watermark.last_tick or 0)
    return version.tier if version else None


def _spent_first(lot: Lot) -> tuple[int, int]:
    return lot.expiry, lot.activation
