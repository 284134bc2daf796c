"""Lots: how points come in, become active, are taken, given back, and expire."""

from datetime import date
from itertools import groupby

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.state import Decision, Grant, LotKey

NEVER = date.max


def last_day_order(lot: LotKey) -> date:
    """Soonest expiry first, never-expiring last."""
    return lot[1] or NEVER


def becomes_active(decision: Decision, lot: LotKey) -> None:
    """Note the last day of points that become active, which may be too near to be announced ahead."""
    if lot[1] is not None:
        decision.member.activated.add(lot[1])


def accrue(decision: Decision, lot: LotKey, points: int, rule: str, at_once: bool, desired: int) -> None:
    """Post what a rule or a reward grants, and settle it."""
    member = decision.member
    cut = (desired, points) if points != desired else (None, None)
    member.issued += points
    if at_once:
        member.lots[lot].active += points
        becomes_active(decision, lot)
        decision.post("points.accrued", points, "active", lot[1], rule, *cut)
        swallow(decision, lot, points)
    else:
        member.lots[lot].pending += points
        decision.post("points.accrued", points, "pending", lot[1], rule, *cut)
    settle(decision, lot)


def settle(decision: Decision, lot: LotKey) -> None:
    """Activate, then expire, one lot where that is due."""
    if decision.member.lots[lot].pending and tehran_time.midnight(lot[0]) <= decision.horizon:
        activate(decision, lot)
    if lot[1] is not None and tehran_time.end_of(lot[1]) <= decision.horizon:
        expire(decision, lot[1])


def activate(decision: Decision, lot: LotKey) -> None:
    """All pending points of a lot become active; debt swallows its share of them."""
    held = decision.member.lots[lot]
    points = held.pending
    held.pending = 0
    held.active += points
    becomes_active(decision, lot)
    decision.post("points.activated", points, "active", lot[1])
    swallow(decision, lot, points)


def swallow(decision: Decision, lot: LotKey, points: int) -> None:
    """Debt takes what it can of points that have just become active."""
    member = decision.member
    taken = min(points, member.debt)
    if taken:
        member.debt -= taken
        member.reversed += taken
        member.lots[lot].active -= taken
        decision.post("points.reversed", -taken, "active", lot[1], debt=-taken)


def expire(decision: Decision, last_day: date) -> None:
    """The active points of every lot with this last day expire."""
    member = decision.member
    lapsing = [held for lot, held in member.lots.items() if lot[1] == last_day]
    points = sum(held.active for held in lapsing)
    if points:
        for held in lapsing:
            held.active = 0
        member.expired += points
        decision.post("points.expired", -points, "active", last_day)


def expire_everything(decision: Decision) -> None:
    """The last expiry of an erased member: pending, then active, each soonest expiry first."""
    member = decision.member
    last_days = sorted({lot[1] for lot in member.lots}, key=lambda last_day: last_day or NEVER)
    for status in ("pending", "active"):
        for last_day in last_days:
            lapsing = [held for lot, held in member.lots.items() if lot[1] == last_day]
            points = sum(getattr(held, status) for held in lapsing)
            if points:
                for held in lapsing:
                    setattr(held, status, 0)
                member.expired += points
                decision.post("points.expired", -points, status, last_day)


def taking_order(decision: Decision, own: LotKey | None) -> list[tuple[LotKey, str]]:
    """Own lot, other pending lots latest activation first, active lots soonest expiry first."""
    lots = decision.member.lots
    pending = sorted((lot for lot in lots if lots[lot].pending), key=last_day_order)
    pending.sort(key=lambda lot: lot[0], reverse=True)
    active = sorted((lot for lot in lots if lots[lot].active), key=lambda lot: (last_day_order(lot), lot[0]))
    order = [(lot, "pending") for lot in pending] + [(lot, "active") for lot in active]
    return [place for place in order if place[0] == own] + [place for place in order if place[0] != own]


def take(
    decision: Decision, kind: str, points: int, own: LotKey | None, unlimited: bool, rule: str | None
) -> tuple[int, int]:
    """Take points out of the lots; what is missing is (forgiven, debt)."""
    member = decision.member
    missing = points
    pieces: list[tuple[LotKey, str, int]] = []
    for lot, status in taking_order(decision, own):
        piece = min(missing, getattr(member.lots[lot], status))
        if piece:
            missing -= piece
            pieces.append((lot, status, piece))
    for (status, last_day), bucket in groupby(pieces, key=lambda each: (each[1], each[0][1])):
        taken = 0
        for lot, _, piece in bucket:
            held = member.lots[lot]
            setattr(held, status, getattr(held, status) - piece)
            taken += piece
        member.reversed += taken
        decision.post(kind, -taken, status, last_day, rule)
    debt = missing if unlimited else 0
    forgiven = missing - debt
    member.debt += debt
    if missing:
        decision.post(kind, 0, "active", None, rule, debt=debt, forgiven=forgiven)
    return forgiven, debt


def give_back(decision: Decision, grant: Grant, points: int) -> None:
    """Undo a reversal: first what was forgiven, then what is booked as debt, the rest to the grant's own lot."""
    member = decision.member
    forgiven = min(points, grant.forgiven)
    grant.forgiven -= forgiven
    debt = min(points - forgiven, grant.debt, member.debt)
    grant.debt -= debt
    member.debt -= debt
    rest = points - forgiven - debt
    member.reversed -= rest
    is_active = tehran_time.midnight(grant.lot[0]) <= decision.horizon
    if is_active:
        member.lots[grant.lot].active += rest
    else:
        member.lots[grant.lot].pending += rest
    status = "active" if is_active else "pending"
    decision.post("points.restored", rest, status, grant.lot[1], grant.rule, debt=-debt, forgiven=-forgiven)
    if is_active:
        swallow(decision, grant.lot, rest)
    settle(decision, grant.lot)
