"""The check at the end finds what it is there to find."""

import pytest

from bashgah.demo.consumer import Ledger
from bashgah.demo.reckoning import unlike_kept, unlike_sums, unprocessed
from schemas import topics
from schemas.outputs import decode_output
from schemas.records import Record
from tests.bashgah.demo.scenes import ledger, rows, scored


def _index(type: str) -> int:
    """The first posting of a type by a member who has later ones, so that only the sum can tell that it is missing."""
    records = scored()[0]
    for index, record in enumerate(records):
        if record.topic == topics.POINTS.name and record.value and f'"type":"{type}"'.encode() in record.value:
            return index
    raise AssertionError(f"the simulated bank caused no {type}")


def test_all_agrees_when_nothing_is_missing() -> None:
    assert len(rows()) > 100
    assert unlike_sums(ledger(), rows()) == []
    assert unlike_kept(rows()) == []


@pytest.mark.parametrize("type", ["points.accrued", "points.reversed"])
def test_a_posting_that_is_missing_or_doubled_is_found(type: str) -> None:
    index = _index(type)
    record = scored()[0][index]
    assert record.key is not None
    assert unlike_sums(ledger(without=index), rows()) == [record.key.decode()]
    doubled = ledger()
    doubled.take(record)
    assert unlike_sums(doubled, rows()) == [record.key.decode()]


def test_another_balance_is_found() -> None:
    table = rows()
    table[5]["pending"] = int(table[5]["pending"]) + 1
    assert unlike_sums(ledger(), table) == [table[5]["member"]]
    assert unlike_kept(table) == [table[5]["member"]]


def test_a_member_without_a_row_is_found() -> None:
    kept = ledger()
    missing = next(iter(kept.moved))
    assert unlike_sums(kept, [row for row in rows() if row["member"] != missing]) == [missing]


def test_totals_are_those_of_all_members() -> None:
    kept = ledger()
    for name in ("active", "pending", "held", "debt"):
        assert getattr(kept.total, name) == sum(int(row[name]) for row in rows())
    accrued = [event for event in _postings() if event.__struct_config__.tag == "points.accrued"]
    assert sum(kept.granted.values()) == sum(event.data.points for event in accrued)
    assert kept.letters.total() == sum(record.topic == topics.DEAD_LETTER.name for record in scored()[0])


def test_names_of_members_who_ask_to_be_forgotten_are_forgotten() -> None:
    kept = Ledger()
    head = (
        '{"specversion":"1.0","id":"%s","source":"/p","type":"%s","subject":"m1",'
        '"time":"2026-04-01T00:00:00Z","data":%s}'
    )
    for id, type, data in (
        ("1", "member.registered", '{"channel":"web","alias":"سارا"}'),
        ("2", "member.profile.changed", '{"alias":"نرگس"}'),
    ):
        kept.take(Record("club.member", 0, 0, 0, b"m1", (head % (id, type, data)).encode(), ()))
    assert kept.aliases == {"m1": "نرگس"}
    kept.take(Record("club.member", 0, 0, 0, b"m1", b"rubbish", ()))
    kept.take(Record("club.member", 0, 0, 0, b"m1", (head % ("3", "member.erased", "{}")).encode(), ()))
    assert kept.aliases == {}


def _postings() -> list:  # type: ignore[type-arg]
    points = topics.POINTS.name
    return [decode_output(points, record.value or b"") for record in scored()[0] if record.topic == points]


def test_events_on_their_way_are_a_fault_at_the_end_and_a_remark_after_ctrl_c() -> None:
    assert unprocessed(0, complete=True).mark == unprocessed(0, complete=False).mark == "[green]✓[/]"
    left = unprocessed(24, complete=True)
    assert (left.holds, "✗" in left.mark) == (False, True)
    stopped = unprocessed(24, complete=False)
    assert (stopped.holds, stopped.mark) == (True, "·"), "neither praised nor blamed"
    assert stopped.text.startswith("24 events were on their way when it was stopped")
