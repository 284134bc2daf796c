"""Live boards: what each lane told last of its own members, merged, and published a few times a second.

A board is published when what it shows has changed, at most every `interval_ms`. While nothing changes its `as_of` goes
stale, though the lanes tick on: then it is published at most every `refresh_ms`. Writing it with every tick instead
would cost a record a board and tick, hundreds of them for festivals in which nobody moves, to say only that nothing has
happened; a viewer who wants to know whether a board lives is served as well by a few seconds. What decides is in rows
and in the journal, so that a restart changes nothing.
"""

from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from agents.boards.rows import ChangedRows
from engine.boards.merge import BrokenReport, LanePart, LiveBoard, key_of
from engine.programme.rounds import FINAL
from engine.programme.versions import ProgrammeVersions
from schemas.board_outputs import entries_of, live_board, no_live_board, watermarks
from schemas.partial import BoardPart, Partial
from schemas.records import OutputRecord
from tables.coordinator_rows import (
    FINALS,
    LANES,
    PARTS,
    PLACES,
    SHOWN,
    BoardTerms,
    LaneRow,
    PartRow,
    PlaceRow,
    ShownRow,
    encode_row,
    kind_range,
    lane_key,
    lane_of,
    name_of,
    named_key,
    part_key,
    place_key,
    read_lane,
    read_part,
    read_place,
    read_shown,
    split_key,
)

_SLICE_ROWS = 4_000
"""Rows that are read between two turns of others."""

_encode = msgspec.json.Encoder().encode


