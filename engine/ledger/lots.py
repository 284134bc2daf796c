"""Points are given, become active, expire, are taken and given back. No other module changes totals and lots.

Each change is settled before the next: points whose activation is due become active, debt swallows first, and what
has lapsed by then expires at once.
"""

from engine.calendar import midnight
from engine.effects import EffectCause
from engine.ledger.draft import Draft
from engine.ledger.member import NEVER, Lot, lots_key

PENDING, ACTIVE = "pending", "active"


def accrue(
    draft: Draft,
    cause: EffectCause,
    rule: str,
    points: int,
    terms: tuple[int, int],
    moment_day: int,
    capped: int | None,
) -> None:
    """Give `points` of a rule into the lot of `terms` (activation, expiry); `capped`: what it would have been."""
    activation, expiry = terms
    head = draft.edit()
    head.issued += points
    desired, granted = (None, None) if capped is None else (capped, points)
    if activation == moment_day:
        _add_active(draft, activation, expiry, points)
        draft.activated.add(expiry)
        draft.post(cause, "points.accrued", points, ACTIVE, rule, expiry, desired, granted)
        _settle_active(draft, cause, activation, expiry, points)
        return
    _add_pending(draft, activation, expiry, points)
    draft.post(cause, "points.accrued", points, PENDING, rule, expiry, desired, granted)
    if midnight(activation) <= draft.horizon:
        activate(draft, cause, Lot(activation, expiry, points))


def adjust_up(draft: Draft, cause: EffectCause, points: int, terms: tuple[int, int]) -> None:
    """Points that an operator gives: active at once."""
    activation, expiry = terms
    draft.edit().issued += points
    _add_active(draft, activation, expiry, points)
    draft.activated.add(expiry)
    draft.post(cause, "points.adjusted", points, ACTIVE, None, expiry)
    _settle_active(draft, cause, activation, expiry, points)


def activate(draft: Draft, cause: EffectCause, lot: Lot) -> None:
    """Make pending points of a lot active, pay debt from them, and let them lapse where that is due."""
    _take_pending(draft, lot.activation, lot.expiry, lot.points)
    _add_active(draft, lot.activation, lot.expiry, lot.points)
    draft.activated.add(lot.expiry)
    draft.post(cause, "points.activated", lot.points, ACTIVE, None, lot.expiry)
    _settle_active(draft, cause, lot.activation, lot.expiry, lot.points)


def expire(draft: Draft, cause: EffectCause, expiry: int, lots: list[Lot]) -> None:
    """Let active lots that share their last day lapse, in one posting."""
    points = sum(lot.points for lot in lots)
    head = draft.edit()
    head.active -= points
    head.expired += points
    for lot in lots:
        draft.set_lot(lot.activation, lot.expiry, 0)
    draft.post(cause, "points.expired", -points, ACTIVE, None, expiry)


class Piece:
    """Points taken in one go from lots of the same status and last day."""

    __slots__ = ("status", "expiry", "points")

    def __init__(self, status: str, expiry: int, points: int) -> None:
        self.status, self.expiry, self.points = status, expiry, points


def take(
    draft: Draft,
    cause: EffectCause,
    type: str,
    rule: str | None,
    points: int,
    own: tuple[int, int] | None,
    unlimited: bool,
) -> tuple[int, int]:
    """Take points back: from the own lot, then pending lots latest activation first, then active ones soonest
    expiry first. What is missing becomes debt where `unlimited`, else it is forgiven. Returns (forgiven, owed)."""
    missing = points
    last: Piece | None = None
    for status, lot in _order(draft, own):
        if not missing:
            break
        part = min(missing, lot.points)
        missing -= part
        if last is not None and (last.status, last.expiry) != (status, lot.expiry):
            draft.post(cause, type, -last.points, last.status, rule, last.expiry)
            last = None
        if status == PENDING:
            _take_pending(draft, lot.activation, lot.expiry, part)
        else:
            draft.set_lot(lot.activation, lot.expiry, lot.points - part)
            draft.edit().active -= part
        draft.edit().reversed += part
        if last is None:
            last = Piece(status, lot.expiry, 0)
        last.points += part
    if last is not None:
        draft.post(cause, type, -last.points, last.status, rule, last.expiry)
    if not missing:
        return 0, 0
    if unlimited:
        draft.edit().debt += missing
        draft.post(cause, type, 0, ACTIVE, rule, NEVER, debt=missing)
        return 0, missing
    draft.post(cause, type, 0, ACTIVE, rule, NEVER, forgiven=missing)
    return missing, 0


