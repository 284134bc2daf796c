"""The newest state of every board of `club.leaderboard`: read whole from the beginning, then followed.

The topic is compacted, so what it holds is about what is kept here: the live board of each category and the final board
of each round. Nothing is computed anew; a board is shown as the coordinator published it.
"""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from agents.broker.errors import OffsetOutOfRange
from agents.broker.interface import Broker, Reader
from agents.process.clock import Clock
from schemas import topics
from schemas.invalid import Invalid
from schemas.outputs import decode_output
from schemas.records import Record, TopicPartition
from schemas.results.leaderboard import Board, FinalBoard, Finalised, Updated

log = logging.getLogger(__name__)

LEADERBOARD = TopicPartition(topics.LEADERBOARD.name, 0)
COMPARED_MS = 300_000
"""Places are compared with the first board of the slot of so many ms before: once to twice as old."""

_ID = re.compile(r"([0-9]{1,18})-([0-9a-f]{8})")
_FETCH_WAIT_MS = 500
_FETCH_RECORDS_MAX = 500


class BoardKey(NamedTuple):
    """Names a board; `round` is None for the live one."""

    festival: str
    category: str
    round: str | None = None


class Earlier(NamedTuple):
    """Who stood where on an earlier state of a board, and as of when that was."""

    as_of: str
    ranks: Mapping[str, int]


class Held(NamedTuple):
    """A board as it was published. `offset`: of its record; `id` names the record, also among those of a topic that is
    made anew; `earlier`: what its places are compared with."""

    offset: int
    id: str
    key: BoardKey
    board: Board | FinalBoard
    earlier: Earlier | None

    @property
    def final(self) -> bool:
        """Whether it does not change any more."""
        return isinstance(self.board, FinalBoard)


class _History:
    """Earlier states of a live board: the first one of this slot of time and of the slot before."""

    __slots__ = ("base", "slot", "_next")

    def __init__(self, slot: int, board: Board) -> None:
        self.slot = slot
        self.base = self._next = _ranks(board)

    def add(self, slot: int, board: Board) -> None:
        if slot > self.slot:
            self.slot, self.base, self._next = slot, self._next, _ranks(board)


def _ranks(board: Board) -> Earlier:
    return Earlier(board.as_of, {entry.member: entry.rank for entry in board.entries})


