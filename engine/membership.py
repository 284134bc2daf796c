"""Joining, leaving, profile, consents, erasure, and what operators adjust."""

from engine import lots
from engine.activity import Activity
from engine.compiled import Compiled
from engine.draft import Draft
from engine.effects import Cause
from engine.member import Head, Status


def registered(draft: Draft, activity: Activity) -> None:
    """Join the club, or come back to it; without `segments` the old ones stay."""
    data, head = activity.data, draft.edit()
    head.status = Status.REGISTERED
    if data.alias is not None:
        head.alias = data.alias
    if data.segments is not None:
        head.segments = tuple(data.segments)
    if data.province is not None:
        head.province = data.province
    if (consents := data.consents) is not None:
        given = {"sms": consents.sms, "email": consents.email, "push": consents.push}
        head.consents = {**head.consents, **{medium: yes for medium, yes in given.items() if yes is not None}}


def profile_changed(draft: Draft, activity: Activity) -> None:
    """Any of alias, segments and province; what is not named stays."""
    data, head = activity.data, draft.edit()
    if data.alias is not None:
        head.alias = data.alias
    if data.segments is not None:
        head.segments = tuple(data.segments)
    if data.province is not None:
        head.province = data.province


def consent_changed(draft: Draft, activity: Activity) -> None:
    """A consent for one medium, given or taken back."""
    head = draft.edit()
    head.consents = {**head.consents, activity.data.medium: activity.data.granted}


def left(draft: Draft, activity: Activity) -> None:
    """Stop accrual and spending; points and their expiry stay."""
    draft.edit().status = Status.LEFT


def adjusted(draft: Draft, activity: Activity, version: Compiled, cause: Cause) -> None:
    """Points that an operator gives or takes."""
    points = activity.data.points
    if points > 0:
        lots.adjust_up(draft, cause, points, version.adjusted_terms(activity.day))
    else:
        lots.take(draft, cause, "points.adjusted", None, -points, None, version.unlimited_refund)


def erased(draft: Draft, cause: Cause) -> None:
    """A last posting for all that is left, then nothing but the reference, the totals and festivals' scores stays."""
    lots.wipe(draft, cause)
    head = draft.edit()
    blank = Head()
    head.status = Status.ERASED
    for field in (
        "alias",
        "segments",
        "province",
        "consents",
        "reached",
        "once",
        "accounts",
        "joins",
        "next_due",
        "announced",
        "parked",
        "oldest",
        "month",
        "counters",
        "year",
        "totals",
    ):
        setattr(head, field, getattr(blank, field))
    draft.erase()
