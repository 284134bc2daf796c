"""The coordinator's state: where its rows stand, their bytes, and its journal's entries.

    L lane                               a lane: how far it had come when it last told something
    B festival/category NUL lane         its part of a live board: how many members it lists
    P festival/category NUL lane member  one of the first of that part
    S festival/category                  a live board as it was last published
    R festival/category/round NUL lane   which pages of a frozen round a lane has told
    Q festival/category/round NUL lane number   such a page, until the final board and its awards are out
    A festival/category/round            awards of a published final board that are still to be given
    F festival/category/round            a final board as it was last published
    I member NUL festival/category/round a final board that shows this member's alias
    E member                             a member who was erased

Lanes and page numbers are 4 bytes big-endian. Names are ASCII without NUL, so that no two ranges mix. Values are a
format number, then MessagePack. The watermark is that of a lane (`tables.watermark`); `last_tick` is the `as_of` of
live boards.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from engine.boards.merge import PrizePlaces
from tables.journal import JournalEntry
from tables.watermark import TooNew, refuse_newer

FORMAT = 1

LANES, PARTS, PLACES, SHOWN = b"L", b"B", b"P", b"S"
TOLD, PAGES, AWARDING, FINALS, ALIASES, ERASED = b"R", b"Q", b"A", b"F", b"I", b"E"


class LaneRow(NamedTuple):
    """How far a lane had come when it last told something. `tick` in ms; `offsets`: next of each of its inputs.

    `more`: further records of the same transaction are still to come.
    """

    transactions: int
    tick: int | None
    offsets: Mapping[str, int]
    more: bool = False


class PartRow(NamedTuple):
    """A lane's part of a live board: members listed, and how many of them are known by name at most."""

    listed: int
    top: int


class PlaceRow(NamedTuple):
    """A member on a part; `reached_at` in ms."""

    score: int
    then_by: int
    reached_at: int
    alias: str | None


class ShownRow(NamedTuple):
    """A live board as published. `at`: the wall clock in ms; `before`: how many had this `as_of` (ms) before it;
    `digest` of what it showed."""

    at: int
    as_of: int
    before: int
    digest: bytes


class ToldRow(NamedTuple):
    """What a lane has told of a frozen round. `as_of` in ms; a digest of each page; `last`: where the last place so far
    stands; `ended`: the offset of the last page, None until it came."""

    as_of: int
    digests: tuple[bytes, ...] = ()
    last: tuple[int, int, int, str] | None = None
    ended: int | None = None


class AwardingRow(NamedTuple):
    """What a published final board gives, and how many of the commands are out."""

    prizes: tuple[PrizePlaces, ...]
    given: int


class FinalRow(NamedTuple):
    """A final board as published: the record's value, and how often it was published before that."""

    before: int
    value: bytes


def _reading(form: Any) -> Callable[[bytes], Any]:
    decode = msgspec.msgpack.Decoder(form).decode

    def read(raw: bytes) -> Any:
        if raw[0] != FORMAT:
            raise TooNew("a row of the coordinator", raw[0], FORMAT)
        return decode(memoryview(raw)[1:])

    return read


read_lane: Callable[[bytes], LaneRow] = _reading(LaneRow)
read_part: Callable[[bytes], PartRow] = _reading(PartRow)
read_place: Callable[[bytes], PlaceRow] = _reading(PlaceRow)
read_shown: Callable[[bytes], ShownRow] = _reading(ShownRow)
read_told: Callable[[bytes], ToldRow] = _reading(ToldRow)
read_awarding: Callable[[bytes], AwardingRow] = _reading(AwardingRow)
read_final: Callable[[bytes], FinalRow] = _reading(FinalRow)

MARK = bytes([FORMAT])
"""The value of a row whose key says all."""

_encode = msgspec.msgpack.Encoder().encode


def encode_row(value: NamedTuple) -> bytes:
    """A row's bytes; the `read_` function of its type reads them and raises `TooNew`."""
    return MARK + _encode(value)


