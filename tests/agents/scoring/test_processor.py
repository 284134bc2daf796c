"""What the processor refuses, and what it must not: faults of the core are dead letters, faults of the disk are not."""

import json
from typing import Any

import pytest

from agents.scoring.intake import StampedRecord, decode_record
from agents.scoring.processor import Processor
from engine.calendar import DAY_MS
from engine.ledger import member
from engine.ledger.member import WAITING_MAX
from engine.meaning import CURRENT
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas.dead_letter import CODES
from schemas.programme_file import load, load_file
from schemas.records import Record
from tables import codec
from tables.rows import RESCHEDULE_KEY, member_prefix
from tables.store import MemoryStore, StoreBroken
from tables.watermark import TooNew
from tests.agents.boards.naive_lanes import FESTIVALS, HEAD
from tests.agents.boards.naive_lanes import versions as versions_of_festivals
from tests.architecture.sources import ROOT

VERSIONS = ProgrammeVersions([CompiledProgramme(load_file(ROOT / "programmes" / "club.yaml"))])


def item(topic: str, kind: str, id: str, time: str = "2026-06-01T10:00:00+03:30", **data: Any) -> StampedRecord:
    """A record of member `m` as a lane decodes it."""
    event = {"specversion": "1.0", "id": id, "source": "/core", "type": kind, "subject": "m", "time": time}
    return decode_record(Record(topic, 0, 0, 0, b"m", json.dumps({**event, "data": data}).encode(), ()))


def purchase(id: str, **more: Any) -> StampedRecord:
    """A purchase that earns under the club's programme."""
    fields = {"amount": 1_000_000, "mcc": "5411", "merchant": "x", "terminal": "t", "channel": "pos"}
    return item("bank.card", "card.purchase.settled", id, **{**fields, **more})


def refund(id: str, original: str) -> StampedRecord:
    """A refund of a part of a purchase."""
    return item("bank.card", "card.purchase.refunded", id, original=original, amount=1, reason="refund")


def processor(store: MemoryStore) -> Processor:
    """On a replay clock."""
    return Processor(store, VERSIONS, partition=0, partitions=1, replay=True)


def head_of(one: Processor) -> Any:
    """The member's head as it is stored."""
    return codec.decode(member.HEAD, one.store.get_many([member_prefix("m") + member.HEAD])[0] or b"")


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


@pytest.mark.parametrize("meaning", [0, CURRENT])
def test_a_changed_score_says_whether_boards_list_the_member_but_not_by_the_older_meaning(meaning: int) -> None:
    one = Processor(MemoryStore(), versions_of_festivals(), partition=0, partitions=1, replay=True)
    one.meaning = meaning
    one.take(
        [
            purchase("as a customer", time="2026-09-01T10:00:00+03:30"),
            item("club.member", "member.registered", "r", "2026-09-01T11:00:00+03:30", channel="web"),
            purchase("as a member", time="2026-09-01T12:00:00+03:30"),
            item("club.member", "member.festival.left", "l", "2026-09-01T13:00:00+03:30", festival="autumn"),
            purchase("away", time="2026-09-01T14:00:00+03:30"),
        ],
        0,
    )
    told = [json.loads(o.value or b"") for o in one.changes().outputs if o.topic == "club.festival"]
    said = [each["data"].get("listed") for each in told if each["type"] == "festival.score.changed"]
    # Whoever is away collects nothing.
    assert said == ([False, True] if meaning >= 1 else [None, None])


@pytest.mark.parametrize("period", ["year", "programme"])
def test_a_cap_that_comes_later_knows_what_a_festival_gave(period: str) -> None:
    first = HEAD.format(version=1) + FESTIVALS
    capped = first.replace("version: 1", "version: 2").replace("effective: 1404-01-01", "effective: 1405-06-10")
    capped = capped.replace(
        "ebanking.bill.paid, earn: {points: 1}", f"ebanking.bill.paid, earn: {{points: 1}}, caps: {{{period}: 3}}"
    )
    versions = [CompiledProgramme(load(text, "programme")) for text in (first, capped)]
    one = Processor(MemoryStore(), ProgrammeVersions(versions[:1]), partition=0, partitions=1, replay=True)
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
    one.adopt(ProgrammeVersions(versions))
    one.take(bills[2:], 0)
    scores = [json.loads(o.value or b"")["data"]["score"] for o in one.changes().outputs if o.topic == "club.festival"]
    assert scores == [3]


def test_a_name_that_is_none_is_left_out_and_counted_and_the_rest_of_the_event_holds() -> None:
    one = processor(MemoryStore())
    kept: list[tuple[Any, Any]] = []
    for number, alias in enumerate(("سارا", "\u202eسارا", " e\u0301lan ", "\u3164", "")):
        data = {"alias": alias, "province": f"p-{number}"}
        one.take([item("club.member", "member.profile.changed", f"a-{number}", **data)], 0)
        changes = one.changes()
        one.store.write(changes.rows)  # type: ignore[attr-defined]
        kept.append((head_of(one).alias, changes.tallies.names_dropped))
        assert head_of(one).province == f"p-{number}"
    assert kept == [("سارا", 0), ("سارا", 1), ("élan", 0), ("élan", 1), ("", 0)]


