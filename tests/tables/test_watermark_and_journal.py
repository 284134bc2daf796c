"""Watermarks and journal entries as bytes: what this release wrote once must stay readable."""

import msgspec
import pytest

from tables.journal import (
    FORMAT,
    Adopt,
    JournalEntry,
    OperatorDecision,
    Step,
    Take,
    Tick,
    Work,
    decode_entry,
    encode_entry,
    ends_of,
    pairs_of,
    steps_of,
)
from tables.watermark import DeadLetterWindow, TooNew, Watermark, decode_watermark, encode_watermark

STARTS = {"club.member": 4, "club.command": 0, "bank.card": 17}
STEPS: list[Step] = [
    Adopt(2),
    Take("bank.card", 17, 20),
    Take("club.member", 4, 5),
    Take("bank.card", 20, 21),
    Tick(9_000),
    Work(50),
]
WATERMARK = Watermark(
    offsets={"club.member": 5, "bank.card": 21},
    topics={"club.member": "a", "bank.card": "b"},
    last_tick=9_000,
    clock=8_000,
    programme_offset=2,
    replay=True,
    transactions=3,
    lineage=1,
    window=DeadLetterWindow(10, 2),
    accepted={"bank.card": 19},
)
WRITTEN_WATERMARK = (
    "9b0182ab636c75622e6d656d62657205a962616e6b2e636172641582ab636c75622e6d656d626572a161a962616e6b2e63617264a162"
    "cd2328cd1f4002c30301920a0281a962616e6b2e6361726413"
)
WRITTEN_ENTRY = (
    "990103cd238cc2000083ab636c75622e6d656d62657204ac636c75622e636f6d6d616e6400a962616e6b2e636172641196920202920a"
    "14920805920a159200cd2328920132c0"
)
"""As release 0.1 wrote them. Later formats get lines of their own; these stay."""


def entry(format: int = FORMAT) -> JournalEntry:
    steps = pairs_of(STARTS, STEPS)
    return JournalEntry(format=format, transaction=3, now=9_100, replay=False, starts=STARTS, steps=steps)


def test_a_watermark_comes_back() -> None:
    assert decode_watermark(encode_watermark(WATERMARK)) == WATERMARK


def test_what_was_written_once_is_read() -> None:
    assert decode_watermark(bytes.fromhex(WRITTEN_WATERMARK)) == WATERMARK
    assert decode_entry(bytes.fromhex(WRITTEN_ENTRY)) == entry(format=1)
    assert decode_entry(bytes.fromhex(WRITTEN_ENTRY)).meaning == 0, "decided before entries carried a number"


def test_a_watermark_of_an_earlier_release_is_written_on_so_that_that_release_refuses_it() -> None:
    written = encode_watermark(decode_watermark(bytes.fromhex(WRITTEN_WATERMARK)))
    assert msgspec.msgpack.decode(written)[0] == 2


def test_steps_come_back_with_the_starts_of_their_runs() -> None:
    assert steps_of(decode_entry(encode_entry(entry()))) == STEPS
    assert ends_of(entry()) == {"club.member": 5, "club.command": 0, "bank.card": 21}


def test_after_a_decision_the_inputs_stand_where_it_put_them() -> None:
    decision = OperatorDecision("skip", "m.karimi", "ticket 4711", {"bank.card": 40}, 2)
    decided = JournalEntry(transaction=4, now=1, replay=None, starts=STARTS, steps=[], decision=decision)
    assert ends_of(decode_entry(encode_entry(decided))) == {"bank.card": 40}


@pytest.mark.parametrize("decode", [decode_watermark, decode_entry])
def test_a_later_format_is_refused(decode: object) -> None:
    with pytest.raises(TooNew, match=f"format {FORMAT + 1}"):
        decode(msgspec.msgpack.encode([FORMAT + 1, "whatever"]))  # type: ignore[operator]


@pytest.mark.parametrize("decode", [decode_watermark, decode_entry])
@pytest.mark.parametrize("value", [b"", b"\x01", b"{}", msgspec.msgpack.encode(["x"]), msgspec.msgpack.encode({})])
def test_what_is_neither_is_refused(decode: object, value: bytes) -> None:
    with pytest.raises(ValueError):
        decode(value)  # type: ignore[operator]
