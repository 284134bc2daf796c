"""Rows as bytes: a format number, then MessagePack. A release reads all earlier formats and refuses newer ones.

Rows are rewritten when they are touched, in the format of the meaning (`engine.meaning`) that decides: so a lane that
is replayed from its first day comes to the same bytes. Empty containers and zeros cost a byte each.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from engine.ledger.member import BalanceDay, EventRow, FestivalRow, Head, Lot, Parked
from engine.meaning import CURRENT
from tables.watermark import TooNew

FORMAT = 2
ROW_BYTES_MAX = 800_000
"""A row over this would not fit a broker's batch. An event that would make one is refused (`tables.row_bounds`)."""

_MARKS = {number: bytes([number + 1]) for number in range(CURRENT + 1)}
_HEAD_FIELDS_1, _ACCOUNT_FIELDS_1, _PARKED_FIELDS_1 = 30, 3, 5
"""The fields of a head, of an account and of a refund that waits in format 1. Those that came later are behind them,
and stay unset under that meaning."""
_ACCOUNTS = Head.__struct_fields__.index("accounts")


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
    if not 1 <= raw[0] <= FORMAT:
        raise TooNew("a member's row", raw[0], FORMAT)
    return _DECODERS[key[0]](memoryview(raw)[1:])


def _head_of_format_1(head: Head) -> list[Any]:
    """Its fields without those that came later, and its accounts likewise."""
    fields = list(msgspec.structs.astuple(head)[:_HEAD_FIELDS_1])
    if head.accounts:
        fields[_ACCOUNTS] = {token: account[:_ACCOUNT_FIELDS_1] for token, account in head.accounts.items()}
    return fields


def _parked_of_format_1(parked: tuple[Parked, ...]) -> list[Any]:
    return [entry[:_PARKED_FIELDS_1] for entry in parked]


_FORMAT_1: dict[int, Callable[[Any], Any]] = {ord("m"): _head_of_format_1, ord("p"): _parked_of_format_1}
"""What rows that have grown since wrote in format 1."""


def encode(key: bytes, value: Any, meaning: int = CURRENT) -> bytes:
    """A row's bytes, as a release wrote them that decided by this meaning. Raises RowTooLarge."""
    if meaning == 0 and key[0] in _FORMAT_1:
        value = _FORMAT_1[key[0]](value)
    raw = _MARKS[meaning] + _encode(value)
    if len(raw) > ROW_BYTES_MAX:
        raise RowTooLarge(chr(key[0]), len(raw))
    return raw
