"""Letting the coordinator go on. A record that is left out becomes no dead letter: no event is lost with it.

Whenever records of `club.partial` are left out, what the lanes had told is forgotten with them: the next changes would
be to boards that are not known. The lanes tell all of it when they open next, so their workers are to be restarted.
"""

from collections.abc import Mapping

from agents.boards.coordinator import Coordinator, loaded
from agents.boards.opening import known_ids
from agents.boards.options import CoordinatorOptions
from agents.boards.spec import ACCEPT, NAME, PARTIAL, coordinator_spec, coordinator_topics
from agents.broker.interface import Broker
from agents.lanes.dead_letter_limit import Limit
from agents.process.clock import Clock, wall_clock
from agents.task.checks import ids_of
from agents.task.options import TaskOptions
from agents.task.recovery import check_changelogs, read_rows
from agents.task.refusal import TaskRefused
from agents.task.same_end import newest_transactions
from agents.topics.changelog import last_watermark
from agents.topics.partition_counts import lanes_of
from bashgah.admin.resume import Action, Resumed, ResumedTask, resume_task
from engine.programme.versions import ProgrammeVersions
from schemas.records import OutputRecord, Record
from tables.coordinator_rows import BoardTerms
from tables.store import MemoryStore
from tables.watermark import Watermark

RESTART = "what lanes had told is forgotten: restart the workers, whose lanes tell it anew"


async def resume_coordinator(
    broker: Broker,
    action: Action,
    operator: str,
    reason: str,
    options: CoordinatorOptions | None = None,
    wall_ms: Clock = wall_clock,
) -> Resumed:
    """Let a refused coordinator go on. Raises `TaskRefused` when this action is no way out of what stands in its
    way."""
    described = await coordinator_topics(broker)
    lanes = lanes_of(described)
    for number in range(lanes):
        await last_watermark(broker, number)  # raises `TooNew`: this release must not write for such a club
    coordinator = _Coordinator(broker, lanes, ids_of(described), options or CoordinatorOptions())
    await check_changelogs(broker, [coordinator.spec], described)
    return await resume_task(broker, coordinator, described, action, operator, reason, wall_ms)


class _Coordinator:
    """What is the coordinator's own in a decision; see `Resumable`."""

    def __init__(self, broker: Broker, lanes: int, ids: Mapping[str, str], options: CoordinatorOptions) -> None:
        self.spec = coordinator_spec(lanes)
        self.options: TaskOptions = options
        self.dead_letters: Limit | None = None
        self._broker = broker
        self._lanes = lanes
        self._ids = ids

    def no_input(self, topic: str) -> TaskRefused:
        """See `Resumable`."""
        return TaskRefused(topic, "is not what the coordinator reads", f"it reads {PARTIAL.topic}")

    async def anew(self, action: Action) -> ResumedTask:
        """It makes all boards anew."""
        if action != "accept":
            raise TaskRefused(NAME, "its changelog has no watermark", f"{ACCEPT} makes all boards anew")
        begin = (await self._broker.begin_offsets([PARTIAL]))[PARTIAL]
        last = (await newest_transactions(self._broker, [self.spec])).get(NAME)
        number = 0 if last is None else last + 1
        # Copies of what was lost are void: each decision is a transaction, so that none of them has so high a lineage.
        after = Watermark(
            offsets={PARTIAL.topic: begin}, topics=known_ids(self._ids), transactions=number, lineage=number
        )
        return ResumedTask(after, [f"{PARTIAL.topic}: goes on at {begin}, without anything that was known before"])

    async def letters(self, record: Record, operator: str, reason: str) -> list[OutputRecord]:
        """None: see the module."""
        return []

    async def passed_over(self, before: Watermark, change: ResumedTask) -> None:
        """Forget what lanes told."""
        store = MemoryStore()
        await read_rows(self._broker, self.spec, store)
        terms, as_of = BoardTerms(), before.last_tick
        coordinator = loaded(Coordinator(store, ProgrammeVersions(), 0, lanes=self._lanes, as_of=as_of, terms=terms))
        coordinator.forget()
        change.rows += coordinator.changes().rows
        change.words.append(RESTART)
