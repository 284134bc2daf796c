"""How far an event's time may be from the wall clock of its lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.broker.interface import Record
from engine.outcome import Reason
from schemas.dead_letter import accepts_age

if TYPE_CHECKING:
    from agents.processor import Processor

_UNSIGNED = "; no key has signed the decision in its headers, or not lately"


def beyond(record: Record, time: int, now: int, lane: Processor) -> tuple[Reason, str] | None:
    """Why an event of this time (ms) is refused when the wall clock reads `now`: too far ahead of it, or too far
    behind and not let pass by an operator. None where it is not."""
    ahead, limits = time - now, lane.limits
    if ahead > limits.ahead_ms_max:
        return Reason.FROM_THE_FUTURE, f"time: {ahead} ms ahead of the clock, at most {limits.ahead_ms_max}"
    if -ahead > limits.behind_ms_max and not lane.exempts(record, now):
        detail = f"time: {-ahead} ms behind the clock, at most {limits.behind_ms_max}"
        return Reason.TOO_OLD, detail + _UNSIGNED * (lane.meaning >= 1 and accepts_age(record.headers))
    return None
