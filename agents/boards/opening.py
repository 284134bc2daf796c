"""Opening the coordinator: fence whoever held it, bring its rows up to its changelog, check that it can go on.

The order is a lane's, and matters as much. On its very first start, unlike a lane, it begins by itself, at the earliest
offset of `club.partial`. That is safe because nothing has been told before that offset: it refuses where records were
deleted from the topic, and where its journal shows that it has worked before. And what it then makes follows from the
topic alone, so that it could only be what another first start would make.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from agents.boards.observer import CoordinatorObserver
from agents.boards.options import CoordinatorOptions
from agents.broker.interface import Broker, Output, Producer, TopicDescription, TopicPartition
from agents.process.exit_codes import ExitCode
from agents.task.checks import begins_anew, check_changelog, programme_obstacle
from agents.task.ownership import check_owner
from agents.task.refusal import Refused, way
from agents.topics.changelog import PartitionReader, newest_watermark
from agents.topics.journal import Ends, check_ends, newest_records
from agents.topics.partition_counts import REMEDY, lanes_of, raised
from agents.topics.programmes import PROGRAMME, ProgrammeFollower
from engine.meaning import CURRENT
from schemas import topics
from tables.coordination import BoardTerms, decode_coordinator_entry, encode_coordinator_entry
from tables.journal import Decision, Entry
from tables.recovery import Truncated, recover, still_good
from tables.store import WATERMARK_KEY, Row, Store
from tables.watermark import Watermark, decode_watermark, encode_watermark

log = logging.getLogger(__name__)

PARTIAL = TopicPartition(topics.PARTIAL.name, 0)
CHANGELOG = TopicPartition(topics.COORDINATOR.name, 0)
NAME = "coordinator"
ACCEPT = way(NAME, "--accept")
"""The command that lets it go on with what is there."""
_TOPICS = (
    topics.PARTIAL, topics.COORDINATOR, topics.JOURNAL, topics.STATE, topics.LEADERBOARD, topics.PROGRAMME,
    *topics.INPUTS,
)  # fmt: skip


class Place(NamedTuple):
    """Where the coordinator works: the topics' ids, and the number of lanes, which is the journal's partition too."""

    ids: Mapping[str, str]
    lanes: int

    @property
    def journal(self) -> TopicPartition:
        """The coordinator's part of the journal: the last partition."""
        return TopicPartition(topics.JOURNAL.name, self.lanes)


class Opened(NamedTuple):
    """What the coordinator needs to run. `changelog`: its topic's id; `changelog_end`: where that ended. `end`: where
    `club.partial` ended."""

    place: Place
    producer: Producer
    store: Store
    changelog: str
    changelog_end: int
    watermark: Watermark
    end: int


async def find(broker: Broker) -> tuple[Place, Mapping[str, TopicDescription]]:
    """The topics. Raises `Refused` unless all are there and as they must be."""
    described = await broker.describe([topic.name for topic in _TOPICS])
    missing = [topic.name for topic in _TOPICS if topic.name not in described]
    if missing:
        raise Refused(", ".join(missing), "no such topic", "`bashgah topics create` makes them", ExitCode.BAD_SETTING)
    if more := raised(described):
        raise Refused("partitions", "; ".join(map(str, more)), REMEDY)
    lanes = lanes_of(described)
    for topic in _TOPICS:
        found, wanted = described[topic.name].partitions, topic.partition_count(lanes)
        if found < wanted:
            remedy = "add the missing ones with kafka-topics.sh --alter, nothing stands in them yet"
            raise Refused(topic.name, f"has {found} partitions, a club of {lanes} lanes needs {wanted}", remedy)
    return Place({name: each.id for name, each in described.items()}, lanes), described


async def open_coordinator(
    broker: Broker,
    follower: ProgrammeFollower,
    stores: Callable[[], Store],
    options: CoordinatorOptions,
    observer: CoordinatorObserver,
    wall_ms: Callable[[], int],
) -> Opened:
    """Open it. Raises what stands in the way; what was opened is closed again."""
    place, described = await find(broker)
    producer = await broker.producer(options.transactional_id)
    store: Store | None = None
    try:
        store = stores()
        changelog = described[CHANGELOG.topic]
        changelog_end = await _recover(broker, store, changelog, observer, wall_ms())
        watermark = last_watermark(store)
        if watermark is None:
            first = await _begin(broker, place, options.app_id)
            entry = decided(first, Decision("first", "", "the first start", dict(first.offsets), 0), 0, wall_ms())
            expected = {CHANGELOG: changelog_end}
            changelog_end = (await producer.transact(written(place, [], first, entry), expected))[CHANGELOG] + 1
            watermark = first
        await check_owner(broker, NAME, watermark, options.app_id)
        end = await _check(broker, follower, place, watermark)
        return Opened(place, producer, store, changelog.id, changelog_end, watermark, end)
    except BaseException:
        if store is not None:
            store.close()
        await producer.close()
        raise


