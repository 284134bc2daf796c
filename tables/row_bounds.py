"""No event makes a row of its member larger than a row may be: it is refused whole, and the lane goes on.

What a member's rows hold is bounded by what comes in and by the programme's rules, but not far enough: a thousand
rules that each pay for every daily balance fill a month's row in a week, and points for each Rial of a large payment
leave 64 bits. What a row takes is known when it is encoded, once a batch, which is too late to refuse one event. So it
is known of each member by how much any row may still grow, which costs a subtraction an event; rows are encoded only
where that is used up. What an event comes to hangs on the rows that it writes and on nothing else, so that it is the
same however records are batched. What the clock adds is nobody's to refuse: events leave room for it.
"""

from typing import Any

from engine.ledger.member import HEAD, Overgrown
from engine.scoring import Decision
from tables import codec
from tables.overlay import MemberRows

DECISION_BYTES = 60_000
"""More than what a decision adds to one row besides what its effects add: texts of the contract, 32 segments."""
EFFECT_BYTES = 1_000
"""More than what goes with one effect in one row: a grant, a counter, a total, what is paid once, two names each."""
CLOCK_BYTES = 100_000
"""More than what ticks add to a row without an event: last days announced, lots that become active."""
SURELY_SMALL = 10**17
"""A sum that no single event takes beyond 64 bits."""
_BYTES = "bytes in a row of one member"


def with_room(rows: MemberRows, decision: Decision, meaning: int) -> Decision:
    """The decision, for which there is room. To be asked of each in turn before it is applied.

    Raises `Overgrown` where a row that it writes would be larger than a row may be and than it was, or hold a number
    that no row holds. Rows that it does not write are not asked, since which of them are known hangs on the batch.
    """
    if decision.erase:
        return decision  # whoever must be forgotten is, whatever their rows have become
    reserved = CLOCK_BYTES if meaning >= 1 else 0
    left = rows.room - DECISION_BYTES - EFFECT_BYTES * len(decision.effects)
    head = decision.rows.get(HEAD)
    if left < reserved or (head is not None and (head.issued > SURELY_SMALL or head.debt > SURELY_SMALL)):
        largest = _require_room(rows, decision, meaning, codec.ROW_BYTES_MAX - reserved)
        left = codec.ROW_BYTES_MAX - max(largest, _others(rows, decision, meaning))
    rows.room = left
    return decision


def grown_by_the_clock(rows: MemberRows) -> None:
    """Say that a tick has changed the rows by as much as it liked: what comes next is measured."""
    rows.room = 0


def _require_room(rows: MemberRows, decision: Decision, meaning: int, bytes_max: int) -> int:
    """What the largest row that the decision writes takes. One that earlier releases let grow further, or the clock,
    may stay as large as it is."""
    largest = 0
    for key, value in decision.rows.items():
        if value is not None:
            size = _measured(key, value, meaning)
            if size > bytes_max and size > _known(key, rows.get(key), meaning):
                raise Overgrown(_BYTES, bytes_max)
            largest = max(largest, size)
    return largest


def _others(rows: MemberRows, decision: Decision, meaning: int) -> int:
    """What the largest row takes, at most, of those that the decision does not write."""
    written = {key for each in rows.unmeasured for key in each} - decision.rows.keys()
    rows.largest = max([rows.largest, *(_known(key, rows.values[key], meaning) for key in written)])
    rows.unmeasured = []
    return rows.largest


def _known(key: bytes, value: Any | None, meaning: int) -> int:
    """What a row takes that is there; the most that any may, where its present format would take more."""
    try:
        return 0 if value is None else _measured(key, value, meaning)
    except Overgrown:
        return codec.ROW_BYTES_MAX


def _measured(key: bytes, value: Any, meaning: int) -> int:
    try:
        return len(codec.encode(key, value, meaning))
    except codec.RowTooLarge as error:
        raise Overgrown(_BYTES, codec.ROW_BYTES_MAX) from error
    except OverflowError as error:
        raise Overgrown("points of one member", 2**64 - 1) from error