def lane_key(lane: int) -> bytes:
    """The row of a lane."""
    return LANES + _number(lane)


def part_key(board: str, lane: int) -> bytes:
    """A lane's part of a live board."""
    return PARTS + board.encode("ascii") + b"\x00" + _number(lane)


def place_key(board: str, lane: int, member: str) -> bytes:
    """A member on a part."""
    return PLACES + board.encode("ascii") + b"\x00" + _number(lane) + member.encode("ascii")


def named_key(kind: bytes, name: str) -> bytes:
    """The row of a kind that is keyed by a board, a round or a member alone."""
    return kind + name.encode("ascii")


def told_key(round_name: str, lane: int) -> bytes:
    """What a lane has told of a round; `round_name` is `festival/category/round`."""
    return TOLD + round_name.encode("ascii") + b"\x00" + _number(lane)


def page_key(round_name: str, lane: int, number: int) -> bytes:
    """A page of a round."""
    return PAGES + round_name.encode("ascii") + b"\x00" + _number(lane) + _number(number)


def alias_key(member: str, round_name: str) -> bytes:
    """That a final board shows a member's alias."""
    return ALIASES + member.encode("ascii") + b"\x00" + round_name.encode("ascii")


def kind_range(kind: bytes) -> tuple[bytes, bytes]:
    """The range of all rows of a kind."""
    return kind, bytes([kind[0] + 1])


def alias_range(member: str) -> tuple[bytes, bytes]:
    """The range of a member's `alias_key`."""
    prefix = ALIASES + member.encode("ascii")
    return prefix + b"\x00", prefix + b"\x01"


def is_row(key: bytes) -> bool:
    """Whether a key is one of the rows above, and no metadata of the store's own."""
    return key[:1] != b"\x00"


def name_of(key: bytes) -> str:
    """The board, the round or the member of a row keyed by that alone."""
    return key[1:].decode("ascii")


def lane_of(key: bytes) -> int:
    """The lane of a `lane_key`."""
    return int.from_bytes(key[1:], "big")


def split_key(key: bytes) -> tuple[str, int, bytes]:
    """The name, the lane and the rest of a `part_key`, `place_key`, `told_key` or `page_key`."""
    name, _, rest = key[1:].partition(b"\x00")
    return name.decode("ascii"), int.from_bytes(rest[:4], "big"), rest[4:]


def round_of(key: bytes) -> str:
    """The round of an `alias_key`."""
    return key.partition(b"\x00")[2].decode("ascii")


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


class BoardTerms(NamedTuple):
    """How boards are published: so many entries; a changed one at most every `interval_ms`, an unchanged one with a new
    `as_of` at most every `refresh_ms`; at most `boards_max` at once."""

    entries: int = 100
    interval_ms: int = 150
    refresh_ms: int = 10_000
    boards_max: int = 50


class CoordinatorEntry(msgspec.Struct, array_like=True, frozen=True):
    """One transaction of the coordinator, as a lane's (`tables.journal`), and the terms that were in force.

    `Take`: records of `club.partial`. `Adopt`: versions. `Work`: the next final board, or what was left of its awards,
    with at most so many commands. `Tick`: the live boards that were due when the wall clock read this.
    """

    format: int
    entry: JournalEntry
    terms: BoardTerms


_decode_entry = msgspec.msgpack.Decoder(CoordinatorEntry).decode


def encode_coordinator_entry(entry: JournalEntry, terms: BoardTerms) -> bytes:
    """The value of the journal's record."""
    return _encode(CoordinatorEntry(FORMAT, entry, terms))


def decode_coordinator_entry(value: bytes) -> CoordinatorEntry:
    """The entry of a journal record. Raises `TooNew`, or ValueError when it is no entry."""
    refuse_newer("the coordinator's journal entry", value, FORMAT)
    return _decode_entry(value)
