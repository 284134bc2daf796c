"""Frozen rounds: the lanes' pages are kept until every lane has told all of its order, then merged into a final board.

The merge is a stream in slices and changes nothing. `finish` then writes the final board, the first of its awards, the
end of the live board and the end of the pages, all at once; where there are more awards than fit, a row says how many
are out, and the next calls go on from there.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import islice, starmap
from typing import NamedTuple

import msgspec

from agents.boards.rows import ChangedRows
from engine.boards.leaderboard import TOP_MAX
from engine.boards.merge import BrokenReport, Key, PrizePlaces, WholeOrder, key_of, prizes_of, winners_needed, wins
from engine.programme.rounds import FINAL
from engine.programme.versions import ProgrammeVersions
from schemas.board_outputs import RoundName, award, entries_of, final_board, no_live_board, without_alias
from schemas.partial import Page, PlaceReport, count_of_page, encode_partial, places_of_page
from schemas.records import OutputRecord
from tables.codec import ROW_BYTES_MAX
from tables.coordinator_rows import (
    AWARDING,
    ERASED,
    FINALS,
    MARK,
    TOLD,
    AwardingRow,
    FinalRow,
    ToldRow,
    alias_key,
    alias_range,
    encode_row,
    kind_range,
    named_key,
    page_key,
    read_awarding,
    read_final,
    read_told,
    round_of,
    split_key,
    told_key,
)

_encode = msgspec.msgpack.Encoder().encode


class _Merging(NamedTuple):
    """The final board that is being made. `as_of` in ms: the last lane's, where lanes froze by different versions."""

    name: RoundName
    as_of: int
    prizes: tuple[PrizePlaces, ...]
    order: WholeOrder


class WaitingRound(NamedTuple):
    """A frozen round that is not done: when it was frozen (ms), and the lanes that have not told all of it."""

    name: str
    frozen_at: int
    missing: tuple[int, ...]