async def _recover(
    broker: Broker, store: Store, changelog: TopicDescription, observer: CoordinatorObserver, now: int
) -> int:
    retention_ms = int(changelog.settings(CHANGELOG.topic).get("delete.retention.ms", 86_400_000))
    copy = store.copy()
    if copy is not None and not still_good(copy, changelog.id, now, retention_ms):
        why = "it is of another changelog" if copy.changelog != changelog.id else "it is too old"
        log.warning("%s: the local copy is thrown away: %s", NAME, why)
        observer.copy_discarded(why)
        store.clear()
    try:
        return await recovered(broker, store, changelog, observer)
    except Truncated as error:
        held, ends = error.args
        reason = f"the local copy holds the changelog up to {held}, the changelog ends at {ends}: it lost records"
        raise Refused(NAME, reason, f"find out why; then {ACCEPT} takes the changelog as it is") from error


async def recovered(broker: Broker, store: Store, changelog: TopicDescription, observer: CoordinatorObserver) -> int:
    """Bring the store up to the changelog; where that ended. Nobody else may write to it any more."""
    check_changelog(CHANGELOG, changelog, (await broker.begin_offsets([CHANGELOG]))[CHANGELOG])
    end = (await broker.end_offsets([CHANGELOG]))[CHANGELOG]
    reader = await broker.reader()
    try:
        await recover(store, PartitionReader(reader, CHANGELOG), changelog.id, end, observer.recovering)
    finally:
        await reader.close()
    return end


def last_watermark(store: Store) -> Watermark | None:
    """Where the changelog says to go on; None where it says nothing."""
    value = store.get_many([WATERMARK_KEY])[0]
    return decode_watermark(value) if value is not None else None


async def _begin(broker: Broker, place: Place, app_id: str) -> Watermark:
    """The watermark of the first start: see the module."""
    if await last_transaction(broker, place) is not None:
        reason = "the changelog has no watermark, but the journal shows that the coordinator has worked before"
        raise Refused(CHANGELOG.topic, reason, f"restore it; or {ACCEPT} makes all boards anew")
    begin = (await broker.begin_offsets([PARTIAL]))[PARTIAL]
    if begin > 0:
        reason = f"the topic begins at {begin}: what lanes told before was deleted unread"
        raise Refused(PARTIAL.topic, reason, f"{ACCEPT} begins there")
    return Watermark(offsets={PARTIAL.topic: begin}, topics=ids_of(place), app_id=app_id)


async def last_transaction(broker: Broker, place: Place) -> int | None:
    """The number of the newest transaction in the coordinator's journal; None where there is none."""
    newest = (await newest_records(broker, [place.journal])).get(place.journal)
    return None if newest is None else decode_coordinator_entry(newest.value or b"").entry.transaction


async def ends_of(broker: Broker, place: Place) -> list[Ends]:
    """The ends of its changelog and its journal, as the broker tells them."""
    return [Ends(await newest_watermark(broker, CHANGELOG), await last_transaction(broker, place))]


def ids_of(place: Place) -> dict[str, str]:
    """The ids that a watermark keeps."""
    return {name: place.ids[name] for name in (PARTIAL.topic, PROGRAMME.topic)}


def decided(after: Watermark, decision: Decision, start: int, now: int) -> bytes:
    """The journal's entry of a decision that no batch made."""
    entry = Entry(
        transaction=after.transactions,
        now=now,
        replay=None,
        starts={PARTIAL.topic: start},
        steps=[],
        decision=decision,
        meaning=CURRENT,
    )
    return encode_coordinator_entry(entry, BoardTerms())


def written(place: Place, rows: list[Row], watermark: Watermark, entry: bytes) -> list[Output]:
    """The records of a transaction besides what goes out."""
    records = [Output(CHANGELOG.topic, 0, key, value) for key, value in rows]
    records.append(Output(CHANGELOG.topic, 0, WATERMARK_KEY, encode_watermark(watermark)))
    records.append(Output(place.journal.topic, place.journal.partition, None, entry))
    return records


async def _check(broker: Broker, follower: ProgrammeFollower, place: Place, watermark: Watermark) -> int:
    """Raise `Refused` unless the topics fit the watermark; where `club.partial` ends."""
    known = Ends(watermark, await last_transaction(broker, place))
    await check_ends(NAME, known, partial(ends_of, broker, place))
    begin, end = await extent(broker)
    found = obstacle(watermark, place.ids, begin, end)
    if found is not None:
        raise Refused(PARTIAL.topic, found, f"find out why; then {begins_anew(NAME)}")
    if follower.position < watermark.programme_offset:
        await follower.catch_up()
    programmes = programme_obstacle(watermark, follower.position, place.ids)
    if programmes is not None:
        raise Refused(PROGRAMME.topic, programmes.reason, f"publish the versions again; then {ACCEPT}")
    return end


async def extent(broker: Broker) -> tuple[int, int]:
    """First and end offset of `club.partial`."""
    return (await broker.begin_offsets([PARTIAL]))[PARTIAL], (await broker.end_offsets([PARTIAL]))[PARTIAL]


def obstacle(watermark: Watermark, ids: Mapping[str, str], begin: int, end: int) -> str | None:
    """Why a watermark does not fit `club.partial`, if it does not."""
    offset = watermark.offsets[PARTIAL.topic]
    if watermark.topics[PARTIAL.topic] != ids[PARTIAL.topic]:
        return "the topic was created anew since it was last read"
    if offset > end:
        return f"it was read up to {offset}, it ends at {end}"
    if offset < begin:
        return f"it was read up to {offset}, it begins at {begin}: records went unread"
    return None
