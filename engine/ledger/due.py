"""What the clock brings: activation, expiry, and the notice ahead of it, in the order of their instants."""

from engine.calendar import HOUR_MS, day_of, midnight
from engine.effects import EffectCause
from engine.ledger import lots, notifications
from engine.ledger.draft import Draft
from engine.ledger.member import NEVER, Lot
from engine.programme.compiler import CompiledProgramme

SURELY_ONE_DAY_MS = 23 * HOUR_MS
"""The shortest day of Tehran: the one on which summer time began."""


def settle_until(draft: Draft, horizon: int) -> None:
    """Apply all that is due for the member up to the horizon; afterwards `next_due` lies behind it or is 0.

    Everything falls due at midnights, so the last one up to the horizon is how far the member's time has come.
    """
    head = draft.head
    if not 0 < head.next_due <= horizon and 0 <= horizon - head.settled < SURELY_ONE_DAY_MS:
        draft.horizon = horizon  # most events: nothing is due, and it is still the day that the member's time came to
        return
    while (instant := draft.head.next_due) and instant <= horizon:
        draft.horizon = instant  # what becomes active at an instant lapses at its own
        _apply_due(draft, instant)
        head = draft.edit()
        head.settled = max(head.settled, instant)
        head.next_due = next_due(draft, instant)
    if (reached := midnight(day_of(horizon))) > draft.head.settled:
        draft.edit().settled = reached
    draft.horizon = max(horizon, draft.head.settled)


def _apply_due(draft: Draft, instant: int) -> None:
    """Do what is due at one instant: activate, expire, announce what expires soon, forget events that are too old to
    come again. In this order."""
    pending = [lot for lot in draft.head.pending if midnight(lot.activation) <= instant]
    by_expiry: dict[int, list[Lot]] = {}
    if pending:
        cause = clock_cause(draft, instant)
        for lot in pending:
            lots.activate(draft, cause, lot)
    for lot in draft.lots():
        if lot.expiry != NEVER and midnight(lot.expiry + 1) <= instant:
            by_expiry.setdefault(lot.expiry, []).append(lot)
    for expiry in sorted(by_expiry):
        lots.expire(draft, clock_cause(draft, instant), expiry, by_expiry[expiry])
    if draft.head.settled < instant == midnight(day_of(instant)):
        notifications.points_expiring(draft, instant)
    if draft.activated:
        notifications.points_activated(draft, clock_cause(draft, instant))
    if 0 < draft.clock.forgets(draft.head.oldest) <= instant:
        _forget(draft, instant)


def _forget(draft: Draft, instant: int) -> None:
    """Drop the rows of events, and refunds that still wait, from before the retention of event keys."""
    assert draft.clock.retention_days is not None
    first = day_of(instant) - draft.clock.retention_days - 1
    oldest = 0
    for key, row in draft.range(b"e"):
        if row.day < first:
            draft.write(key, None)
        else:
            oldest = min(oldest or row.day, row.day)
    for key, parked in draft.range(b"p"):
        kept = tuple(entry for entry in parked if max(day_of(entry.time), entry.kept_from) >= first)
        if not kept:
            draft.edit().parked -= 1
        if kept != parked:
            draft.write(key, kept or None)
    draft.edit().oldest = oldest


def reschedule(draft: Draft, after: int) -> None:
    """Look anew at what is due next, because a version announces expiring points at another lead."""
    head = draft.head
    due = next_due(draft, max(after, head.settled))
    if not 0 < head.next_due <= after and due != head.next_due:
        draft.edit().next_due = due


def clock_cause(draft: Draft, instant: int) -> EffectCause:
    """The clock as a cause, at a due instant, under the version in force then."""
    versions = draft.versions
    version: CompiledProgramme | None = versions.at(instant) or (versions.in_order[0] if versions.in_order else None)
    assert version is not None, "points exist, so some version granted them"
    return EffectCause("clock", str(instant), instant, version.id, version.version)


def next_due(draft: Draft, after: int) -> int:
    """The member's earliest instant after `after` at which something is due; 0 for none."""
    leads, settled = draft.versions.leads, draft.head.settled
    instants = [midnight(lot.activation) for lot in draft.head.pending]
    for expiry in {lot.expiry for lot in draft.lots() if lot.expiry != NEVER}:
        instants.append(midnight(expiry + 1))
        instants += [midnight(expiry - lead) for lead in leads if midnight(expiry - lead) > settled]
    if forgets := draft.clock.forgets(draft.head.oldest):
        instants.append(max(forgets, after + 1))
    return min((instant for instant in instants if instant > after), default=0)
