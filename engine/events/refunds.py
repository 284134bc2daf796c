"""Refunds, reversals and chargebacks, in parts, ahead of their purchase, and given back when the bank wins."""

from hashlib import blake2b

from engine.activity import MemberActivity
from engine.effects import EffectCause
from engine.events.event_type import Basis, EventType, Result
from engine.festivals import scores as festival_scores
from engine.ledger import lots, rewards
from engine.ledger.draft import Draft
from engine.ledger.due import settle_until
from engine.ledger.member import WAITING_MAX, EventRow, Grant, IndicatorScore, Overgrown, Parked, event_key, parked_key
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme
from engine.programme.rounds import FINAL
from engine.units import share

REFUNDED_MAX = 2**62
"""Rial in all refunds of one payment; those beyond its amount take nothing more back."""
WON = "card.chargeback.won"


def identity(source: str, id: str) -> bytes:
    """The 12-byte digest by which an event is known within its member."""
    return blake2b(f"{source}\0{id}".encode(), digest_size=12).digest()


def refund(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
    """Take back or give back, and reward what is reached where points have come back."""
    qualified = draft.head.qualified
    result = _apply_or_park(draft, activity)
    if draft.head.qualified > qualified:
        rewards.reached(draft, cause, version, activity.day)
    return result


def _apply_or_park(draft: Draft, activity: MemberActivity) -> Result:
    """Apply a refund or a won chargeback to its purchase, or park it where the purchase has not come yet."""
    data = activity.data
    original = identity(activity.source, data.original)
    entry = Parked(activity.type, activity.source, activity.id, activity.time, data.amount, draft.clock.kept_from)
    row = draft.read(event_key(original))
    if row is None:
        waiting = draft.read(parked_key(original)) or ()
        if len(waiting) >= WAITING_MAX:
            raise Overgrown("refunds that wait for one payment", WAITING_MAX)
        draft.write(parked_key(original), (*waiting, entry))
        if not waiting:
            draft.edit().parked += 1
        return Outcome.PARKED, Reason.NONE
    if not apply(draft, original, row, entry):
        return Outcome.NO_POINTS, Reason.NOTHING_TO_REVERSE
    return Outcome.SCORED, Reason.NONE


def _original(activity: MemberActivity) -> bytes:
    """The row of the payment that is named."""
    return event_key(identity(activity.source, activity.data.original))


def apply_parked(draft: Draft, original: bytes) -> None:
    """Apply the refunds that had come ahead of a purchase, directly after it, in their order of arrival."""
    parked = draft.read(parked_key(original)) if draft.head.parked else None
    if parked is None:
        return
    draft.edit().parked -= 1
    draft.write(parked_key(original), None)
    for entry in parked:
        settle_until(draft, max(draft.horizon, entry.time))
        row = draft.read(event_key(original))
        assert row is not None, "the purchase's own decision has just written it"
        apply(draft, original, row, entry)


def apply(draft: Draft, original: bytes, row: EventRow, entry: Parked) -> bool:
    """Bring what the purchase gave to what the refunded share leaves. False where there is nothing to change."""
    if row.amount is None or not (row.grants or row.scores):
        return False
    refunded = row.refunded + entry.amount if entry.type != WON else max(0, row.refunded - entry.amount)
    if refunded > REFUNDED_MAX:
        raise Overgrown("Rial refunded of one payment", REFUNDED_MAX)
    version = draft.versions.at(entry.time)
    cause = EffectCause(
        entry.source, entry.id, entry.time, version.id if version else "", version.version if version else 0
    )
    unlimited = version.unlimited_refund if version else False
    before = len(draft.effects)
    grants = tuple(_follow(draft, cause, grant, refunded, row.amount, unlimited) for grant in row.grants)
    won = entry.type == WON
    scores = festival_scores.refund(draft, cause, row.scores, refunded, row.amount, won=won) if row.scores else ()
    draft.write(event_key(original), row._replace(refunded=refunded, grants=grants, scores=scores))
    _mark_once(draft, original, refunded < row.amount, won, grants, scores)
    return len(draft.effects) > before


def _follow(draft: Draft, cause: EffectCause, grant: Grant, refunded: int, amount: int, unlimited: bool) -> Grant:
    """Bring one grant to the refunded share: take more of it back, or give some of it back."""
    change = share(grant.granted, refunded, amount) - grant.taken_back
    if change > 0:
        return reverse(draft, cause, grant, change, unlimited)
    if change == 0:
        return grant
    unforgiven, unowed = lots.give_back(
        draft, cause, grant.rule, -change, (grant.activation, grant.expiry), grant.forgiven, grant.owed
    )
    draft.edit().qualified -= change
    return grant._replace(
        taken_back=grant.taken_back + change, forgiven=grant.forgiven - unforgiven, owed=grant.owed - unowed
    )


def reverse(draft: Draft, cause: EffectCause, grant: Grant, points: int, unlimited: bool) -> Grant:
    """Take `points` of a grant back, its own lot first. The whole reversal counts against thresholds."""
    own = (grant.activation, grant.expiry)
    forgiven, owed = lots.take(draft, cause, "points.reversed", grant.rule, points, own, unlimited)
    draft.edit().qualified -= points
    return grant._replace(
        taken_back=grant.taken_back + points, forgiven=grant.forgiven + forgiven, owed=grant.owed + owed
    )


def _mark_once(
    draft: Draft, original: bytes, part: bool, won: bool, grants: tuple[Grant, ...], scores: tuple[IndicatorScore, ...]
) -> None:
    """Let a rule that pays once pay again after a refund of the whole amount. A won chargeback that leaves a part of
    the refund takes that back, unless another event was paid meanwhile."""
    paid = [(grant.rule, grant.once and grant.taken_back < grant.granted) for grant in grants]
    paid += [
        (f"{each.festival}/{each.indicator}", each.once and each.taken_back < each.granted)
        for each in scores
        if not festival_scores.is_frozen(draft, each.festival, FINAL)
    ]
    for rule, closes in paid:
        holder = draft.head.once.get(rule)
        if not part and holder == original:
            draft.edit().once = {name: event for name, event in draft.head.once.items() if name != rule}
        elif part and won and holder is None and closes:
            draft.edit().once = {**draft.head.once, rule: original}


TYPES = dict.fromkeys(
    ("card.purchase.refunded", "ebanking.payment.reversed", WON),
    EventType(
        refund,
        prefetch=_original,
        explain=lambda draft, activity: Basis(original=_original(activity)),
    ),
)
