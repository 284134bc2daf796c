"""What an event comes to hangs on the rows that it writes, and not on what shares its batch."""

import datetime as dt
import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from agents.scoring.batch import Limits
from agents.scoring.intake import StampedRecord, decode_record
from agents.scoring.processor import Processor
from engine.calendar import DAY_MS, day_number, iso, month_number
from engine.ledger.member import HEAD, Account, BalanceDay, Grant, Head, Status, balances_key
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.programme_file import load
from schemas.records import Record
from tables import codec, row_bounds
from tables.rows import full_key, member_prefix
from tables.store import MemoryStore
from tests.agents.scoring.test_processor import VERSIONS, item, purchase

POINTS, LETTERS = topics.POINTS.name, topics.DEAD_LETTER.name


def balance(id: str, revision: int, **more: Any) -> StampedRecord:
    """A balance of 2026-05-31, the 10th of its Jalali month, which rewrites the row of the month."""
    data = {"account": "a-1", "product": "short_term", "balance": 1, "date": "2026-05-31", **more}
    return item("bank.deposit", "deposit.balance.recorded", id, revision=revision, **data)


MONTH = balances_key("a-1", month_number(day_number(dt.date(2026, 5, 31))))


def of_an_earlier_release() -> MemoryStore:
    """A member with eight days of balances, and the 10th, in a row that takes more than events may fill today."""
    granted = tuple(Grant(f"{number:04}-{'x' * 59}", 1, 0, 0, 0, 20_000, 21_000) for number in range(1_025))
    raw = codec.encode(MONTH, {date: BalanceDay(1, 10**6, None, granted) for date in (*range(1, 9), 10)}, 0)
    assert 700_000 < len(raw) < codec.ROW_BYTES_MAX
    head = Head(status=Status.REGISTERED, accounts={"a-1": Account("short_term", 20_000, None)})
    store, prefix = MemoryStore(), member_prefix("m")
    store.write([(full_key(prefix, MONTH), raw), (full_key(prefix, HEAD), codec.encode(HEAD, head, 0))])
    return store


def cuts(items: Sequence[StampedRecord]) -> Iterable[list[Sequence[StampedRecord]]]:
    """The items in every possible way of batching them."""
    inner = range(1, len(items))
    for count in range(len(items)):
        for places in itertools.combinations(inner, count):
            bounds = [0, *places, len(items)]
            yield [items[begin:end] for begin, end in itertools.pairwise(bounds)]


def outcome(
    store: MemoryStore,
    versions: ProgrammeVersions,
    batches: Iterable[Sequence[StampedRecord]],
    limits: Limits = Limits(),
) -> tuple[list[tuple[str, str, Any]], list[tuple[bytes, bytes]]]:
    """What these batches come to: the outputs, and the rows afterwards."""
    processor = Processor(store, versions, partition=0, partitions=1, replay=True, limits=limits)
    told: list[tuple[str, str, Any]] = []
    for batch in batches:
        left = batch
        while left:
            left = left[processor.take(left, 0) :]
            changes = processor.changes()
            store.write(changes.rows)
            for each in changes.outputs:
                headers = {name: value.decode() for name, value in each.headers}
                said = headers.get("detail") or json.loads(each.value or b"")["data"].get("points")
                told.append((each.topic, headers.get("error", ""), said))
    return told, list(store.scan(b"", b"\xff"))


def test_what_an_event_comes_to_does_not_hang_on_its_batch() -> None:
    items = [
        purchase("first"),
        balance("of a day more", 1, date="2026-05-30"),
        purchase("second"),
        balance("of the same day, in fewer digits", 2),
        item("club.member", "member.erased", "bye", time="2026-06-01T10:00:01+03:30", reason="member_request"),
    ]
    alone = [[each] for each in items]
    before = outcome(of_an_earlier_release(), VERSIONS, alone[:-1])
    told = [(topic, error, said) for topic, error, said in before[0] if topic in (POINTS, LETTERS)]
    grows = (LETTERS, "engine_error", "Overgrown: more than 700000 bytes in a row of one member")
    assert told == [(POINTS, "", 11), grows, (POINTS, "", 11)]
    assert codec.decode(MONTH, dict(before[1])[full_key(member_prefix("m"), MONTH)])[10].revision == 2
    expected = outcome(of_an_earlier_release(), VERSIONS, alone)
    assert full_key(member_prefix("m"), MONTH) not in dict(expected[1]), "whoever must be forgotten is"
    for batches in cuts(items):
        assert outcome(of_an_earlier_release(), VERSIONS, batches) == expected, list(map(len, batches))
    # What is put back behind a full batch has been read ahead of it.
    assert outcome(of_an_earlier_release(), VERSIONS, [items], Limits(outputs_max=1)) == expected


