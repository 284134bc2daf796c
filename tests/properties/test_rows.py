"""Rows are read as they were written, by this release and by all later ones; what a later one wrote is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from msgspec.structs import replace

from engine.meaning import CURRENT
from tables import codec, journal, watermark
from tables.rows import split
from tests.properties import recorded
from tests.properties.lane import Lane, examples
from tests.properties.streams import Story, stories

RECORDINGS = sorted(recorded.FOLDER.glob("rows-*.jsonl"))


@examples()
@given(stories())
def test_every_row_is_read_as_it_was_written(story: Story) -> None:
    lane = Lane(story.texts)
    lane.take(story.items())
    for key, raw in lane.rows().items():
        if key[:1] == b"\x00":
            continue
        rest = split(key)[1]
        value = codec.decode(rest, raw)
        assert codec.encode(rest, value) == raw
        assert codec.decode(rest, codec.encode(rest, value)) == value


def test_a_row_of_a_newer_format_is_refused() -> None:
    for key, raw in recorded.lane().rows().items():
        if key[:1] != b"\x00":
            with pytest.raises(watermark.TooNew):
                codec.decode(split(key)[1], bytes([codec.FORMAT + 1]) + raw[1:])
    newer = recorded.WATERMARK.__class__(offsets={}, topics={}, format=watermark.FORMAT + 1)
    with pytest.raises(watermark.TooNew):
        watermark.decode_watermark(watermark.encode_watermark(newer))
    entry = journal.JournalEntry(transaction=1, now=1, replay=None, starts={}, steps=[], format=journal.FORMAT + 1)
    with pytest.raises(watermark.TooNew):
        journal.decode_entry(journal.encode_entry(entry))


def test_the_recorded_story_has_every_kind_of_row() -> None:
    assert recorded.kinds(recorded.lane().rows()) == {b"m", b"e", b"p", b"c", b"y", b"l", b"b", b"d", b"f", b"z"}


def test_this_release_still_writes_the_format_that_it_says_it_writes() -> None:
    """Where this fails the bytes have changed: raise `FORMAT`, keep reading the old one, and record the new one."""
    rows, mark, entry = recorded.read(recorded.FOLDER / f"rows-{codec.FORMAT}.jsonl")
    assert recorded.lane().rows() == rows
    assert watermark.encode_watermark(recorded.WATERMARK) == mark
    assert journal.encode_entry(recorded.ENTRY) == entry


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_what_any_release_recorded_is_read_and_goes_on_alike(path: Path) -> None:
    """A lane that takes the recorded rows over ends where one ends that lived through it all."""
    rows, mark, entry = recorded.read(path)
    number = int(path.stem.partition("-")[2])
    meaning = min(number - 1, CURRENT)
    assert watermark.decode_watermark(mark) == recorded.WATERMARK
    assert journal.decode_entry(entry) == replace(recorded.ENTRY, format=number, meaning=meaning)
    before = recorded.lane(meaning)
    assert before.rows() == rows
    assert recorded.heads(rows) == before.heads()
    state = before.processor.clock, before.processor.last_tick
    taken_over, through = recorded.resumed(rows, *state), recorded.resumed(before.rows(), *state)
    assert taken_over.outputs == through.outputs
    assert taken_over.outputs
    assert taken_over.rows() == through.rows()


def test_there_is_a_recording_of_every_format() -> None:
    assert [path.stem for path in RECORDINGS] == [f"rows-{number}" for number in range(1, codec.FORMAT + 1)]
