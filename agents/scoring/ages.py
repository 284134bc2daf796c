"""How far an event's time may be from the wall clock of its lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.calendar import DAY_MS, HOUR_MS
from engine.outcome import Reason
from schemas.dead_letter import accepts_age
from schemas.records import Record

if TYPE_CHECKING:
    from agents.scoring.processor import Processor

_UNSIGNED = "; no key has signed the decision in its headers, or not lately"


def beyond(record: Record, time: int, now: int, lane: Processor) -> tuple[Reason, str] | None:
    """Why an event of this time (ms) is refused when the wall clock reads `now`: too far ahead of it, or too far
    behind and not let pass by an operator. None where it is not."""
    ahead, limits = time - now, lane.limits
    if ahead > limits.ahead_ms_max:
        return Reason.FROM_THE_FUTURE, _detail(ahead, "ahead of", limits.ahead_ms_max, lane.meaning)
    if -ahead > limits.behind_ms_max and not lane.exempts(record, now):
        detail = _detail(-ahead, "behind", limits.behind_ms_max, lane.meaning)
        return Reason.TOO_OLD, detail + _UNSIGNED * (lane.meaning >= 1 and accepts_age(record.headers))
    return None


def _detail(ms: int, where: str, ms_max: int, meaning: int) -> str:
    if meaning < 1:
        return f"time: {ms} ms {where} the clock, at most {ms_max}"
    return f"time: {span(ms, up=True)} {where} the clock, at most {span(ms_max)}"


_UNITS = (("days", DAY_MS), ("h", HOUR_MS), ("min", 60_000), ("s", 1_000), ("ms", 1))


def span(ms: int, *, up: bool = False) -> str:
    """A length of time as people read it, in its two largest units: `400 days`, `16 h 2 min`. `up`: rounded up, so that
    what is over a limit is read as more than it; down otherwise."""
    unit = next((index for index, (_, size) in enumerate(_UNITS) if ms >= size), len(_UNITS) - 1)
    (larger, of_larger), (smaller, of_smaller) = _UNITS[unit], _UNITS[min(unit + 1, len(_UNITS) - 1)]
    rounded = -(-ms // of_smaller) * of_smaller if up else ms
    whole, rest = divmod(rounded, of_larger)
    parts = [f"{whole} {'day' if (whole, larger) == (1, 'days') else larger}"]
    if rest >= of_smaller:
        parts.append(f"{rest // of_smaller} {smaller}")
    return " ".join(parts)
