"""The row by which an event is known again, as far as it is the same for all types."""

from engine.activity import MemberActivity
from engine.calendar import day_of
from engine.clock import Clock
from engine.events import refunds
from engine.ledger.draft import Draft
from engine.ledger.member import EventRow, event_key


def remember(draft: Draft, activity: MemberActivity) -> None:
    """Write a row that says no more than that the event was taken. Refunds that wait for it can never be its: it has
    no amount. They are dropped."""
    draft.write(event_key(activity.identity), EventRow(activity.content, kept_from(activity, draft.clock)))
    refunds.apply_parked(draft, activity.identity)


def kept_from(activity: MemberActivity, clock: Clock) -> int:
    """The Tehran day from which the row is kept for as long as rows are: that of the event's time, since a balance may
    tell of a date long past; or the later day on which an operator let the event pass in spite of its age."""
    return max(activity.day if activity.moment == activity.time else day_of(activity.time), clock.kept_from)
