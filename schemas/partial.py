"""`club.partial`: what the lanes tell the coordinator of their own members. A byte with the format, then MessagePack.

A lane writes a `Partial` a few times a second while boards change, and with each tick; the last of several says all. A
`Page` is a piece of a frozen round's whole order in that lane. Both are written in the lane's transactions, so each
tells of exactly what the lane had done at its transaction `transactions`. The record's key is the lane's number.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

FORMAT = 1


class PlaceReport(NamedTuple):
    """A listed member: the order is by score and then_by downwards, then `reached_at` (ms) and member upwards."""

    member: str
    score: int
    then_by: int
    reached_at: int
    alias: str | None = None


class BoardPart(NamedTuple):
    """One live board in one lane: `listed` members in all, and what changed among its first `top` since the last part.

    `whole`: `places` are all of the first ones, and what was known of this lane's part before is void.
    """

    festival: str
    category: str
    listed: int
    top: int
    whole: bool
    places: tuple[PlaceReport, ...]
    gone: tuple[str, ...]


class Partial(msgspec.Struct, array_like=True, frozen=True, kw_only=True, tag="partial"):
    """The live boards of lane `lane` of `lanes` that changed. `tick`: the lane's last, ms. `offsets`: its watermark.

    `opened`: the lane has just opened, so that every board of it that is not named from here on is empty, but for those
    of festivals that it has frozen. `more`: further records of the same transaction follow, without which the boards
    are not those of `transactions`. `erased`: members who were erased in this transaction. `programme_offset`: as in
    the lane's watermark; the coordinator goes by no older versions than the lane.
    """

    lane: int
    lanes: int
    transactions: int
    tick: int | None
    offsets: Mapping[str, int]
    opened: bool
    boards: tuple[BoardPart, ...]
    erased: tuple[str, ...] = ()
    more: bool = False
    programme_offset: int = 0


class Page(msgspec.Struct, array_like=True, frozen=True, kw_only=True, tag="page"):
    """Page `number` (from 0) of the whole order of a frozen round's category in one lane; `last` says that it ends.

    A lane without listed members sends one empty last page. A lane that was killed among its pages sends them all
    again: the same places but for aliases, since whoever is erased meanwhile loses the alias. Where aliases decide
    where a page ends, pages may then end elsewhere; `first` says how many places come before those of the page. -1: an
    earlier release wrote it, whose pages do not end elsewhere. `programme_offset` as in a `Partial`.
    """

    lane: int
    lanes: int
    transactions: int
    festival: str
    category: str
    round: str
    as_of: int
    number: int
    last: bool
    places: tuple[PlaceReport, ...]
    programme_offset: int = 0
    first: int = -1


_MARK = bytes([FORMAT])
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Partial | Page).decode
_decode_list = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_decode_place = msgspec.msgpack.Decoder(PlaceReport).decode
_PLACES = 1 + Page.__struct_fields__.index("places")  # behind the tag


class PartialTooNew(Exception):
    """Written by a later release. Arguments: its format, the latest that this release reads."""

    def __str__(self) -> str:
        found, known = self.args
        return f"a lane's boards have format {found}, this release reads up to {known}"


def encode_partial(value: Partial | Page) -> bytes:
    """The value of a record."""
    return _MARK + _encode(value)


def decode_partial(raw: bytes) -> Partial | Page:
    """What a record tells. Raises PartialTooNew."""
    return _decode(_body(raw))  # type: ignore[no-any-return]


def places_of_page(raw: bytes) -> Iterator[PlaceReport]:
    """The places of a page's record, each decoded when it is asked for: a merge of many lanes does not stand still
    where their pages begin. Raises PartialTooNew."""
    return map(_decode_place, _decode_list(_decode_list(_body(raw))[_PLACES]))


def count_of_page(raw: bytes) -> int:
    """How many places a page's record holds. Raises PartialTooNew."""
    return len(_decode_list(_decode_list(_body(raw))[_PLACES]))


def fitting(places: Sequence[PlaceReport], bytes_max: int) -> int:
    """How many of the first places take at most so many bytes in a record."""
    if len(_encode(places)) <= bytes_max:
        return len(places)
    size = 0
    for number, place in enumerate(places):
        size += len(_encode(place))
        if size > bytes_max:
            return number
    return len(places)


def part_bytes(part: BoardPart) -> int:
    """What a part takes in a record."""
    return len(_encode(part))


def _body(raw: bytes) -> memoryview:
    if raw[0] != FORMAT:
        raise PartialTooNew(raw[0], FORMAT)
    return memoryview(raw)[1:]