def give_back(
    draft: Draft, cause: EffectCause, rule: str, points: int, own: tuple[int, int], forgiven: int, owed: int
) -> tuple[int, int]:
    """Give back what a lost chargeback took: undo what was forgiven, then what is booked as debt, then return the
    rest to the own lot. Returns how much of (forgiven, owed) was undone."""
    head = draft.edit()
    unforgiven = min(points, forgiven)
    unowed = min(points - unforgiven, owed, head.debt)
    rest = points - unforgiven - unowed
    activation, expiry = own
    head.debt -= unowed
    head.reversed -= rest
    pending = midnight(activation) > draft.horizon
    if rest and pending:
        _add_pending(draft, activation, expiry, rest)
    elif rest:
        _add_active(draft, activation, expiry, rest)
    status = PENDING if pending else ACTIVE
    draft.post(cause, "points.restored", rest, status, rule, expiry, debt=-unowed, forgiven=-unforgiven)
    if rest and not pending:
        _settle_active(draft, cause, activation, expiry, rest)
    return unforgiven, unowed


def wipe(draft: Draft, cause: EffectCause) -> None:
    """Let everything that is left lapse, pending first, one posting a last day: the member is erased."""
    head = draft.edit()
    buckets: dict[tuple[str, int], int] = {}
    for lot in sorted(head.pending, key=lambda lot: lot.expiry):
        buckets[PENDING, lot.expiry] = buckets.get((PENDING, lot.expiry), 0) + lot.points
    for lot in sorted(draft.lots(), key=lambda lot: lot.expiry):
        buckets[ACTIVE, lot.expiry] = buckets.get((ACTIVE, lot.expiry), 0) + lot.points
    for (status, expiry), points in buckets.items():
        if status == PENDING:
            head.pending = tuple(lot for lot in head.pending if lot.expiry != expiry)
        else:
            head.active -= points
        head.expired += points
        draft.post(cause, "points.expired", -points, status, None, expiry)
    for year in head.lot_years:
        draft.write(lots_key(year), None)
    head.lot_years = head.fresh = ()


def _order(draft: Draft, own: tuple[int, int] | None) -> list[tuple[str, Lot]]:
    pending = sorted(draft.head.pending, key=lambda lot: (-lot.activation, lot.expiry))
    active = sorted(draft.lots(), key=lambda lot: (lot.expiry, lot.activation))
    order = [(PENDING, lot) for lot in pending] + [(ACTIVE, lot) for lot in active]
    if own is None:
        return order
    first = [entry for entry in order if (entry[1].activation, entry[1].expiry) == own]
    return first + [entry for entry in order if (entry[1].activation, entry[1].expiry) != own]


def _settle_active(draft: Draft, cause: EffectCause, activation: int, expiry: int, points: int) -> None:
    """Points just became active in a lot: debt swallows first, then they expire where that is due."""
    head = draft.head
    if head.debt:
        swallowed = min(head.debt, points)
        head = draft.edit()
        head.debt -= swallowed
        head.active -= swallowed
        head.reversed += swallowed
        draft.set_lot(activation, expiry, draft.lot(activation, expiry) - swallowed)
        draft.post(cause, "points.reversed", -swallowed, ACTIVE, None, expiry, debt=-swallowed)
        points -= swallowed
    if points and expiry != NEVER:
        if midnight(expiry + 1) <= draft.horizon:
            expire(draft, cause, expiry, [Lot(activation, expiry, points)])
        else:
            draft.expect_expiry(expiry)


def _add_active(draft: Draft, activation: int, expiry: int, points: int) -> None:
    head = draft.edit()
    head.active += points
    draft.add_to_lot(activation, expiry, points)


def _add_pending(draft: Draft, activation: int, expiry: int, points: int) -> None:
    head = draft.edit()
    pending = head.pending
    for i, lot in enumerate(pending):
        if lot.activation == activation and lot.expiry == expiry:
            head.pending = (*pending[:i], Lot(activation, expiry, lot.points + points), *pending[i + 1 :])
            return
    head.pending = tuple(sorted((*pending, Lot(activation, expiry, points))))
    if (instant := midnight(activation)) > draft.horizon:
        draft.expect(instant)


def _take_pending(draft: Draft, activation: int, expiry: int, points: int) -> None:
    head = draft.edit()
    kept = []
    for lot in head.pending:
        if lot.activation == activation and lot.expiry == expiry:
            if lot.points > points:
                kept.append(Lot(activation, expiry, lot.points - points))
        else:
            kept.append(lot)
    head.pending = tuple(kept)
