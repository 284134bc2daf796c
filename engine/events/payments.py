"""Payments, and whatever else customers do with the bank for which rules give points, and nothing more happens."""

from engine.activity import MemberActivity
from engine.effects import EffectCause
from engine.events import refunds
from engine.events.event_rows import kept_from, remember
from engine.events.event_type import NO_PROGRAMME, EventType, Result
from engine.festivals import scores as festival_scores
from engine.ledger import evaluation, rewards
from engine.ledger.draft import Draft
from engine.ledger.member import EventRow, Status, event_key
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme


def earn(draft: Draft, activity: MemberActivity, version: CompiledProgramme, cause: EffectCause) -> Result:
    """What the event earns, then what that reaches, then the refunds of it that had come ahead."""
    found: list[evaluation.Earned] = []
    if draft.head.status == Status.LEFT:
        reason = Reason.LEFT
    else:
        found, reason = evaluation.earned(draft, activity, version)
    grants = evaluation.pay(draft, cause, activity, version, found) if found else ()
    if grants:
        rewards.reached(draft, cause, version, activity.day)
    scores = festival_scores.score(draft, cause, activity, version) if version.festivals else ()
    amount, day = getattr(activity.data, "amount", None), kept_from(activity, draft.clock)
    draft.write(event_key(activity.identity), EventRow(activity.content, day, amount, 0, grants, scores))
    refunds.apply_parked(draft, activity.identity)
    if grants or scores:
        return Outcome.SCORED, Reason.NONE
    return Outcome.NO_POINTS, Reason.CAPPED if found else reason


def keep(draft: Draft, activity: MemberActivity) -> Result:
    """No version was in force: the event is remembered, and earns nothing later either."""
    remember(draft, activity)
    return NO_PROGRAMME


TYPES = dict.fromkeys(
    (
        "card.purchase.settled",
        "card.cash.withdrawn",
        "ebanking.transfer.completed",
        "ebanking.bill.paid",
        "ebanking.topup.purchased",
        "ebanking.instalment.paid",
        "ebanking.login.succeeded",
        "ebanking.service.activated",
        "ebanking.profile.completed",
    ),
    EventType(earn, keep, writes_its_row=True),
)
