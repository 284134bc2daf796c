"""No event, member or programme makes a row that cannot be written: the event is refused whole and the lane goes on."""

import pytest

from agents.broker.interface import Output
from agents.lanes.verify import verify
from engine.calendar import DAY_MS, day_of, gregorian
from schemas import topics
from schemas.programme_file import load
from schemas.programmes import encode_programme
from tables import codec
from tests.agents.lanes.small_club import NOW_MS, SmallClub, in_club
from tests.agents.lanes.test_lane import feed

HEADER = """
programme: club
version: 2
effective: 1404-01-02
title: {fa: باشگاه, en: Club}
points: {}
"""
MANY = "rules:\n" + "".join(
    f"  - {{id: {number:04}-{'x' * 59}, event: deposit.balance.recorded, earn: {{points: 1}}, caps: {{month: 900}}}}\n"
    for number in range(1_000)
)
DEAR = "rules:\n  - {id: dear, event: card.purchase.settled, earn: {points: 1_000_000_000, per: 1}}\n"
REFUSED = 3
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
    await club.broker.publish([Output(topics.PROGRAMME.name, 0, key, value)])


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


@pytest.mark.parametrize("batch", [1, 2_000])
def test_a_month_of_balances_under_a_thousand_rules_fills_no_row(batch: int) -> None:
    async def scenario(club: SmallClub) -> None:
        await publish(club, MANY)
        data = {"account": "a-1", "product": "short_term", "revision": 1, "balance": 1_000_000}
        first = day_of(NOW_MS) - 13
        for day in range(first, first + 12):
            date = gregorian(day).isoformat()
            at = NOW_MS - (first + 12 - day) * DAY_MS
            await club.publish(topics.DEPOSIT.name, "deposit.balance.recorded", "m-1", at, {**data, "date": date})
        await club.purchase()
        lanes, driver = await club.worker(batch_records_max=batch)
        await feed(driver, 30)
        await lanes.stop()
        assert not club.problems
        details = await letters(club)
        assert set(details) == {"Overgrown: more than 800000 bytes in a row of one member"}
        assert len(details) == REFUSED, "what is refused hangs on the batch"
        assert max(len(raw) for _, raw in club.stores[0].scan(b"m", b"n")) > codec.ROW_BYTES_MAX * 3 // 4
        await verify(club.broker, 0)

    in_club(scenario)
