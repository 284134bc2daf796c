"""What lanes tell about themselves while they run; metrics and logs are made of it, nothing is decided by it."""

from collections.abc import Sequence
from typing import NamedTuple

from agents.lanes.merge import Wait
from agents.scoring.batch import BatchChanges
from agents.task.commit import CommitTimes
from tables.recovery import Progress
from tables.watermark import Watermark


class CommittedTransaction(NamedTuple):
    """One transaction of a lane. `oldest_ms`: when the oldest of its records was written, None without records;
    `decide_s`: how long it took to work it out."""

    partition: int
    records: int
    changes: BatchChanges
    watermark: Watermark
    ticked: bool
    oldest_ms: int | None
    decide_s: float
    times: CommitTimes


class LaneObserver:
    """Told by lanes, synchronously. This one ignores it all; subclasses must not raise and must be quick."""

    def opening(self, partition: int) -> None:
        """The lane was assigned to this worker and begins to open."""

    def recovering(self, partition: int, progress: Progress) -> None:
        """A copy came nearer to its changelog."""

    def copy_discarded(self, partition: int, reason: str) -> None:
        """A local copy was thrown away; it is made anew from the changelog."""

    def opened(self, partition: int, seconds: float) -> None:
        """The lane takes records from now on, so long after it began to open."""

    def closed(self, partition: int) -> None:
        """The lane was given up."""

    def committed(self, batch: CommittedTransaction) -> None:
        """A transaction was committed and written to the store."""

    def waited(self, partition: int, wait: Wait) -> None:
        """The merge stood still for an input that was behind."""

    def queued(self, partition: int, records: int) -> None:
        """So many records wait in the lane after a transaction."""

    def topics_differ(self, reasons: Sequence[str]) -> None:
        """What about the club's topics is not as it must be, as they were just looked at; nothing, if all is well."""

    def failed(self, partition: int, code: int) -> None:
        """The lane ended with this exit code."""
