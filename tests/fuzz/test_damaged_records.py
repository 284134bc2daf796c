"""Damaged records among good ones: none crashes the processor, each is scored or refused under the right code, and
what is said of the good members' events is, byte for byte, what is said without the damaged ones.
"""

import json
import os
from collections import Counter
from random import Random
from typing import Any

import pytest

from agents.scoring.intake import decode_record
from bashgah.offline.members_table import COLUMNS, member_rows
from schemas import topics
from schemas.records import Record
from tables.rows import DUE_PREFIX, due_member
from tests.fuzz.damage import damaged
from tests.fuzz.expected import expect
from tests.properties.lane import Lane
from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.auditor.lanes import partition_of
from tests.simulation.comparison import same
from tests.simulation.workload import arrivals, generate, programmes
from tests.simulation.workload_clock import rfc3339

PARTITIONS = 2
GOOD_EVENTS = 200
DAMAGED_EACH = 12
A_STREAM = GOOD_EVENTS * DAMAGED_EACH
RECORDS = int(os.environ.get("TEST_FUZZ_RECORDS", 2 * A_STREAM))
DAY_MS = 86_400_000
REMEMBERED_MS = 300 * DAY_MS
"""Events are remembered for 400 days of their own time, and may be some 60 late."""


class FuzzedLane(Lane):
    """A lane as the comparison with the auditor wants it."""

    def members(self) -> dict[str, dict[str, Any]]:
        """As the auditor gives them."""
        version = self.processor.versions.at(max(self.processor.last_tick or 0, self.processor.clock or 0))
        rows = [
            dict(zip(COLUMNS, row, strict=True)) for row in member_rows(self.store, version.tier if version else "")
        ]
        for row in rows:
            row["registered"] = row["registered"] == "true"
        return {str(row.pop("member")): row for row in rows}


