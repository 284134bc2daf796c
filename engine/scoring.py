"""Read this first. `decide` says what an event does to a member; `evolve` does it. Nothing else changes a member.

    admit(rows, activity, clock)               a duplicate, or of an erased member: goes no further
    decide(rows, activity, versions, clock)       everything due comes first, then the event itself
    evolve(rows, decision)                     the rows as they stand afterwards

All three are pure: the same rows, activity, versions and instant give the same decision. What each type of event does
is with its family, in `engine/events/`: payments, refunds, deposits, membership, commands.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.activity import MemberActivity
from engine.clock import Clock
from engine.effects import Effect, EffectCause
from engine.events.erasure import row_stays
from engine.events.event_rows import kept_from, remember
from engine.events.registry import EVENT_TYPES
from engine.ledger import due, notifications
from engine.ledger.draft import Draft
from engine.ledger.due import settle_until
from engine.ledger.member import HEAD, MemberRowReader, Status, event_key
from engine.outcome import Outcome, Reason
from engine.programme.versions import ProgrammeVersions


class Decision(NamedTuple):
    """What an event comes to: the rows to write (None deletes), the effects in order, and the outcome.

    `erase`: every other row of the member goes. A dead letter carries its code as the reason and changes nothing.
    `capped`: the rules and indicators of which a cap kept something back; told to people, written nowhere.
    """

    outcome: Outcome
    reason: Reason
    rows: Mapping[bytes, Any | None]
    effects: list[Effect]
    erase: bool = False
    capped: tuple[str, ...] = ()


DUPLICATE = Decision(Outcome.DUPLICATE, Reason.NONE, {}, [])
CONFLICT = Decision(Outcome.DEAD_LETTER, Reason.CONFLICTING_DUPLICATE, {}, [])
OF_ERASED = Decision(Outcome.DEAD_LETTER, Reason.ERASED, {}, [])


def admit(rows: MemberRowReader, activity: MemberActivity, clock: Clock) -> Decision | None:
    """None for an event to decide; else the decision on one that was taken before, or whose member is erased."""
    head = rows.get(HEAD)
    if head is None:
        return None
    if head.status == Status.ERASED:
        return OF_ERASED
    seen = rows.get(event_key(activity.identity))
    if seen is None:
        return None
    tick = clock.last_tick or 0
    if 0 < head.next_due <= tick and 0 < clock.forgets(seen.day) <= tick:
        return None  # the last tick drops the row, whether or not its work has come to this member yet
    return DUPLICATE if seen.content == activity.content else CONFLICT


def decide(rows: MemberRowReader, activity: MemberActivity, versions: ProgrammeVersions, clock: Clock) -> Decision:
    """What an admitted event does, after all that was due up to the later of the last tick and its own time."""
    draft = Draft(rows, activity.member, versions, clock, activity.time)
    settle_until(draft, draft.horizon)
    oldest, day = draft.head.oldest, kept_from(activity, clock)
    if not oldest or day < oldest:
        draft.edit().oldest = day
        if forgets := clock.forgets(day):
            draft.expect(max(forgets, draft.horizon + 1))
    event_type = EVENT_TYPES[activity.type]
    if not event_type.writes_its_row:
        remember(draft, activity)
    version = versions.at(activity.moment)
    if version is None:
        outcome, reason = event_type.without_programme(draft, activity)
    else:
        cause = EffectCause(activity.source, activity.id, activity.time, version.id, version.version)
        outcome, reason = event_type.apply(draft, activity, version, cause)
        if draft.activated:
            notifications.points_activated(draft, cause)
    return Decision(outcome, reason, draft.written, draft.effects, draft.erased, draft.capped)


def advance(rows: MemberRowReader, member: str, versions: ProgrammeVersions, clock: Clock) -> Decision:
    """What the clock alone does to an idle member up to its last tick."""
    assert clock.last_tick is not None
    draft = Draft(rows, member, versions, clock, clock.last_tick)
    settle_until(draft, draft.horizon)
    return Decision(Outcome.ACCEPTED, Reason.NONE, draft.written, draft.effects)


def reschedule(rows: MemberRowReader, member: str, versions: ProgrammeVersions, clock: Clock, after: int) -> Decision:
    """When the member is next due, after a version has come that announces expiring points at another lead."""
    draft = Draft(rows, member, versions, clock, after)
    due.reschedule(draft, after)
    return Decision(Outcome.ACCEPTED, Reason.NONE, draft.written, draft.effects)


def evolve(rows: dict[bytes, Any], decision: Decision) -> None:
    """Bring a member's rows to what the decision made of them."""
    if decision.erase:
        for key in [key for key in rows if not row_stays(key)]:
            del rows[key]
    for key, value in decision.rows.items():
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = value