def test_an_older_meaning_keeps_every_name_and_the_event_is_the_same_by_either() -> None:
    one = processor(MemoryStore())
    one.meaning = 0
    given = item("club.member", "member.profile.changed", "a", alias="a\x1b[2J")
    one.take([given], 0)
    one.store.write(one.changes().rows)  # type: ignore[attr-defined]
    assert head_of(one).alias == "a\x1b[2J"
    one.meaning = CURRENT
    one.take([given], 0)
    assert list(one.changes().tallies.events) == [("member.profile.changed", Outcome.DUPLICATE, Reason.NONE)]


def test_a_letter_quotes_no_name_of_a_record_but_the_letters_of_meaning_0_that_did() -> None:
    one = processor(MemoryStore())
    broken = decode_record(Record("bank.card", 0, 0, 0, b"m", _sound().replace(b"{", b'{"Sara":1,"Sara":2,', 1), ()))
    said = []
    for one.meaning in (0, CURRENT):
        one.take([broken], 0)
        said += letters(one)
    assert said == [
        ("invalid", '$: the field "Sara" is given twice'),
        ("invalid", "$: a field that the contract does not have is given twice"),
    ]


def _sound() -> bytes:
    value = purchase("p").record.value
    assert value is not None
    return value


@pytest.mark.parametrize("meaning", [0, CURRENT])
def test_nothing_is_kept_of_an_erased_member_however_broken_the_record_is(meaning: int) -> None:
    one = Processor(MemoryStore(), VERSIONS, partition=0, partitions=1, replay=False)
    one.meaning = meaning
    now = 1_780_300_000_000
    one.take([item("club.member", "member.erased", "x")], now)
    one.store.write(one.changes().rows)  # type: ignore[attr-defined]
    secret = b'{"subject":"m","name":"Sara"}'
    broken = [
        decode_record(Record("bank.card", 0, number, 0, key, value, ()))
        for number, (key, value) in enumerate([
            (b"m", b"Sara, 0012345678"), (b"0012345678", secret), (None, secret),
            (b"M", secret.replace(b"Sara", b"\\ud800Sara")), (b"M", secret.replace(b"Sara", b"Sara\xf7")),
        ])
    ]  # fmt: skip
    old = item("bank.card", "card.cash.withdrawn", "o", "2020-01-01T10:00:00Z", amount=1, terminal="t", channel="atm")
    others = decode_record(Record("bank.card", 0, 9, 0, b"m\0other", b'{"subject":"n"}', ()))
    one.take([*broken, old, others], now)
    found = [(dict(o.headers)["error"], o.value) for o in one.changes().outputs if o.topic == "club.dead-letter"]
    assert found[-1] == (b"invalid", b'{"subject":"n"}')
    assert (found[:-1] == [(b"erased", b"")] * 6) is (meaning >= 1)


class Broken(MemoryStore):
    """A store whose disk fails once a member's rows are asked for one by one."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """The first, whole batch is read; what is missed then fails."""
        if len(keys) == 1 and keys != [RESCHEDULE_KEY]:
            raise self.error
        return super().get_many(keys)


@pytest.mark.parametrize("error", [StoreBroken("disk", "gone"), TooNew("a member's row", 9, 1)], ids=repr)
def test_a_fault_of_the_disk_is_no_fault_of_the_event(error: Exception) -> None:
    one = processor(Broken(error))
    with pytest.raises(type(error)):
        one.take([refund("r", "p"), refund("s", "p"), purchase("p")], 0)
    assert letters(one) == []


@pytest.mark.parametrize("replay", [True, False])
def test_a_balance_of_a_day_to_come_is_refused_on_both_clocks_and_moves_none(replay: bool) -> None:
    one = Processor(MemoryStore(), ProgrammeVersions(), partition=0, partitions=1, replay=replay)
    told = {"account": "a", "product": "current", "balance": 1, "revision": 0}
    ahead = item(
        "bank.deposit", "deposit.balance.recorded", "b", "2026-06-01T23:59:59+03:30", date="2026-06-02", **told
    )
    same = item("bank.deposit", "deposit.balance.recorded", "c", "2026-06-01T00:00:00+03:30", date="2026-06-01", **told)
    assert ahead.activity is not None
    now = ahead.activity.time + 2 * DAY_MS
    one.take([ahead], now)
    assert one.clock is None
    assert letters(one) == [("from_the_future", "data.date: 1 day(s) after the day of its time")]
    one.take([same], now)
    assert letters(one) == []