class BoardFollower:
    """Reads the topic from its beginning and goes on reading. One a process.

    `on_board` is called with every board that is new or has changed, once `open` has returned; `on_loss` when boards
    are gone: erased from the topic, or the topic made anew. `newest` is the offset of the newest board, -1 without any.
    `clock` is this machine's, by which movements are told.
    """

    def __init__(
        self, broker: Broker, clock: Clock, on_board: Callable[[Held], None], on_loss: Callable[[], None]
    ) -> None:
        self._broker = broker
        self._clock = clock
        self._on_board = on_board
        self._on_loss = on_loss
        self._reader: Reader | None = None
        self._boards: dict[BoardKey, Held] = {}
        self._histories: dict[BoardKey, _History] = {}
        self._position = 0
        self._topic = self._as_of = ""
        self._replayed = False
        self._opened = False
        self.newest = -1

    async def open(self) -> None:
        """Read all that is published now."""
        self._reader = await self._broker.reader()
        await self._from_the_beginning()
        end = (await self._broker.end_offsets([LEADERBOARD]))[LEADERBOARD]
        while self._position < end:
            await self._read()
        self._opened = True

    async def follow(self) -> None:
        """Read on for ever; ends by being cancelled."""
        while True:
            try:
                await self._read()
            except OffsetOutOfRange as error:
                log.warning("the boards are read anew: %s", error.reason)
                self._boards.clear()
                self._histories.clear()
                self.newest = -1
                self._on_loss()
                await self._from_the_beginning()

    async def close(self) -> None:
        """Stop reading."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    def get(self, festival: str, category: str, round: str | None = None) -> Held | None:
        """A board's newest state."""
        return self._boards.get(BoardKey(festival, category, round))

    def of(self, festival: str | None) -> list[Held]:
        """All boards of a festival (None: of all), in the order of their last change."""
        found = [held for key, held in self._boards.items() if festival in (None, key.festival)]
        return sorted(found, key=lambda held: held.offset)

    def since(self, seen: str) -> list[Held]:
        """Boards that have changed since the one with this id, in that order; all where there was no such one."""
        found = _ID.fullmatch(seen)
        known = found is not None and found[2] == self._topic and int(found[1]) <= self.newest
        return [held for held in self.of(None) if not known or held.offset > int(seen.partition("-")[0])]

    def replayed_until(self, *, all_are: bool) -> int | None:
        """The club's clock in ms where boards come of a replay: what the newest of them shows. None: of none.

        `all_are`: whether they do without saying so, as those of earlier releases.
        """
        if not self._as_of or not (all_are or self._replayed):
            return None
        return round(datetime.fromisoformat(self._as_of).timestamp() * 1000)

    @property
    def oldest(self) -> str | None:
        """As of when the live board is that is furthest behind; None without any."""
        return min((held.board.as_of for held in self._boards.values() if not held.final), default=None)

    async def _from_the_beginning(self) -> None:
        assert self._reader is not None, "open() comes first"
        described = (await self._broker.describe([LEADERBOARD.topic])).get(LEADERBOARD.topic)
        self._topic = sha256((described.id if described else "").encode()).hexdigest()[:8]
        self._position = (await self._broker.begin_offsets([LEADERBOARD]))[LEADERBOARD]
        await self._reader.assign({LEADERBOARD: self._position})

    async def _read(self) -> None:
        assert self._reader is not None, "open() comes first"
        found = await self._reader.fetch(_FETCH_WAIT_MS, _FETCH_RECORDS_MAX)
        changed: dict[BoardKey, Held] = {}
        for record in found.get(LEADERBOARD, ()):
            held = self._take(record)
            if held is not None:
                changed.pop(held.key, None)
                changed[held.key] = held
        self._position = await self._reader.position(LEADERBOARD)
        if self._opened:
            for held in changed.values():
                self._on_board(held)

    def _take(self, record: Record) -> Held | None:
        if not record.value:
            self._forget(_key(record.key))
            return None
        try:
            event = decode_output(record.topic, record.value)
        except Invalid as fault:
            # A later release may write more than this one reads. An old state would be a wrong one: show none.
            log.error("the board at offset %d cannot be read (%s)", record.offset, fault.detail)
            self._forget(_key(record.key))
            return None
        assert isinstance(event, Updated | Finalised)
        board = event.data
        key = BoardKey(board.festival, board.category, board.round)
        held = Held(record.offset, f"{record.offset}-{self._topic}", key, board, self._earlier(key, board))
        self._boards[key] = held
        self.newest = record.offset
        self._as_of = max(self._as_of, board.as_of)
        self._replayed = self._replayed or board.replay
        return held

    def _earlier(self, key: BoardKey, board: Board | FinalBoard) -> Earlier | None:
        if isinstance(board, FinalBoard):
            return None
        slot = self._clock() // COMPARED_MS
        history = self._histories.get(key)
        if history is None:
            self._histories[key] = history = _History(slot, board)
        else:
            history.add(slot, board)
        return history.base

    def _forget(self, key: BoardKey | None) -> None:
        if key is None or key not in self._boards:
            return
        del self._boards[key]
        self._histories.pop(key, None)
        if self._opened:
            self._on_loss()


def _key(raw: bytes | None) -> BoardKey | None:
    parts = (raw or b"").decode("utf-8", "replace").split("/")
    match parts:
        case [festival, category]:
            return BoardKey(festival, category)
        case [festival, category, round]:
            return BoardKey(festival, category, round)
    return None
