"""What the lanes of a process are told: names, bounds and times."""

from dataclasses import dataclass
from typing import Self

from agents.lanes.dead_letter_limit import Limit
from agents.process.settings import ClockKind, Settings
from agents.scoring.age_signatures import ReplayKeys
from agents.scoring.batch import Limits
from agents.task.options import TaskOptions
from engine.calendar import DAY_MS


@dataclass(frozen=True, slots=True)
class LaneOptions(TaskOptions):
    """Settings of all lanes of a process; units are in the names.

    `merge_wait_ms` None: wait as long as it takes (a replay must be exact). `ends_age_ms`: how old the knowledge of
    where inputs end may be when a record is passed. `replay_keys`: whose decisions let an event pass in spite of its
    age; `of` reads no file, a worker sets them.
    """

    merge_wait_ms: int | None = 5_000
    ends_age_ms: int = 100
    tick_interval_ms: int = 5_000
    batch_records_max: int = 2_000
    batch_bytes_max: int = 4 << 20
    queue_records_max: int = 20_000
    queue_bytes_max: int = 16 << 20
    work_members_max: int = 2_000
    board_entries: int = 100
    board_interval_ms: int = 100
    patience_ms: int = 20_000
    stall_ms: int = 60_000
    dead_letters: Limit = Limit(5, 10_000)
    limits: Limits = Limits()
    replay_keys: ReplayKeys = ReplayKeys()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The lanes' share of a process's settings."""
        replay = settings.clock is ClockKind.REPLAY
        return cls(
            app_id=settings.app_id,
            replay=replay,
            merge_wait_ms=None if replay else settings.merge_wait_ms,
            batch_records_max=settings.batch_events_max,
            queue_records_max=settings.lane_events_max,
            work_members_max=settings.tick_rows_max,
            board_entries=settings.board_entries_max,
            patience_ms=settings.transaction_deadline_ms,
            stall_ms=settings.stall_timeout_ms,
            dead_letters=Limit(settings.dead_letter_percent_max, settings.dead_letter_window_events),
            limits=Limits(
                ahead_ms_max=settings.future_tolerance_ms,
                behind_ms_max=settings.retention_days * DAY_MS,
                record_bytes_max=settings.record_bytes_max,
            ),
        )
