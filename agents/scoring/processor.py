"""The one place where records become rows and outputs. `score`, lanes, `verify` and the simulation all go through it.

A processor holds no state of its own but for what the watermark keeps (`clock`, `last_tick`, the programmes adopted):
rows come from a store, and what changed is handed over by `changes`, to be committed and then written to that store.
The same records, ticks and wall clock readings in the same order give the same bytes.

    agents/scoring/batch.py          what the batch has changed so far
    agents/scoring/backlog.py        what is left to do for members without an event of theirs
    agents/scoring/replay_clock.py   the midnights of recorded events
"""

import logging
from collections.abc import Callable, Sequence

from agents.scoring.ages import beyond
from agents.scoring.backlog import Backlog, Stage
from agents.scoring.batch import Batch, BatchChanges, Limits
from agents.scoring.frozen_rounds import FrozenRounds
from agents.scoring.intake import StampedRecord, by_the_rule, spoken_of
from agents.scoring.prefetch import prefetch
from agents.scoring.replay_clock import ReplayClock
from agents.topics.dead_letters import DETAILS, letter
from engine.activity import MemberActivity
from engine.calendar import DAY_MS, day_of
from engine.clock import Clock
from engine.events.membership import NAMING
from engine.ledger.member import HEAD, Overgrown, Status
from engine.meaning import CURRENT
from engine.outcome import Outcome, Reason
from engine.programme.versions import ProgrammeVersions
from engine.scoring import Decision, admit, advance, decide, reschedule
from schemas.kafka.partitioner import partition_of
from schemas.records import Record
from tables.overlay import MemberRows, RowReader
from tables.row_bounds import grown_by_the_clock, with_room
from tables.rows import DUE_END, due_member
from tables.store import StoreBroken
from tables.watermark import TooNew

log = logging.getLogger(__name__)