class PendingFinals:
    """All frozen rounds. `waiting`: those that every lane has told whole, in the order in which that was so.

    `close_board` is told of each live board whose final one is published.
    """

    def __init__(self, rows: ChangedRows, lanes: int, close_board: Callable[[str], None]) -> None:
        self.waiting: list[str] = []
        self._rows = rows
        self._lanes = lanes
        self._close_board = close_board
        self._told: dict[str, dict[int, ToldRow]] = {}  # of rounds that are not done
        self._counts: dict[tuple[str, int], int] = {}  # of places told of them, where asked for
        self._merging: _Merging | None = None

    # -- what lanes tell

    def take(self, page: Page, raw: bytes, offset: int) -> None:
        """Keep a page, the record `raw` at an offset. Raises `BrokenReport`; nothing here may be used after that."""
        name = f"{page.festival}/{page.category}/{page.round}"
        told = self._told_by(name, page.lane) or ToldRow(page.as_of)
        if page.number < len(told.digests) and told.digests[page.number] == _digest(page):
            return
        place = (len(told.digests), self._count(name, page.lane, told))
        if page.first >= 0 and (page.number, page.first) != place:
            unknown = self._unknown(name, page, told)
            if unknown is None:
                return
            page, raw = unknown, encode_partial(unknown)
        if page.number < len(told.digests):
            raise BrokenReport(f"page {page.number} of {name} is another than before")
        if page.number > len(told.digests) or told.ended is not None or page.as_of != told.as_of:
            raise BrokenReport(f"page {page.number} of {name} comes after {len(told.digests)} pages as of {told.as_of}")
        ended = offset if page.last else None
        told = ToldRow(page.as_of, (*told.digests, _digest(page)), _last_place(page.places, told.last), ended)
        self._rows.put(page_key(name, page.lane, page.number), _page_row(page, raw))
        self._rows.put(told_key(name, page.lane), encode_row(told))
        self._counts[name, page.lane] = place[1] + len(page.places)
        by_lane = self._told.setdefault(name, {})
        by_lane[page.lane] = told
        if self._whole(by_lane):
            self.waiting.append(name)

    def erase(self, member: str) -> list[OutputRecord]:
        """A member was erased: final boards that show the alias are published again without it."""
        self._rows.put(named_key(ERASED, member), MARK)
        outputs = []
        for key, _ in list(self._rows.scan(*alias_range(member))):
            name = round_of(key)
            raw = self._rows.get(named_key(FINALS, name))
            assert raw is not None, "there is no such row for a board that is not published"
            before, value = read_final(raw)
            output = without_alias(name, value, member, before + 1)
            self._keep(name, before + 1, output)
            self._rows.put(key, None)
            outputs.append(output)
        return outputs

    def undone(self) -> list[WaitingRound]:
        """The rounds of which something was told and not all is published."""
        return [
            WaitingRound(
                name,
                max(told.as_of for told in by_lane.values()),
                tuple(lane for lane in range(self._lanes) if lane not in by_lane or by_lane[lane].ended is None),
            )
            for name, by_lane in self._told.items()
        ]

    def forget(self) -> None:
        """Forget what is not whole, since some of it was lost: a lane may tell it again."""
        for name, by_lane in list(self._told.items()):
            if name not in self.waiting:
                for lane, told in by_lane.items():
                    self._rows.put(told_key(name, lane), None)
                    self._delete_pages(name, lane, told)
                del self._told[name]

    # -- final boards

    def adopt(self) -> None:
        """Other versions are in force: what is being merged begins anew, since they may say other awards."""
        self._merging = None

    def merge(self, places: int, versions: ProgrammeVersions, entries: int) -> bool:
        """Merge so many places of the first round that waits; whether it is ready to `finish`."""
        if not self.waiting or not versions.in_order:
            return False
        if self._merging is None:
            self._merging = self._begin(RoundName.of(self.waiting[0]), versions, entries)
        return self._merging.order.step(places)

    def finish(self, commands_max: int, versions: ProgrammeVersions, *, replay: bool) -> tuple[list[OutputRecord], int]:
        """The final board that is merged, or what is left of its awards; how many of the outputs are awards."""
        assert self._merging is not None, "merge comes first"
        name, as_of, prizes, order = self._merging
        raw = self._rows.get(named_key(AWARDING, str(name)))
        given = read_awarding(raw).given if raw is not None else 0
        outputs = [] if raw is not None else self._publish(self._merging, versions, replay)
        some = wins(prizes, order.winners, given, commands_max)
        outputs += [award(name, as_of, win, self._lanes) for win in some]
        given += len(some)
        if wins(prizes, order.winners, given, 1):
            self._rows.put(named_key(AWARDING, str(name)), encode_row(AwardingRow(prizes, given)))
        else:
            self._end(str(name))
        return outputs, len(some)

    def _begin(self, name: RoundName, versions: ProgrammeVersions, entries: int) -> _Merging:
        by_lane = self._told[str(name)]
        as_of = max(told.as_of for told in by_lane.values())
        raw = self._rows.get(named_key(AWARDING, str(name)))
        if raw is not None:
            prizes = read_awarding(raw).prizes
        else:
            version = versions.at(as_of)
            rewards = version.programme.rewards if version is not None else {}
            prizes = prizes_of(versions.festival(name.festival, as_of), name.category, name.round, rewards)
        orders = (self._order(str(name), lane, len(told.digests)) for lane, told in sorted(by_lane.items()))
        return _Merging(name, as_of, prizes, WholeOrder(orders, entries, winners_needed(prizes)))

    def _order(self, name: str, lane: int, pages: int) -> Iterator[Key]:
        for number in range(pages):
            raw = self._rows.get(page_key(name, lane, number))
            assert raw is not None, "pages stay until the end"
            yield from starmap(key_of, places_of_page(raw))

    def _publish(self, merging: _Merging, versions: ProgrammeVersions, replay: bool) -> list[OutputRecord]:
        name, as_of, _, order = merging
        version = versions.at(as_of) or versions.in_order[0]
        shown = [place for place in order.entries if place.alias is not None]
        marks = self._rows.get_many([named_key(ERASED, place.member) for place in shown])
        erased = {place.member for place, mark in zip(shown, marks, strict=True) if mark is not None}
        entries = [place._replace(alias=None) if place.member in erased else place for place in order.entries]
        output = final_board(name, version, as_of, order.participants, entries_of(entries), order.hash, replay=replay)
        self._keep(str(name), 0, output)
        for place in entries:
            if place.alias is not None:
                self._rows.put(alias_key(place.member, str(name)), MARK)
        if name.round != FINAL:
            return [output]
        self._close_board(name.board)
        return [output, no_live_board(name.board)]

    def _end(self, name: str) -> None:
        """All is out: only what recognises a repeated page is kept."""
        if self._rows.get(named_key(AWARDING, name)) is not None:
            self._rows.put(named_key(AWARDING, name), None)
        for lane, told in self._told.pop(name).items():
            self._delete_pages(name, lane, told)
        self.waiting.remove(name)
        self._merging = None

    def _keep(self, name: str, before: int, output: OutputRecord) -> None:
        assert output.value is not None
        self._rows.put(named_key(FINALS, name), encode_row(FinalRow(before, output.value)))

    def _delete_pages(self, name: str, lane: int, told: ToldRow) -> None:
        self._counts.pop((name, lane), None)
        for number in range(len(told.digests)):
            self._rows.put(page_key(name, lane, number), None)

    # -- what was told

    def _unknown(self, name: str, page: Page, told: ToldRow) -> Page | None:
        """Of a page that begins or ends elsewhere than those before: what comes behind all that is known, as the next
        page; None for nothing. Raises `BrokenReport` where it has other places than those that are known.
        """
        another = BrokenReport(f"page {page.number} of {name} has other places than before")
        if told.ended is not None and name not in self._told:  # all is out: of its places the last is known
            last = _last_place(page.places, None)
            if told.last is None or last is None or last > told.last or (page.last and last != told.last):
                raise another
            return None
        known = self._count(name, page.lane, told)
        kept = islice(self._order(name, page.lane, len(told.digests)), page.first, None)
        same = all(key_of(*place)[:4] == key[:4] for place, key in zip(page.places, kept, strict=False))
        end = page.first + len(page.places)
        if not same or page.first > known or page.as_of != told.as_of or (page.last and end < known):
            raise another
        if told.ended is not None and end > known:
            raise another
        if told.ended is not None or (end <= known and not page.last):
            return None
        return msgspec.structs.replace(
            page, number=len(told.digests), first=known, places=page.places[known - page.first :]
        )

    def _count(self, name: str, lane: int, told: ToldRow) -> int:
        """How many places a lane has told of a round; of one that is done, 0."""
        if (name, lane) not in self._counts:
            raws = (self._rows.get(page_key(name, lane, number)) for number in range(len(told.digests)))
            self._counts[name, lane] = sum(count_of_page(raw) for raw in raws if raw is not None)
        return self._counts[name, lane]

    def _told_by(self, name: str, lane: int) -> ToldRow | None:
        if name in self._told:
            return self._told[name].get(lane)
        raw = self._rows.get(told_key(name, lane))
        return read_told(raw) if raw is not None else None

    def _whole(self, by_lane: dict[int, ToldRow]) -> bool:
        return len(by_lane) == self._lanes and all(told.ended is not None for told in by_lane.values())

    def load(self) -> None:
        """Read the rows."""
        for key, raw in self._rows.scan(*kind_range(TOLD)):
            name, lane, _ = split_key(key)
            self._told.setdefault(name, {})[lane] = read_told(raw)
        for name in list(self._told):
            awarding = self._rows.get(named_key(AWARDING, name)) is not None
            if not awarding and self._rows.get(named_key(FINALS, name)) is not None:
                del self._told[name]
        whole = [name for name, by_lane in self._told.items() if self._whole(by_lane)]
        self.waiting = sorted(whole, key=lambda name: max(told.ended or 0 for told in self._told[name].values()))


def _page_row(page: Page, raw: bytes) -> bytes:
    """A page, written as `raw`, as it is kept. One of an earlier release may be larger than a row may be: of that the
    aliases go which no board can show, so that what is left takes some 710,000 bytes at most."""
    if len(raw) < ROW_BYTES_MAX:
        return raw
    nameless = tuple(place._replace(alias=None) for place in page.places[TOP_MAX:])
    return encode_partial(msgspec.structs.replace(page, places=(*page.places[:TOP_MAX], *nameless)))


def _digest(page: Page) -> bytes:
    """Of all but the aliases, which are those of the moment in which the lane looked."""
    places = [place[:4] for place in page.places]
    return blake2b(_encode((page.as_of, page.last, places)), digest_size=8).digest()


def _last_place(
    places: Iterable[PlaceReport], last: tuple[int, int, int, str] | None
) -> tuple[int, int, int, str] | None:
    """Where the last of the places stands. Raises `BrokenReport` unless each stands behind the one before it."""
    for member, score, then_by, reached_at, _ in places:
        place = (-score, -then_by, reached_at, member)
        if score <= 0 or (last is not None and place <= last):
            raise BrokenReport(f"{member} does not stand behind the place before")
        last = place
    return last
