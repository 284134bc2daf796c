"""Batches of Kafka's format, read in pieces: the same as aiokafka reads whole, and bounded where that is not."""

import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.structs import TopicPartition as KafkaPartition
from hypothesis import given
from hypothesis import strategies as st

from agents.broker.errors import BadBatch
from agents.broker.kafka import bounded_fetch
from agents.broker.kafka.bounded_fetch import Batches, BoundedRecords
from agents.process.exit_codes import ExitCode
from schemas.kafka import batch_body, decompression, record_batches
from schemas.records import Record
from tests.schemas.kafka.batches import (
    CODECS,
    COMPRESS,
    CONTROL,
    TRANSACTIONAL,
    Row,
    batch,
    body_of,
    bomb,
    by_aiokafka,
    compressed,
    record,
    sized,
    varint,
)

TP = KafkaPartition("bank.card", 3)
NAMES = tuple(CODECS)
LARGE = 200
ROWS = [Row(b"a", b"first"), Row(b"b", b"second"), Row(b"c", b"third", (("h", b"x"),))]


def read(data: bytes, position: int = 0, aborted: Sequence[tuple[int, int]] = ()) -> list[Record]:
    """Everything that a reader at `position` sees."""
    records = BoundedRecords(TP, Batches(data), list(aborted), position, None, None, True, fetcher.READ_COMMITTED)
    found = [each for each in records if each is not None]
    assert not found or records.next_fetch_offset > found[-1].offset
    return found