@pytest.mark.parametrize("seed", range(-(-RECORDS // A_STREAM)))
def test_damaged_records_are_refused_or_scored_and_touch_nobody_else(seed: int) -> None:
    texts = programmes(seed)
    good = [(topic, _of(envelope, "g", 0)) for topic, envelope in generate(seed, GOOD_EVENTS)]
    clocks = arrivals(good)
    lane, alone = (FuzzedLane(tuple(texts), replay=False, partitions=PARTITIONS) for _ in range(2))
    auditor = Auditor([read_programme(text) for text in texts], replay=False)
    source = _Source(seed, texts)
    met: Counter[str] = Counter()
    last = 0
    for (topic, envelope), now in zip(good, clocks, strict=True):
        if now - last > DAY_MS // 2:
            last = now
            lane.tick(now)
            alone.tick(now)
            auditor.tick(now)
        _offer(lane, auditor, source.records(now), now, met)
        record = source.record(topic, envelope, now)
        refusals = len(auditor.dead)
        _offer(lane, auditor, [record], now, met)
        alone.take([decode_record(record)], now)
        if len(auditor.dead) == refusals:
            source.taken.append((now, topic, envelope))
    lane.tick(clocks[-1])
    alone.tick(clocks[-1])
    auditor.tick(clocks[-1])
    same(lane, auditor)  # type: ignore[arg-type]  # it asks for outputs and members only
    _undisturbed(lane, alone)
    assert set(met) >= {"invalid", "from_the_future", "too_old", "wrong_partition", "conflicting_duplicate", "scored"}


def _offer(lane: FuzzedLane, auditor: Auditor, records: list[Record], now: int, met: Counter[str]) -> None:
    """Through both, with the same fate for each record."""
    wanted = {}
    for record in records:
        refusals = len(auditor.dead)
        outcome = expect(auditor, record, now, PARTITIONS)
        met[outcome] += 1
        wanted[record.offset] = outcome if len(auditor.dead) > refusals else None
    before = len(lane.outputs)
    lane.take([decode_record(record) for record in records], now)
    found: dict[int, str] = {}
    for output in lane.outputs[before:]:
        if output.topic == topics.DEAD_LETTER.name:
            letter = dict(output.headers)
            found[int(letter["offset"])] = letter["error"].decode()
            unharmed = b"" if letter["error"] == b"erased" else _at(records, int(letter["offset"])).value
            assert output.value == unharmed
    for record in records:
        fate, due = found.get(record.offset), wanted[record.offset]
        assert fate == due, f"{due} was due, but {fate}: {record}"


def _at(records: list[Record], offset: int) -> Record:
    return next(record for record in records if record.offset == offset)


def _undisturbed(lane: FuzzedLane, alone: FuzzedLane) -> None:
    """The good members' outputs, refusals and rows are those of the lane without the damaged records."""
    assert alone.outputs
    good, undisturbed = lane.by_member(), alone.by_member()
    members = {key for key in undisturbed if key is not None}
    assert members
    assert {key: good.get(key) for key in members} == {key: undisturbed[key] for key in members}
    rows, wanted = lane.rows(), alone.rows()
    of_good = {
        key for key in rows if key.startswith(b"g-") or (key.startswith(DUE_PREFIX) and due_member(key)[:2] == "g-")
    }
    assert {key: rows[key] for key in of_good} == wanted


def _of(envelope: Any, prefix: str, partition: int) -> Any:
    """The event of a member of another name, which lies in this partition of two."""
    subject = f"{prefix}-{envelope['subject']}"
    while partition_of(subject, PARTITIONS) != partition:
        subject += "."
    return envelope | {"subject": subject}


class _Source:
    """Draws damaged records: of victims, of strangers from another partition, and of good events taken before."""

    def __init__(self, seed: int, texts: list[str]) -> None:
        self.draw = Random(f"fuzz {seed}")
        self.taken: list[tuple[int, str, Any]] = []
        self.offset = 0
        victims = generate(seed + 1_000_000, 3 * GOOD_EVENTS, programme=texts)
        self.victims = [(topic, _of(envelope, "v", 0)) for topic, envelope in victims]
        self.others = [envelope for _, envelope in victims]

    def record(self, topic: str, envelope: Any, now: int) -> Record:
        """An event unharmed."""
        return _record(topic, envelope, now, self._next())

    def records(self, now: int) -> list[Record]:
        """The damaged ones before the next good event."""
        return [self._one(now) for _ in range(DAMAGED_EACH)]

    def _one(self, now: int) -> Record:
        draw, chance = self.draw, self.draw.random()
        if chance < 0.1 and self.taken:
            then, topic, envelope = draw.choice(self.taken[-30:])
            if now - then < REMEMBERED_MS:
                return self._conflict(topic, envelope, now)
        topic, envelope = draw.choice(self.victims)
        if chance < 0.7:  # as if it happened now, so that it is neither too old nor ahead
            envelope = envelope | {"time": rfc3339(now - draw.randrange(DAY_MS))}
        if chance < 0.15:
            envelope = _of(envelope, "s", 1)
        return damaged(draw, topic, envelope, self.others, now, self._next())

    def _conflict(self, topic: str, envelope: Any, now: int) -> Record:
        """A good event that was taken before, with other content: it must not change what it was."""
        data = dict(envelope["data"])
        if "amount" in data and self.draw.random() < 0.7:
            data["amount"] = self.draw.choice((1, 0, 4_711, "7", 10**15))
            return _record(topic, envelope | {"data": data}, now, self._next())
        return _record(topic, envelope | {"time": "2020-01-01T00:00:00Z"}, now, self._next())

    def _next(self) -> int:
        self.offset += 1
        return self.offset


def _record(topic: str, envelope: Any, now: int, offset: int) -> Record:
    value = json.dumps(envelope, ensure_ascii=False).encode()
    return Record(topic, 0, offset, now, str(envelope["subject"]).encode(), value, ())
