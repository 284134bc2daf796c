"""A long batch is read in turns, and every turn comes further: on a machine however slow, whoever else reads."""

import gc
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from schemas.kafka import batch_body, decompression, record_batches
from schemas.records import Record
from tests.agents.broker.kafka.test_bounded_fetch import fetched
from tests.schemas.kafka.batches import CODECS, COMPRESS, Row, batch, body_of, compressed

COMPRESSED = tuple(name for name in CODECS if name != "none")
MANY = [Row(b"%d" % number, b"%d" % number * 50) for number in range(3_000)]
VALUES = [row.value for row in MANY]


class Decoders:
    """Counts decoders and the pieces drawn from them. A piece takes a second, and nothing else takes time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.opened = self.pieces = 0
        for module in (record_batches, decompression):
            monkeypatch.setattr(module, "PIECE_BYTES_MAX", 5_000)
        monkeypatch.setattr(decompression, "SNAPPY_BLOCK_BYTES_MAX", 70_000)
        counting = self

        class Counted(decompression.Pieces):
            window_bytes = property(lambda self: 1, lambda self, held: None)

            def __init__(self, codec: int, data: Any) -> None:
                super().__init__(codec, data)
                counting.opened += 1

            def __next__(self) -> bytes:
                piece = super().__next__()
                counting.pieces += 1
                assert counting.pieces < 20_000, "it comes to no end"
                return piece

        monkeypatch.setattr(record_batches, "Pieces", Counted)
        monkeypatch.setattr(batch_body, "WINDOW_BYTES_KEPT", 0)  # each of them is a large one
        monkeypatch.setattr(batch_body, "RESTING_BYTES_MAX", room)
        monkeypatch.setattr(batch_body, "_resting", WeakKeyDictionary())
        monkeypatch.setattr(batch_body, "clock", lambda: float(self.pieces))


def turns(data: bytes) -> Iterator[list[Record]]:
    """What each turn brings; nobody reads in between."""
    result, _ = fetched(data)
    while result.has_more():
        yield result.getall()


def read(data: bytes) -> list[bytes | None]:
    """All values."""
    return [record.value for turn in turns(data) for record in turn]


@pytest.mark.parametrize("name", COMPRESSED)
def test_without_room_for_its_decoder_reading_a_batch_costs_a_few_times_as_much_and_ends(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoders = Decoders(monkeypatch, room=1 << 30)
    data = compressed(name, MANY)
    assert read(data) == VALUES
    once, decoders.pieces = decoders.pieces, 0
    monkeypatch.setattr(batch_body, "RESTING_BYTES_MAX", 0)
    decoders.opened = 0
    assert read(data) == VALUES
    assert decoders.opened > 3, "it was let go of while it rested"
    assert decoders.pieces < 4 * once


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_decoder_that_there_is_room_for_stays_open(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    decoders = Decoders(monkeypatch, room=1)
    assert read(compressed(name, MANY)) == VALUES
    assert decoders.opened == 1


def test_who_came_first_keeps_its_place_and_gives_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    decoders = Decoders(monkeypatch, room=2)
    data = compressed("zstd", MANY)
    readers = [turns(data) for _ in range(3)]
    for _ in range(3):
        for reader in readers:
            next(reader)
    assert len(batch_body._resting) == 2
    assert decoders.opened > 3
    readers[0].close()
    gc.collect()
    next(readers[2])
    decoders.opened = 0
    for _ in range(2):
        next(readers[1])
        next(readers[2])
    assert decoders.opened == 0, "the place of the one that is gone is the third's now"


def test_streams_of_nothing_do_not_keep_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    Decoders(monkeypatch, room=1)
    nothing = COMPRESS["zstd"](b"") * 5_000
    data = batch(nothing + COMPRESS["zstd"](body_of(MANY)), len(MANY), 0, CODECS["zstd"])
    found = list(turns(data))
    assert len(found) > 1_000
    assert [record.value for turn in found for record in turn] == VALUES


@pytest.mark.parametrize("name", ["gzip", "lz4", "zstd"])
def test_a_batch_of_very_many_streams_is_unreadable_from_there_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompression, "STREAMS_MAX", 5)
    monkeypatch.setattr(record_batches, "PIECE_BYTES_MAX", 10)  # so that it is read in pieces
    parts = [body_of(MANY[:1]), *(b"" for _ in range(3)), body_of(MANY)[len(body_of(MANY[:1])) :]]
    sound = batch(b"".join(map(COMPRESS[name], parts)), len(MANY), 0, CODECS[name])
    assert read(sound) == VALUES
    (first, last) = [
        record
        for turn in turns(batch(b"".join(map(COMPRESS[name], [parts[0], *[b""] * 5])), 2, 0, CODECS[name]))
        for record in turn
    ]
    assert (first.value, last.offset) == (MANY[0].value, 1)
    assert last.withheld is not None
    assert "more than 5 streams" in str(last.withheld.unreadable)


def test_a_large_window_in_a_later_stream_counts_too() -> None:
    made = decompression.zstd.ZstdCompressor(options={decompression.zstd.CompressionParameter.window_log: 24})
    pieces = decompression.Pieces(decompression.ZSTD, COMPRESS["zstd"](b"a") + made.compress(b"x") + made.flush())
    windows = [pieces.window_bytes for _ in pieces]
    assert windows[0] <= decompression.WINDOW_BYTES_KEPT
    assert windows[-1] == 1 << 24
