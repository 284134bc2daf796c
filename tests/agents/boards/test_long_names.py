"""The longest names that there are: pages of a frozen round end at the bytes of a record, and wherever they end, the
final board is the whole order, also where a release cut them otherwise and where members are erased meanwhile.
"""

import json
from functools import cache

import pytest
from msgspec.structs import replace

from agents.boards.coordinator import Unusable
from agents.boards.final_order import PLACES_A_PAGE, FinalOrder
from agents.topics.boards import BoardName, published_boards
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.audit.lanes import verify
from bashgah.audit.whole_finals import whole_finals
from engine.boards.final_boards import board_hash
from engine.boards.merge import key_of, places_of
from engine.calendar import iso
from engine.ledger.member import FESTIVAL, FestivalRow, RoundScores
from engine.programme.rounds import FINAL
from schemas import topics
from schemas.partial import Page, Partial, PlaceReport, decode_partial, encode_partial
from schemas.records import BATCH_BYTES_MAX, OutputRecord, record_bytes
from schemas.results.leaderboard import FinalBoard
from tables import codec
from tables.coordinator_rows import PAGES, BoardTerms, kind_range
from tables.rows import festival_row_key
from tables.store import MemoryStore
from tests.agents.boards.coordinated_club import CoordinatedClub, in_club
from tests.agents.boards.naive_lanes import FREEZE, Driven, versions
from tests.agents.boards.test_finals import OVERALL
from tests.agents.lanes.test_lane import feed

LONG = "\U0001f600" * 128
MIDDLING = "\U0001f600" * 100  # of which 2,000 places fit a record, but no row of the coordinator
SHORT = "\U0001f600" * 60
MEMBERS = 4_200
KINDS = {"long": LONG, "middling": MIDDLING, "short": SHORT}


@cache
def lane(alias: str, erased: frozenset[int] = frozenset()) -> MemoryStore:
    """The rows of a lane whose members all have such an alias, but for those who were erased when all was frozen."""
    store = MemoryStore()
    for number in range(MEMBERS):
        scores = RoundScores({"shop": 1 + number % 50}, {"overall": FREEZE - number})
        row = FestivalRow(scores, {}, listed=True, alias=f"{number:05}{alias[5:]}")
        if number in erased:
            row = row._replace(listed=False, alias=None, shown_then={FINAL: (True, None)})
        store.write([(festival_row_key("autumn", f"m-{number:05}"), codec.encode(FESTIVAL, row))])
    return store


def pages(store: MemoryStore) -> list[Page]:
    """What the lane tells of the board `overall`."""
    terms = versions().festival("autumn", FREEZE)
    assert terms is not None
    order, found = FinalOrder(store, terms, FINAL, FREEZE), []
    while not order.done:
        part = order.next_page()
        if part is not None and part.category == "overall":
            found.append(_page(part.number, part.last, part.places, part.first))
    return found


def earlier_pages(store: MemoryStore) -> list[Page]:
    """What the release before told: 2,000 places a page, however long, and no word of what comes before them."""
    places = [place for page in pages(store) for place in page.places]
    cuts = [tuple(places[at : at + 2_000]) for at in range(0, len(places), 2_000)]
    return [_page(number, number == len(cuts) - 1, cut, -1) for number, cut in enumerate(cuts)]


def _page(number: int, last: bool, places: tuple[PlaceReport, ...], first: int) -> Page:
    return Page(
        lane=0, lanes=1, transactions=9, festival="autumn", category="overall", round=FINAL, as_of=FREEZE,
        number=number, last=last, places=places, programme_offset=1, first=first,
    )  # fmt: skip


def whole(store: MemoryStore) -> tuple[int, str]:
    """Members, and the hash of the final board."""
    order = [key_of(*place) for page in pages(store) for place in page.places]
    return len(order), board_hash(places_of(order))


@pytest.mark.parametrize(("alias", "full"), [(LONG, False), (MIDDLING, False), (SHORT, True)], ids=KINDS)
def test_a_page_ends_at_a_number_of_places_or_at_the_bytes_of_a_row(alias: str, full: bool) -> None:
    told = pages(lane(alias))
    assert [page.number for page in told] == list(range(len(told)))
    assert [page.first for page in told] == [sum(len(each.places) for each in told[:n]) for n in range(len(told))]
    assert [page.last for page in told] == [False] * (len(told) - 1) + [True]
    assert sum(len(page.places) for page in told) == MEMBERS
    for page, following in zip(told, [*told[1:], None], strict=True):
        size = len(encode_partial(page))
        assert size < codec.ROW_BYTES_MAX
        if following is not None:
            with_one_more = len(encode_partial(replace(page, places=(*page.places, following.places[0]))))
            assert (len(page.places) == PLACES_A_PAGE) == full
            assert full or with_one_more > codec.ROW_BYTES_MAX - 1_000


