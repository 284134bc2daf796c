"""Rows as bytes: a format number, then MessagePack. A release reads all earlier formats and refuses newer ones.

Rows are rewritten in the newest format when they are touched. Empty containers and zeros cost a byte each.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from engine.member import BalanceDay, EventRow, FestivalRow, Head, Lot, Parked
from tables.watermark import TooNew

FORMAT = 1
ROW_BYTES_MAX = 800_000
"""A row over this is a fault: it would not fit a broker's batch. The core's own bounds keep rows far below it."""

_MARK = bytes([FORMAT])


class RowTooLarge(Exception):
    """A member's row outgrew its bound. Arguments: kind, bytes."""


_encode = msgspec.msgpack.Encoder().encode


def _typed(form: Any) -> Callable[[memoryview], Any]:
    return msgspec.msgpack.Decoder(form).decode


_head = _typed(Head)
_event = _typed(EventRow)
_parked = _typed(tuple[Parked, ...])
_counters = _typed(dict[str, dict[int, int]])
_totals = _typed(dict[str, int])
_lots = _typed(tuple[Lot, ...])
_balances = _typed(dict[int, BalanceDay])
_festival = _typed(FestivalRow)

_DECODERS: dict[int, Callable[[memoryview], Any]] = {
    ord("m"): _head,
    ord("e"): _event,
    ord("p"): _parked,
    ord("c"): _counters,
    ord("y"): _totals,
    ord("l"): _lots,
    ord("b"): _balances,
    ord("f"): _festival,
}


def decode(key: bytes, raw: bytes) -> Any:
    """The value of a row; `key` is the key within the member's range. Raises TooNew."""
    if raw[0] != FORMAT:
        raise TooNew("a member's row", raw[0], FORMAT)
    return _DECODERS[key[0]](memoryview(raw)[1:])


def encode(key: bytes, value: Any) -> bytes:
    """A row's bytes. Raises RowTooLarge."""
    raw = _MARK + _encode(value)
    if len(raw) > ROW_BYTES_MAX:
        raise RowTooLarge(chr(key[0]), len(raw))
    return raw
