"""The limit on dead letters: a publisher that sends rubbish must stop the lane, not empty itself into the dead letters.

Records are counted in windows of a fixed number, one after the other; the counts are in the watermark, so a restart
stops at the same record. What an operator has accepted is not counted, nor what is refused because its member was
erased: customers of the bank go on after they have left the club's memory, and no publisher is to blame.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agents.scoring.intake import StampedRecord
from agents.task.refusal import TaskRefused, way
from engine.outcome import Reason
from schemas import topics
from schemas.records import OutputRecord
from tables.watermark import DeadLetterWindow

_ERASED = Reason.ERASED.value.encode()


class Limit(NamedTuple):
    """At most `percent` of `window` records may be dead letters."""

    percent: int
    window: int

    @property
    def dead_max(self) -> int:
        """The most dead letters that a window may hold."""
        return self.window * self.percent // 100


class Count(NamedTuple):
    """The window after a batch, or after what fits; `over`: index of the item that goes over the limit, if any."""

    window: DeadLetterWindow
    over: int | None


def refused_offsets(outputs: Sequence[OutputRecord]) -> set[tuple[str, int]]:
    """(topic, offset) of the records that became dead letters in a batch, but for those of erased members."""
    found: set[tuple[str, int]] = set()
    for output in outputs:
        if output.topic == topics.DEAD_LETTER.name:
            headers = dict(output.headers)
            if headers["error"] != _ERASED:
                found.add((headers["topic"].decode(), int(headers["offset"])))
    return found


def count(
    before: DeadLetterWindow,
    items: Sequence[StampedRecord],
    refused: set[tuple[str, int]],
    limit: Limit,
    accepted: Mapping[str, int],
) -> Count:
    """Count a batch's items in their order."""
    if not refused and not accepted:
        return Count(DeadLetterWindow(*_roll(before.seen + len(items), before, limit)), None)
    seen, dead = before.seen, before.dead
    for index, item in enumerate(items):
        record = item.record
        if record.offset < accepted.get(record.topic, 0):
            continue
        if seen == limit.window:
            seen = dead = 0
        is_dead = (record.topic, record.offset) in refused
        if is_dead and dead >= limit.dead_max:
            return Count(DeadLetterWindow(seen, dead), index)
        seen += 1
        dead += is_dead
    return Count(DeadLetterWindow(seen, dead), None)


def _roll(seen: int, before: DeadLetterWindow, limit: Limit) -> tuple[int, int]:
    """The counts after records without a dead letter among them."""
    if seen <= limit.window:
        return seen, before.dead
    return (seen - 1) % limit.window + 1, 0


def at_limit(window: DeadLetterWindow, limit: Limit) -> bool:
    """Whether the next dead letter would stop the lane."""
    return window.seen < limit.window and window.dead >= limit.dead_max


def over_limit(item: StampedRecord, outputs: Sequence[OutputRecord], limit: Limit) -> TaskRefused:
    """The refusal at the record that goes over the limit."""
    record = item.record
    codes = {dict(output.headers)["error"].decode() for output in outputs if output.topic == topics.DEAD_LETTER.name}
    reason = (
        f"more than {limit.dead_max} of {limit.window} records ({limit.percent} %) are dead letters"
        f" ({', '.join(sorted(codes))}); this record and what follows is not consumed"
    )
    remedy = (
        "see `bashgah dead-letter list` and stop the publisher that sends them; then"
        f" {way(record.partition, '--accept')} lets what is there now pass to the dead letters"
    )
    return TaskRefused(f"{record.topic}/{record.partition} offset {record.offset}", reason, remedy)
