"""The one place where records become rows and outputs. `score`, lanes, `verify` and the simulation all go through it.

A processor holds no state of its own but for what the watermark keeps (`clock`, `last_tick`, the programmes adopted):
rows come from a store, and what changed is handed over by `changes`, to be committed and then written to that store.
The same records, ticks and wall clock readings in the same order give the same bytes.
"""

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from agents.broker.interface import Output, Record
from agents.broker.partitioner import partition_of
from agents.scoring.ages import beyond
from agents.scoring.frozen_rounds import FrozenRounds
from agents.scoring.intake import StampedRecord, by_the_rule, spoken_of
from agents.scoring.outputs import encode_effects
from agents.scoring.prefetch import prefetch
from agents.scoring.tallies import Tallies
from agents.topics.dead_letters import DETAILS, letter
from engine.activity import Activity
from engine.calendar import DAY_MS, day_of, midnight
from engine.clock import Clock
from engine.effects import Posting
from engine.events.membership import NAMING
from engine.ledger.member import FESTIVAL, HEAD, FestivalRow, Overgrown, Status
from engine.meaning import CURRENT
from engine.outcome import Outcome, Reason
from engine.programme.versions import Shelf
from engine.scoring import Decision, admit, advance, decide, reschedule
from tables import codec
from tables.overlay import MemberRows, RowReader
from tables.row_bounds import grown_by_the_clock, with_room
from tables.rows import DUE_END, RESCHEDULE_KEY, due_key, due_member, due_range, full_key
from tables.store import StoreBroken
from tables.watermark import TooNew

log = logging.getLogger(__name__)


class Limits(NamedTuple):
    """Bounds on one batch (bytes of outputs, and of rows as they were), and on how far an event's time may be from the
    wall clock: rows of events are kept as long, but on a replay clock for ever. Who decodes goes by the last."""

    members_max: int = 20_000
    outputs_max: int = 20_000
    bytes_max: int = 32 << 20
    ahead_ms_max: int = 5 * 60_000
    behind_ms_max: int = 400 * DAY_MS
    record_bytes_max: int = 8 << 20


class Changes(NamedTuple):
    """All that a batch changed: rows of the state (None deletes), outputs in order, tallies, and rows in festivals, as
    (festival, member, before, after). `passed`: the records, by topic and offset, taken in spite of their age."""

    rows: list[tuple[bytes, bytes | None]]
    outputs: list[Output]
    tallies: Tallies
    standings: list[tuple[str, str, FestivalRow | None, FestivalRow]]
    passed: tuple[tuple[str, int], ...] = ()


