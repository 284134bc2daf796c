"""The recorded way out of every refusal: an operator decides, and the decision is in the journal for ever.

`accept` takes what is there now as it is and begins where that begins. `skip` leaves out one record, which it names,
whatever is wrong with it. Nothing else is ever passed over. Both are taken under the task's own transactional id, so a
worker that runs it is fenced and restarts from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

from agents.broker.interface import Broker, TopicDescription
from agents.lanes.dead_letter_limit import Limit, at_limit
from agents.process.clock import Clock
from agents.task.checks import Extents, check_inputs, check_programme, ids_of, obstacles, programme_obstacle
from agents.task.commit import decided, transaction_of, with_watermark
from agents.task.options import TaskOptions
from agents.task.ownership import claim
from agents.task.refusal import TaskRefused
from agents.task.same_end import Ends, check_ends, ends_of, newest_transactions
from agents.task.spec import TaskSpec, shown
from agents.topics.changelog import newest_watermark
from agents.topics.cursor import Cursor
from agents.topics.dead_letters import last_left_out
from agents.topics.programmes import PROGRAMME, check_programmes
from schemas.records import OutputRecord, Record, TopicPartition
from tables.journal import ANEW, OperatorDecision
from tables.store import Row
from tables.watermark import DeadLetterWindow, Watermark


class Resumed(NamedTuple):
    """What was changed: the watermark before (None: there was none) and after, and each change in words."""

    before: Watermark | None
    after: Watermark
    changes: tuple[str, ...]


class Skip(NamedTuple):
    """Leave out the record at this offset of a topic, and no other."""

    topic: str
    offset: int


Action = Literal["accept"] | Skip
"""`accept`: take what is there now as it is, and go on."""


@dataclass(slots=True)
class ResumedTask:
    """What a decision makes of a task: its watermark, rows and outputs, and each change in words."""

    after: Watermark
    words: list[str]
    rows: list[Row] = field(default_factory=list)
    outputs: list[OutputRecord] = field(default_factory=list)


class Resumable(Protocol):
    """A task for which somebody decides, with what is its own. `dead_letters`: the limit of those, where it has one."""

    spec: TaskSpec
    options: TaskOptions
    dead_letters: Limit | None

    def no_input(self, topic: str) -> TaskRefused:
        """The refusal to leave out a record of a topic that it does not read."""
        ...

    async def anew(self, action: Action) -> ResumedTask:
        """What becomes of it where its changelog has no watermark. Raises `TaskRefused`."""
        ...

    async def letters(self, record: Record, operator: str, reason: str) -> list[OutputRecord]:
        """What tells of a record that is left out."""
        ...

    async def passed_over(self, before: Watermark, change: ResumedTask) -> None:
        """Add what else is to be done when it goes on at other offsets than it stood at."""


async def resume_task(
    broker: Broker,
    task: Resumable,
    described: Mapping[str, TopicDescription],
    action: Action,
    operator: str,
    reason: str,
    wall_ms: Clock,
) -> Resumed:
    """Let a refused task go on. Raises `TaskRefused` when this action is no way out of what stands in its way.

    A record is left out only if the task would take it next of its topic, and not while the topics are not those that
    it knows: an offset says nothing then.
    """
    spec, options = task.spec, task.options
    await check_programmes(broker)
    producer = await broker.producer(options.transactional_id(spec.name))
    try:
        end = (await broker.end_offsets([spec.changelog]))[spec.changelog]
        before = await newest_watermark(broker, spec.changelog)
        written_as = "accept" if action == "accept" else "skip"
        if before is None:
            written_as, change = ANEW, await task.anew(action)
        elif claimed := await claim(broker, spec.name, before, options.app_id, written_as):
            change = ResumedTask(next_of(before), [claimed])
        else:
            standing = await _standing(broker, spec, before, ids_of(described))
            if action == "accept":
                change = _accepted(task, standing)
            else:
                change = await _left_out(broker, task, standing, action, operator, reason)
            if change.after.offsets != before.offsets:
                await task.passed_over(before, change)
        after = msgspec.structs.replace(change.after, app_id=options.app_id)
        skipped = None if action == "accept" else action
        decision = OperatorDecision(written_as, operator, reason, dict(after.offsets), after.programme_offset, skipped)
        entry = decided(spec, before or after, after, decision, wall_ms())
        records = transaction_of(spec, with_watermark(change.rows, after), change.outputs, entry)
        await producer.transact(records, {spec.changelog: end})
    finally:
        await producer.close()
    return Resumed(before, after, tuple(change.words))


def next_of(before: Watermark, **changes: Any) -> Watermark:
    """The watermark of the next transaction."""
    return msgspec.structs.replace(before, transactions=before.transactions + 1, **changes)


class _Standing(NamedTuple):
    """Where a task stands, and what its topics hold."""

    watermark: Watermark
    extents: Extents
    programme_end: int
    ids: Mapping[str, str]


async def _standing(broker: Broker, spec: TaskSpec, watermark: Watermark, ids: Mapping[str, str]) -> _Standing:
    """How it stands. Nobody else may write to it any more."""
    extents = await Extents.of(broker, spec.inputs)
    return _Standing(watermark, extents, (await broker.end_offsets([PROGRAMME]))[PROGRAMME], ids)


def _accepted(task: Resumable, found: _Standing) -> ResumedTask:
    """What is there now is taken as it is."""
    before, extents, ids = found.watermark, found.extents, found.ids
    words: list[str] = []
    offsets, known = dict(before.offsets), dict(before.topics)
    programme_offset, lineage = before.programme_offset, before.lineage
    window, accepted = before.window, dict(before.accepted)
    for obstacle in obstacles(task.spec, before, extents, ids):
        name = obstacle.place.topic
        offsets[name] = extents.begins[obstacle.place]
        known[name] = ids[name]
        accepted.pop(name, None)
        words.append(f"{obstacle.where}: goes on at {offsets[name]} ({obstacle.reason})")
    blocked = programme_obstacle(before, found.programme_end, ids)
    if blocked is not None:
        known[PROGRAMME.topic], programme_offset = ids[PROGRAMME.topic], found.programme_end
        words.append(f"{PROGRAMME.topic}: its versions are those it holds now ({blocked.reason})")
    if not words and task.dead_letters is not None and at_limit(window, task.dead_letters):
        window = DeadLetterWindow()
        accepted = {place.topic: extents.ends[place] for place in task.spec.inputs}
        words.append("dead letters among what the inputs hold now are accepted, however many")
    elif not words:
        lineage += 1
        words.append("the changelog is taken as it is; local copies are made anew")
    after = next_of(
        before,
        offsets=offsets,
        topics=known,
        programme_offset=programme_offset,
        lineage=lineage,
        window=window,
        accepted=accepted,
    )
    return ResumedTask(after, words)


async def _left_out(
    broker: Broker, task: Resumable, found: _Standing, skip: Skip, operator: str, reason: str
) -> ResumedTask:
    """A record is passed over. Raises `TaskRefused` where it is not next, or where something else is in the way."""
    spec, before = task.spec, found.watermark
    place = next((each for each in spec.inputs if each.topic == skip.topic), None)
    if place is None:
        raise task.no_input(skip.topic)
    newest = (await newest_transactions(broker, [spec])).get(spec.name)
    await check_ends(spec, Ends(before, newest), partial(ends_of, broker, [spec]))
    check_inputs(spec, before, found.extents, found.ids)
    check_programme(spec, before, found.programme_end, found.ids)
    record = await named(broker, place, before.offsets[skip.topic], skip.offset)
    letters = await task.letters(record, operator, reason)
    last = last_left_out(record)
    until = "" if last == skip.offset else f" to {last}, a batch,"
    told = "; it is a dead letter" if letters else ""
    after = next_of(before, offsets={**before.offsets, skip.topic: last + 1})
    return ResumedTask(after, [f"{shown(place)} offset {skip.offset}{until} is left out{told}"], outputs=letters)


async def named(broker: Broker, place: TopicPartition, position: int, offset: int) -> Record:
    """The record at an offset, if it is the next one from a position on. Raises `TaskRefused` where it is not."""
    where = f"{place.topic}/{place.partition} offset {offset}"
    cursor = await Cursor.open(broker, place)
    try:
        await cursor.seek(position)
        record = await cursor.next()
    finally:
        await cursor.close()
    following = "nothing waits there" if record is None else f"the next record there is {record.offset}"
    if record is not None and record.offset == offset:
        return record
    if offset < position:
        remedy = "what was taken is not undone; see `bashgah lane status`"
        raise TaskRefused(where, f"was taken already; {following}", remedy)
    if record is None:
        raise TaskRefused(
            where, "there is no such record yet", "leave out only a record that the lane cannot go on with"
        )
    if offset < record.offset:
        reason = f"no record stands there, but a transaction's marker or nothing; {following}"
        raise TaskRefused(where, reason, "name the record as the worker's last lines do")
    reason = f"others come before it: {following}"
    raise TaskRefused(
        where, reason, "start the worker: it takes what comes before, and names the record that it fails on"
    )
