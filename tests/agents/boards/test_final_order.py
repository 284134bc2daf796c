"""The whole order of a frozen round in one lane: whatever the runs and pages, it is that of a plain sort."""

from random import Random

import pytest

from agents.boards.final_order import PLACES_A_PAGE, FinalOrder
from engine.boards.leaderboard import BoardScore, order_key
from engine.ledger.member import FESTIVAL, FestivalRow, RoundScores
from engine.programme.rounds import FINAL
from engine.programme.terms import FestivalTerms
from tables import codec
from tables.rows import festival_row_key
from tables.store import MemoryStore
from tests.agents.boards.naive_lanes import FREEZE, versions


def _terms() -> FestivalTerms:
    found = versions().festival("autumn", FREEZE)
    assert found is not None
    return found


@pytest.mark.parametrize("members", [0, 1, PLACES_A_PAGE, 45_000])
def test_pages_in_a_row_are_the_plain_order(members: int) -> None:
    random = Random(members)
    store = MemoryStore()
    expected = []
    for number in range(members):
        member = f"m{random.getrandbits(40):010x}{number}"
        shop, bills = random.choice((0, 1, 2, random.randrange(50))), random.randrange(3)
        reached = FREEZE - random.randrange(5)
        alias = f"a{number}" if number % 3 else None
        listed = number % 11 != 0
        scores = RoundScores({"shop": shop, "bills": bills}, {"overall": reached, "shopper": reached})
        store.write(
            [(festival_row_key("autumn", member), codec.encode(FESTIVAL, FestivalRow(scores, {}, listed, alias)))]
        )
        if listed and shop + bills > 0:
            expected.append((order_key(BoardScore(shop + bills, bills, reached), member), alias))
    expected.sort()
    order = FinalOrder(store, _terms(), FINAL, FREEZE)
    pages = []
    while not order.done:
        found = order.next_page()
        if found is not None and found.category == "overall":
            pages.append(found)
    assert [page.number for page in pages] == list(range(len(pages)))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert all(len(page.places) <= PLACES_A_PAGE for page in pages)
    told = [(order_key(BoardScore(at.score, at.then_by, at.reached_at), at.member), at.alias)
            for page in pages for at in page.places]  # fmt: skip
    assert told == expected