class Processor:
    """One partition's processor. See the module."""

    def __init__(
        self,
        store: RowReader,
        shelf: Shelf,
        *,
        partition: int,
        partitions: int,
        replay: bool,
        limits: Limits = Limits(),
        clock: int | None = None,
        last_tick: int | None = None,
        halts: bool = False,
    ) -> None:
        """`halts`: take nothing more after a tick that froze a round until `frozen_rounds` has handed it over."""
        self.store = store
        self.shelf = shelf
        self.partition = partition
        self.partitions = partitions
        self.replay = replay
        self.limits = limits
        self.meaning = CURRENT
        """The number of the meaning that decides; whoever retraces sets it to that of the entry."""
        self.clock = clock
        self.last_tick = last_tick
        self._halts = halts
        self.ahead = False
        """Whether on a replay clock midnights have ticked ahead of a record that has not been taken."""
        self.frozen_rounds = FrozenRounds(store, shelf)
        self.exempts: Callable[[Record, int], bool] = lambda record, now: False
        """Whether an operator has decided, as known at the wall clock `now`, that a record is not too old."""
        self._passed: list[tuple[str, int]] = []
        self._clock = Clock()
        self._working_off = True  # something due by the last tick may be left from before
        self._walk = store.get_many([RESCHEDULE_KEY])[0]
        """The key of the due index with which the walk of `adopt` goes on; None without one under way."""
        self._walk_row = self._walk
        self._members: dict[str, MemberRows] = {}
        self._outputs: list[Output] = []
        self._tallies = Tallies()
        self._changed = self._bytes = 0

    @property
    def present(self) -> Clock:
        """What the latest decision knew of the time."""
        return self._clock

    @property
    def changed(self) -> bool:
        """Whether there is anything to hand over."""
        return bool(self._changed or self._outputs)

    @property
    def working(self) -> bool:
        """Whether something due by the last tick may be left for `apply_due`."""
        return self._working_off

    @property
    def rescheduling(self) -> bool:
        """Whether members must be looked at anew before anything may be taken; `apply_due` does it."""
        return self._walk is not None

    def adopt(self, shelf: Shelf) -> None:
        """Go on, between batches, with more versions. New notice leads: `apply_due` looks at every member anew."""
        leads, self.shelf = self.shelf.leads, shelf
        self.frozen_rounds.adopt(shelf)
        if not set(shelf.leads) <= set(leads):
            self._walk = due_range(0)[0]

    def take(self, items: Sequence[StampedRecord], now: int) -> int:
        """Process items in order, but not while `rescheduling`; `now`: the wall clock in ms, unused on a replay clock.

        Returns how many were processed: fewer than given when the batch is full, or when on a replay clock a midnight
        has more members due than fit. Hand over `changes`, then come again with the rest.
        """
        self._read_clock()
        if self.replay and self._working_off and not self.apply_due(self._room()):
            return 0
        if self._halts and self.frozen_rounds.newly:
            return 0
        prefetch(items, self._rows, self.store, self.shelf)
        for index, item in enumerate(items):
            if self._is_full():
                return index
            if item.activity is None:
                assert item.fault is not None
                if item.record.withheld is not None and item.record.withheld.refused is not None:
                    raise item.record.withheld.refused
                detail = item.fault.detail if self.meaning >= 1 else item.fault.detail_before
                self._dead_letter(item.record, "", Reason(item.fault.code), detail)
            elif not self._event(item.record, item.activity, now):
                return index
        return len(items)

    def begin_tick(self, instant: int) -> None:
        """From now on the instant is every member's horizon. What is due is left to `apply_due`. Never goes back."""
        if self.last_tick is not None and instant < self.last_tick:
            raise ValueError(f"a tick at {instant} would go back behind the one at {self.last_tick}")
        self.last_tick = instant
        self.frozen_rounds.tick(instant)
        self._read_clock()
        self._working_off = True

    def advance_to(self, instant: int) -> bool:
        """On a replay clock, tick at the midnights up to `instant`, itself one; False where more is to be done."""
        if self._working_off and not self.apply_due(self._room()):
            return False
        return self._midnights(self._reached(), instant)

    def apply_due(self, budget: int) -> bool:
        """Walk on, then apply what is due by the last tick, for at most `budget` members; True when nothing is left."""
        if self._walk is not None:
            self._read_clock()  # nothing may have been read since the lane was opened
            budget -= self._walk_on(self._walk, budget)
            if self._walk is not None:
                return False
        if not self._working_off or self.last_tick is None:
            self._working_off = False
            return True
        self._read_clock()
        due = self._due(self.last_tick, budget + 1)
        for _, member in due[:budget]:
            rows = self._rows(member)
            self._accept(rows, advance(rows, member, self.shelf, self._clock))
            grown_by_the_clock(rows)
        self._working_off = len(due) > budget
        return not self._working_off

    def changes(self) -> Changes:
        """Hand over everything since the last call. The rows must be in the store before the next batch."""
        rows: list[tuple[bytes, bytes | None]] = []
        standings: list[tuple[str, str, FestivalRow | None, FestivalRow]] = []
        encode, meaning = codec.encode, self.meaning
        for member in self._members.values():
            if not member.dirty:
                continue
            prefix = member.prefix
            for key, value in member.dirty.items():
                if key.startswith(FESTIVAL):
                    assert value is not None  # a row in a festival stays
                    standings.append((key[1:].decode(), member.member, member.before.get(key), value))
                rows.append((full_key(prefix, key), None if value is None else encode(key, value, meaning)))
            head = member.dirty.get(HEAD)
            if head is not None and head.next_due != member.due:
                if member.due:
                    rows.append((due_key(member.due, member.member), None))
                if head.next_due:
                    rows.append((due_key(head.next_due, member.member), b"\x01"))
        if self._walk != self._walk_row:
            rows.append((RESCHEDULE_KEY, self._walk))
            self._walk_row = self._walk
        rows += self.frozen_rounds.rows()
        changes = Changes(rows, self._outputs, self._tallies, standings, tuple(self._passed))
        self._passed = []
        self._members, self._outputs, self._tallies, self._changed, self._bytes = {}, [], Tallies(), 0, 0
        return changes

    def _is_full(self) -> bool:
        most, outputs = self.limits, len(self._outputs)
        return outputs >= most.outputs_max or self._changed >= most.members_max or self._bytes >= most.bytes_max

    def _read_clock(self) -> None:
        retention_days = None if self.replay else self.limits.behind_ms_max // DAY_MS
        self._clock = Clock(self.last_tick, retention_days, self.frozen_rounds.frozen, self.meaning)

    def _event(self, record: Record, activity: Activity, now: int) -> bool:
        """Process one event; False where its batch must end before it."""
        kept_from = 0
        if not self.replay:
            if (refused := beyond(record, activity.time, now, self)) is not None:
                self._dead_letter(record, activity.type, *refused)
                return True
            if now - activity.time > self.limits.behind_ms_max:
                self._passed.append((record.topic, record.offset))
                kept_from = day_of(now) if self.meaning >= 1 else 0  # so that no copy of it counts again
        rows = self._rows(activity.member)
        early = admit(rows, activity, self._clock)
        if early is not None:
            if early.outcome == Outcome.DEAD_LETTER:
                self._dead_letter(record, activity.type, early.reason, DETAILS[early.reason])
            else:
                self._tallies.events[activity.type, early.outcome, early.reason] += 1
            return True
        if self.meaning > 0 and activity.is_of_the_future():
            detail = f"data.date: {activity.day - day_of(activity.time)} day(s) after the day of its time"
            self._dead_letter(record, activity.type, Reason.FROM_THE_FUTURE, detail)
            return True
        dropped = 0
        if activity.type in NAMING and self.meaning >= 1:
            activity, dropped = by_the_rule(activity)
        assert record.key is not None
        if rows.values[HEAD] is None and partition_of(record.key, self.partitions) != self.partition:
            detail = f"partition {self.partition} of {self.partitions}, but murmur2 of the key says otherwise"
            self._dead_letter(record, activity.type, Reason.WRONG_PARTITION, detail)
            return True
        clock = self.clock
        if self.replay:
            # What the core refuses may not move the clock, nor make anything tick: it is asked before that.
            if self._to_tick(activity.time) is not None and self._decided(rows, activity, record) is None:
                return True
            if not self._advance(activity.time):
                return False
        decision = self._decided(rows, activity, record, kept_from)
        if decision is None:
            self.clock = clock
            return True
        self._accept(rows, decision)
        self._tallies.events[activity.type, decision.outcome, decision.reason] += 1
        self._tallies.names_dropped += dropped
        return True

    def _decided(self, rows: MemberRows, activity: Activity, record: Record, kept_from: int = 0) -> Decision | None:
        """What the core decides; None where it refuses or fails: then the record is among the dead letters."""
        clock = self._clock._replace(kept_from=kept_from) if kept_from else self._clock
        try:
            return with_room(rows, decide(rows, activity, self.shelf, clock), self.meaning)
        except (StoreBroken, TooNew, MemoryError):
            raise  # no fault of the event: nothing may be skipped for it
        except Overgrown as refusal:
            detail = f"{type(refusal).__name__}: {refusal}"
        except Exception as fault:
            log.exception("the core failed on an event; it goes to the dead letters")
            detail = type(fault).__name__
        self._dead_letter(record, activity.type, Reason.ENGINE_ERROR, detail)
        return None

    def _advance(self, time: int) -> bool:
        """Move the replay clock; each midnight that it reaches or passes is a tick, ahead of the event that does so."""
        target = self._to_tick(time)
        if target is not None and not self._midnights(self._reached(), target):
            self.ahead = True
            return False
        if self.clock is None or time > self.clock:
            self.clock = time
            self.ahead = False
        return True

    def _to_tick(self, time: int) -> int | None:
        """The last midnight that has to tick before the replay clock shows `time`, if any."""
        if self.clock is None or time <= self.clock:
            return None
        target = midnight(day_of(time))
        return target if target > self._reached() else None

    def _reached(self) -> int:
        """How far midnights have ticked on a replay clock."""
        assert self.clock is not None, "the first event passes no midnight"
        return self.clock if self.last_tick is None else max(self.clock, self.last_tick)

    def _midnights(self, reached: int, target: int) -> bool:
        """Tick at every midnight behind `reached` up to `target`; those at which nothing happens are passed over."""
        while reached < target:
            first = self._due(target, 1)
            day = day_of(reached) + 1
            first_due = midnight(day_of(first[0][0] - 1) + 1) if first else target
            reached = max(midnight(day), min(first_due, self.frozen_rounds.next_midnight(target)))
            self.begin_tick(reached)
            if first and not self.apply_due(self._room()):
                return False
            if self._halts and self.frozen_rounds.newly:
                return False
        return True

    def _room(self) -> int:
        return max(1, self.limits.members_max - self._changed)

    def _due(self, until: int, count: int) -> list[tuple[int, str]]:
        """The first `count` (instant, member) that are due up to an instant, this batch's changes included."""
        found = [
            (head.next_due, name)
            for name, rows in self._members.items()
            if (head := rows.values.get(HEAD)) is not None and 0 < head.next_due <= until
        ]
        stored = 0
        for key, _ in self.store.scan(*due_range(until)):
            member = due_member(key)
            rows = self._members.get(member)
            if rows is None or HEAD not in rows.values:
                found.append((int.from_bytes(key[2:10], "big"), member))
                stored += 1
                if stored == count:
                    break
        found.sort()
        return found[:count]

    def _accept(self, rows: MemberRows, decision: Decision) -> None:
        if decision.rows and not rows.dirty:
            self._changed += 1
        self._bytes += rows.evolve(decision)
        if decision.capped:
            self._tallies.capped.update((rule, rows.member) for rule in decision.capped)
        if decision.effects:
            self._put_out(encode_effects(rows.member, decision.effects, self.partition))
            points = self._tallies.points
            for effect in decision.effects:
                if type(effect) is Posting and effect.rule is not None:
                    points[effect.rule, effect.type] += effect.points

    def _dead_letter(self, record: Record, type: str, code: Reason, detail: str) -> None:
        if self.meaning >= 1 and code != Reason.ERASED and any(map(self._is_erased, spoken_of(record))):
            code, detail = Reason.ERASED, DETAILS[Reason.ERASED]
        self._put_out([letter(record, self.partition, code, detail, self.meaning)])
        self._tallies.events[type, Outcome.DEAD_LETTER, code] += 1

    def _put_out(self, outputs: list[Output]) -> None:
        self._outputs += outputs
        self._bytes += sum([len(each.value or b"") for each in outputs])

    def _is_erased(self, member: str) -> bool:
        head = self._rows(member).get(HEAD)
        return head is not None and head.status == Status.ERASED

    def _rows(self, member: str) -> MemberRows:
        rows = self._members.get(member)
        if rows is None:
            rows = self._members[member] = MemberRows(member, self.store)
        return rows

    def _walk_on(self, begin: bytes, budget: int) -> int:
        """Look anew at up to `budget` members of the due index, in which is whoever has points that expire; how many.

        What this puts into the index stands before the place it has come to: notices precede the expiry.
        """
        after = max(self.last_tick or 0, self.clock or 0)
        walked = 0
        for key, _ in self.store.scan(begin, DUE_END):
            if walked == budget:
                self._walk = key
                return walked
            member = due_member(key)
            rows = self._rows(member)
            self._accept(rows, reschedule(rows, member, self.shelf, self._clock, after))
            walked += 1
        self._walk = None
        return walked
