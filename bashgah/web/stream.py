"""Server-sent events: every change of a board, as soon as it is published, to everybody who watches.

    id: 4711-5f0c2b71         the record's offset and its topic; sent back as Last-Event-ID after a lost connection
    event: board              or `final`; `data` is the board as api/v1 answers it

A viewer is told the newest state of every board whose id is later than the last one seen. That needs no history:
whoever was away for a second and whoever was away for a week get the same kind of answer. For the same reason a slow
viewer cannot pile anything up: for each board only the newest state waits. What waits is written in order of the ids,
so the last id seen covers everything before it. A stream whose viewer takes nothing holds some 160 KiB of its own.

A state is encoded once and its bytes are shared by all viewers. `hello`, `beat`, `states` and `activity` have no id:
each replaces what was said before.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec
from aiohttp import hdrs, web

from bashgah.serving.problems import Refusal, RefusalCode
from bashgah.web.boards import BoardKey, Held
from bashgah.web.showing import Showing, Window

TOPS = (0, 10, 100, 1_000)
"""How many lines of a board a viewer may ask for; 0: no boards, only news. Few choices, so that bytes are shared."""

_TOGETHER_BYTES_MAX = 16 << 10
"""Small events go out together: each viewer has its own copy of so many bytes at the most."""
_PART_BYTES = 32 << 10
"""A large one goes out in parts, so that of what a slow viewer does not take, little more than aiohttp's and asyncio's
64 KiB each lie with its connection."""
_RETRY_MS = 2_000
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a proxy must not hold events back
}


class ViewerFilter(NamedTuple):
    """What a viewer wants to see; None: of all."""

    festivals: frozenset[str] | None
    category: str | None
    top: int
    identify: bool

    def of(self, festival: str) -> bool:
        """Whether a festival is among those that are watched."""
        return self.festivals is None or festival in self.festivals

    def names(self, festival: str) -> bool:
        """Whether it was asked for by name."""
        return self.festivals is not None and festival in self.festivals


class BoardChange:
    """A board's new state, encoded for each kind of view when the first viewer needs it."""

    __slots__ = ("held", "_frames", "_showing")

    def __init__(self, held: Held, showing: Showing) -> None:
        self.held = held
        self._showing = showing
        self._frames: dict[tuple[int, bool], bytes] = {}

    def frame(self, view: ViewerFilter) -> bytes:
        """The event's bytes."""
        kind = (view.top, view.identify)
        frame = self._frames.get(kind)
        if frame is None:
            board = self._showing.board(self.held, Window(view.top), identify=view.identify)
            name = "final" if self.held.final else "board"
            frame = self._frames[kind] = b"id: %b\n%b" % (self.held.id.encode(), event(name, board))
        return frame


