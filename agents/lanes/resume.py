"""The recorded way out of every refusal: an operator decides, and the decision is in the journal for ever.

It is taken under the lane's own transactional id, so a worker that runs the lane is fenced and restarts from it.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from agents.broker.interface import Broker, Output, TopicPartition
from agents.clock import Clock, wall_clock
from agents.lanes.changelog import changelog_of, last_watermark
from agents.lanes.checks import NEEDED, Extents, Obstacle, check_topics, obstacles, programme_obstacle
from agents.lanes.deadletters import at_limit
from agents.lanes.driver import inputs_of
from agents.lanes.opening import INPUT_NAMES, no_watermark
from agents.lanes.options import LaneOptions
from agents.lanes.ownership import claim
from agents.lanes.programmes import PROGRAMME
from agents.lanes.refusal import Refused
from engine.meaning import CURRENT
from schemas import topics
from tables.journal import Decision, Entry, encode_entry
from tables.store import WATERMARK_KEY
from tables.watermark import DeadLetterWindow, Watermark, encode_watermark

Action = Literal["skip", "accept"]
"""`skip`: leave out what is in the way and go on behind it. `accept`: take what is there now as it is, and go on."""


class Resumed(NamedTuple):
    """What was changed: the watermark before and after, and each change in words."""

    partition: int
    before: Watermark
    after: Watermark
    changes: tuple[str, ...]


async def resume(
    broker: Broker,
    partition: int,
    action: Action,
    operator: str,
    reason: str,
    options: LaneOptions | None = None,
    wall_ms: Clock = wall_clock,
) -> Resumed:
    """Let a refused lane go on. Raises `Refused` when this action is no way out of what stands in its way."""
    options = options or LaneOptions()
    described = await broker.describe(NEEDED)
    check_topics(described, [partition])
    ids = {name: each.id for name, each in described.items()}
    producer = await broker.producer(options.transactional_id(partition))
    try:
        place = changelog_of(partition)
        end = (await broker.end_offsets([place]))[place]
        before = await last_watermark(broker, partition)
        if before is None:
            raise no_watermark(partition)
        claimed = await claim(broker, str(partition), before, options.app_id, action)
        places = inputs_of([partition])
        extents = Extents(await broker.begin_offsets(places), await broker.end_offsets(places))
        programme_end = (await broker.end_offsets([PROGRAMME]))[PROGRAMME]
        if claimed is not None:
            after, changes = msgspec.structs.replace(before, transactions=before.transactions + 1), [claimed]
        else:
            after, changes = _decide(partition, before, action, extents, programme_end, ids, options)
        after = msgspec.structs.replace(after, app_id=options.app_id)
        decision = Decision(action, operator, reason, dict(after.offsets), after.programme_offset)
        entry = Entry(
            transaction=after.transactions,
            now=wall_ms(),
            replay=before.replay,
            starts=dict(before.offsets),
            steps=[],
            decision=decision,
            meaning=CURRENT,
        )
        await producer.transact(
            [
                Output(topics.STATE.name, partition, WATERMARK_KEY, encode_watermark(after)),
                Output(topics.JOURNAL.name, partition, None, encode_entry(entry)),
            ],
            {place: end},
        )
    finally:
        await producer.close()
    return Resumed(partition, before, after, tuple(changes))


def _decide(
    partition: int,
    before: Watermark,
    action: Action,
    extents: Extents,
    programme_end: int,
    ids: Mapping[str, str],
    options: LaneOptions,
) -> tuple[Watermark, list[str]]:
    """The new watermark, and what is changed by it."""
    changes: list[str] = []
    offsets, known = dict(before.offsets), dict(before.topics)
    programme_offset, lineage = before.programme_offset, before.lineage
    window, accepted = before.window, dict(before.accepted)
    for obstacle in obstacles(partition, before, extents, ids):
        name = obstacle.place.topic
        offsets[name] = _way_out(obstacle, action, extents)
        known[name] = ids[name]
        accepted.pop(name, None)
        changes.append(f"{name}/{partition}: goes on at {offsets[name]} ({obstacle.reason})")
    blocked = programme_obstacle(before, programme_end, ids)
    if blocked is not None:
        known[PROGRAMME.topic], programme_offset = ids[PROGRAMME.topic], programme_end
        changes.append(f"{PROGRAMME.topic}: its versions are those it holds now ({blocked.reason})")
    if not changes and action == "skip":
        raise _nothing_to_skip(partition, before, options)
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


def _way_out(obstacle: Obstacle, action: Action, extents: Extents) -> int:
    """The next offset of an input. Records that are gone are left out either way."""
    if action == "accept" or obstacle.kind == "before_first":
        return extents.begins[obstacle.place]
    return extents.ends[obstacle.place]


def _nothing_to_skip(partition: int, watermark: Watermark, options: LaneOptions) -> Refused:
    lane = f"lane {partition}"
    if at_limit(watermark.window, options.dead_letters):
        reason = "it stands at its dead-letter limit; records are never left out, they become dead letters"
        return Refused(lane, reason, "use --accept; `bashgah dead-letter` lists them, and replays them once mended")
    return Refused(lane, "nothing about its inputs stands in its way", "see `bashgah lane status`")
