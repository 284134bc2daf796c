"""The club's members: joining, leaving, profile, consents, festivals joined and left, erasure.

Events may come in any order. Status, consents and each field of the profile keep the time of the event that set them,
and give way only to one that is not older.
"""

from collections.abc import Callable

from engine.activity import MemberActivity
from engine.effects import EffectCause, FestivalMove
from engine.events import erasure, payments
from engine.events.event_type import NO_PROGRAMME, Basis, EventType, Result
from engine.festivals import participation
from engine.ledger.draft import Draft
from engine.ledger.member import Status
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme

REGISTERED, PROFILE_CHANGED = "member.registered", "member.profile.changed"
NAMING = frozenset({REGISTERED, PROFILE_CHANGED})
"""The types that give a member a name."""
JOINED, AWAY = "member.festival.joined", "member.festival.left"

MEDIA = ("sms", "email", "push")


def registered(draft: Draft, activity: MemberActivity) -> None:
    """Join the club, or come back to it; without `segments` the old ones stay."""
    _change_status(draft, activity, Status.REGISTERED)
    profile_changed(draft, activity)
    consents = activity.data.consents
    for medium in MEDIA if consents is not None else ():
        if (granted := getattr(consents, medium)) is not None:
            _change_consent(draft, activity, medium, granted)


def profile_changed(draft: Draft, activity: MemberActivity) -> None:
    """Any of alias, segments and province; what is not named stays."""
    data, head, at = activity.data, draft.edit(), kept_time(draft, activity)
    if data.alias is not None and decides(draft, activity, head.alias_at, head.alias is not None):
        head.alias, head.alias_at = data.alias, at
    if data.segments is not None and decides(draft, activity, head.segments_at, bool(head.segments)):
        head.segments, head.segments_at = tuple(data.segments), at
    if data.province is not None and decides(draft, activity, head.province_at, head.province is not None):
        head.province, head.province_at = data.province, at


def consent_changed(draft: Draft, activity: MemberActivity) -> None:
    """A consent for one medium, given or taken back."""
    _change_consent(draft, activity, activity.data.medium, activity.data.granted)


def left(draft: Draft, activity: MemberActivity) -> None:
    """Stop accrual and spending; points and their expiry stay."""
    _change_status(draft, activity, Status.LEFT)


def decides(draft: Draft, activity: MemberActivity, at: int | None, known: bool, *, refuses: bool = False) -> bool:
    """Whether an event changes a field, of which `at` is the time of the event that set it: if it is not older.

    `at` is None where the field was never set: then every event does. It is None as well where the field is `known` to
    have been set before times were kept: then an event does that `refuses`, or that is of the member's present day.
    """
    if draft.clock.meaning == 0:
        return True  # the last one that was processed
    if at is not None:
        return at <= activity.time
    return not known or refuses or activity.time >= draft.head.settled


def kept_time(draft: Draft, activity: MemberActivity) -> int | None:
    """The time that a field keeps of the event that sets it."""
    return None if draft.clock.meaning == 0 else activity.time


def _time_of(draft: Draft, activity: MemberActivity, at: int | None, known: bool) -> int | None:
    """The time that a status or a consent keeps of the event that sets it.

    That is the event's own, but for a refusal that replaces a value of unknown age. It holds from the midnight that the
    member's time has come to: were it to hold from its own old time, events that the value kept out would come in.
    """
    kept = kept_time(draft, activity)
    return max(kept, draft.head.settled) if kept is not None and at is None and known else kept


def _change_status(draft: Draft, activity: MemberActivity, status: Status) -> None:
    head = draft.edit()
    known, refuses = head.status != Status.CUSTOMER, status == Status.LEFT
    if decides(draft, activity, head.status_at, known, refuses=refuses):
        head.status, head.status_at = status, _time_of(draft, activity, head.status_at, known)


def _change_consent(draft: Draft, activity: MemberActivity, medium: str, granted: bool) -> None:
    head = draft.edit()
    known, before = medium in head.consents, head.consents_at.get(medium)
    if decides(draft, activity, before, known, refuses=not granted):
        head.consents = {**head.consents, medium: granted}
        if (at := _time_of(draft, activity, before, known)) is not None:
            head.consents_at = {**head.consents_at, medium: at}


def erase(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
    """Forget the person."""
    erasure.erase(draft, cause)
    return Outcome.ACCEPTED, Reason.NONE


def _erase_without_programme(draft: Draft, activity: MemberActivity) -> Result:
    """A person is forgotten although the event is older than every version: the first one answers for what lapses."""
    first = draft.versions.in_order[0] if draft.versions.in_order else None
    # Without any version nobody has points, and nothing is posted.
    programme, number = (first.id, first.version) if first else ("", 0)
    erasure.erase(draft, EffectCause(activity.source, activity.id, activity.time, programme, number))
    return Outcome.ACCEPTED, Reason.NONE


def move(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
    """Join a festival or leave it, whether or not the version knows that festival yet."""
    if _moves(draft, activity):
        draft.effects.append(FestivalMove(cause, activity.data.festival, activity.type == JOINED))
    return Outcome.ACCEPTED, Reason.NONE


def _move_without_programme(draft: Draft, activity: MemberActivity) -> Result:
    _moves(draft, activity)
    return NO_PROGRAMME


def _moves(draft: Draft, activity: MemberActivity) -> bool:
    return participation.move(draft, activity.data.festival, activity.time, activity.type == JOINED)


def change_type(change: Callable[[Draft, MemberActivity], None]) -> EventType:
    """A type that changes what is known of the member. Rules look at it after that, and may give points for it."""

    def apply(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
        change(draft, activity)
        participation.relist(draft)
        outcome, _ = payments.earn(draft, activity, version, cause)
        return (outcome if outcome == Outcome.SCORED else Outcome.ACCEPTED), Reason.NONE

    def keep(draft: Draft, activity: MemberActivity) -> Result:
        change(draft, activity)
        participation.relist(draft)
        return payments.keep(draft, activity)

    def explain(draft: Draft, activity: MemberActivity) -> Basis:
        change(draft, activity)
        return Basis()

    return EventType(apply, keep, writes_its_row=True, explain=explain)


TYPES = {
    REGISTERED: change_type(registered),
    PROFILE_CHANGED: change_type(profile_changed),
    "member.consent.changed": change_type(consent_changed),
    "member.left": change_type(left),
    "member.erased": EventType(erase, _erase_without_programme, writes_its_row=True),
    JOINED: EventType(move, _move_without_programme),
    AWAY: EventType(move, _move_without_programme),
}
