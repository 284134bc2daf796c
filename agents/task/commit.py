"""A transaction of a task: rows, watermark, outputs and the journal's entry, all or none; then the copy of the rows.

A commit is never retried, and whatever leaves a doubt ends the process: the restart reads the changelog.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from agents.broker.interface import Producer
from agents.process.exit_codes import ClubError, ExitCode
from agents.task.spec import TaskSpec
from engine.meaning import CURRENT
from schemas.records import OutputRecord
from tables.journal import JournalEntry, OperatorDecision
from tables.store import WATERMARK_KEY, Copy, Row, Store
from tables.watermark import Watermark, encode_watermark


class CommitTimes(NamedTuple):
    """How long sending and writing took, in seconds, and when all was committed, by the wall clock in ms."""

    send_s: float
    write_s: float
    committed_ms: int


class OpenTask:
    """A task that this process alone may write for. `watermark`: as last committed.

    `changelog`: the id of the changelog's topic, `changelog_end`: where the task's part of it ends. `lanes`: how many
    the club has. `ends`: where the inputs ended when it was opened, by topic.
    """

    def __init__(
        self, spec: TaskSpec, producer: Producer, store: Store, changelog: str, changelog_end: int, lanes: int
    ) -> None:
        self.spec = spec
        self.store = store
        self.lanes = lanes
        self.watermark: Watermark
        self.ends: Mapping[str, int] = {}
        self._producer = producer
        self._changelog = changelog
        self._changelog_end = changelog_end

    async def commit(
        self,
        rows: Sequence[Row],
        outputs: Sequence[OutputRecord],
        after: Watermark,
        entry: bytes,
        wall_ms: Callable[[], int],
    ) -> CommitTimes:
        """Commit a transaction, then write its rows to the store."""
        began = time.perf_counter()
        written = with_watermark(rows, after)
        records = transaction_of(self.spec, written, outputs, entry)
        place = self.spec.changelog
        end = (await self._producer.transact(records, {place: self._changelog_end}))[place]
        self._changelog_end = end + 1  # the transaction's own marker stands between
        committed, committed_ms = time.perf_counter(), wall_ms()
        copy = Copy(self._changelog, end, committed_ms)
        self.store.write(written, copy)
        self.watermark = after
        return CommitTimes(committed - began, time.perf_counter() - committed, committed_ms)

    async def close(self, running: asyncio.Task[None] | None = None, timeout_s: float = 0.0) -> None:
        """Let go of producer and store, once what is `running` has ended. Raises `ClubError` where it does not."""
        if running is not None:
            done, _ = await asyncio.wait([running], timeout=timeout_s)
            if not done:
                reason = f"its transaction did not end within {timeout_s:.0f} s"
                remedy = "restart; what was committed is in the changelog"
                raise ClubError(self.spec.title, reason, remedy, ExitCode.OUTCOME_UNKNOWN)
        await self._producer.close()
        self.store.close()


def with_watermark(rows: Sequence[Row], watermark: Watermark) -> list[Row]:
    """The rows of a transaction, with the watermark behind them."""
    return [*rows, (WATERMARK_KEY, encode_watermark(watermark))]


def transaction_of(
    spec: TaskSpec, rows: Sequence[Row], outputs: Sequence[OutputRecord], entry: bytes
) -> list[OutputRecord]:
    """All records of a transaction; the last of its rows is the watermark."""
    log, journal = spec.changelog, spec.journal
    records = [OutputRecord(log.topic, log.partition, key, value) for key, value in rows]
    records.extend(outputs)
    records.append(OutputRecord(journal.topic, journal.partition, None, entry))
    return records


def decided(spec: TaskSpec, before: Watermark, after: Watermark, decision: OperatorDecision, now: int) -> bytes:
    """The journal's record of a decision that no batch made: it takes the task from one watermark to the other."""
    entry = JournalEntry(
        transaction=after.transactions,
        now=now,
        replay=before.replay,
        starts=dict(before.offsets),
        steps=[],
        decision=decision,
        meaning=CURRENT,
    )
    return spec.encode_entry(entry)
