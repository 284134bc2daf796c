"""What the coordinator tells about itself while it runs; metrics and logs are made of it, nothing is decided by it."""

from typing import NamedTuple

from agents.boards.coordinator import ClubChanges
from agents.task.commit import CommitTimes
from tables.watermark import Watermark


class CoordinatorCommitted(NamedTuple):
    """One transaction: records taken, and what changed."""

    records: int
    changes: ClubChanges
    watermark: Watermark
    times: CommitTimes


class CoordinatorObserver:
    """Told synchronously. This one ignores it all; subclasses must not raise and must be quick."""

    def copy_discarded(self, reason: str) -> None:
        """The local copy was thrown away; it is made anew from the changelog."""

    def opened(self) -> None:
        """It takes records from now on."""

    def committed(self, batch: CoordinatorCommitted) -> None:
        """A transaction was committed and written to the store."""

    def merged(self, seconds: float) -> None:
        """A slice of a final board was merged; everybody else waited for so long."""

    def closed(self) -> None:
        """It was given up."""

    def failed(self, code: int) -> None:
        """It ended with this exit code."""