def event(name: str, data: object) -> bytes:
    """An event without an id. JSON as msgspec writes it has no line breaks."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(data))


class Viewer:
    """Who watches. What waits is at most one state of each board, and one of each kind of news."""

    def __init__(self, view: ViewerFilter, address: str) -> None:
        self.view = view
        self.address = address
        self.ended = False
        self._boards: dict[BoardKey, BoardChange] = {}
        self._news: dict[str, bytes] = {}
        self._ahead: bytes | None = None
        self._waiting = asyncio.Event()

    def wants(self, key: BoardKey) -> bool:
        """Whether a board is among those that are watched."""
        view = self.view
        return view.top > 0 and view.of(key.festival) and view.category in (None, key.category)

    def tell(self, change: BoardChange) -> None:
        """A board has changed."""
        self._boards[change.held.key] = change
        self._waiting.set()

    def hear(self, kind: str, frame: bytes) -> None:
        """Something without an id."""
        self._news[kind] = frame
        self._waiting.set()

    def end(self) -> None:
        """No more is coming."""
        self.ended = True
        self._waiting.set()

    async def take(self) -> bytes:
        """What is to be written next, as soon as something waits: several small events, or one that is shared by all
        who watch. None at all where what waited has just been taken."""
        await self._waiting.wait()
        found: list[bytes] = []
        size = 0
        while (frame := self._ahead or self._first()) is not None:
            size += len(frame)
            if found and size > _TOGETHER_BYTES_MAX:
                self._ahead = frame
                break
            self._ahead = None
            found.append(frame)
        else:
            self._waiting.clear()
        return found[0] if len(found) == 1 else b"".join(found)

    def _first(self) -> bytes | None:
        """News, then the boards by their ids. What waits longer is replaced by what is newer, whose id is greater."""
        if self._news:
            return self._news.pop(next(iter(self._news)))
        if self._boards:
            change = min(self._boards.values(), key=lambda change: change.held.offset)
            return self._boards.pop(change.held.key).frame(self.view)
        return None


class Hub:
    """Everybody who watches. `streams_max` and `per_address_max` bound how many."""

    def __init__(self, showing: Showing, streams_max: int, per_address_max: int) -> None:
        self._showing = showing
        self._streams_max = streams_max
        self._per_address_max = per_address_max
        self._viewers: set[Viewer] = set()
        self._by_address: Counter[str] = Counter()
        self._newest: dict[BoardKey, BoardChange] = {}

    def __len__(self) -> int:
        return len(self._viewers)

    def publish(self, held: Held) -> None:
        """A board has changed."""
        change = self._change(held)
        for viewer in self._viewers:
            if viewer.wants(held.key):
                viewer.tell(change)

    def announce(self, name: str, data: object, festival: str | None = None) -> None:
        """News without an id: of a festival for those who asked for it by name, other news for all."""
        frame = event(name, data)
        kind = name if festival is None else f"{name}/{festival}"
        for viewer in self._viewers:
            if festival is None or viewer.view.names(festival):
                viewer.hear(kind, frame)

    def watched(self, festival: str) -> bool:
        """Whether anybody has asked for a festival by name."""
        return any(viewer.view.names(festival) for viewer in self._viewers)

    def forget(self) -> None:
        """Boards are gone: keep no bytes of them."""
        self._newest.clear()

    def close(self) -> None:
        """End every stream."""
        for viewer in self._viewers:
            viewer.end()

    async def serve(
        self,
        request: web.Request,
        view: ViewerFilter,
        address: str,
        missed: Callable[[], Iterable[Held]],
        hello: object,
    ) -> web.StreamResponse:
        """Tell a viewer what was missed and then what happens, until the viewer goes. Raises `Refusal`."""
        self._check_room(address)
        if request.method == hdrs.METH_HEAD:
            return web.Response(headers=_HEADERS)
        viewer = Viewer(view, address)
        self._viewers.add(viewer)
        self._by_address[address] += 1
        try:
            # From here on nothing is lost: changes wait with the viewer, and what was missed is looked up afterwards.
            viewer.hear("hello", b"retry: %d\n%b" % (_RETRY_MS, event("hello", hello)))
            for held in missed():
                if viewer.wants(held.key):
                    viewer.tell(self._change(held))
            return await self._write(request, viewer)
        finally:
            self._viewers.discard(viewer)
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    async def _write(self, request: web.Request, viewer: Viewer) -> web.StreamResponse:
        response = web.StreamResponse(headers=_HEADERS)
        try:
            await response.prepare(request)
            while not viewer.ended:
                waiting = memoryview(await viewer.take())
                for begin in range(0, len(waiting), _PART_BYTES):
                    await response.write(waiting[begin : begin + _PART_BYTES])
            await response.write_eof()
        except ConnectionError:
            pass  # the viewer went
        return response

    def _change(self, held: Held) -> BoardChange:
        """The one `BoardChange` of a board's newest state, so that those who come also share its bytes."""
        change = self._newest.get(held.key)
        if change is None or change.held is not held:
            change = self._newest[held.key] = BoardChange(held, self._showing)
        return change

    def _check_room(self, address: str) -> None:
        for open_now, limit in (
            (len(self._viewers), self._streams_max),
            (self._by_address[address], self._per_address_max),
        ):
            if open_now >= limit:
                raise Refusal(RefusalCode.TOO_MANY_STREAMS, "stream", retry_after_s=10, limit=limit)
