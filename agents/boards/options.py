"""What the coordinator is told: names, bounds and times."""

from dataclasses import dataclass
from typing import Self

from agents.lanes.options import LaneOptions
from agents.task.options import TaskOptions
from tables.coordinator_rows import BoardTerms


@dataclass(frozen=True, slots=True)
class CoordinatorOptions(TaskOptions):
    """Units are in the names. `gather_ms`: the least time between two transactions, so that what several lanes tell at
    about the same time becomes one; `slice_places`: how many places are merged before others have their turn."""

    boards: BoardTerms = BoardTerms()
    batch_records_max: int = 500
    batch_bytes_max: int = 4 << 20
    commands_max: int = 5_000
    slice_places: int = 4_000
    gather_ms: int = 25

    @classmethod
    def of(cls, lanes: LaneOptions) -> Self:
        """Those that fit the lanes of a process."""
        boards = BoardTerms(entries=lanes.board_entries, interval_ms=3 * lanes.board_interval_ms // 2)
        return cls(app_id=lanes.app_id, replay=lanes.replay, boards=boards)
