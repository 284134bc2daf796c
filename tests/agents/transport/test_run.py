"""Cutting a run leaves nothing out, and its Faust message carries it whole."""

from agents.lanes.run import Run
from agents.transport.run import RunMessage, RunSchema
from schemas.records import Record


def run_of(offsets: list[int], start: int, end: int) -> Run:
    records = [Record("bank.card", 1, offset, 1_000 + offset, b"m", b"v", ()) for offset in offsets]
    return Run("bank.card", 1, start, end, end + 5, 3, records)


def test_pieces_chain_over_holes_and_keep_the_end() -> None:
    whole = run_of([10, 11, 15, 16, 20], start=8, end=23)
    pieces = list(whole.parts(2))
    assert [(piece.start, piece.end) for piece in pieces] == [(8, 15), (15, 20), (20, 23)]
    assert [record.offset for piece in pieces for record in piece.records] == [10, 11, 15, 16, 20]
    assert {(piece.stable, piece.epoch) for piece in pieces} == {(28, 3)}


def test_a_run_without_records_is_one_piece() -> None:
    assert list(run_of([], start=4, end=9).parts(2)) == [run_of([], start=4, end=9)]


def test_the_message_stands_at_the_last_offset_that_the_run_covers() -> None:
    run = run_of([10, 11], start=8, end=13)
    message = RunMessage(run, generation=7)
    assert (message.tp, message.offset, message.generation_id) == (("bank.card", 1), 12, 7)
    assert RunSchema().loads_value(None, message) is run