def test_a_batch_ends_at_the_bytes_of_what_it_writes() -> None:
    large = len(dict(of_an_earlier_release().scan(b"", b"\xff"))[full_key(member_prefix("m"), MONTH)])
    for limit, taken in ((large, 2), (32 << 20, 3)):
        limits = Limits(bytes_max=limit)
        items = [purchase("first"), balance("of the same day", 2), purchase("second")]
        processor = Processor(of_an_earlier_release(), VERSIONS, partition=0, partitions=1, replay=True, limits=limits)
        assert processor.take(items[:1], 0) == 1, "the row of the month is not looked at"
        assert processor.take(items[1:], 0) == taken - 1
    letters = Processor(MemoryStore(), VERSIONS, partition=0, partitions=1, replay=True, limits=Limits(bytes_max=2_500))
    record = Record("bank.card", 0, 0, 0, b"m", b"x" * 1_000, ())
    assert letters.take([decode_record(record)] * 10, 0) == 3
    letters.changes()
    assert letters.take([decode_record(record)] * 10, 0) == 3


def many_rules() -> ProgrammeVersions:
    """A programme of rules that each pay for a large purchase, and one that pays for each Rial."""
    head = "programme: club\nversion: 2\neffective: 1404-01-02\ntitle: {fa: باشگاه}\npoints: {}\nrules:\n"
    earn = "event: card.purchase.settled, earn: {points: 1, per: "
    rules = [f"  - {{id: {number:04}-{'x' * 59}, {earn}100_000}}}}\n" for number in range(200)]
    text = head + "".join(rules) + f"  - {{id: each, {earn}1}}}}\n"
    return ProgrammeVersions([CompiledProgramme(load(text, "programme"))])


@pytest.mark.parametrize("between", [2, 3, 4, 5])
@pytest.mark.parametrize("together", [4, 100])
def test_what_refunds_add_to_the_row_of_a_payment_counts_in_every_batch(
    monkeypatch: pytest.MonkeyPatch, together: int, between: int
) -> None:
    """Also where the payment's row is the largest, and other events of the batch have been measured meanwhile."""
    monkeypatch.setattr(row_bounds, "CLOCK_BYTES", 0)
    monkeypatch.setattr(row_bounds, "DECISION_BYTES", 300)
    monkeypatch.setattr(row_bounds, "EFFECT_BYTES", 100)
    versions = many_rules()
    items = [purchase("large", amount=25_000_000)]
    _, rows = outcome(MemoryStore(), versions, [items])
    monkeypatch.setattr(codec, "ROW_BYTES_MAX", max(len(raw) for _, raw in rows) + 3)
    for amount in (1, 199, 39_800):  # their sum takes one byte, two, three, twice in the row
        items += [purchase(f"small-{amount}-{number}", amount=1) for number in range(between)]
        refund = {"original": "large", "amount": amount, "reason": "refund"}
        items.append(item("bank.card", "card.purchase.refunded", f"of-{amount}", **refund))
    expected = outcome(MemoryStore(), versions, [[each] for each in items])
    assert [points for topic, _, points in expected[0] if topic == POINTS and points < 0] == [-1, -199]
    assert [error for topic, error, _ in expected[0] if topic == LETTERS] == ["engine_error"]
    batches = [items[begin : begin + together] for begin in range(0, len(items), together)]
    assert outcome(MemoryStore(), versions, batches) == expected


def test_what_a_tick_adds_counts_in_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    head = "programme: club\nversion: 2\neffective: 1404-01-02\ntitle: {fa: باشگاه}\npoints: {expiry: {months: 1}}\n"
    rule = "rules:\n  - {id: one, event: card.purchase.settled, earn: {points: 1, per: 100_000}}\nnotifications:\n"
    told = "event: points.expiring, days_before: 14, medium: [sms], template: {fa: خبر}"
    names = [f"  - {{id: {number:04}-{'x' * 59}, {told}}}\n" for number in range(12)]
    versions = ProgrammeVersions([CompiledProgramme(load(head + rule + "".join(names), "programme"))])
    paid = purchase("paid")
    assert paid.activity is not None
    at = paid.activity.time + 20 * DAY_MS
    consent = item("club.member", "member.consent.changed", "yes", iso(at), medium="sms", granted=True)

    def come_to(*, together: bool, until: int = 3) -> tuple[list[str], int]:
        """What is refused, and the bytes of the member's head."""
        store = MemoryStore()
        processor = Processor(store, versions, partition=0, partitions=1, replay=False)
        refused: list[str] = []
        for number, step in enumerate((paid, at - 1, consent)[:until]):
            if isinstance(step, int):
                processor.begin_tick(step)
                assert processor.apply_due(100)
            else:
                assert step.activity is not None
                assert processor.take([step], step.activity.time) == 1
            if not together or number == until - 1:
                changes = processor.changes()
                store.write(changes.rows)
                refused += [dict(each.headers)["error"].decode() for each in changes.outputs if each.topic == LETTERS]
        return refused, len(store.get_many([full_key(member_prefix("m"), HEAD)])[0] or b"")

    monkeypatch.setattr(row_bounds, "CLOCK_BYTES", 0)
    monkeypatch.setattr(row_bounds, "DECISION_BYTES", 300)
    monkeypatch.setattr(row_bounds, "EFFECT_BYTES", 100)
    monkeypatch.setattr(codec, "ROW_BYTES_MAX", come_to(together=False, until=2)[1] + 5)
    assert come_to(together=False)[0] == ["engine_error"]
    assert come_to(together=True)[0] == ["engine_error"]