def stock(data: bytes, position: int, aborted: Sequence[tuple[int, int]]) -> tuple[list[Any], int]:
    """The same by aiokafka alone, which reads what is not compressed."""
    from aiokafka.record.memory_records import MemoryRecords

    source = bounded_fetch._StockRecords(
        TP, MemoryRecords(data), list(aborted), position, None, None, True, fetcher.READ_COMMITTED
    )
    found = [(each.offset, each.timestamp, each.key, each.value, each.headers) for each in source]
    return found, source.next_fetch_offset


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that records of a test pass over."""
    for module in (record_batches, decompression):
        monkeypatch.setattr(module, "PIECE_BYTES_MAX", 100)
    monkeypatch.setattr(record_batches, "RECORD_BYTES_HELD_MAX", LARGE)
    monkeypatch.setattr(record_batches, "WHOLE_BYTES_MAX", 40)


contents = st.one_of(st.none(), st.binary(max_size=60), st.integers(0, 900).map(lambda n: b"ab" * n))
rows = st.lists(
    st.builds(Row, contents, contents, st.lists(st.tuples(st.text(max_size=5), contents), max_size=3).map(tuple)),
    min_size=1,
    max_size=12,
)


parts_of_an_answer = st.lists(st.tuples(st.sampled_from(NAMES), rows, st.booleans()), max_size=6)


@given(st.data(), parts_of_an_answer, st.sampled_from((50, 1 << 20)))
def test_every_codec_gives_what_aiokafka_gives_of_the_same_records(
    data: st.DataObject, parts: list[tuple[str, list[Row], bool]], piece: int
) -> None:
    ours, theirs, base, aborted = b"", b"", 7, []
    for number, (name, content, transactional) in enumerate(parts):
        flags = TRANSACTIONAL if transactional else 0
        options = {"base": base, "flags": flags, "producer": number if transactional else -1}
        ours += compressed(name, content, **options)
        plain = compressed("none", content, **options)
        assert transactional or plain[61:] == by_aiokafka(content, base)[61:]
        theirs += plain
        base += len(content)
        if transactional:
            kept = data.draw(st.booleans())
            if not kept:
                aborted.append((number, base - len(content)))
            key = struct.pack(">hh", 0, kept)
            end = batch(record(0, Row(key, b"\0" * 6)), 1, base, flags=TRANSACTIONAL | CONTROL, producer=number)
            ours, theirs, base = ours + end, theirs + end, base + 1
    cut_off = data.draw(st.integers(0, 30))  # an answer may end in the middle of a batch
    ours, theirs = ours + ours[:cut_off], theirs + theirs[:cut_off]
    position = 7 + data.draw(
        st.integers(0, len(parts[0][1]) - 1 if parts else 0)
    )  # in the first batch, as brokers answer
    with pytest.MonkeyPatch.context() as patched:
        for module in (record_batches, decompression):
            patched.setattr(module, "PIECE_BYTES_MAX", piece)
        source = BoundedRecords(TP, Batches(ours), aborted, position, None, None, True, fetcher.READ_COMMITTED)
        found = [each for each in source if each is not None]
    expected, end_position = stock(theirs, position, aborted)
    assert [(each.offset, *each[3:7]) for each in found] == expected
    assert source.next_fetch_offset == end_position
    assert all(each[:2] == ("bank.card", 3) and each.withheld is None for each in found)


@pytest.mark.usefixtures("small_bounds")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("which", ["key", "value", "header", "headers"])
def test_a_record_over_the_bound_is_passed_over_and_the_others_are_there(name: str, which: str) -> None:
    long = bytes(range(256)) * 4
    large = {
        "key": Row(long, b"v"),
        "value": Row(b"k", long),
        "header": Row(b"k", b"v", (("h", long),)),
        "headers": Row(b"k", b"v", (("", b""),) * 60),
    }[which]
    first, passed, last = read(compressed(name, [ROWS[0], large, ROWS[2]], 10))
    assert (first.offset, first.value, first.withheld) == (10, b"first", None)
    assert (last.offset, last.value, last.headers) == (12, b"third", (("h", b"x"),))
    key, value = large.key or b"", large.value or b""
    assert (passed.offset, passed.key, passed.value, passed.headers) == (11, key[:40], None, ())
    assert passed.withheld is not None
    assert passed.withheld.value == (len(value), sha256(value).hexdigest())
    assert passed.withheld.key == ((len(key), sha256(key).hexdigest()) if len(key) > 40 else None)


@pytest.mark.usefixtures("small_bounds")
@pytest.mark.parametrize("name", [name for name in NAMES if name != "none"])
def test_a_stream_that_is_cut_or_damaged_gives_what_came_before_and_says_what_did_not(name: str) -> None:
    good = [Row(b"k", bytes([number]) * 90) for number in range(40)]
    whole = COMPRESS[name](body_of(good))
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        for harmed in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]):
            found = read(batch(harmed, len(good), 5, CODECS[name]))
            offsets = [each.offset for each in found]
            assert offsets == sorted(set(offsets))
            *before, last = found
            if last.withheld is None:
                assert len(found) == 40  # the damage was where no record is, or is in a value, which no length shows
                continue
            assert last.withheld.unreadable is not None
            assert "from here to offset 44" in last.withheld.unreadable
            assert last.withheld.value == (len(harmed), sha256(harmed).hexdigest())
            assert 5 + len(before) <= last.offset < 45


NESTED = record(1, Row(b"k", b"v"))
LIES = {
    "length beyond the batch": varint(10**6) + b"\0" * 20,
    "negative length": varint(-5) + b"\0" * 20,
    "length without an end": b"\xff" * 30,
    "length less than its fields": varint(4) + NESTED[1:],
    "length more than its fields": varint(len(NESTED) + 3) + NESTED[1:] + b"\0" * 4,
    "key longer than the record": varint(9) + b"\0" + varint(1) + varint(1) + varint(2**31 - 1) + b"\0" * 9,
    "value longer than the record": varint(9) + b"\0" + varint(1) + varint(1) + varint(-1) + varint(2**40) + b"\0" * 9,
    "negative number of headers": record(1, Row(b"k", b"v"), varint(-7)),
    "billions of headers": record(1, Row(b"k", b"v"), varint(2**40)),
    "an offset that was there before": record(0, Row(b"k", b"v")),
    "offset beyond the batch": record(10**6, Row(b"k", b"v")),
    "nothing": b"",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("piece", [8, 1 << 20])
def test_records_that_lie_are_unreadable_and_what_came_before_counts(
    monkeypatch: pytest.MonkeyPatch, name: str, lie: str, piece: int
) -> None:
    for module in (record_batches, decompression):
        monkeypatch.setattr(module, "PIECE_BYTES_MAX", piece)
    body = COMPRESS[name](record(0, ROWS[0]) + LIES[lie])
    before, bad, after = read(batch(body, 2, 20, CODECS[name]) + compressed(name, ROWS[1:2], 22))
    assert (before.offset, before.value) == (20, b"first")
    assert (after.offset, after.value) == (22, b"second")
    assert bad.offset == 21
    assert bad.withheld is not None
    assert bad.withheld.unreadable is not None


@pytest.mark.parametrize("count", [-1, 0, 2**31 - 1])
def test_a_count_of_records_that_lies_loses_no_record_without_a_word(count: int) -> None:
    found = read(batch(body_of(ROWS), count, 0, last=2) + compressed("gzip", ROWS[:1], 3))
    assert found[-1].offset == 3
    assert [each.offset for each in found if each.withheld is None] == ([3] if count < 1 else [0, 1, 2, 3])
    if count < 1:
        assert found[0].withheld is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_header_whose_name_is_no_text_does_not_stop_a_reader(name: str) -> None:
    body = record(0, ROWS[0]) + record(1, ROWS[1], varint(1) + sized(b"\xff\xfe") + sized(b"x")) + record(2, ROWS[2])
    found = read(batch(COMPRESS[name](body), 3, 0, CODECS[name]))
    assert [each.value for each in found] == [b"first", b"second", b"third"]
    assert found[1].headers == (("\ufffd\ufffd", b"x"),)


def refused(data: bytes, position: int = 0) -> tuple[Record, BadBatch]:
    """The batch that is not read, and why, of an answer with sound records before and behind it."""
    sound = compressed("none", ROWS[:1], position + 3)
    *before, bad, behind = read(compressed("none", ROWS[:1], position - 1) + data + sound, position - 1)
    assert ([each.value for each in before], behind.value) == ([b"first"], b"first")
    assert bad.withheld is not None
    assert bad.withheld.refused is not None
    assert (bad.offset, bad.key, bad.value, bad.headers) == (position, None, None, ())
    assert bad.withheld.value == (len(data) - 61, sha256(data[61:]).hexdigest())
    return bad, bad.withheld.refused


def test_bytes_that_were_damaged_on_the_way_are_refused_before_they_are_decompressed() -> None:
    sound = compressed("zstd", ROWS, 7)
    damaged = sound[:-1] + bytes([sound[-1] ^ 1])
    bad, why = refused(damaged, 7)
    assert str(why).startswith("bank.card/3 offset 7: a batch does not have its checksum")
    assert why.code is ExitCode.UNREACHABLE
    assert bad.withheld is not None
    assert bad.withheld.last == 9


@pytest.mark.parametrize("harmed", [23, 26, 57, 60], ids=["last", "last", "count", "count"])
@pytest.mark.parametrize("bit", [0x01, 0x40, 0x80])
def test_a_damaged_head_does_not_say_how_far_its_batch_goes(harmed: int, bit: int) -> None:
    data = bytearray(compressed("none", ROWS, 7))
    data[harmed] ^= bit
    bad, _ = refused(bytes(data), 7)
    assert bad.withheld is not None
    assert bad.withheld.last == 7


@pytest.mark.parametrize("magic", [0, 1, 3])
def test_other_message_formats_are_refused_by_name(magic: int) -> None:
    other = bytearray(compressed("none", ROWS, 7))
    other[16] = magic
    bad, why = refused(bytes(other), 7)
    assert f"message format {magic}" in why.reason
    assert bad.withheld is not None
    assert bad.withheld.last == 7


def test_a_codec_of_the_future_is_refused_by_name() -> None:
    bad, why = refused(batch(body_of(ROWS), 3, 7, 5), 7)
    assert "codec 5" in why.reason
    assert bad.withheld is not None
    assert bad.withheld.last == 9


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_over_behind_the_last_record_of_a_batch_is_logged(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    for rest in (b"\0", record(3, ROWS[0])):
        caplog.clear()
        body = COMPRESS[name](body_of(ROWS) + rest)
        found = read(batch(body, 3, 7, CODECS[name]) + compressed("none", ROWS[:1], 10), 7)
        assert [(each.offset, each.withheld) for each in found] == [(offset, None) for offset in (7, 8, 9, 10)]
        assert "behind the record at offset 9 of its topic its batch goes on" in caplog.text


def test_a_batch_is_read_to_a_bound_and_what_lies_behind_is_said_to_be_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_body, "BATCH_BYTES_READ_MAX", 20 << 20)
    event = Row(b"m", b"{}")
    found = read(bomb("zstd", event, 50 << 20, ROWS[:2], 4) + compressed("zstd", ROWS[2:], 7))
    assert [each.offset for each in found] == [4, 7]
    assert found[0].withheld is not None
    assert "holds more than 20971520 bytes" in str(found[0].withheld.unreadable)


def test_reading_pauses_inside_a_long_record_and_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_body, "READING_S_MAX", -1.0)
    data = bomb("gzip", Row(b"m", b"{}"), 40 << 20, ROWS[:2])
    records = BoundedRecords(TP, Batches(data), [], 0, None, None, True, fetcher.READ_COMMITTED)
    found = []
    for each in records:
        found.append(each)
        records.rest()
        records.resume()
    assert found[:3] == [None, None, None]
    large, *others = [each for each in found if each is not None]
    assert large.withheld is not None
    assert large.withheld.value.length == (40 << 20) + 2
    assert [each.value for each in others] == [b"first", b"second"]
