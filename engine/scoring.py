"""Read this first. `decide` says what an event does to a member; `evolve` does it. Nothing else changes a member.

    admit(rows, activity, clock)               a duplicate, or of an erased member: goes no further
    decide(rows, activity, shelf, clock)       everything due comes first, then the event itself
    evolve(rows, decision)                     the rows as they stand afterwards

All three are pure: the same rows, activity, versions and instant give the same decision.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from engine.activity import Activity
from engine.calendar import day_of
from engine.clock import Clock
from engine.effects import Cause, Effect, FestivalMove, RewardGranted, Won
from engine.events import deposits, membership, refunds
from engine.festivals import participation
from engine.festivals import scores as festival_scores
from engine.ledger import due, evaluation, notifications, rewards
from engine.ledger.draft import Draft
from engine.ledger.due import settle_until
from engine.ledger.member import FESTIVAL, HEAD, Award, EventRow, Rows, Status, event_key
from engine.outcome import Outcome, Reason
from engine.programme.compiler import Compiled
from engine.programme.versions import Shelf

Change = Callable[[Draft, Activity], None]

MEMBERSHIP: Mapping[str, Change] = {
    "member.registered": membership.registered,
    "member.profile.changed": membership.profile_changed,
    "member.consent.changed": membership.consent_changed,
    "member.left": membership.left,
    deposits.OPENED: deposits.keep_account,
    deposits.CLOSED: deposits.keep_account,
}
NOT_EXECUTED_PREFIXES = ("member.spending.", "member.redemption.", "command.transfer.")
JOINED, AWAY, AWARDED = "member.festival.joined", "member.festival.left", "command.award.granted"
ADJUSTED, TRANSFERRED, ERASED = "member.points.adjusted", "member.points.transferred", "member.erased"


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


def admit(rows: Rows, activity: Activity, clock: Clock) -> Decision | None:
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


def decide(rows: Rows, activity: Activity, shelf: Shelf, clock: Clock) -> Decision:
    """What an admitted event does, after all that was due up to the later of the last tick and its own time."""
    draft = Draft(rows, activity.member, shelf, clock, activity.time)
    settle_until(draft, draft.horizon)
    oldest, day = draft.head.oldest, _kept_from(activity, clock)
    if not oldest or day < oldest:
        draft.edit().oldest = day
        if forgets := clock.forgets(day):
            draft.expect(max(forgets, draft.horizon + 1))
    version = shelf.at(activity.moment)
    cause = Cause(activity.source, activity.id, activity.time, version.id, version.version) if version else None
    outcome, reason = _handler(activity.type)(draft, activity, version, cause)
    if draft.activated and cause is not None:
        notifications.points_activated(draft, cause)
    return Decision(outcome, reason, draft.written, draft.effects, draft.erased, draft.capped)


def advance(rows: Rows, member: str, shelf: Shelf, clock: Clock) -> Decision:
    """What the clock alone does to an idle member up to its last tick."""
    assert clock.last_tick is not None
    draft = Draft(rows, member, shelf, clock, clock.last_tick)
    settle_until(draft, draft.horizon)
    return Decision(Outcome.ACCEPTED, Reason.NONE, draft.written, draft.effects)


def reschedule(rows: Rows, member: str, shelf: Shelf, clock: Clock, after: int) -> Decision:
    """When the member is next due, after a version has come that announces expiring points at another lead."""
    draft = Draft(rows, member, shelf, clock, after)
    due.reschedule(draft, after)
    return Decision(Outcome.ACCEPTED, Reason.NONE, draft.written, draft.effects)


def evolve(rows: dict[bytes, Any], decision: Decision) -> None:
    """Bring a member's rows to what the decision made of them."""
    if decision.erase:
        for key in [key for key in rows if not key.startswith(FESTIVAL)]:
            del rows[key]
    for key, value in decision.rows.items():
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = value


Handler = Callable[[Draft, Activity, Compiled | None, Cause | None], tuple[Outcome, Reason]]
"""What one type of event does; version and cause are None where no programme was in force."""


@lru_cache(maxsize=256)
def _handler(kind: str) -> Handler:
    """The handler of a type. Whatever is not named here is an activity that rules may give points for."""
    if kind in refunds.REFUNDS or kind == refunds.WON:
        return _refund
    if kind == TRANSFERRED or kind.startswith(NOT_EXECUTED_PREFIXES):
        return _not_executed
    if kind in MEMBERSHIP:
        return partial(_membership, MEMBERSHIP[kind])
    return _HANDLERS.get(kind, _score)


def _refund(draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None) -> tuple[Outcome, Reason]:
    _remember(draft, activity)
    if version is None or cause is None:
        return Outcome.NO_PROGRAMME, Reason.NONE
    qualified = draft.head.qualified
    outcome, reason = refunds.refund(draft, activity)
    if draft.head.qualified > qualified:
        rewards.reached(draft, cause, version, activity.day)
    return outcome, reason


