"""No event makes a row of its member larger than a row may be: it is refused whole, and the lane goes on.

What a member's rows hold is bounded by what comes in and by the programme's rules, but not far enough: a thousand
rules that each pay for every daily balance fill a month's row in a week, and points for each Rial of a large payment
leave 64 bits. What a row takes is known when it is encoded, once a batch, which is too late to refuse one event. So it
is known of each member by how much any row may still grow, which costs a subtraction an event; rows are encoded only
where that is used up. What the clock adds is nobody's to refuse: events leave room for it.
"""

from typing import Any

from agents.members import MemberRows
from engine.member import HEAD, Overgrown
from engine.scoring import Decision
from tables import codec

DECISION_BYTES = 60_000
"""More than what a decision adds to one row besides what its effects add: texts of the contract, 32 segments."""
EFFECT_BYTES = 1_000
"""More than what goes with one effect in one row: a grant, a counter, a total, what is paid once, two names each."""
CLOCK_BYTES = 100_000
"""More than what ticks add to a row without an event: last days announced, lots that become active."""
SURELY_SMALL = 10**17
"""A sum that no single event takes beyond 64 bits."""
_EVENT = ord("e")
_BYTES = "bytes in a row of one member"


def with_room(rows: MemberRows, decision: Decision, meaning: int) -> Decision:
    """The decision, for which there is room. To be asked of each in turn before it is applied.

    Raises `Overgrown` where a row would be larger than a row may be, or hold a number that no row holds.
    """
    reserved = CLOCK_BYTES if meaning >= 1 else 0
    left = rows.room - DECISION_BYTES - EFFECT_BYTES * len(decision.effects)
    head = decision.rows.get(HEAD)
    if left < reserved or (head is not None and (head.issued > SURELY_SMALL or head.debt > SURELY_SMALL)):
        left = codec.ROW_BYTES_MAX - _largest(rows, decision, meaning)
        if left < reserved:
            raise Overgrown(_BYTES, codec.ROW_BYTES_MAX - reserved)
    rows.room = left
    return decision


def _largest(rows: MemberRows, decision: Decision, meaning: int) -> int:
    """What the largest of the member's rows takes once the decision stands. The rows of earlier events are left out:
    they do not grow any more."""
    largest = 0
    after = {key: value for key, value in rows.values.items() if key[0] != _EVENT}
    for key, value in {**after, **decision.rows}.items():
        if value is not None:
            largest = max(largest, _measured(key, value, meaning))
    return largest


def _measured(key: bytes, value: Any, meaning: int) -> int:
    try:
        return len(codec.encode(key, value, meaning))
    except codec.RowTooLarge as error:
        raise Overgrown(_BYTES, codec.ROW_BYTES_MAX) from error
    except OverflowError as error:
        raise Overgrown("points of one member", 2**64 - 1) from error
