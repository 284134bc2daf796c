"""From a board as published to a board as shown: masked references instead of references, and who moved."""

import base64
import binascii
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from bashgah.serving.problems import Refusal, RefusalCode
from bashgah.web.boards import BoardKey, Earlier, Held
from bashgah.web.masks import PlaceKeys, masked
from schemas import answers
from schemas.member_names import kept_or_none
from schemas.results.leaderboard import Entry, FinalBoard

_PINNED_MAX = 64
_PINNED_S = 300.0
"""Earlier states of boards that are kept for those who are reading them page by page, and for how long."""


class Window:
    """A part of a board: `limit` lines from the line `start` (from 0) on."""

    __slots__ = ("limit", "start")

    def __init__(self, limit: int, start: int = 0) -> None:
        self.limit = limit
        self.start = start


class Showing:
    """Makes what the API says of boards. `identify` in its methods: with references, for keys that may see them."""

    def __init__(self, keys: PlaceKeys) -> None:
        self._keys = keys

    def board(self, held: Held, window: Window, *, identify: bool, newest: Held | None = None) -> answers.Board:
        """A board, or a page of it. Names and references of an earlier state are those that the `newest` shows: who
        was erased meanwhile is on none of its pages any more."""
        board = held.board
        entries = board.entries[window.start : window.start + window.limit]
        shown_now = None
        if newest is not None and newest is not held:
            shown_now = {entry.member: entry.alias for entry in newest.board.entries}
            entries = tuple(msgspec.structs.replace(each, alias=shown_now.get(each.member)) for each in entries)
        following = window.start + len(entries)
        return answers.Board(
            festival=board.festival,
            category=board.category,
            round=board.round,
            final=held.final,
            version=held.offset,
            as_of=board.as_of,
            participants=board.participants,
            published=len(board.entries),
            moved_since=held.earlier.as_of if held.earlier else None,
            entries=tuple(
                self._place(
                    board.festival, entry, held.earlier, identify and (shown_now is None or entry.member in shown_now)
                )
                for entry in entries
            ),
            hash=board.hash if isinstance(board, FinalBoard) else None,
            next=_cursor(held.id, following) if following < len(board.entries) else None,
        )

    def name(self, member: str, alias: str | None) -> tuple[str, bool]:
        """What everybody may see of a member, and whether it is a masked reference: also in place of an alias that was
        published before there was a rule for names, and breaks it."""
        name = kept_or_none(alias)
        return (masked(member), True) if name is None else (name, False)

    def key(self, festival: str, member: str) -> str:
        """Follows a member's line within a festival."""
        return self._keys.of(festival, member)

    def neighbour(self, festival: str, entry: Entry, own: bool) -> answers.Neighbour:
        """A line near a member's own."""
        name, hidden = self.name(entry.member, entry.alias)
        key = self.key(festival, entry.member)
        return answers.Neighbour(rank=entry.rank, key=key, name=name, masked=hidden, score=entry.score, own=own)

    def _place(self, festival: str, entry: Entry, earlier: Earlier | None, identify: bool) -> answers.Place:
        name, hidden = self.name(entry.member, entry.alias)
        before = earlier.ranks.get(entry.member) if earlier else None
        place = answers.Place(
            rank=entry.rank,
            key=self.key(festival, entry.member),
            name=name,
            masked=hidden,
            score=entry.score,
            reached_at=entry.reached_at,
            moved=None if before is None else before - entry.rank,
            new=earlier is not None and before is None,
            **({"member": entry.member} if identify else {}),
        )
        return place


def empty(festival: str, category: str) -> answers.Board:
    """The live board of a category of which nothing was published yet."""
    return answers.Board(
        festival=festival, category=category, round=None, final=False, version=-1, as_of=None, participants=0,
        published=0, moved_since=None, entries=(), hash=None, next=None,
    )  # fmt: skip


class _Pin(NamedTuple):
    """An earlier state, kept until an instant of the monotonic clock."""

    held: Held
    until: float


class BoardPages:
    """Whoever reads a board page by page goes on in the state that the first page was of, for as long as it is kept:
    five minutes after it was first read so, however often it is read on."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is a clock that never goes back."""
        self._seconds = seconds
        self._pinned: OrderedDict[tuple[BoardKey, str], _Pin] = OrderedDict()

    def pin(self, held: Held) -> None:
        """Keep a state for those who were told its next page."""
        self._forget_old()
        self._pinned.setdefault((held.key, held.id), _Pin(held, self._seconds() + _PINNED_S))
        if len(self._pinned) > _PINNED_MAX:
            self._pinned.popitem(last=False)

    def find(self, cursor: str, newest: Held | None, key: BoardKey) -> tuple[Held, int]:
        """The state and the line that a cursor names. Raises `Refusal`."""
        id, start = _parsed(cursor)
        self._forget_old()
        held = None
        if newest is not None:  # of a board that is gone no earlier state is shown either
            pinned = self._pinned.get((key, id))
            held = newest if newest.id == id else pinned.held if pinned else None
        if held is None:
            raise Refusal(RefusalCode.CURSOR_EXPIRED, "cursor")
        if not 0 <= start < len(held.board.entries):
            raise Refusal(RefusalCode.BAD_CURSOR, "cursor")
        return held, start

    def _forget_old(self) -> None:
        now = self._seconds()
        while self._pinned and next(iter(self._pinned.values())).until <= now:
            self._pinned.popitem(last=False)


def _cursor(id: str, start: int) -> str:
    return base64.urlsafe_b64encode(f"{id}:{start}".encode()).rstrip(b"=").decode()


def _parsed(cursor: str) -> tuple[str, int]:
    try:
        written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        id, start = written.split(":")
        return id, int(start)
    except (binascii.Error, ValueError):
        raise Refusal(RefusalCode.BAD_CURSOR, "cursor") from None