def _balance(draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None) -> tuple[Outcome, Reason]:
    _remember(draft, activity)
    outcome, reason = deposits.record(draft, activity, version, cause)
    if version and cause and any(getattr(e, "type", None) == "points.accrued" for e in draft.effects):
        rewards.reached(draft, cause, version, activity.day)
    return outcome, reason


def _erasure(draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None) -> tuple[Outcome, Reason]:
    membership.erased(draft, cause or _first_cause(draft, activity))
    participation.relist(draft)
    return Outcome.ACCEPTED, Reason.NONE


def _adjustment(
    draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None
) -> tuple[Outcome, Reason]:
    _remember(draft, activity)
    if version is None or cause is None:
        return Outcome.NO_PROGRAMME, Reason.NONE
    membership.adjusted(draft, activity, version, cause)
    return Outcome.SCORED, Reason.NONE


def _not_executed(
    draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None
) -> tuple[Outcome, Reason]:
    _remember(draft, activity)
    return Outcome.NOT_EXECUTED, Reason.NONE


def _move(draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None) -> tuple[Outcome, Reason]:
    """Joining a festival or leaving it, which is kept whether or not a version knows that festival yet."""
    _remember(draft, activity)
    festival, joined = activity.data.festival, activity.type == JOINED
    changed = participation.move(draft, festival, activity.time, joined)
    if cause is None:
        return Outcome.NO_PROGRAMME, Reason.NONE
    if changed:
        draft.effects.append(FestivalMove(cause, festival, joined))
    return Outcome.ACCEPTED, Reason.NONE


def _award(draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None) -> tuple[Outcome, Reason]:
    """An award that was decided for the whole club: it is given as the version in force at its time says."""
    _remember(draft, activity)
    if version is None or cause is None:
        return Outcome.NO_PROGRAMME, Reason.NONE
    data = activity.data
    won = Won(data.festival, data.category, data.round, data.rank)
    draft.effects.append(RewardGranted(cause, data.reward, "rank", data.value_rial, won))
    reward = version.programme.rewards.get(data.reward)
    if reward is not None:
        rewards.give(draft, cause, version, reward, activity.day)
    if data.festival is not None:
        held = Award(data.award, data.category or "", data.round or "", data.reward, data.rank, data.value_rial)
        festival_scores.award(draft, cause, held, data.festival)
    return Outcome.SCORED, Reason.NONE


def _membership(
    change: Change, draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None
) -> tuple[Outcome, Reason]:
    change(draft, activity)
    participation.relist(draft)
    outcome, reason = _score(draft, activity, version, cause)
    if outcome in (Outcome.SCORED, Outcome.NO_PROGRAMME):
        return outcome, reason
    return Outcome.ACCEPTED, Reason.NONE


_HANDLERS: Mapping[str, Handler] = {
    deposits.RECORDED: _balance,
    ERASED: _erasure,
    ADJUSTED: _adjustment,
    JOINED: _move,
    AWAY: _move,
    AWARDED: _award,
}


def _first_cause(draft: Draft, activity: Activity) -> Cause:
    """For what must happen although the event is older than every version: the first one answers for it."""
    first = draft.shelf.versions[0] if draft.shelf.versions else None
    programme, version = (
        (first.id, first.version) if first else ("", 0)
    )  # then nobody has points, and nothing is posted
    return Cause(activity.source, activity.id, activity.time, programme, version)


def _score(draft: Draft, activity: Activity, version: Compiled | None, cause: Cause | None) -> tuple[Outcome, Reason]:
    """A plain activity: what it earns, then what it reaches, then the refunds that had come ahead of it."""
    if version is None or cause is None:
        _remember(draft, activity)
        return Outcome.NO_PROGRAMME, Reason.NONE
    found: list[evaluation.Earned] = []
    if draft.head.status == Status.LEFT:
        reason = Reason.LEFT
    else:
        found, reason = evaluation.earned(draft, activity, version)
    grants = evaluation.pay(draft, cause, activity, version, found) if found else ()
    if grants:
        rewards.reached(draft, cause, version, activity.day)
    scores = festival_scores.score(draft, cause, activity, version) if version.festivals else ()
    amount, day = getattr(activity.data, "amount", None), _kept_from(activity, draft.clock)
    draft.write(event_key(activity.identity), EventRow(activity.content, day, amount, 0, grants, scores))
    refunds.apply_parked(draft, activity.identity)
    if grants or scores:
        return Outcome.SCORED, Reason.NONE
    return Outcome.NO_POINTS, Reason.CAPPED if found else reason


def _remember(draft: Draft, activity: Activity) -> None:
    """A row by which the event is known again. What came ahead of it and can never be its refund is dropped."""
    draft.write(event_key(activity.identity), EventRow(activity.content, _kept_from(activity, draft.clock)))
    refunds.apply_parked(draft, activity.identity)


def _kept_from(activity: Activity, clock: Clock) -> int:
    """The day by which its row is kept: that of the event itself, since a balance may tell of a date long past, or the
    later one on which an operator let the event pass in spite of its age."""
    return max(activity.day if activity.moment == activity.time else day_of(activity.time), clock.kept_from)
