"""Refund: a purchase taken back in parts, and what a chargeback that was won gives back."""

from fractions import Fraction

from tests.simulation.auditor.contract import CHARGEBACK_WON, Activity
from tests.simulation.auditor.evaluation import half_up
from tests.simulation.auditor.lots import give_back, take
from tests.simulation.auditor.programme_reading import Version
from tests.simulation.auditor.state import Decision, FestivalGrant, Grant, Identity, Past


def original_of(activity: Activity) -> Identity:
    """The event that a refund refers to: its source is the refund's own."""
    return activity.source, activity.data["original"]


def apply_refund(decision: Decision, version: Version, activity: Activity, purchase: Past) -> None:
    """Move refunded_so_far, then bring every grant of the purchase to its target."""
    if purchase.amount is None:
        return
    amount = activity.data["amount"]
    won = activity.type == CHARGEBACK_WON
    purchase.refunded = max(0, purchase.refunded - amount) if won else purchase.refunded + amount
    for grant in purchase.grants:
        share = Fraction(min(purchase.refunded, purchase.amount), purchase.amount)
        target = half_up(grant.granted * share)
        if target > grant.reversed:
            reverse(decision, version, grant, target - grant.reversed)
        elif target < grant.reversed:
            restore(decision, grant, grant.reversed - target)
        if grant.once:
            move_once_mark(decision, purchase, grant, won)


def reverse(decision: Decision, version: Version, grant: Grant, points: int) -> None:
    """Take back a part of a grant. It counts whole against what qualified, also where it is forgiven or owed."""
    grant.reversed += points
    decision.member.qualified -= points
    forgiven, debt = take(decision, "points.reversed", points, grant.lot, version.unlimited, grant.rule)
    grant.forgiven += forgiven
    grant.debt += debt


def restore(decision: Decision, grant: Grant, points: int) -> None:
    """Give back a part of what was reversed."""
    grant.reversed -= points
    decision.member.qualified += points
    give_back(decision, grant, points)


def move_once_mark(decision: Decision, purchase: Past, grant: Grant | FestivalGrant, won: bool) -> None:
    """Refunds that reach the whole amount reopen a rule that pays once; a chargeback that was won may close it."""
    assert purchase.amount is not None
    once = decision.member.once
    if purchase.refunded >= purchase.amount:
        if once.get(grant.rule) == purchase.mark:
            del once[grant.rule]
    elif won and grant.reversed < grant.granted:
        once.setdefault(grant.rule, purchase.mark)
