"""Joining, leaving, profile, consents, erasure, and what operators adjust.

Events may come in any order. Each of these fields keeps the time of the event that set it, and gives way only to one
that is not older.
"""

from engine.activity import Activity
from engine.effects import Cause
from engine.ledger import lots
from engine.ledger.draft import Draft
from engine.ledger.member import Head, Status
from engine.programme.compiler import Compiled

MEDIA = ("sms", "email", "push")


def registered(draft: Draft, activity: Activity) -> None:
    """Join the club, or come back to it; without `segments` the old ones stay."""
    _change_status(draft, activity, Status.REGISTERED)
    profile_changed(draft, activity)
    consents = activity.data.consents
    for medium in MEDIA if consents is not None else ():
        if (granted := getattr(consents, medium)) is not None:
            _change_consent(draft, activity, medium, granted)


def profile_changed(draft: Draft, activity: Activity) -> None:
    """Any of alias, segments and province; what is not named stays."""
    data, head, at = activity.data, draft.edit(), kept_time(draft, activity)
    if data.alias is not None and decides(draft, activity, head.alias_at, head.alias is not None):
        head.alias, head.alias_at = data.alias, at
    if data.segments is not None and decides(draft, activity, head.segments_at, bool(head.segments)):
        head.segments, head.segments_at = tuple(data.segments), at
    if data.province is not None and decides(draft, activity, head.province_at, head.province is not None):
        head.province, head.province_at = data.province, at


def consent_changed(draft: Draft, activity: Activity) -> None:
    """A consent for one medium, given or taken back."""
    _change_consent(draft, activity, activity.data.medium, activity.data.granted)


def left(draft: Draft, activity: Activity) -> None:
    """Stop accrual and spending; points and their expiry stay."""
    _change_status(draft, activity, Status.LEFT)


def decides(draft: Draft, activity: Activity, at: int | None, known: bool, *, refuses: bool = False) -> bool:
    """Whether an event changes a field that was set `at` a time.

    Without a time it was never set, and takes anything; or, where it is `known`, it was set before times were kept:
    then an event that `refuses` is taken, and any other one if it is of the member's present day.
    """
    if draft.clock.meaning == 0:
        return True  # the last one that was processed
    if at is not None:
        return at <= activity.time
    return not known or refuses or activity.time >= draft.head.settled


def kept_time(draft: Draft, activity: Activity) -> int | None:
    """The time that a field keeps of the event that sets it."""
    return None if draft.clock.meaning == 0 else activity.time


def _time_of(draft: Draft, activity: Activity, at: int | None, known: bool) -> int | None:
    """The time that a status or a consent keeps of the event that sets it.

    A refusal that is taken in spite of its age, since nobody knows how old the value is that it replaces, opens the
    door to nothing that this value kept out: it holds from the midnight that the member's time has come to.
    """
    kept = kept_time(draft, activity)
    return max(kept, draft.head.settled) if kept is not None and at is None and known else kept


def _change_status(draft: Draft, activity: Activity, status: Status) -> None:
    head = draft.edit()
    known, refuses = head.status != Status.CUSTOMER, status == Status.LEFT
    if decides(draft, activity, head.status_at, known, refuses=refuses):
        head.status, head.status_at = status, _time_of(draft, activity, head.status_at, known)


def _change_consent(draft: Draft, activity: Activity, medium: str, granted: bool) -> None:
    head = draft.edit()
    known, before = medium in head.consents, head.consents_at.get(medium)
    if decides(draft, activity, before, known, refuses=not granted):
        head.consents = {**head.consents, medium: granted}
        if (at := _time_of(draft, activity, before, known)) is not None:
            head.consents_at = {**head.consents_at, medium: at}


def adjusted(draft: Draft, activity: Activity, version: Compiled, cause: Cause) -> None:
    """Points that an operator gives or takes."""
    points = activity.data.points
    if points > 0:
        lots.adjust_up(draft, cause, points, version.adjusted_terms(activity.day))
    else:
        lots.take(draft, cause, "points.adjusted", None, -points, None, version.unlimited_refund)


STAYS = frozenset({
    "active", "held", "pending", "debt", "issued", "reversed", "expired", "spent", "lot_years", "fresh", "qualified",
    "settled", "festivals",
})  # fmt: skip
"""What is left of an erased member's head besides the status: the totals, no points, and how far time has come."""


def erased(draft: Draft, cause: Cause) -> None:
    """A last posting for all that is left, then nothing but the reference, the totals and festivals' scores stays."""
    lots.wipe(draft, cause)
    head, blank = draft.edit(), Head(status=Status.ERASED)
    for field in Head.__struct_fields__:
        if field not in STAYS:
            setattr(head, field, getattr(blank, field))
    draft.erase()
