"""A lane's watermark: how far it has come in everything it reads. It is in the changelog, so the changelog alone says
where to resume.
"""

from collections.abc import Mapping

import msgspec

FORMAT = 2


class TooNew(Exception):
    """Written by a later release. Arguments: what it is, its format, the latest that this release reads."""

    def __str__(self) -> str:
        what, found, known = self.args
        return f"{what} has format {found}, this release reads up to {known}"


class DeadLetterWindow(msgspec.Struct, array_like=True, frozen=True):
    """How many records of late were refused: `dead` of the first `seen` of a window of a fixed number."""

    seen: int = 0
    dead: int = 0


class Watermark(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """Everything a lane needs besides its rows in order to go on.

    `offsets`: next offset of each input of the partition. `topics`: id of each topic that offsets refer to, the
    programme's among them, so that a topic made anew is never taken for the old one. `last_tick`: ms. `clock`: the
    replay clock in ms. `programme_offset`: next offset of the programme topic after the adopted versions.
    `replay`: whether this state was made on a replay clock; None until the lane first runs.
    `transactions`: how many the lane has committed. `lineage`: raised whenever an operator accepts a changelog that
    lost records; a copy of a lower one is void. `window`: dead letters of late. `accepted`: below these offsets of
    the inputs an operator has accepted any number of dead letters. `app_id`: whose lane this is; None where a release
    wrote it that did not note that. `lanes`: how many the club has, None where that was not noted either.
    """

    format: int = FORMAT
    offsets: Mapping[str, int]
    topics: Mapping[str, str]
    last_tick: int | None = None
    clock: int | None = None
    programme_offset: int = 0
    replay: bool | None = None
    transactions: int = 0
    lineage: int = 0
    window: DeadLetterWindow = DeadLetterWindow()
    accepted: Mapping[str, int] = {}
    app_id: str | None = None
    lanes: int | None = None


_decoder = msgspec.msgpack.Decoder(Watermark)
_encode = msgspec.msgpack.Encoder().encode


def encode_watermark(watermark: Watermark) -> bytes:
    """The bytes of its row: msgpack, the format number first."""
    return _encode(watermark)


def decode_watermark(value: bytes) -> Watermark:
    """The watermark of a row, as it is written from now on. Raises `TooNew`, or ValueError when it is no watermark."""
    refuse_newer("the watermark", value, FORMAT)
    return msgspec.structs.replace(_decoder.decode(value), format=FORMAT)


def refuse_newer(what: str, value: bytes, known: int) -> None:
    """Raise `TooNew` unless the format number, the first element, is one that this release reads."""
    if len(value) < 2 or not (0x90 <= value[0] <= 0x9F or value[0] in (0xDC, 0xDD)):
        raise ValueError(f"{what} is not a msgpack array")
    fields = msgspec.msgpack.decode(value)
    if not isinstance(fields[0], int):
        raise ValueError(f"{what} does not begin with a format number")
    if fields[0] > known:
        raise TooNew(what, fields[0], known)
