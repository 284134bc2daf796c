"""What is to be done for members without an event of theirs, in slices: a state machine of three stages.

| stage | what is done | begins with | ends when | records meanwhile |
|---|---|---|---|---|
| RESCHEDULING | it is found anew when each member is due | a version with a new notice lead | all are | none |
| APPLYING | what is due by the last tick | a tick, or an opening | nothing is left | on a wall clock only |
| DONE | nothing | | | any |

Rescheduling comes before whatever was under way, which goes on afterwards.
"""

from enum import Enum, auto

from tables.overlay import RowReader
from tables.rows import RESCHEDULE_KEY, due_range


class Stage(Enum):
    """What a processor does next, before or beside taking records."""

    RESCHEDULING = auto()
    APPLYING = auto()
    DONE = auto()


class Backlog:
    """One partition's. How far rescheduling has come is a row, so that a restart goes on with it; whether something is
    left to apply is not known at a start."""

    def __init__(self, store: RowReader) -> None:
        self.next_key = store.get_many([RESCHEDULE_KEY])[0]
        """The key of the due index with which rescheduling goes on; None while there is none."""
        self._written = self.next_key
        self._due_left = True

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        if self.next_key is not None:
            return Stage.RESCHEDULING
        return Stage.APPLYING if self._due_left else Stage.DONE

    def reschedule_all(self) -> None:
        """A version announces expiring points at another lead: begin with the first member of the due index."""
        self.next_key = due_range(0)[0]

    def rescheduled(self, next_key: bytes | None) -> None:
        """The members before this key are done; None: all are."""
        self.next_key = next_key

    def ticked(self) -> None:
        """More may be due."""
        self._due_left = True

    def applied(self, *, left: bool) -> None:
        """What is due by the last tick was applied, or some of it is left."""
        self._due_left = left

    def rows(self) -> list[tuple[bytes, bytes | None]]:
        """The row, if it has changed since the last call."""
        if self.next_key == self._written:
            return []
        self._written = self.next_key
        return [(RESCHEDULE_KEY, self.next_key)]
