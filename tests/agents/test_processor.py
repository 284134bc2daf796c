"""What the processor refuses, and what it must not: faults of the core are dead letters, faults of the disk are not."""

import json
from typing import Any

import pytest

from agents.broker.interface import Record
from agents.intake import Item, decode_item
from agents.processor import Processor
from engine.compiled import Compiled
from engine.member import WAITING_MAX
from engine.shelf import Shelf
from schemas.dead_letter import CODES
from schemas.programme_file import load, load_file
from tables.rows import WALK_KEY
from tables.store import MemoryStore, StoreBroken
from tables.watermark import TooNew
from tests.agents.coordinator.naive_lanes import FESTIVALS, HEAD
from tests.architecture.sources import ROOT

SHELF = Shelf([Compiled(load_file(ROOT / "programmes" / "club.yaml"))])


def item(topic: str, kind: str, id: str, time: str = "2026-06-01T10:00:00+03:30", **data: Any) -> Item:
    """A record of member `m` as a lane decodes it."""
    event = {"specversion": "1.0", "id": id, "source": "/core", "type": kind, "subject": "m", "time": time}
    return decode_item(Record(topic, 0, 0, 0, b"m", json.dumps({**event, "data": data}).encode(), ()))


def purchase(id: str, **more: Any) -> Item:
    """A purchase that earns under the club's programme."""
    fields = {"amount": 1_000_000, "mcc": "5411", "merchant": "x", "terminal": "t", "channel": "pos"}
    return item("bank.card", "card.purchase.settled", id, **{**fields, **more})


def refund(id: str, original: str) -> Item:
    """A refund of a part of a purchase."""
    return item("bank.card", "card.purchase.refunded", id, original=original, amount=1, reason="refund")


def processor(store: MemoryStore) -> Processor:
    """On a replay clock."""
    return Processor(store, SHELF, partition=0, partitions=1, replay=True)


def letters(one: Processor) -> list[tuple[str, str]]:
    """(code, detail) of the dead letters of a batch."""
    found = [dict(o.headers) for o in one.changes().outputs if o.topic == "club.dead-letter"]
    return [(headers["error"].decode(), headers["detail"].decode()) for headers in found]


def test_an_event_that_would_outgrow_its_members_row_is_a_dead_letter_and_the_stream_goes_on() -> None:
    one = processor(MemoryStore())
    waiting = [refund(f"r{number}", "unknown") for number in range(WAITING_MAX + 1)]
    assert one.take([*waiting, purchase("p")], 0) == WAITING_MAX + 2
    clock = one.clock
    changes = one.changes()
    codes = [dict(o.headers)["error"] for o in changes.outputs if o.topic == "club.dead-letter"]
    assert codes == [b"engine_error"]
    assert "engine_error" in CODES
    assert sum(o.topic == "club.points" for o in changes.outputs) == 1
    assert clock is not None


def test_an_engine_error_leaves_no_trace_and_does_not_move_the_clock() -> None:
    store = MemoryStore()
    one = processor(store)
    for number in range(WAITING_MAX):
        one.take([refund(f"r{number}", "unknown")], 0)
    store.write(one.changes().rows)
    clock, rows = one.clock, dict(store.snapshot())
    late = item(
        "bank.card", "card.purchase.refunded", "one-too-many", "2026-06-01T18:00:00+03:30",
        original="unknown", amount=1, reason="refund",
    )  # fmt: skip
    one.take([late], 0)
    assert one.clock == clock
    changes = one.changes()
    store.write(changes.rows)
    assert dict(store.snapshot()) == rows
    assert [dict(o.headers)["detail"] for o in changes.outputs] == [
        b"Overgrown: more than 500 refunds that wait for one payment"
    ]


def test_what_the_core_refuses_makes_no_midnight_tick() -> None:
    one = processor(MemoryStore())
    one.take([purchase("p"), *(refund(f"r{number}", "unknown") for number in range(WAITING_MAX))], 0)
    clock, tick = one.clock, one.last_tick
    next_day = item(
        "bank.card", "card.purchase.refunded", "one-too-many", "2026-06-02T10:00:00+03:30",
        original="unknown", amount=1, reason="refund",
    )  # fmt: skip
    assert one.take([next_day], 0) == 1
    assert (one.clock, one.last_tick) == (clock, tick)
    [(code, _)] = letters(one)
    assert code == "engine_error"


@pytest.mark.parametrize("period", ["year", "programme"])
def test_a_cap_that_comes_later_knows_what_a_festival_gave(period: str) -> None:
    first = HEAD.format(version=1) + FESTIVALS
    capped = first.replace("version: 1", "version: 2").replace("effective: 1404-01-01", "effective: 1405-06-10")
    capped = capped.replace(
        "ebanking.bill.paid, earn: {points: 1}", f"ebanking.bill.paid, earn: {{points: 1}}, caps: {{{period}: 3}}"
    )
    versions = [Compiled(load(text, "programme")) for text in (first, capped)]
    one = Processor(MemoryStore(), Shelf(versions[:1]), partition=0, partitions=1, replay=True)
    bills = [
        item(
            "bank.ebanking",
            "ebanking.bill.paid",
            f"b{day}",
            f"2026-09-{day:02}T10:00:00+03:30",
            amount=1,
            bill="gas",
            channel="app",
        )
        for day in (1, 2, 10, 11)
    ]
    one.take(bills[:2], 0)
    one.store.write(one.changes().rows)  # type: ignore[attr-defined]
    one.adopt(Shelf(versions))
    one.take(bills[2:], 0)
    scores = [json.loads(o.value or b"")["data"]["score"] for o in one.changes().outputs if o.topic == "club.festival"]
    assert scores == [3]


class Broken(MemoryStore):
    """A store whose disk fails once a member's rows are asked for one by one."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """The first, whole batch is read; what is missed then fails."""
        if len(keys) == 1 and keys != [WALK_KEY]:
            raise self.error
        return super().get_many(keys)


@pytest.mark.parametrize("error", [StoreBroken("disk", "gone"), TooNew("a member's row", 9, 1)], ids=repr)
def test_a_fault_of_the_disk_is_no_fault_of_the_event(error: Exception) -> None:
    one = processor(Broken(error))
    with pytest.raises(type(error)):
        one.take([refund("r", "p"), refund("s", "p"), purchase("p")], 0)
    assert letters(one) == []
