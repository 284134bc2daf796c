"""The coordinator to be verified: its boards and awards follow from what the lanes told, and from its journal.

Old records of `club.leaderboard` go when it is compacted. Other records of `club.command` than the coordinator's are
not looked at.
"""

from collections.abc import Callable, Mapping

import msgspec

from agents.boards.coordinator import Coordinator, Unusable
from agents.boards.spec import CHANGELOG, PARTIAL, coordinator_spec, coordinator_topics
from agents.broker.interface import Broker
from agents.task.recovery import check_changelogs
from agents.task.refusal import TaskRefused
from agents.topics.cursor import Cursor
from agents.topics.partition_counts import lanes_of
from bashgah.audit.comparison import Difference, place_of
from bashgah.audit.journal import between
from bashgah.audit.verify import CameOut, Progress, Verifiable, Verified, verify_task
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.board_outputs import LEADERBOARD
from schemas.commands import SOURCE
from schemas.records import Record, TopicPartition
from tables.coordinator_rows import BoardTerms, decode_coordinator_entry, is_row
from tables.journal import ANEW, Adopt, JournalEntry, Take, Tick, Work, ends_of, steps_of
from tables.store import MemoryStore, Store
from tables.watermark import Watermark

_MERGED_AT_ONCE = 10_000


async def verify_coordinator(broker: Broker, progress: Progress = lambda done, of: None) -> Verified:
    """Replay it. Raises `Difference`, or `ClubError` when its history is not whole."""
    described = await coordinator_topics(broker)
    lanes = lanes_of(described)
    spec = coordinator_spec(lanes)
    await check_changelogs(broker, [spec], described)

    def replay(
        inputs: Mapping[str, Cursor], versions: Callable[[int], ProgrammeVersions], store: Store, came_out: CameOut
    ) -> _CoordinatorReplay:
        return _CoordinatorReplay(lanes, inputs[PARTIAL.topic], versions, store, came_out)

    commands = [TopicPartition(topics.COMMAND.name, number) for number in range(lanes)]
    coordinator = Verifiable(
        spec=spec,
        outputs=[TopicPartition(LEADERBOARD, 0), *commands],
        mine=_is_coordinators,
        is_row=is_row,
        none=TaskRefused(CHANGELOG.topic, "the coordinator has not worked yet", "run a worker that owns lane 0"),
        replay=replay,
    )
    return await verify_task(broker, coordinator, MemoryStore, progress)


class _CoordinatorReplay:
    """The coordinator's core, fed from the journal; see `Replay`."""

    def __init__(
        self, lanes: int, partial: Cursor, versions: Callable[[int], ProgrammeVersions], store: Store, came_out: CameOut
    ) -> None:
        self.transactions = self.decisions = self.records = 0
        self._lanes = lanes
        self._partial = partial
        self._versions = versions
        self._store = store
        self._came_out = came_out
        self._coordinator = self._new()
        self._ends: Mapping[str, int] = {}

    async def apply(self, entry: JournalEntry, value: bytes) -> None:
        """Take the steps of one transaction."""
        coordinator = self._coordinator
        self.transactions = entry.transaction
        self._ends = ends_of(entry)
        if entry.decision is not None:
            self.decisions += 1
            if entry.decision.action == ANEW:
                self._store.clear()
                coordinator = self._coordinator = self._new()
            elif entry.decision.offsets != entry.starts:
                coordinator.forget()
            if entry.decision.programme_offset != coordinator.programme_offset:
                offset = entry.decision.programme_offset
                coordinator.adopt(self._versions(offset), offset)
        coordinator.terms, coordinator.meaning = decode_coordinator_entry(value).terms, entry.meaning
        coordinator.replay = bool(entry.replay)
        for step in steps_of(entry):
            match step:
                case Take(_, start, end):
                    await self._take(start, end)
                case Adopt(offset):
                    coordinator.adopt(self._versions(offset), offset)
                case Work(commands_max):
                    while not coordinator.merge(_MERGED_AT_ONCE):
                        pass
                    coordinator.work(commands_max)
                case Tick(now):
                    coordinator.publish(now)
        changes = coordinator.changes()
        self._store.write(changes.rows)
        await self._came_out(changes.outputs)

    def expected(self, watermark: Watermark) -> tuple[str, object, object]:
        """See `Replay`."""
        expected = (self._ends, self._coordinator.as_of, self._coordinator.programme_offset)
        found = (watermark.offsets, watermark.last_tick, watermark.programme_offset)
        return "offset, as of, programmes", expected, found

    async def _take(self, start: int, end: int) -> None:
        records = await between(self._partial, start, end)
        try:
            taken = self._coordinator.take(records)
        except Unusable as error:
            raise Difference(place_of(error.record), "what follows from the records before", error.reason) from error
        self.records += taken
        if taken != len(records):
            raise Difference(place_of(records[taken]), "to be taken", "versions are missing")

    def _new(self) -> Coordinator:
        """One without rows: there is nothing to load."""
        return Coordinator(self._store, ProgrammeVersions(), 0, lanes=self._lanes, as_of=None, terms=BoardTerms())


class _Named(msgspec.Struct):
    source: str


def _is_coordinators(record: Record) -> bool:
    """Whether a record is the coordinator's: commands come from elsewhere too."""
    if record.topic != topics.COMMAND.name:
        return True
    try:
        return msgspec.json.decode(record.value or b"", type=_Named).source == SOURCE
    except ValueError:
        return False
