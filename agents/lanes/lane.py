"""One lane: takes what its inputs hold, in order, and turns it into transactions.

Each turn: adopt new programmes → begin a tick whose place has come → work off a slice of what is due → merge → decide
→ one transaction with rows, outputs, watermark and journal → one write to the store. Nothing else is ever written, and
nothing is written twice: a commit is never retried, and whatever leaves a doubt ends the process.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import msgspec

from agents.boards.reports import BoardReports
from agents.lanes.culprit import fewer
from agents.lanes.dead_letter_limit import count, over_limit, refused_offsets
from agents.lanes.host import LaneHost, PendingTick
from agents.lanes.input import Input
from agents.lanes.merge import Halt, Merge, put_back
from agents.lanes.observer import CommittedTransaction, LaneObserver
from agents.lanes.options import LaneOptions
from agents.lanes.run import Run
from agents.lanes.transaction import LaneTransaction
from agents.scoring.age_exemptions import Exemptions
from agents.scoring.batch import BatchChanges
from agents.scoring.intake import decode_record
from agents.scoring.processor import Processor
from agents.task.commit import OpenTask
from agents.task.refusal import Fault
from agents.topics.partition_counts import INPUT_NAMES
from agents.topics.programmes import ProgrammeFollower
from engine.programme.versions import ProgrammeVersions
from schemas.records import OutputRecord
from tables.journal import Adopt, Step, Tick, TicksAhead, Work, encode_entry
from tables.store import Store
from tables.watermark import DeadLetterWindow, Watermark


class Lane:
    """The owner of one partition number while this worker has it. `epoch` is that of the runs that it accepts."""

    def __init__(
        self,
        partition: int,
        opened: OpenTask,
        host: LaneHost,
        follower: ProgrammeFollower,
        options: LaneOptions,
        observer: LaneObserver,
        wall_ms: Callable[[], int],
    ) -> None:
        self.partition = partition
        self.epoch: int | None = None
        decode = partial(decode_record, bytes_max=options.limits.record_bytes_max)
        self.inputs = {name: Input(name, opened.watermark.offsets[name], decode) for name in INPUT_NAMES}
        self._opened = opened
        self._host = host
        self._follower = follower
        self._options = options
        self._observer = observer
        self._wall_ms = wall_ms
        wait_ms = options.merge_wait_ms
        self._merge = Merge(
            list(self.inputs.values()),
            None if wait_ms is None else wait_ms / 1000,
            options.ends_age_ms / 1000,
            lambda wait: observer.waited(partition, wait),
        )
        self._wake = asyncio.Event()
        self._closing = False
        self._in_turn = False
        self._task: asyncio.Task[None] | None = None
        self._records_max = options.batch_records_max
        self._narrowing = False  # looking for a record that the lane fails on; such turns have nothing else in them
        self._tick: PendingTick | None = None
        self._begun_tick: PendingTick | None = None
        self._next_tick_at = asyncio.get_running_loop().time()
        self._progress_at = self._next_tick_at
        for name, source in self.inputs.items():
            source.learn(opened.ends[name], self._next_tick_at)
        self._carried: list[Step] = []
        self._working = True  # something due by the last tick may be left from before
        self._programme_offset = opened.watermark.programme_offset
        self._exemptions = Exemptions(options.replay_keys, options.limits)
        self._processor = self._new_processor()
        self.reports = BoardReports(
            partition,
            opened.lanes,
            opened.store,
            self._processor.versions,
            self._processor.frozen_rounds,
            options.board_entries,
            options.board_interval_ms / 1000,
        )

    # -- from outside

    def start(self) -> None:
        """Begin to take turns."""
        self._task = asyncio.create_task(self._run(), name=f"lane-{self.partition}")

    def receive(self, run: Run) -> None:
        """Queue a run. Raises `Fault` when it leaves a hole."""
        self.inputs[run.topic].receive(run, asyncio.get_running_loop().time())
        self._wake.set()

    def wake(self) -> None:
        """Look again: something that the lane depends on has changed."""
        self._wake.set()

    def tick_at(self, instant: int) -> None:
        """Tick once at this instant after everything received (the end of a replay)."""
        self._tick = PendingTick(instant, {name: source.position for name, source in self.inputs.items()})
        self._wake.set()

    @property
    def watermark(self) -> Watermark:
        """As last committed."""
        return self._opened.watermark

    @property
    def partitions(self) -> int:
        """The club's number of partitions."""
        return self._opened.lanes

    @property
    def store(self) -> Store:
        """The lane's rows; nobody else writes them."""
        return self._opened.store

    @property
    def versions(self) -> ProgrammeVersions:
        """The versions that the lane goes by."""
        return self._processor.versions

    @property
    def clock(self) -> int | None:
        """The replay clock: the greatest `time` committed."""
        return self.watermark.clock

    @property
    def queued(self) -> int:
        """Records that wait in the lane."""
        return sum(source.records for source in self.inputs.values())

    @property
    def queued_bytes(self) -> int:
        """Bytes of the records that wait in the lane."""
        return sum(source.bytes for source in self.inputs.values())

    @property
    def busy(self) -> bool:
        """Whether there is something to do, here or in the inputs."""
        return (
            self._in_turn
            or self._working
            or self.reports.busy
            or self._tick is not None
            or any(source.records or source.behind for source in self.inputs.values())
        )

    def stalled_s(self, now: float) -> float:
        """For how long there has been something to do without a transaction."""
        if not self.busy:
            self._progress_at = now
        return now - self._progress_at

    def still_reads(self, now: float) -> None:
        """A batch is being read; a lane that can only wait for what is in it does not stand still."""
        if not self._in_turn and any(each.behind and not each.records for each in self.inputs.values()):
            self._progress_at = now

    async def close(self, timeout_s: float) -> None:
        """Finish the transaction under way, then let go of producer and store. Raises `ClubError` if it does not
        end."""
        self._closing = True
        self._wake.set()
        await self._opened.close(self._task, timeout_s)
        self._observer.closed(self.partition)

    # -- the loop

    async def _run(self) -> None:
        try:
            while not self._closing:
                self._in_turn = True
                advanced = await self._take_turn()
                self._in_turn = False
                if advanced:
                    self._host.advanced(self)
                else:
                    await self._rest()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, the lane cannot go on
            self._host.ended(self, error)

    async def _rest(self) -> None:
        until = self._merge.waits_until
        if not self._options.replay and self._tick is None:
            until = self._next_tick_at if until is None else min(until, self._next_tick_at)
        if (tells := self.reports.wakes_at()) is not None:
            until = tells if until is None else min(until, tells)
        now = asyncio.get_running_loop().time()
        try:
            await asyncio.wait_for(self._wake.wait(), None if until is None else max(0.0, until - now))
        except TimeoutError:
            return

    async def _take_turn(self) -> bool:
        """One turn; False when there was nothing to do."""
        self._wake.clear()
        turn = LaneTransaction(self._wall_ms(), self._carried)
        self._carried = []
        self._adopt(turn)
        await self._plan_tick()
        if not self._processor.rescheduling:
            self._begin_tick(turn)
        if self._working or self._processor.rescheduling:
            self._working = not self._processor.apply_due(self._options.work_members_max)
            turn.steps.append(Work(self._options.work_members_max))
        began = time.perf_counter()
        halt, offered = Halt.EMPTY, 0
        try:
            if not self._processor.rescheduling and not (self._narrowing and self._processor.changed):
                halt, offered = await self._consume(turn)
                self._begin_tick(turn)
            changes = self._processor.changes()
        except Exception as error:  # noqa: BLE001 - whatever it is, the record that it is about is to be named
            self._undo(turn, fewer(turn.items, error, self._narrowing))
            self._narrowing = True
            return True
        publishes = self.reports.work(self.watermark)
        now = asyncio.get_running_loop().time()
        happened = turn.parts or turn.ticked or changes.rows or changes.outputs or turn.full
        if not (happened or self.reports.due(now)):
            self._carried = turn.standing()
            if offered:
                raise Fault(
                    f"lane {self.partition}", f"no record can be taken ({halt.value})", "report it with the log"
                )
            if publishes:
                await asyncio.sleep(0)  # others have their turn
            return publishes
        window = self._within_limit(turn, changes)
        if window is not None:
            await self._commit(turn, changes, window, time.perf_counter() - began)
        return True

    def _new_processor(self) -> Processor:
        """A processor that stands where the last transaction left off."""
        processor = Processor(
            self._opened.store,
            self._follower.versions(self.watermark.programme_offset),
            partition=self.partition,
            partitions=self.partitions,
            replay=self._options.replay,
            limits=self._options.limits,
            clock=self.watermark.clock,
            last_tick=self.watermark.last_tick,
        )
        processor.exempts = self._exemptions.hold
        return processor

    def _undo(self, turn: LaneTransaction, records_max: int) -> None:
        """Forget the turn; the next one takes at most so many records."""
        put_back(turn.parts, 0)
        self._records_max = records_max
        self._tick, self._begun_tick = self._begun_tick or self._tick, None
        self._carried = []
        self._working = True
        self._programme_offset = self.watermark.programme_offset
        self._processor = self._new_processor()

    # -- steps

    def _adopt(self, turn: LaneTransaction) -> None:
        end = self._follower.end
        if end > self._programme_offset:
            self._processor.adopt(self._follower.versions(end))
            self.reports.adopt(self._processor.versions, self._processor.frozen_rounds)
            self._programme_offset = end
            turn.steps.append(Adopt(end))

    async def _plan_tick(self) -> None:
        """On the wall clock: read it when a tick is due, and then, not before, where the inputs end."""
        now = asyncio.get_running_loop().time()
        if self._options.replay or self._tick is not None or now < self._next_tick_at:
            return
        self._next_tick_at = now + self._options.tick_interval_ms / 1000
        instant = self._wall_ms()
        await self._host.ask_ends()
        self._tick = PendingTick(instant, {name: source.stable for name, source in self.inputs.items()})

    def _begin_tick(self, turn: LaneTransaction) -> None:
        """Tick if everything that goes before it has been consumed."""
        tick = self._tick
        if tick is None or any(self.inputs[name].consumed < end for name, end in tick.ends.items()):
            return
        self._tick = None
        last = self._processor.last_tick
        if last is None or tick.instant > last:
            self._begun_tick = tick
            self._processor.begin_tick(tick.instant)
            self._working = True
            turn.steps.append(Tick(tick.instant))

    async def _consume(self, turn: LaneTransaction) -> tuple[Halt, int]:
        """Merge and decide; why the merge stopped, and how many records it offered."""
        loop = asyncio.get_running_loop()
        while True:
            batch = self._merge.take(self._records_max, self._options.batch_bytes_max, loop.time())
            if batch.parts or batch.halt is not Halt.STALE:
                break
            await self._host.ask_ends()
        items = batch.items
        if items:
            turn.now = self._wall_ms()
            try:
                consumed = self._processor.take(items, turn.now)
            except BaseException:
                turn.parts = batch.parts  # for `_undo`
                raise
            kept = batch.parts if consumed == len(items) else put_back(batch.parts, consumed)
            turn.took(kept, self.watermark.offsets)
        return batch.halt, len(items)

    def _within_limit(self, turn: LaneTransaction, changes: BatchChanges) -> DeadLetterWindow | None:
        """The dead letters' window after the turn. None: the turn was undone, the next one stops ahead of the limit.

        Raises `TaskRefused` at the first record that goes over the limit.
        """
        items = turn.items
        limit = self._options.dead_letters
        refused = refused_offsets(changes.outputs)
        counted = count(self.watermark.window, items, refused, limit, self.watermark.accepted)
        if counted.over is None:
            return counted.window
        if counted.over == 0:
            raise over_limit(items[0], changes.outputs, limit)
        self._undo(turn, counted.over)
        return None

    def _tell(self, turn: LaneTransaction, changes: BatchChanges, after: Watermark) -> list[OutputRecord]:
        """Bring the boards to what the transaction changes; what the coordinator is told with it."""
        self.reports.boards.apply(changes.standings)
        told = self.reports.tell(after, asyncio.get_running_loop().time())
        frozen_rounds = self._processor.frozen_rounds
        frozen_rounds.take()  # the rows say what is to be published
        if (name := self.reports.ended()) is not None:
            frozen_rounds.published(name)
            changes.rows.extend(frozen_rounds.rows())
            turn.published.append(name)
        return told

    async def _commit(
        self, turn: LaneTransaction, changes: BatchChanges, window: DeadLetterWindow, decide_s: float
    ) -> None:
        processor = self._processor
        before = self.watermark
        after = msgspec.structs.replace(
            before,
            offsets={name: source.consumed for name, source in self.inputs.items()},
            last_tick=processor.last_tick,
            clock=processor.clock,
            programme_offset=self._programme_offset,
            replay=self._options.replay,
            transactions=before.transactions + 1,
            window=window,
            app_id=self._options.app_id,
            lanes=self.partitions,
        )
        if processor.ahead and processor.last_tick is not None and processor.last_tick != before.last_tick:
            turn.steps.append(TicksAhead(processor.last_tick))
        told = self._tell(turn, changes, after)
        entry = turn.entry(before, after, self._options.limits, changes.passed)
        outputs = [*changes.outputs, *told]
        times = await self._opened.commit(changes.rows, outputs, after, encode_entry(entry), self._wall_ms)
        self.reports.committed(processor.frozen_rounds)
        if turn.parts:
            self._records_max, self._narrowing = self._options.batch_records_max, False
        self._begun_tick = None
        self._progress_at = asyncio.get_running_loop().time()
        items = turn.items
        oldest = min((item.record.timestamp for item in items), default=None)
        self._observer.committed(
            CommittedTransaction(self.partition, len(items), changes, after, turn.ticked, oldest, decide_s, times)
        )
        self._observer.queued(self.partition, self.queued)
