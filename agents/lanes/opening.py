"""Opening a lane: fence whoever held it, bring its rows up to its changelog, and check that it can go on.

The order matters. Only after the producer is open can nobody else add to the changelog; only then is its end final.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from agents.broker.interface import Broker, Producer, TopicDescription, TopicPartition
from agents.lanes.observer import LaneObserver
from agents.lanes.options import LaneOptions
from agents.task.checks import (
    NEEDED,
    Extents,
    check_changelog,
    check_count,
    check_offsets,
    check_programme,
    check_topics,
)
from agents.task.ownership import check_owners
from agents.task.refusal import Refused, way
from agents.topics.changelog import SharedPart, SharedReader, changelog_of
from agents.topics.journal import Ends, check_ends, lane_ends, newest_transactions
from agents.topics.partition_counts import lanes_of
from agents.topics.programmes import ProgrammeFollower
from schemas import topics
from tables.recovery import Truncated, recover, still_good
from tables.store import WATERMARK_KEY, Store
from tables.watermark import Watermark, decode_watermark

log = logging.getLogger(__name__)

StoreFactory = Callable[[int], Store]
"""Opens the rows of a partition number."""

INPUT_NAMES = tuple(topic.name for topic in topics.INPUTS)


class Opened(NamedTuple):
    """What a lane needs to run. `changelog` is the id of the changelog's topic, `changelog_end` where the lane's part
    of it ended, `partitions` the club's count."""

    partition: int
    partitions: int
    producer: Producer
    store: Store
    changelog: str
    changelog_end: int
    watermark: Watermark
    ends: Mapping[str, int]


class Opener:
    """Opens lanes of one process, several at a time, with one reader for all their changelogs."""

    def __init__(
        self,
        broker: Broker,
        follower: ProgrammeFollower,
        stores: StoreFactory,
        options: LaneOptions,
        observer: LaneObserver,
        wall_ms: Callable[[], int],
    ) -> None:
        self._broker = broker
        self._follower = follower
        self._stores = stores
        self._options = options
        self._observer = observer
        self._wall_ms = wall_ms

    async def open(self, partitions: Sequence[int]) -> list[Opened]:
        """Open these lanes, all or none. Raises what stands in the way; what was opened is closed again."""
        described = await self._broker.describe(NEEDED)
        check_topics(described, partitions)
        producers: dict[int, Producer] = {}
        stores: dict[int, Store] = {}
        try:
            await self._fence(partitions, producers)
            for partition in partitions:
                stores[partition] = self._stores(partition)
            ends = await self._recover(stores, described[topics.STATE.name])
            return await self._checked(producers, stores, described, ends)
        except BaseException:
            for store in stores.values():
                store.close()
            await asyncio.gather(*(producer.close() for producer in producers.values()))
            raise

    async def _fence(self, partitions: Sequence[int], producers: dict[int, Producer]) -> None:
        async def one(partition: int) -> None:
            producers[partition] = await self._broker.producer(self._options.transactional_id(partition))

        results = await asyncio.gather(*map(one, partitions), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _recover(self, stores: Mapping[int, Store], changelog: TopicDescription) -> Mapping[TopicPartition, int]:
        """Bring the rows up to the changelogs; where those ended."""
        logs = [changelog_of(partition) for partition in stores]
        ends = await self._broker.end_offsets(logs)
        begins = await self._broker.begin_offsets(logs)
        for place in logs:
            check_changelog(place, changelog, begins[place])
        reader = await self._broker.reader()
        try:
            shared = SharedReader(reader, begins)
            await shared.open()
            async with asyncio.TaskGroup() as together:
                for partition, store in stores.items():
                    place = changelog_of(partition)
                    together.create_task(
                        self._recover_one(partition, store, shared.part(place), changelog, ends[place])
                    )
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            await reader.close()
        return ends

    async def _recover_one(
        self, partition: int, store: Store, source: SharedPart, changelog: TopicDescription, end: int
    ) -> None:
        copy = store.copy()
        retention_ms = int(changelog.settings(topics.STATE.name).get("delete.retention.ms", 86_400_000))
        if copy is not None and not still_good(copy, changelog.id, self._wall_ms(), retention_ms):
            why = "it is of another changelog" if copy.changelog != changelog.id else "it is too old"
            log.warning("lane %s: the local copy is thrown away: %s", partition, why)
            self._observer.copy_discarded(partition, why)
            store.clear()
        try:
            await recover(
                store, source, changelog.id, end, lambda progress: self._observer.recovering(partition, progress)
            )
        except Truncated as error:
            held, ends = error.args
            reason = f"the local copy holds the changelog up to {held}, the changelog ends at {ends}: it lost records"
            remedy = f"find out why; then {way(partition, '--accept')} takes the changelog as it is"
            raise Refused(f"lane {partition}", reason, remedy) from error

    async def _checked(
        self,
        producers: Mapping[int, Producer],
        stores: Mapping[int, Store],
        described: Mapping[str, TopicDescription],
        changelog_ends: Mapping[TopicPartition, int],
    ) -> list[Opened]:
        watermarks = {partition: self._watermark(partition, store) for partition, store in stores.items()}
        await check_owners(self._broker, watermarks, self._options.app_id)
        places = [TopicPartition(name, partition) for name in INPUT_NAMES for partition in stores]
        extents = Extents(await self._broker.begin_offsets(places), await self._broker.end_offsets(places))
        ids = {name: each.id for name, each in described.items()}
        journal = await newest_transactions(self._broker, stores)
        lanes = lanes_of(described)
        opened: list[Opened] = []
        for partition, watermark in watermarks.items():
            known = Ends(watermark, journal.get(partition))
            check_count(partition, watermark, lanes)
            await check_ends(partition, known, partial(lane_ends, self._broker, [partition]))
            check_offsets(partition, watermark, extents, ids)
            await check_programme(partition, watermark, self._follower, ids)
            ends = {name: extents.ends[TopicPartition(name, partition)] for name in INPUT_NAMES}
            opened.append(
                Opened(
                    partition,
                    lanes,
                    producers[partition],
                    stores[partition],
                    described[topics.STATE.name].id,
                    changelog_ends[changelog_of(partition)],
                    watermark,
                    ends,
                )
            )
        return opened

    def _watermark(self, partition: int, store: Store) -> Watermark:
        value = store.get_many([WATERMARK_KEY])[0]
        if value is None:
            raise no_watermark(partition)
        watermark = decode_watermark(value)
        if watermark.replay is not None and watermark.replay != self._options.replay:
            kinds = {True: "on a replay clock", False: "on the wall clock"}
            reason = f"its state was made {kinds[watermark.replay]}, this worker runs {kinds[self._options.replay]}"
            raise Refused(f"lane {partition}", reason, "run the worker with the --clock that the state was made with")
        return watermark


def no_watermark(partition: int) -> Refused:
    """The refusal of a lane whose changelog does not say where to go on."""
    reason = "the lane's changelog has no watermark, so nobody knows where its inputs are to be read from"
    remedy = "`bashgah topics create --from earliest|latest|DATE` writes each lane's first"
    return Refused(f"{topics.STATE.name}/{partition}", reason, remedy)