class Processor:
    """One partition's processor. See the module."""

    def __init__(
        self,
        store: RowReader,
        versions: ProgrammeVersions,
        *,
        partition: int,
        partitions: int,
        replay: bool,
        limits: Limits = Limits(),
        clock: int | None = None,
        last_tick: int | None = None,
        halts: bool = False,
    ) -> None:
        """`clock`: what a replay clock shows. `halts`: such a clock takes nothing more after a tick that froze a round
        until `frozen_rounds` has handed it over."""
        self.store = store
        self.versions = versions
        self.partition = partition
        self.partitions = partitions
        self.limits = limits
        self.meaning = CURRENT
        """The number of the meaning that decides; whoever retraces sets it to that of the entry."""
        self.last_tick = last_tick
        self.frozen_rounds = FrozenRounds(store, versions)
        self.backlog = Backlog(store)
        self.exempts: Callable[[Record, int], bool] = lambda record, now: False
        """Whether an operator has decided, as known at the wall clock `now`, that a record is not too old."""
        self.present = Clock()
        """What the latest decision knew of the time."""
        self._replay_clock = ReplayClock(clock, halts=halts) if replay else None
        self._batch = Batch(store, partition)

    @property
    def clock(self) -> int | None:
        """What the replay clock shows, in ms; None before the first event, and on a wall clock."""
        return self._replay_clock.time if self._replay_clock else None

    @property
    def ahead(self) -> bool:
        """Whether on a replay clock midnights have ticked ahead of a record that has not been taken."""
        return self._replay_clock is not None and self._replay_clock.ahead

    @property
    def changed(self) -> bool:
        """Whether there is anything to hand over."""
        return bool(self._batch.members_changed or self._batch.outputs)

    @property
    def rescheduling(self) -> bool:
        """Whether nothing may be taken before `apply_due` has found anew when members are due."""
        return self.backlog.stage is Stage.RESCHEDULING

    def adopt(self, versions: ProgrammeVersions) -> None:
        """Go on, between batches, with more versions. Where one announces expiring points at another lead, `apply_due`
        finds anew when members are due."""
        leads, self.versions = self.versions.leads, versions
        self.frozen_rounds.adopt(versions)
        if not set(versions.leads) <= set(leads):
            self.backlog.reschedule_all()

    def take(self, records: Sequence[StampedRecord], now: int) -> int:
        """Process records in order, but not while `rescheduling`; `now`: the wall clock (ms), unused on a replay clock.

        Returns how many were processed: fewer than given when the batch is full, or when on a replay clock a midnight
        has more members due than fit. Hand over `changes`, then come again with the rest.
        """
        self._read_clock()
        replay_clock = self._replay_clock
        if replay_clock is not None:
            if self.backlog.stage is not Stage.DONE and not self.apply_due():
                return 0
            if replay_clock.halted(self):
                return 0
        batch, limits = self._batch, self.limits
        prefetch(records, batch.rows, self.store, self.versions)
        for index, stamped in enumerate(records):
            if batch.is_full(limits):
                return index
            if stamped.activity is None:
                self._refuse(stamped)
            elif not self._event(stamped.record, stamped.activity, now):
                return index
        return len(records)

    def begin_tick(self, instant: int) -> None:
        """From now on the instant is every member's horizon. What is due is left to `apply_due`. Never goes back."""
        if self.last_tick is not None and instant < self.last_tick:
            raise ValueError(f"a tick at {instant} would go back behind the one at {self.last_tick}")
        self.last_tick = instant
        self.frozen_rounds.tick(instant)
        self._read_clock()
        self.backlog.ticked()

    def advance_to(self, instant: int) -> bool:
        """On a replay clock, tick at the midnights up to `instant`, itself one; False where more is to be done."""
        assert self._replay_clock is not None, "a wall clock passes no midnights by itself"
        if self.backlog.stage is not Stage.DONE and not self.apply_due():
            return False
        return self._replay_clock.tick_until(self, instant)

    def apply_due(self, budget: int | None = None) -> bool:
        """Do what is in the backlog, for at most `budget` members (None: those whom the batch has room for); True when
        nothing is left."""
        budget = max(1, self.limits.members_max - self._batch.members_changed) if budget is None else budget
        self._read_clock()  # nothing may have been read since the lane was opened
        if (next_key := self.backlog.next_key) is not None:
            budget -= self._reschedule(next_key, budget)
        if self.backlog.stage is Stage.APPLYING:
            self._apply_due(budget)
        return self.backlog.stage is Stage.DONE

    def first_due(self, until: int) -> int | None:
        """The earliest instant up to `until` at which something is due for any member."""
        due = self._batch.due(until, 1)
        return due[0][0] if due else None

    def changes(self) -> BatchChanges:
        """Hand over everything since the last call. The rows must be in the store before the next batch."""
        changes = self._batch.changes(self.meaning)
        changes.rows.extend(self.backlog.rows())
        changes.rows.extend(self.frozen_rounds.rows())
        self._batch = Batch(self.store, self.partition)
        return changes

    def _read_clock(self) -> None:
        retention_days = self.limits.behind_ms_max // DAY_MS if self._replay_clock is None else None
        self.present = Clock(self.last_tick, retention_days, self.frozen_rounds.frozen, self.meaning)

    def _reschedule(self, begin: bytes, budget: int) -> int:
        """Find anew when up to `budget` members of the due index are due, in which is whoever has points that expire;
        how many members it were.

        What this puts into the index stands before the place it has come to: notices precede the expiry.
        """
        after = max(self.last_tick or 0, self.clock or 0)
        done = 0
        for key, _ in self.store.scan(begin, DUE_END):
            if done == budget:
                self.backlog.rescheduled(key)
                return done
            member = due_member(key)
            rows = self._batch.rows(member)
            self._batch.accept(rows, reschedule(rows, member, self.versions, self.present, after))
            done += 1
        self.backlog.rescheduled(None)
        return done

    def _apply_due(self, budget: int) -> None:
        """Apply what is due by the last tick for up to `budget` members."""
        due = self._batch.due(self.last_tick, budget + 1) if self.last_tick is not None else []
        for _, member in due[:budget]:
            rows = self._batch.rows(member)
            self._batch.accept(rows, advance(rows, member, self.versions, self.present))
            grown_by_the_clock(rows)
        self.backlog.applied(left=len(due) > budget)

    def _event(self, record: Record, activity: MemberActivity, now: int) -> bool:
        """Process one event; False where its batch must end before it."""
        kept_from = 0
        if self._replay_clock is None:
            if (refused := beyond(record, activity.time, now, self)) is not None:
                self._dead_letter(record, activity.type, *refused)
                return True
            if now - activity.time > self.limits.behind_ms_max:
                self._batch.passed.append((record.topic, record.offset))
                kept_from = day_of(now) if self.meaning >= 1 else 0  # so that no copy of it counts again
        rows = self._batch.rows(activity.member)
        early = admit(rows, activity, self.present)
        if early is not None:
            if early.outcome == Outcome.DEAD_LETTER:
                self._dead_letter(record, activity.type, early.reason, DETAILS[early.reason])
            else:
                self._batch.tallies.events[activity.type, early.outcome, early.reason] += 1
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
        if (replay_clock := self._replay_clock) is not None:
            # What the core refuses may not move the clock, nor make anything tick: it is asked before that.
            if replay_clock.passes_midnight(self, activity.time) and self._decided(rows, activity, record) is None:
                return True
            if not replay_clock.tick_ahead_of(self, activity.time):
                return False
        decision = self._decided(rows, activity, record, kept_from)
        if decision is None:
            return True
        if replay_clock is not None:
            replay_clock.show(activity.time)
        self._batch.accept(rows, decision)
        self._batch.tallies.events[activity.type, decision.outcome, decision.reason] += 1
        self._batch.tallies.names_dropped += dropped
        return True

    def _decided(
        self, rows: MemberRows, activity: MemberActivity, record: Record, kept_from: int = 0
    ) -> Decision | None:
        """What the core decides; None where it refuses or fails: then the record is among the dead letters."""
        clock = self.present._replace(kept_from=kept_from) if kept_from else self.present
        try:
            return with_room(rows, decide(rows, activity, self.versions, clock), self.meaning)
        except (StoreBroken, TooNew, MemoryError):
            raise  # no fault of the event: nothing may be skipped for it
        except Overgrown as refusal:
            detail = f"{type(refusal).__name__}: {refusal}"
        except Exception as fault:
            log.exception("the core failed on an event; it goes to the dead letters")
            detail = type(fault).__name__
        self._dead_letter(record, activity.type, Reason.ENGINE_ERROR, detail)
        return None

    def _refuse(self, stamped: StampedRecord) -> None:
        """A record that is no event of the contract."""
        record, fault = stamped.record, stamped.fault
        assert fault is not None
        if record.withheld is not None and record.withheld.refused is not None:
            raise record.withheld.refused
        detail = fault.detail if self.meaning >= 1 else fault.detail_before
        self._dead_letter(record, "", Reason(fault.code), detail)

    def _dead_letter(self, record: Record, type: str, code: Reason, detail: str) -> None:
        if self.meaning >= 1 and code != Reason.ERASED and any(map(self._is_erased, spoken_of(record))):
            code, detail = Reason.ERASED, DETAILS[Reason.ERASED]
        self._batch.put_out([letter(record, self.partition, code, detail, self.meaning)])
        self._batch.tallies.events[type, Outcome.DEAD_LETTER, code] += 1

    def _is_erased(self, member: str) -> bool:
        head = self._batch.rows(member).get(HEAD)
        return head is not None and head.status == Status.ERASED
