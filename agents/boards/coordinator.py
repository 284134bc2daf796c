"""The coordinator's core: records of `club.partial` become rows, boards and commands. It holds no clock and waits for
nothing; `coordinator_task` drives it live, `verify` and the simulation drive it over the journal.

The same records, versions, readings of the clock and commands' bounds in the same order give the same bytes, wherever
they are cut into transactions and however often the process is started anew between them.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.boards.finals import PendingFinals, WaitingRound
from agents.boards.live import ClubBoards
from agents.boards.rows import ChangedRows
from engine.boards.merge import BrokenReport
from engine.meaning import CURRENT
from engine.programme.versions import ProgrammeVersions
from schemas.partial import Page, Partial, PartialTooNew, decode_partial
from schemas.records import OutputRecord, Record
from tables.coordinator_rows import BoardTerms
from tables.overlay import RowReader
from tables.store import Row


class Unusable(Exception):
    """A record cannot be taken. `index`: how many of those given come before it; `newer`: a later release wrote it.

    The coordinator that raised it is in the middle of something and must be thrown away.
    """

    def __init__(self, index: int, record: Record, reason: str, newer: bool) -> None:
        super().__init__(index, record, reason, newer)
        self.index, self.record, self.reason, self.newer = index, record, reason, newer


class ClubChanges(NamedTuple):
    """What came of some steps: rows (None deletes), outputs in order, final boards by name, and how many awards."""

    rows: list[Row]
    outputs: list[OutputRecord]
    finals: tuple[str, ...]
    awards: int


class BoardBacklog(NamedTuple):
    """What operators want to know. `oldest`: as of when (ms) the live board is that is furthest behind."""

    oldest: int | None
    waiting: list[WaitingRound]


class Coordinator:
    """See the module. `lanes`: the club's number of them. `terms` may be set between two steps. `load` comes first."""

    def __init__(
        self, store: RowReader, versions: ProgrammeVersions, programme_offset: int, *,
        lanes: int, as_of: int | None, terms: BoardTerms,
    ) -> None:  # fmt: skip
        self.versions = versions
        self.programme_offset = programme_offset
        self.terms = terms
        self.meaning = CURRENT
        """The number of the meaning that decides; a replay sets it to that of the entry."""
        self.replay = False
        """Whether the lanes are on a replay clock, which boards then say."""
        self.lanes = lanes
        self._rows = ChangedRows(store)
        self._live = ClubBoards(self._rows, lanes, as_of)
        self._rounds = PendingFinals(self._rows, lanes, self._live.close)
        self._outputs: list[OutputRecord] = []
        self._awards = 0
        self._finals: list[str] = []

    def load(self) -> Iterator[None]:
        """Stand where the rows say, slice by slice, each a few milliseconds."""
        yield from self._live.load()
        self._rounds.load()

    @property
    def as_of(self) -> int | None:
        """The lowest tick of all lanes in ms; it never goes back. None until all have told of one."""
        return self._live.as_of

    @property
    def working(self) -> bool:
        """Whether a final board, or its awards, can be worked on."""
        return bool(self._rounds.waiting) and bool(self.versions.in_order)

    def take(self, records: Sequence[Record]) -> int:
        """Take records in their order; how many were taken. The first that was not asks for newer versions (`adopt`).

        Raises `Unusable`.
        """
        for index, record in enumerate(records):
            try:
                told = _decoded(record)
                if told.programme_offset > self.programme_offset:
                    return index
                self._take(told, record)
            except PartialTooNew as error:
                raise Unusable(index, record, str(error), newer=True) from error
            except (BrokenReport, ValueError) as error:
                raise Unusable(index, record, str(error), newer=False) from error
        return len(records)

    def adopt(self, versions: ProgrammeVersions, programme_offset: int) -> None:
        """Go by the versions below an offset of the programme topic from now on."""
        self.versions, self.programme_offset = versions, programme_offset
        self._rounds.adopt()

    def merge(self, places: int) -> bool:
        """Merge so many places of the final board that comes next; whether it is ready for `work`."""
        return self._rounds.merge(places, self.versions, self.terms.entries)

    def work(self, commands_max: int) -> None:
        """Publish what `merge` has made ready, or go on with its awards: at most so many."""
        name = self._rounds.waiting[0]
        outputs, awards = self._rounds.finish(commands_max, self.versions, replay=self.replay)
        self._outputs += outputs
        self._awards += awards
        if len(outputs) > awards:
            self._finals.append(name)

    def due_at(self, now: int) -> int | None:
        """When (ms) live boards are due as things stand; now or before: at once. None: nothing will be."""
        return self._live.due_at(now, self.versions, self.terms)

    def publish(self, now: int) -> bool:
        """Publish the live boards that are due when the wall clock reads `now` (ms); whether there were any."""
        outputs = self._live.publish(now, self.versions, self.terms, replay=self.replay)
        self._outputs += outputs
        return bool(outputs)

    def forget(self) -> None:
        """Some of what lanes told was lost: wait until they tell it anew."""
        self._live.forget()
        self._rounds.forget()

    @property
    def backlog(self) -> BoardBacklog:
        """Where it stands now."""
        return BoardBacklog(self._live.oldest, self._rounds.undone())

    def changes(self) -> ClubChanges:
        """Hand over everything since the last call. The rows must be in the store before the next step."""
        changes = ClubChanges(self._rows.take(), self._outputs, tuple(self._finals), self._awards)
        self._outputs, self._finals, self._awards = [], [], 0
        return changes

    def _take(self, told: Partial | Page, record: Record) -> None:
        if told.lanes != self.lanes or not 0 <= told.lane < self.lanes:
            raise BrokenReport(f"lane {told.lane} of {told.lanes} tells something to a club of {self.lanes}")
        if isinstance(told, Page):
            assert record.value is not None
            self._rounds.take(told, record.value, record.offset)
            return
        self._live.take(told, self.versions)
        for member in told.erased:
            self._outputs += self._rounds.erase(member)


def loaded(coordinator: Coordinator) -> Coordinator:
    """A coordinator that stands where its rows say, at once."""
    for _ in coordinator.load():
        pass
    return coordinator


def _decoded(record: Record) -> Partial | Page:
    if not record.value:
        raise BrokenReport("the record has no value")
    return decode_partial(record.value)
