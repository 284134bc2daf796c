"""The recorded way out of the coordinator's refusals, taken under its transactional id, as for lanes.

A record that is left out becomes no dead letter: no event is lost with it, and lanes tell everything anew.

Whenever records of `club.partial` are left out, what the lanes had told is forgotten with them: the next changes would
be to boards that are not known. The lanes tell all of it when they open next, so their workers are to be restarted.
"""

from functools import partial
from typing import NamedTuple

import msgspec

from agents.boards.coordinator import Coordinator, loaded
from agents.boards.observer import CoordinatorObserver
from agents.boards.opening import (
    ACCEPT,
    CHANGELOG,
    NAME,
    PARTIAL,
    Place,
    decided,
    ends_of,
    extent,
    find,
    ids_of,
    last_transaction,
    last_watermark,
    obstacle,
    recovered,
    written,
)
from agents.boards.options import CoordinatorOptions
from agents.broker.interface import Broker
from agents.process.clock import Clock, wall_clock
from agents.task.checks import begins_anew, programme_obstacle
from agents.task.ownership import claim
from agents.task.refusal import Refused
from agents.topics.changelog import last_watermark as watermark_of_lane
from agents.topics.journal import Ends, check_ends
from agents.topics.programmes import PROGRAMME, check_programmes
from bashgah.admin.lanes import Action, Skip, name_of, named
from engine.programme.versions import Shelf
from tables.coordination import BoardTerms
from tables.journal import Decision
from tables.store import MemoryStore, Row
from tables.watermark import Watermark

ANEW = "anew"
"""The action in the journal of a coordinator that begins again without rows."""

RESTART = "what lanes had told is forgotten: restart the workers, whose lanes tell it anew"


class CoordinatorResumed(NamedTuple):
    """What was changed: the watermark before (None: there was none) and after, and each change in words."""

    before: Watermark | None
    after: Watermark
    changes: tuple[str, ...]


async def resume_coordinator(
    broker: Broker,
    action: Action,
    operator: str,
    reason: str,
    options: CoordinatorOptions | None = None,
    wall_ms: Clock = wall_clock,
) -> CoordinatorResumed:
    """Let a refused coordinator go on. Raises `Refused` when this action is no way out of what stands in its way."""
    options = options or CoordinatorOptions()
    place, described = await find(broker)
    await check_programmes(broker)
    for number in range(place.lanes):
        await watermark_of_lane(broker, number)  # raises `TooNew`: this release must not write for such a club
    producer = await broker.producer(options.transactional_id)
    try:
        store = MemoryStore()
        end = await recovered(broker, store, described[CHANGELOG.topic], CoordinatorObserver())
        before = last_watermark(store)
        rows: list[Row] = []
        if before is None:
            after, changes = await _anew(broker, place, action)
            written_as = ANEW
        elif claimed := await claim(broker, NAME, before, options.app_id, name_of(action)):
            after, changes = msgspec.structs.replace(before, transactions=before.transactions + 1), [claimed]
            written_as = "accept"
        else:
            after, changes = await _decide(broker, place, before, action)
            written_as = name_of(action)
            if after.offsets != before.offsets:
                rows = _forgotten(store, before, place.lanes)
                changes.append(RESTART)
        start = after.offsets[PARTIAL.topic] if before is None else before.offsets[PARTIAL.topic]
        after = msgspec.structs.replace(after, app_id=options.app_id)
        record = None if action == "accept" else action
        decision = Decision(written_as, operator, reason, dict(after.offsets), after.programme_offset, record)
        entry = decided(after, decision, start, wall_ms())
        await producer.transact(written(place, rows, after, entry), {CHANGELOG: end})
    finally:
        await producer.close()
    return CoordinatorResumed(before, after, tuple(changes))


async def _anew(broker: Broker, place: Place, action: Action) -> tuple[Watermark, list[str]]:
    if action != "accept":
        raise Refused(NAME, "its changelog has no watermark", f"{ACCEPT} makes all boards anew")
    begin, _ = await extent(broker)
    last = await last_transaction(broker, place)
    number = 0 if last is None else last + 1
    # Copies of what was lost are void: each decision is a transaction, so that none of them has so high a lineage.
    after = Watermark(offsets={PARTIAL.topic: begin}, topics=ids_of(place), transactions=number, lineage=number)
    return after, [f"{PARTIAL.topic}: goes on at {begin}, without anything that was known before"]


async def _decide(broker: Broker, place: Place, before: Watermark, action: Action) -> tuple[Watermark, list[str]]:
    """The new watermark, and what is changed by it."""
    changes: list[str] = []
    offsets, known, programme_offset = dict(before.offsets), dict(before.topics), before.programme_offset
    begin, end = await extent(broker)
    found = obstacle(before, place.ids, begin, end)
    if action != "accept":
        if found is not None:
            raise Refused(PARTIAL.topic, found, f"find out why; then {begins_anew(NAME)}")
        return await _left_out(broker, place, before, action)
    if found is not None:
        offsets[PARTIAL.topic] = begin
        changes.append(f"{PARTIAL.topic}: goes on at {begin} ({found})")
    programme_end = (await broker.end_offsets([PROGRAMME]))[PROGRAMME]
    blocked = programme_obstacle(before, programme_end, place.ids)
    if blocked is not None:
        programme_offset = programme_end
        changes.append(f"{PROGRAMME.topic}: its versions are those it holds now ({blocked.reason})")
    known.update(ids_of(place))
    lineage = before.lineage
    if not changes:
        lineage += 1
        changes.append("the changelog is taken as it is; local copies are made anew")
    after = msgspec.structs.replace(
        before,
        offsets=offsets,
        topics=known,
        programme_offset=programme_offset,
        transactions=before.transactions + 1,
        lineage=lineage,
    )
    return after, changes


async def _left_out(broker: Broker, place: Place, before: Watermark, skip: Skip) -> tuple[Watermark, list[str]]:
    """The new watermark behind the record that is named, if that comes next. Raises `Refused` where it does not."""
    if skip.topic != PARTIAL.topic:
        raise Refused(skip.topic, "is not what the coordinator reads", f"it reads {PARTIAL.topic}")
    await check_ends(NAME, Ends(before, await last_transaction(broker, place)), partial(ends_of, broker, place))
    await named(broker, PARTIAL, before.offsets[PARTIAL.topic], skip.offset)
    offsets = {**before.offsets, PARTIAL.topic: skip.offset + 1}
    after = msgspec.structs.replace(before, offsets=offsets, transactions=before.transactions + 1)
    return after, [f"{PARTIAL.topic} offset {skip.offset} is left out"]


def _forgotten(store: MemoryStore, before: Watermark, lanes: int) -> list[Row]:
    """The rows of a coordinator that has forgotten what lanes told."""
    coordinator = loaded(Coordinator(store, Shelf(), 0, lanes=lanes, as_of=before.last_tick, terms=BoardTerms()))
    coordinator.forget()
    return coordinator.changes().rows
