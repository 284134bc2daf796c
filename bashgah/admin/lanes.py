"""The recorded way out of every refusal: an operator decides, and the decision is in the journal for ever.

`accept` takes what is there now as it is and begins where that begins. `skip` leaves out one record, which it names,
whatever is wrong with it; the record becomes a dead letter. Nothing else is ever passed over. Both are taken under the
lane's own transactional id, so a worker that runs the lane is fenced and restarts from it.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal, NamedTuple

import msgspec

from agents.broker.interface import Broker, Output, Record, TopicPartition
from agents.lanes.dead_letter_limit import at_limit
from agents.lanes.direct_feed import inputs_of
from agents.lanes.opening import INPUT_NAMES, no_watermark
from agents.lanes.options import LaneOptions
from agents.process.clock import Clock, wall_clock
from agents.scoring.intake import spoken_of
from agents.task.checks import NEEDED, Extents, check_offsets, check_topics, obstacles, programme_obstacle
from agents.task.ownership import claim
from agents.task.refusal import Refused, way
from agents.topics.changelog import changelog_of, last_watermark
from agents.topics.cursor import Cursor
from agents.topics.dead_letters import last_left_out, left_out
from agents.topics.journal import Ends, check_ends, lane_ends, newest_transactions
from agents.topics.programmes import PROGRAMME, check_programmes
from bashgah.audit.member_view import lane_rows
from engine.ledger.member import HEAD
from engine.meaning import CURRENT
from schemas import topics
from tables.journal import Decision, Entry, encode_entry
from tables.rows import member_prefix
from tables.store import WATERMARK_KEY
from tables.watermark import DeadLetterWindow, Watermark, encode_watermark


class Resumed(NamedTuple):
    """What was changed: the watermark before and after, and each change in words."""

    partition: int
    before: Watermark
    after: Watermark
    changes: tuple[str, ...]


class Skip(NamedTuple):
    """Leave out the record at this offset of a topic, and no other."""

    topic: str
    offset: int


Action = Literal["accept"] | Skip
"""`accept`: take what is there now as it is, and go on."""


def name_of(action: Action) -> str:
    """What the journal calls it."""
    return "accept" if action == "accept" else "skip"


class _Standing(NamedTuple):
    """Where a lane stands, and what its topics hold."""

    watermark: Watermark
    extents: Extents
    programme_end: int
    ids: Mapping[str, str]


async def resume(
    broker: Broker,
    partition: int,
    action: Action,
    operator: str,
    reason: str,
    options: LaneOptions | None = None,
    wall_ms: Clock = wall_clock,
) -> Resumed:
    """Let a refused lane go on. Raises `Refused` when this action is no way out of what stands in its way.

    A record is left out only if the lane would take it next of its topic, and not while the topics are not those that
    the lane knows: an offset says nothing then.
    """
    options = options or LaneOptions()
    described = await broker.describe(NEEDED)
    check_topics(described, [partition])
    await check_programmes(broker)
    producer = await broker.producer(options.transactional_id(partition))
    try:
        place = changelog_of(partition)
        end = (await broker.end_offsets([place]))[place]
        found = await _standing(broker, partition, {name: each.id for name, each in described.items()})
        before = found.watermark
        written_as = name_of(action)
        letters: list[Output] = []
        if claimed := await claim(broker, str(partition), before, options.app_id, written_as):
            after, changes = msgspec.structs.replace(before, transactions=before.transactions + 1), [claimed]
        elif action == "accept":
            after, changes = _accepted(partition, found, options)
        else:
            record = await _next_of(broker, partition, action, found)
            heads = {member_prefix(member) + HEAD for member in spoken_of(record)}
            rows, _ = await lane_rows(broker, partition, heads.__contains__)
            letters.append(left_out(record, partition, operator, reason, rows))
            last = last_left_out(record)
            offsets = {**before.offsets, action.topic: last + 1}
            after = msgspec.structs.replace(before, offsets=offsets, transactions=before.transactions + 1)
            until = "" if last == action.offset else f" to {last}, a batch,"
            changes = [f"{action.topic}/{partition} offset {action.offset}{until} is left out; it is a dead letter"]
        after = msgspec.structs.replace(after, app_id=options.app_id)
        skipped = None if action == "accept" else action
        decision = Decision(written_as, operator, reason, dict(after.offsets), after.programme_offset, skipped)
        await producer.transact([*_written(partition, before, after, decision, wall_ms()), *letters], {place: end})
    finally:
        await producer.close()
    return Resumed(partition, before, after, tuple(changes))


async def named(broker: Broker, place: TopicPartition, position: int, offset: int) -> Record:
    """The record at an offset, if it is the next one from a position on. Raises `Refused` where it is not."""
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
        raise Refused(where, f"was taken already; {following}", remedy)
    if record is None:
        raise Refused(where, "there is no such record yet", "leave out only a record that the lane cannot go on with")
    if offset < record.offset:
        reason = f"no record stands there, but a transaction's marker or nothing; {following}"
        raise Refused(where, reason, "name the record as the worker's last lines do")
    reason = f"others come before it: {following}"
    raise Refused(where, reason, "start the worker: it takes what comes before, and names the record that it fails on")


async def _standing(broker: Broker, partition: int, ids: Mapping[str, str]) -> _Standing:
    """How a lane stands. Nobody else may write to it any more."""
    watermark = await last_watermark(broker, partition)
    if watermark is None:
        raise no_watermark(partition)
    places = inputs_of([partition])
    extents = Extents(await broker.begin_offsets(places), await broker.end_offsets(places))
    return _Standing(watermark, extents, (await broker.end_offsets([PROGRAMME]))[PROGRAMME], ids)


async def _next_of(broker: Broker, partition: int, skip: Skip, found: _Standing) -> Record:
    """The record to leave out. Raises `Refused` where it is not next, or where something else is in the way."""
    if skip.topic not in INPUT_NAMES:
        raise Refused(skip.topic, "is no input of a lane", f"a lane reads {', '.join(INPUT_NAMES)}")
    watermark = found.watermark
    newest = (await newest_transactions(broker, [partition])).get(partition)
    await check_ends(partition, Ends(watermark, newest), partial(lane_ends, broker, [partition]))
    check_offsets(partition, watermark, found.extents, found.ids)
    blocked = programme_obstacle(watermark, found.programme_end, found.ids)
    if blocked is not None:
        remedy = f"publish the versions again; then {way(partition, '--accept')}"
        raise Refused(blocked.place.topic, blocked.reason, remedy)
    return await named(broker, TopicPartition(skip.topic, partition), watermark.offsets[skip.topic], skip.offset)


def _accepted(partition: int, found: _Standing, options: LaneOptions) -> tuple[Watermark, list[str]]:
    """The new watermark, and what is changed by it."""
    before, extents, ids = found.watermark, found.extents, found.ids
    changes: list[str] = []
    offsets, known = dict(before.offsets), dict(before.topics)
    programme_offset, lineage = before.programme_offset, before.lineage
    window, accepted = before.window, dict(before.accepted)
    for obstacle in obstacles(partition, before, extents, ids):
        name = obstacle.place.topic
        offsets[name] = extents.begins[obstacle.place]
        known[name] = ids[name]
        accepted.pop(name, None)
        changes.append(f"{name}/{partition}: goes on at {offsets[name]} ({obstacle.reason})")
    blocked = programme_obstacle(before, found.programme_end, ids)
    if blocked is not None:
        known[PROGRAMME.topic], programme_offset = ids[PROGRAMME.topic], found.programme_end
        changes.append(f"{PROGRAMME.topic}: its versions are those it holds now ({blocked.reason})")
    if not changes and at_limit(window, options.dead_letters):
        window = DeadLetterWindow()
        accepted = {name: extents.ends[TopicPartition(name, partition)] for name in INPUT_NAMES}
        changes.append("dead letters among what the inputs hold now are accepted, however many")
    elif not changes:
        lineage += 1
        changes.append("the changelog is taken as it is; local copies of the lane are made anew")
    after = msgspec.structs.replace(
        before,
        offsets=offsets,
        topics=known,
        programme_offset=programme_offset,
        transactions=before.transactions + 1,
        lineage=lineage,
        window=window,
        accepted=accepted,
    )
    return after, changes


def _written(partition: int, before: Watermark, after: Watermark, decision: Decision, now: int) -> list[Output]:
    """The records of a decision."""
    entry = Entry(
        transaction=after.transactions,
        now=now,
        replay=before.replay,
        starts=dict(before.offsets),
        steps=[],
        decision=decision,
        meaning=CURRENT,
    )
    return [
        Output(topics.STATE.name, partition, WATERMARK_KEY, encode_watermark(after)),
        Output(topics.JOURNAL.name, partition, None, encode_entry(entry)),
    ]
