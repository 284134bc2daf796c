"""Final boards whole: `club.leaderboard` holds the first places, the lanes' pages on `club.partial` hold all.

What is put together is what was published: the hash over the whole order says so, or nothing is told. Aliases are those
that the board shows, behind its places those of the pages; of erased members there are none. The pages are held as they
came, some 50 bytes a member, and merged a second time while the places are told one by one.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from heapq import merge
from itertools import islice

from agents.broker.interface import Broker, Reader
from agents.process.exit_codes import ClubError, ExitCode
from agents.topics.boards import BoardName
from engine.boards.merge import Key, WholeOrder, key_of, places_of
from engine.calendar import HOUR_MS, to_ms
from schemas import topics
from schemas.board_outputs import entry_of
from schemas.partial import Page, decode_partial, places_of_page
from schemas.records import Record, TopicPartition
from schemas.results.leaderboard import Entry, FinalBoard
from tables.coordinator_rows import ERASED, name_of

_PARTIAL = TopicPartition(topics.PARTIAL.name, 0)
_COORDINATOR = TopicPartition(topics.COORDINATOR.name, 0)
_FETCH_WAIT_MS = 200
_FETCH_RECORDS_MAX = 1_000
_CLOCKS_DIFFER_MS = HOUR_MS
_MERGED_AT_ONCE = 10_000


class WholeFinal:
    """A board as it was published, and with everybody on it."""

    def __init__(self, board: FinalBoard, behind: Callable[[], Iterable[Entry]] = tuple) -> None:
        """`behind`: who comes behind the places that were published."""
        self.board = board
        self._behind = behind

    def entries(self) -> Iterator[Entry]:
        """All its places, in their order; worked out while they are asked for."""
        yield from self.board.entries
        yield from self._behind()


async def whole_finals(broker: Broker, finals: Mapping[BoardName, FinalBoard]) -> Mapping[BoardName, WholeFinal]:
    """The same boards with everybody on them. Raises `ClubError` where pages are gone, or come to something else."""
    short = {name: board for name, board in finals.items() if len(board.entries) < board.participants}
    found = {name: WholeFinal(board) for name, board in finals.items() if name not in short}
    if short:
        pages = await _pages(broker, short)
        erased = await _erased(broker)
        found |= {name: _whole(name, board, pages[name], erased) for name, board in short.items()}
    for name, whole in found.items():
        if _hash(whole.entries()) != whole.board.hash:
            raise _other(name, "its places do not come to its hash")
    return {name: found[name] for name in finals}


class _Lane:
    """What one lane has told of a round: records of pages, each with how many of its places were known before."""

    def __init__(self) -> None:
        self.parts: list[tuple[bytes, int]] = []
        self.places = 0
        self.ended = False

    def take(self, page: Page, raw: bytes) -> None:
        """A page. One that is told again begins among known places; whose pages do not say it, by its number."""
        first = page.first if page.first >= 0 else self.places if page.number == len(self.parts) else -1
        end = first + len(page.places)
        if self.ended or not 0 <= first <= self.places:
            return
        if end > self.places or page.last:
            self.parts.append((raw, self.places - first))
            self.places, self.ended = end, page.last

    def order(self) -> Iterator[Key]:
        """All its places."""
        for raw, known in self.parts:
            for place in islice(places_of_page(raw), known, None):
                yield key_of(*place)


class _Round:
    """What the lanes have told of a round."""

    def __init__(self) -> None:
        self.lanes: dict[int, _Lane] = {}
        self.whole = False

    def take(self, page: Page, raw: bytes) -> None:
        """A page."""
        self.lanes.setdefault(page.lane, _Lane()).take(page, raw)
        self.whole = len(self.lanes) == page.lanes and all(lane.ended for lane in self.lanes.values())

    def orders(self) -> list[Iterator[Key]]:
        """All places of each lane."""
        return [lane.order() for _, lane in sorted(self.lanes.items())]


async def _pages(broker: Broker, boards: Mapping[BoardName, FinalBoard]) -> Mapping[BoardName, _Round]:
    """The pages of these, from where they were frozen on, else from the topic's beginning."""
    begin = (await broker.begin_offsets([_PARTIAL]))[_PARTIAL]
    frozen = min(to_ms(datetime.fromisoformat(board.as_of)) for board in boards.values()) - _CLOCKS_DIFFER_MS
    # A replay froze by the club's clock, and records have the wall's.
    near = max(begin, (await broker.offsets_at([_PARTIAL], frozen))[_PARTIAL])
    rounds: dict[BoardName, _Round] = {}
    for start in dict.fromkeys((near, begin)):
        rounds = {name: _Round() for name in boards}
        async for record in _records(broker, _PARTIAL, start):
            told = decode_partial(record.value or b"")
            if isinstance(told, Page):
                name = BoardName(told.festival, told.category, told.round)
                if name in rounds and not rounds[name].whole:
                    rounds[name].take(told, record.value or b"")
                    if all(each.whole for each in rounds.values()):
                        return rounds
    missing = next(name for name, each in rounds.items() if not each.whole)
    raise _other(missing, f"{_PARTIAL.topic} does not hold all of its lanes' pages any more")


async def _erased(broker: Broker) -> Collection[str]:
    """Everybody who was erased, as the coordinator remembers."""
    begin = (await broker.begin_offsets([_COORDINATOR]))[_COORDINATOR]
    return {
        name_of(record.key)
        async for record in _records(broker, _COORDINATOR, begin)
        if record.key and record.key.startswith(ERASED) and record.value is not None
    }


async def _records(broker: Broker, place: TopicPartition, start: int) -> AsyncIterator[Record]:
    end = (await broker.end_offsets([place]))[place]
    reader: Reader = await broker.reader()
    try:
        await reader.assign({place: start})
        while await reader.position(place) < end:
            for record in (await reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)).get(place, ()):
                yield record
    finally:
        await reader.close()


def _whole(name: BoardName, board: FinalBoard, told: _Round, erased: Collection[str]) -> WholeFinal:
    order = WholeOrder(told.orders(), 0, 0)
    while not order.step(_MERGED_AT_ONCE):
        pass
    if (order.hash, order.participants) != (board.hash, board.participants):
        raise _other(name, "the lanes' pages come to another order than was published")

    def behind() -> Iterator[Entry]:
        places = islice(places_of(merge(*told.orders())), len(board.entries), None)
        return (entry_of(place._replace(alias=None) if place.member in erased else place) for place in places)

    return WholeFinal(board, behind)


def _hash(entries: Iterable[Entry]) -> str:
    digest = sha256()
    for each in entries:
        digest.update(f"{each.rank} {each.member} {each.score} {each.reached_at}\n".encode())
    return digest.hexdigest()


def _other(name: BoardName, reason: str) -> ClubError:
    remedy = "`--published` writes the places that were published; `bashgah verify` compares what lanes did"
    return ClubError("/".join(name), reason, remedy, ExitCode.BAD_FILE)