class ClubBoards:
    """All of them. `as_of`: everything before this instant (ms) is counted; it never goes back. None: not known yet."""

    def __init__(self, rows: ChangedRows, lanes: int, as_of: int | None) -> None:
        self.as_of = as_of
        self._rows = rows
        self._lanes_expected = lanes
        self._lanes: dict[int, LaneRow] = {}
        self._boards: dict[str, LiveBoard] = {}
        self._shown: dict[str, ShownRow] = {}
        self._touched: set[str] = set()
        self._versions: ProgrammeVersions | None = None
        self._names: frozenset[str] = frozenset()

    def take(self, told: Partial, versions: ProgrammeVersions) -> None:
        """Take what a lane tells. Raises `BrokenReport`; nothing here may be used after that."""
        lane = told.lane
        known = self._lanes.get(lane)
        if told.opened:
            if not all(part.whole for part in told.boards):
                raise BrokenReport("a lane that has just opened tells of a part that is not whole")
            self._drop_unnamed(told, versions)
        elif known is None:
            return  # what was before is not known: the lane counts once it opens
        elif told.transactions < known.transactions:
            raise BrokenReport(f"transaction {told.transactions} comes after transaction {known.transactions}")
        for part in told.boards:
            self._take_part(lane, part)
        row = self._lanes[lane] = LaneRow(told.transactions, told.tick, told.offsets, told.more)
        self._rows.put(lane_key(lane), encode_row(row))
        self._move_on()

    def due_at(self, now: int, versions: ProgrammeVersions, terms: BoardTerms) -> int | None:
        """From when on (ms) `publish` has something to do as things stand; None while there is nothing."""
        if not self._complete:
            return None
        named = self._named(versions)
        found = (self._due_at(name, named, now, terms) for name in self._boards)
        return min((at for at in found if at is not None), default=None)

    def publish(self, now: int, versions: ProgrammeVersions, terms: BoardTerms, *, replay: bool) -> list[OutputRecord]:
        """The boards that are due at a reading of the wall clock, those first that were published longest ago. One that
        no version has any more, since its festival was changed or taken out before it opened, is withdrawn."""
        if not self._complete or self.as_of is None or not versions.in_order:
            return []
        version = versions.at(self.as_of) or versions.in_order[0]
        told = watermarks({lane: (row.transactions, row.offsets) for lane, row in self._lanes.items()})
        named = self._named(versions)
        outputs: list[OutputRecord] = []
        for name in sorted(self._boards, key=self._turn):
            if len(outputs) == terms.boards_max:
                break
            at = self._due_at(name, named, now, terms)
            if at is None or at > now:
                continue
            self._touched.discard(name)
            if name not in named:
                self._not_shown(name)
                outputs.append(no_live_board(name))
                continue
            board, shown = self._boards[name], self._shown.get(name)
            participants, entries = board.participants, entries_of(board.first(terms.entries))
            digest = blake2b(_encode((participants, entries)), digest_size=16).digest()
            if shown is not None and digest == shown.digest and not self._stale(shown, now, terms):
                continue
            before = shown.before + 1 if shown is not None and shown.as_of == self.as_of else 0
            self._shown[name] = ShownRow(now, self.as_of, before, digest)
            self._rows.put(named_key(SHOWN, name), encode_row(self._shown[name]))
            outputs.append(live_board(name, version, self.as_of, before, participants, entries, told, replay=replay))
        return outputs

    @property
    def oldest(self) -> int | None:
        """As of when (ms) the board is that is furthest behind, as published; None without any."""
        shown = (self._shown[name].as_of for name in self._boards if name in self._shown)
        return min(shown, default=None)

    def close(self, name: str) -> None:
        """A board has come to its end: forget it."""
        board = self._boards.pop(name, None) or LiveBoard()
        for lane, part in board.parts.items():
            self._delete_part(name, part, lane)
        self._touched.discard(name)
        self._not_shown(name)

    def forget(self) -> None:
        """Forget what lanes have told: some of it was lost. Each counts again from its next opening on."""
        for name, board in self._boards.items():
            for lane, part in board.parts.items():
                self._delete_part(name, part, lane)
        for lane in self._lanes:
            self._rows.put(lane_key(lane), None)
        self._boards, self._lanes, self._touched = {}, {}, set()

    # -- what lanes tell

    def _take_part(self, lane: int, told: BoardPart) -> None:
        name = f"{told.festival}/{told.category}"
        board = self._boards.get(name)
        if board is None:
            if self._rows.get(named_key(FINALS, f"{name}/{FINAL}")) is not None:
                return
            board = self._boards[name] = LiveBoard()
        part = board.parts.setdefault(lane, LanePart())
        if not told.whole and part.top == 0:
            raise BrokenReport(f"{name}: changes to a part that is not known")
        keys = [key_of(*place) for place in told.places]
        moved, left = part.change(told.listed, told.top, told.whole, keys, told.gone)
        for score, then_by, reached_at, member, alias in moved:
            row = PlaceRow(-score, -then_by, reached_at, alias)
            self._rows.put(place_key(name, lane, member), encode_row(row))
        for member in left:
            self._rows.put(place_key(name, lane, member), None)
        self._rows.put(part_key(name, lane), encode_row(PartRow(part.listed, part.top)))
        self._touched.add(name)

    def _drop_unnamed(self, told: Partial, versions: ProgrammeVersions) -> None:
        """A lane that opens names all its boards, but for festivals that it has frozen: those stay as they were."""
        named = {f"{part.festival}/{part.category}" for part in told.boards}
        tick = told.tick
        frozen = {
            each.festival for each in versions.freezes if each.round == FINAL and tick is not None and each.at <= tick
        }
        for name, board in self._boards.items():
            if told.lane in board.parts and name not in named and name.partition("/")[0] not in frozen:
                self._delete_part(name, board.parts[told.lane], told.lane)
                # An empty part stays, so that a board which nobody is on any more is still known after a restart.
                board.parts[told.lane] = LanePart()
                self._rows.put(part_key(name, told.lane), encode_row(PartRow(0, 0)))
                self._touched.add(name)

    def _delete_part(self, name: str, part: LanePart, lane: int) -> None:
        self._rows.put(part_key(name, lane), None)
        for member in part.places:
            self._rows.put(place_key(name, lane, member), None)

    def _not_shown(self, name: str) -> None:
        self._shown.pop(name, None)
        self._rows.put(named_key(SHOWN, name), None)

    def _move_on(self) -> None:
        ticks = [row.tick for row in self._lanes.values() if row.tick is not None]
        if len(ticks) == self._lanes_expected and (self.as_of is None or min(ticks) > self.as_of):
            self.as_of = min(ticks)

    # -- what is due

    @property
    def _complete(self) -> bool:
        """Whether every lane has been heard of, and has told all of the transaction that it told of last."""
        lanes = self._lanes
        return len(lanes) == self._lanes_expected and all(
            row.tick is not None and not row.more for row in lanes.values()
        )

    def _turn(self, name: str) -> tuple[int, str]:
        shown = self._shown.get(name)
        return (shown.at if shown is not None else 0), name

    def _named(self, versions: ProgrammeVersions) -> frozenset[str]:
        """The boards of the festivals as they are to be."""
        if versions is not self._versions:
            self._versions = versions
            self._names = frozenset(
                f"{each.id}/{category.id}" for each in versions.festivals for category in each.categories
            )
        return self._names

    def _due_at(self, name: str, named: frozenset[str], now: int, terms: BoardTerms) -> int | None:
        shown = self._shown.get(name)
        if name not in named:
            return None if shown is None else now
        if shown is None:
            return now
        if name in self._touched:
            wait_ms = terms.interval_ms
        elif self.as_of is not None and self.as_of > shown.as_of:
            wait_ms = terms.refresh_ms
        else:
            return None
        # Where the wall clock went back nothing waits for it to come back.
        return shown.at + wait_ms if shown.at <= now else now

    def _stale(self, shown: ShownRow, now: int, terms: BoardTerms) -> bool:
        assert self.as_of is not None
        return self.as_of > shown.as_of and not 0 <= now - shown.at < terms.refresh_ms

    # -- after a restart

    def load(self) -> Iterator[None]:
        """Read the rows, in slices; nothing else is to be asked before the end."""
        for key, raw in self._scan(LANES):
            self._lanes[lane_of(key)] = read_lane(raw)
        for key, raw in self._scan(SHOWN):
            self._shown[name_of(key)] = read_shown(raw)
        for key, raw in self._scan(PARTS):
            name, lane, _ = split_key(key)
            board = self._boards.setdefault(name, LiveBoard())
            board.parts[lane] = LanePart(*read_part(raw))
        for number, (key, raw) in enumerate(self._scan(PLACES)):
            name, lane, member = split_key(key)
            row = read_place(raw)
            self._boards[name].parts[lane].restore(key_of(member.decode("ascii"), *row))
            if number % _SLICE_ROWS == 0:
                yield
        self._touched = set(self._boards)  # one that has not changed is found to be as it was shown

    def _scan(self, kind: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self._rows.scan(*kind_range(kind))
