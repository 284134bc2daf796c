"""How lively each festival is: points per minute, and what each indicator gives, counted from `club.festival`.

The topic is followed from where it ends when the process starts, and only sums are kept of it, so the figures are those
of this process and say since when. A process that falls far behind skips to the end and counts anew from there: these
figures are to be fresh, while the boards are what is exact. Minutes are those in which the changes were published.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from agents.broker.errors import OffsetOutOfRange
from agents.broker.interface import Broker, Reader
from agents.process.clock import Clock
from engine.calendar import iso
from schemas import answers, topics
from schemas.records import Record, TopicPartition

log = logging.getLogger(__name__)

TOPIC = topics.FESTIVAL.name
_FETCH_WAIT_MS = 1_000
_FETCH_RECORDS_MAX = 5_000
_BEHIND_MAX = 200_000
_LOOK_BACK_FETCHES = 50
"""After so many fetches it is looked how far behind the end the reading is."""

_SLOT_MS = 10_000
_MINUTE_MS = 60_000
_MINUTES = 30
_SLOTS = _MINUTES * _MINUTE_MS // _SLOT_MS
_FESTIVALS_MAX = 1_000
_INDICATORS_MAX = 200


class _Change(msgspec.Struct, frozen=True, gc=False):
    festival: str
    indicator: str = ""
    delta: int = 0
    listed: bool | None = None


class _Event(msgspec.Struct, frozen=True, gc=False):
    """As much of the record as is counted."""

    type: Literal["festival.score.changed", "festival.joined", "festival.left"]
    data: _Change


_decode = msgspec.json.Decoder(_Event).decode


class _Tally:
    """Of one festival: (points, changes) by slot of time, bounded, and by indicator."""

    __slots__ = ("indicators", "slots")

    def __init__(self) -> None:
        self.slots: dict[int, tuple[int, int]] = {}
        self.indicators: dict[str, tuple[int, int]] = {}

    def add(self, slot: int, change: _Change) -> None:
        if slot not in self.slots:
            for old in [each for each in self.slots if each <= slot - _SLOTS]:
                del self.slots[old]
        points, changes = self.slots.get(slot, (0, 0))
        self.slots[slot] = points + change.delta, changes + 1
        if change.indicator in self.indicators or len(self.indicators) < _INDICATORS_MAX:
            points, changes = self.indicators.get(change.indicator, (0, 0))
            self.indicators[change.indicator] = points + change.delta, changes + 1

    def between(self, first: int, last: int) -> tuple[int, int]:
        """Points and changes of the slots from `first` to `last`, which is counted too."""
        found = [self.slots[slot] for slot in range(first, last + 1) if slot in self.slots]
        return sum(points for points, _ in found), sum(changes for _, changes in found)


class ActivityFollower:
    """Counts what comes. `changed` names the festivals of which something came since it was last taken.

    `clock` is this machine's, as the records' timestamps are; `club` is the club's, by which viewers are told since
    when there are figures.
    """

    def __init__(self, broker: Broker, clock: Clock, club: Clock) -> None:
        self._broker = broker
        self._clock = clock
        self._club = club
        self._reader: Reader | None = None
        self._partitions: list[TopicPartition] = []
        self._tallies: dict[str, _Tally] = {}
        self._changed: set[str] = set()
        self._since = club()
        self._fetches = 0

    async def open(self, partitions: int) -> None:
        """Stand at the topic's end; it has so many partitions."""
        self._partitions = [TopicPartition(TOPIC, number) for number in range(partitions)]
        self._reader = await self._broker.reader()
        await self._from_the_end()

    async def follow(self) -> None:
        """Count on for ever; ends by being cancelled."""
        while True:
            try:
                await self._read()
            except OffsetOutOfRange as error:
                log.warning("activity is counted anew: %s", error.reason)
                await self._from_the_end()

    async def close(self) -> None:
        """Stop reading."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    def take_changed(self) -> set[str]:
        """The festivals of which something came since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def of(self, festival: str, indicators: Iterable[str]) -> answers.Activity:
        """A festival's figures now, by its indicators."""
        tally = self._tallies.get(festival) or _Tally()
        now = self._clock()
        last = now // _SLOT_MS
        points, changes = tally.between(last - _MINUTE_MS // _SLOT_MS + 1, last)
        return answers.Activity(
            festival=festival,
            since=iso(self._since),
            points_per_minute=points,
            changes_per_minute=changes,
            minutes=tuple(_minutes(tally, now // _MINUTE_MS)),
            indicators=tuple(_contributions(tally.indicators, indicators)),
        )

    async def _from_the_end(self) -> None:
        assert self._reader is not None, "open() comes first"
        self._tallies.clear()
        self._since = self._club()
        await self._reader.assign(await self._broker.end_offsets(self._partitions))

    async def _read(self) -> None:
        assert self._reader is not None, "open() comes first"
        found = await self._reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)
        for records in found.values():
            for record in records:
                self._count(record)
        self._fetches += 1
        if self._fetches % _LOOK_BACK_FETCHES == 0:
            await self._catch_up()

    async def _catch_up(self) -> None:
        assert self._reader is not None, "open() comes first"
        ends = await self._broker.end_offsets(self._partitions)
        behind = sum([end - await self._reader.position(partition) for partition, end in ends.items()])
        if behind > _BEHIND_MAX:
            log.warning("%d changes of festivals are skipped: activity is counted anew", behind)
            await self._from_the_end()

    def _count(self, record: Record) -> None:
        try:
            event = _decode(record.value or b"")
        except msgspec.DecodeError:
            return  # not of this release; what is shown here is a picture, not a reckoning
        if event.type != "festival.score.changed" or event.data.listed is False:
            return  # customers of whom no board knows; records of earlier releases do not say it
        change = event.data
        tally = self._tallies.get(change.festival)
        if tally is None:
            if len(self._tallies) >= _FESTIVALS_MAX:
                return
            tally = self._tallies[change.festival] = _Tally()
        tally.add(record.timestamp // _SLOT_MS, change)
        self._changed.add(change.festival)


def _minutes(tally: _Tally, last: int) -> Iterable[answers.Minute]:
    slots = _MINUTE_MS // _SLOT_MS
    for minute in range(last - _MINUTES + 1, last + 1):
        points, changes = tally.between(minute * slots, minute * slots + slots - 1)
        yield answers.Minute(begins=iso(minute * _MINUTE_MS), points=points, changes=changes)


def _contributions(found: Mapping[str, tuple[int, int]], indicators: Iterable[str]) -> Iterable[answers.Contribution]:
    for id in indicators:
        points, changes = found.get(id, (0, 0))
        yield answers.Contribution(id=id, points=points, changes=changes)
