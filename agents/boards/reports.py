"""What a lane tells the coordinator, in its own transactions: live boards a few times a second, frozen rounds whole."""

from collections.abc import Iterator, Sequence

from agents.boards.final_order import FinalOrder
from agents.boards.lane_boards import LaneBoards
from agents.scoring.frozen_rounds import FrozenRounds
from engine.programme.rounds import FINAL, round_key, split_key
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.partial import BoardPart, Page, Partial, encode_partial, part_bytes
from schemas.records import OutputRecord
from tables.overlay import RowReader
from tables.watermark import Watermark

PLACES_A_RECORD = 3_000
PARTS_BYTES_A_RECORD = 700_000
"""A record of live parts is closed before the part that would take it over this; one part alone is always below it."""
ERASED_A_RECORD = 1_000
BOARDS_AN_INTERVAL = 50
"""Where more boards than this have changed, the lane waits as many times longer until it tells again."""


class BoardReports:
    """One lane's. `boards` are also what ranks are asked of. `interval_s`: the least time between two parts."""

    def __init__(
        self,
        lane: int,
        lanes: int,
        store: RowReader,
        versions: ProgrammeVersions,
        frozen_rounds: FrozenRounds,
        top: int,
        interval_s: float,
    ) -> None:
        self.boards = LaneBoards(store, versions, frozen_rounds.frozen, top)
        self._lane = lane
        self._lanes = lanes
        self._store = store
        self._versions = versions
        self._interval_s = interval_s
        self._next_at = 0.0
        self._opened = True
        self._told_tick: int | None = None
        self._order: FinalOrder | None = None
        self._pages: list[Page] = []
        self.committed(frozen_rounds)

    def adopt(self, versions: ProgrammeVersions, frozen_rounds: FrozenRounds) -> None:
        """Go by these versions from now on."""
        self._versions = versions
        self.boards.adopt(versions, frozen_rounds.frozen)

    def work(self, watermark: Watermark) -> bool:
        """Get on with the round that is on its way, for a few milliseconds; False where there is none."""
        order = self._order
        if order is None or order.done:
            return False
        found = order.next_page()
        if found is not None:
            self._pages.append(
                Page(
                    lane=self._lane,
                    lanes=self._lanes,
                    transactions=watermark.transactions,
                    festival=order.terms.id,
                    category=found.category,
                    round=order.round,
                    as_of=order.at,
                    number=found.number,
                    last=found.last,
                    places=found.places,
                    programme_offset=watermark.programme_offset,
                    first=found.first,
                )
            )
        return True

    @property
    def busy(self) -> bool:
        """Whether there is anything left to tell."""
        return self._order is not None or self.boards.changed

    def wakes_at(self) -> float | None:
        """When what has changed is to be told, by the loop's clock; None: nothing has."""
        return self._next_at if self.boards.changed else None

    def due(self, now: float) -> bool:
        """Whether there is something to tell that makes a transaction by itself."""
        ended = self._order is not None and self._order.done
        return bool(self._pages) or ended or (self.boards.changed and now >= self._next_at)

    def tell(self, watermark: Watermark, now: float) -> list[OutputRecord]:
        """The records of a transaction that ends with this watermark."""
        told: list[Page | Partial] = [*self._pages]
        self._pages = []
        ticked = watermark.last_tick != self._told_tick
        due = ticked or self._opened or self.boards.forgets or (self.boards.changed and now >= self._next_at)
        if self._versions.festivals and due:
            parts = list(self._partials(watermark))
            told += parts
            boards = sum(len(each.boards) for each in parts)
            self._next_at = now + self._interval_s * max(1.0, boards / BOARDS_AN_INTERVAL)
            self._told_tick = watermark.last_tick
        key = str(self._lane).encode()
        return [OutputRecord(topics.PARTIAL.name, 0, key, encode_partial(each)) for each in told]

    def ended(self) -> str | None:
        """The round that has now been told whole, as `festival/round`; None for none."""
        order = self._order
        if order is None or not order.done or self._pages:
            return None
        self._order = None
        return round_key(order.terms.id, order.round)

    def committed(self, frozen_rounds: FrozenRounds) -> None:
        """A transaction stands, or the lane has just opened: take up the next frozen round, if there is one."""
        for name in frozen_rounds.unpublished:
            festival, round_name = split_key(name)
            if round_name == FINAL:
                self.boards.close(festival)  # what has been told of it stays until the final board comes
        if self._order is None and frozen_rounds.unpublished:
            name, at = min(frozen_rounds.unpublished.items())
            festival, round_name = split_key(name)
            terms = self._versions.festival(festival, at)
            assert terms is not None, "what is frozen is in some version"
            self._order = FinalOrder(self._store, terms, round_name, at)

    def _partials(self, watermark: Watermark) -> Iterator[Partial]:
        erased = self.boards.erased()
        records = list(_records(self.boards.parts(), erased))
        for number, (parts, names) in enumerate(records):
            yield Partial(
                lane=self._lane,
                lanes=self._lanes,
                transactions=watermark.transactions,
                tick=watermark.last_tick,
                offsets=watermark.offsets,
                opened=self._opened,
                boards=parts,
                erased=names,
                more=number < len(records) - 1,
                programme_offset=watermark.programme_offset,
            )
            self._opened = False


def _records(
    parts: Sequence[BoardPart], erased: Sequence[str]
) -> Iterator[tuple[tuple[BoardPart, ...], tuple[str, ...]]]:
    """Parts, and members who were erased, by the record that tells of them; one at least. A part is never cut: with
    `TOP_MAX` places that come and as many that go it takes some 680,000 bytes."""
    while len(erased) > ERASED_A_RECORD:
        yield (), tuple(erased[:ERASED_A_RECORD])
        erased = erased[ERASED_A_RECORD:]
    some: list[BoardPart] = []
    places = size = 0
    for part in parts:
        added = part_bytes(part)
        if some and (places > PLACES_A_RECORD or size + added > PARTS_BYTES_A_RECORD):
            yield tuple(some), tuple(erased)
            some, erased, places, size = [], (), 0, 0
        some.append(part)
        places, size = places + len(part.places), size + added
    yield tuple(some), tuple(erased)
