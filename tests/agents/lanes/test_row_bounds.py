"""No event, member or programme makes a row that cannot be written: the event is refused whole and the lane goes on."""

import pytest

from agents.scoring.intake import decode_record
from agents.scoring.processor import Processor
from bashgah.audit.lanes import verify
from engine.calendar import DAY_MS, day_of, gregorian
from engine.ledger.member import HEAD, NEVER, Head, Lot, lots_key
from engine.ledger.notifications import ANNOUNCED_MAX
from engine.meaning import CURRENT
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.programme_file import load
from schemas.programmes import encode_programme
from schemas.records import OutputRecord
from tables import codec, row_bounds
from tables.store import MemoryStore
from tests.agents.lanes.small_club import NOW_MS, SmallClub, in_club
from tests.agents.lanes.test_lane import feed

HEADER = """
programme: club
version: 2
effective: 1404-01-02
title: {fa: باشگاه, en: Club}
points: {}
"""
MANY = [
    f"  - {{id: {number:04}-{'x' * 59}, event: deposit.balance.recorded, earn: {{points: 1}}, caps: {{month: 900}}}}\n"
    for number in range(1_000)
]
DEAR = "rules:\n  - {id: dear, event: card.purchase.settled, earn: {points: 1_000_000_000, per: 1}}\n"
REFUSED = 4
"""Of twelve days that each take some 85,000 bytes."""
HEAVY = """
rules: []
festivals:
  - id: autumn
    title: {fa: پاییز}
    opens: 1405-06-01
    closes: 1405-08-01
    indicators:
      - {id: shop, event: card.purchase.settled, earn: {points: 1_000, per: 1}}
    categories:
      - {id: overall, title: {fa: کل}, weigh: {shop: 1_000_000}}
"""


async def letters(club: SmallClub) -> list[str]:
    """The details of all dead letters."""
    return [
        dict(each.headers)["detail"].decode() for each in await club.records(topics.DEAD_LETTER.name)
    ]  # fmt: skip


async def publish(club: SmallClub, text: str) -> None:
    """Publish a programme that is the only one that counts."""
    whole = HEADER + text
    key, value = encode_programme("club", 2, load(whole, "programme").effective, whole, club.now_ms)
    await club.broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])


@pytest.mark.parametrize("text", [DEAR, HEAVY], ids=["points", "a score"])
def test_numbers_that_no_row_holds_are_refused_with_their_event(text: str) -> None:
    async def scenario(club: SmallClub) -> None:
        await publish(club, text)
        await club.registration()
        await club.purchase(amount=10**15)
        await club.purchase(amount=1_000)
        lanes, driver = await club.worker()
        await feed(driver, 10)
        await lanes.stop()
        assert not club.problems
        [detail] = await letters(club)
        assert detail.startswith("Overgrown: more than ")
        found = await verify(club.broker, 0)
        assert (found.records, found.outputs >= 2) == (3, True)

    in_club(scenario)


def test_sums_are_refused_where_a_single_event_is_not() -> None:
    async def scenario(club: SmallClub) -> None:
        await publish(club, "rules:\n  - {id: dear, event: card.purchase.settled, earn: {points: 5_000, per: 1}}\n")
        for _ in range(5):
            await club.purchase(amount=10**15)
        lanes, driver = await club.worker(batch_records_max=2)
        await feed(driver, 10)
        await lanes.stop()
        assert not club.problems
        assert len(await club.points()) == 3  # 3 x 5 x 10^18 are within 64 bits
        assert len(await letters(club)) == 2
        await verify(club.broker, 0)

    in_club(scenario)


async def _balances(club: SmallClub, rules: int, days: int) -> None:
    """A day's balance of one account after the other, under so many rules that each pay for it."""
    await publish(club, "rules:\n" + "".join(MANY[:rules]))
    data = {"account": "a-1", "product": "short_term", "revision": 1, "balance": 1_000_000}
    first = day_of(NOW_MS) - days - 1
    for day in range(first, first + days):
        date = gregorian(day).isoformat()
        at = NOW_MS - (first + days - day) * DAY_MS
        await club.publish(topics.DEPOSIT.name, "deposit.balance.recorded", "m-1", at, {**data, "date": date})


async def _lanes(club: SmallClub, batch: int) -> list[str]:
    """Let a lane take everything, in batches of so many; what it refused."""
    lanes, driver = await club.worker(batch_records_max=batch)
    await feed(driver, 30)
    await lanes.stop()
    assert not club.problems
    await verify(club.broker, 0)
    return await letters(club)


@pytest.mark.parametrize("batch", [1, 2_000])
def test_a_month_of_balances_under_a_thousand_rules_fills_no_row(batch: int) -> None:
    async def scenario(club: SmallClub) -> None:
        await _balances(club, rules=1_000, days=12)
        details = await _lanes(club, batch)
        assert set(details) == {"Overgrown: more than 700000 bytes in a row of one member"}
        assert len(details) == REFUSED, "what is refused hangs on the batch"

    in_club(scenario)


def test_what_the_clock_adds_has_its_room() -> None:
    announced = tuple((f"{number:064}", day_of(NOW_MS) + number) for number in range(ANNOUNCED_MAX))
    lots = tuple(Lot(day_of(NOW_MS) + day, NEVER, 2**63) for day in range(366))  # moved from `pending`
    assert len(codec.encode(HEAD, Head(announced=announced), CURRENT)) < row_bounds.CLOCK_BYTES
    assert len(codec.encode(lots_key(1405), lots, CURRENT)) < row_bounds.CLOCK_BYTES


def test_what_every_decision_of_a_batch_adds_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The core alone: a lane that fails takes smaller batches, and would hide it."""
    monkeypatch.setattr(codec, "ROW_BYTES_MAX", 300_000)
    monkeypatch.setattr(row_bounds, "CLOCK_BYTES", 0)
    monkeypatch.setattr(row_bounds, "EFFECT_BYTES", 300)  # enough of these rules, and less than is used up at once

    async def scenario(club: SmallClub) -> None:
        await _balances(club, rules=150, days=28)
        items = [decode_record(record) for record in await club.records(topics.DEPOSIT.name)]
        versions = ProgrammeVersions([CompiledProgramme(load(HEADER + "rules:\n" + "".join(MANY[:150]), "programme"))])
        processor = Processor(MemoryStore(), versions, partition=0, partitions=1, replay=False)
        assert processor.take(items, club.now_ms) == 28
        changes = processor.changes()
        assert max(len(raw or b"") for _, raw in changes.rows) <= 300_000
        refused = [each for each in changes.outputs if each.topic == topics.DEAD_LETTER.name]
        assert len(refused) == 4

    in_club(scenario)