@pytest.mark.parametrize("alias", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("killed_after", [1, 2])
def test_whoever_is_erased_between_two_tellings_of_a_round_changes_no_place(alias: str, killed_after: int) -> None:
    before, after = lane(alias), lane(alias, erased=frozenset(range(0, MEMBERS, 2)))
    driven = Driven(1)
    driven.hear(*pages(before)[:killed_after], *pages(after))
    driven.work(slice_places=1_000)
    final = json.loads(driven.outputs[0].value or b"")["data"]
    assert (final["participants"], final["hash"]) == whole(before)
    told = len(driven.outputs)
    driven.hear(*pages(before), *pages(after))  # once all is out nothing comes of it
    assert not driven.core.working
    assert len(driven.outputs) == told


@pytest.mark.parametrize("done", [False, True])
def test_another_order_is_refused_wherever_its_pages_end(done: bool) -> None:
    driven = Driven(1 if done else 2)
    driven.hear(*(replace(page, lanes=driven.lanes) for page in pages(lane(LONG))))
    driven.work(slice_places=1_000)
    first, *_, last = (replace(page, lanes=driven.lanes) for page in pages(lane(SHORT)))
    later = last.places[-1]._replace(reached_at=last.places[-1].reached_at + 1)
    others = [replace(last, places=(*last.places[:-1], later)), replace(first, last=True)]
    if not done:  # afterwards no more than the end of the order is known
        others.append(replace(first, places=(*first.places[:-1], first.places[-1]._replace(member="m-x"))))
        others.append(replace(last, first=last.first + 1))
    for page in others:
        with pytest.raises(Unusable) as found:
            driven.hear(page)
        assert "other places than before" in found.value.reason
        driven.restart(None)


@pytest.mark.parametrize("alias", [MIDDLING, SHORT], ids=["middling", "short"])
@pytest.mark.parametrize("killed_after", [1, 2])
def test_an_upgrade_in_the_middle_of_a_freeze(alias: str, killed_after: int) -> None:
    async def scenario(club: CoordinatedClub) -> None:
        store = lane(alias)
        told = earlier_pages(store)
        assert all(_fits(page) for page in told)
        await club.tell(*told[:killed_after])
        await club.work()
        kept = [len(raw) for _, raw in club.disk.scan(*kind_range(PAGES))]
        assert len(kept) == killed_after
        assert max(kept) < codec.ROW_BYTES_MAX
        await club.tell(*pages(store))
        await club.work()
        [final] = await club.finals()
        data = json.loads(final.value or b"")["data"]
        assert (data["participants"], data["hash"]) == whole(store)
        assert [entry["alias"][:5] for entry in data["entries"]] == [
            place.alias[:5] for place in told[0].places[:100] if place.alias
        ]
        found = await club.verify()
        assert found.records == killed_after + len(pages(store))

    in_club(scenario, partitions=1)


@pytest.mark.parametrize("killed_after", [1, 2])
def test_an_export_joins_the_pages_of_before_and_after_an_erasure(killed_after: int) -> None:
    async def scenario(club: CoordinatedClub) -> None:
        erased = range(0, MEMBERS, 2)
        before, after = pages(lane(LONG)), pages(lane(LONG, erased=frozenset(erased)))
        assert [page.first for page in before[:2]] != [page.first for page in after[:2]]
        await club.tell(*before[:killed_after], _erasure([f"m-{number:05}" for number in erased]), *after)
        await club.work()
        name = BoardName("autumn", "overall", FINAL)
        final = (await published_boards(club.broker))[name]
        assert isinstance(final, FinalBoard)
        assert (final.participants, final.hash, len(final.entries)) == (*whole(lane(LONG)), 100)
        [board] = (await whole_finals(club.broker, {name: final})).values()
        entries = list(board.entries())
        places = [place for page in before for place in page.places]
        assert [each.member for each in entries] == [place.member for place in places]
        assert [each.alias for each in entries] == [
            None if int(place.member[2:]) % 2 == 0 else place.alias for place in places
        ]

    in_club(scenario, partitions=1)


def _erasure(members: list[str]) -> Partial:
    return Partial(
        lane=0, lanes=1, transactions=10, tick=FREEZE, offsets={}, opened=True, boards=(), erased=tuple(members),
        programme_offset=1,
    )  # fmt: skip


def _fits(page: Page) -> bool:
    return record_bytes(OutputRecord(topics.PARTIAL.name, 0, b"0", encode_partial(page))) <= BATCH_BYTES_MAX


def test_a_lane_freezes_a_board_of_2100_members_with_the_longest_names() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await first_watermarks(club.broker, "earliest", wall_ms=lambda: club.now_ms)
        for number in range(2_100):
            profile = {"channel": "web", "alias": LONG}
            await club.publish(topics.MEMBER.name, "member.registered", f"m-{number}", club.now_ms, profile)
            await club.purchase(f"m-{number}", club.now_ms + 1)
        lanes, driver = await club.worker(board_entries=1_000)
        await feed(driver, 30)
        club.now_ms = FREEZE + 60_000
        await feed(driver, 30)
        await lanes.stop()
        assert not club.problems
        await club.work(boards=BoardTerms(entries=1_000))
        told = [decode_partial(each.value or b"") for each in await club.records(topics.PARTIAL.name)]
        assert sum(len(each.places) for each in told if isinstance(each, Page) and each.category == "overall") == 2_100
        [final] = [each for each in await club.finals() if each.key == f"{OVERALL}/final".encode()]
        data = json.loads(final.value or b"")["data"]
        assert (data["participants"], len(data["entries"])) == (2_100, 1_000)
        assert data["as_of"] == iso(FREEZE)
        await verify(club.broker, 0)
        await club.verify()

    in_club(scenario, partitions=1)
