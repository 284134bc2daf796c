"""A final board whole, out of the lanes' pages: the order that was published, as long as it is, or nothing."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from agents.broker.interface import Broker
from agents.process.exit_codes import ClubError
from agents.topics.boards import BoardName, published_boards
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.provision import TopicPlan, create_missing, look
from bashgah.audit.whole_finals import whole_finals as streamed
from engine.calendar import iso
from schemas import topics
from schemas.partial import Page, PlaceReport, decode_partial
from schemas.results.leaderboard import FinalBoard
from tables.coordinator_rows import BoardTerms
from tests.agents.boards.coordinated_club import CoordinatedClub, in_club
from tests.agents.boards.naive_lanes import FREEZE
from tests.agents.lanes.test_lane import feed

MEMBERS = 23
NAME = BoardName("autumn", "overall", "final")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each lane tells several."""
    monkeypatch.setattr("agents.boards.final_order.PLACES_A_PAGE", 4)


async def frozen(club: CoordinatedClub, places: int = 5) -> None:
    """Members of two lanes, frozen and published with so many places; one is erased after that."""
    await first_watermarks(club.broker, "earliest", wall_ms=lambda: club.now_ms)
    for number in range(MEMBERS):
        profile = {"channel": "web", "alias": f"Name {number}"}
        await club.publish(topics.MEMBER.name, "member.registered", f"m-{number}", club.now_ms, profile)
        for bought in range(1 + number % 7):
            await club.purchase(f"m-{number}", club.now_ms + 1 + bought)
    lanes, driver = await club.worker()
    await feed(driver, 30)
    club.now_ms = FREEZE + 60_000
    await feed(driver, 30)
    await club.work(boards=BoardTerms(entries=places))
    await club.publish(topics.MEMBER.name, "member.erased", "m-0", club.now_ms, {"reason": "request"})
    await feed(driver, 30)
    await lanes.stop()
    assert not club.problems
    await club.work(boards=BoardTerms(entries=places))


async def finals(club: CoordinatedClub) -> Mapping[BoardName, FinalBoard]:
    """As published."""
    found = await published_boards(club.broker)
    return {name: board for name, board in found.items() if isinstance(board, FinalBoard) and board.participants}


async def whole_finals(broker: Broker, published: Mapping[BoardName, FinalBoard]) -> Mapping[BoardName, FinalBoard]:
    """What is streamed, held whole."""
    found = await streamed(broker, published)
    assert {name: each.board for name, each in found.items()} == published
    return {name: replace(each.board, entries=tuple(each.entries())) for name, each in found.items()}


async def told(club: CoordinatedClub) -> list[Page]:
    """The pages of the board."""
    found = [decode_partial(each.value or b"") for each in await club.records(topics.PARTIAL.name)]
    return [each for each in found if isinstance(each, Page) and (each.category, each.round) == NAME[1:]]


def test_it_is_what_was_published_and_all_that_comes_behind() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await frozen(club)
        published = await finals(club)
        assert {len(each.entries) for each in published.values()} == {5}
        assert len(await told(club)) > 4
        found = await whole_finals(club.broker, published)
        assert found.keys() == published.keys()
        for name, board in found.items():
            assert (board.participants, len(board.entries)) == (MEMBERS, MEMBERS)
            assert board.entries[:5] == published[name].entries
        order = [(each.score, each.reached_at, each.member) for each in found[NAME].entries]
        assert order == sorted(order, key=lambda each: (-each[0], *each[1:]))
        assert [each.score for each in found[NAME].entries].count(7) == 3
        names = {each.member: each.alias for each in found[NAME].entries}
        assert names == {f"m-{n}": f"Name {n}" if n else None for n in range(MEMBERS)}, "m-0 was erased"

    in_club(scenario)


def test_pages_that_were_told_again_and_cut_elsewhere_change_nothing() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await frozen(club)
        published = await finals(club)
        wanted = await whole_finals(club.broker, published)
        pages = await told(club)
        lane = [page for page in pages if page.lane == 0]
        places = [place for page in lane for place in page.places]
        await _without_partials(club)
        # Killed behind its first page, the lane told all of it anew, cut elsewhere; the other one did so twice.
        for page in (lane[0], *_cut(lane[0], places, 3), *_cut(lane[0], places, 5)):
            await club.tell(page)
        for page in [page for page in pages if page.lane == 1] * 2:
            await club.tell(page)
        only = {NAME: published[NAME]}
        assert await whole_finals(club.broker, only) == {NAME: wanted[NAME]}

    in_club(scenario)


def _cut(like: Page, places: list[PlaceReport], size: int) -> list[Page]:
    return [
        replace(like, number=number, first=at, places=tuple(places[at : at + size]), last=at + size >= len(places))
        for number, at in enumerate(range(0, len(places), size))
    ]


async def _without_partials(club: CoordinatedClub) -> None:
    """Take everything off the topic, as retention would."""
    await club.broker.delete_topics([topics.PARTIAL.name])
    await create_missing(club.broker, await look(club.broker), TopicPlan(club.partitions, 1, 1))


def test_where_pages_are_gone_or_come_to_something_else_nothing_is_told() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await frozen(club)
        published = await finals(club)
        pages = await told(club)
        await _without_partials(club)
        await club.tell(*[page for page in pages if page.lane == 1])
        with pytest.raises(ClubError, match="does not hold all of its lanes' pages"):
            await whole_finals(club.broker, {NAME: published[NAME]})
        first, *rest = [page for page in pages if page.lane == 0]
        changed = first.places[0]._replace(score=first.places[0].score + 1)
        await club.tell(replace(first, places=(changed, *first.places[1:])), *rest)
        with pytest.raises(ClubError, match="another order"):
            await whole_finals(club.broker, {NAME: published[NAME]})

    in_club(scenario)


def test_the_hash_of_a_board_that_is_published_whole_is_checked_too() -> None:
    async def scenario(club: CoordinatedClub) -> None:
        await frozen(club, places=100)
        published = await finals(club)
        assert await whole_finals(club.broker, published) == published
        entries = published[NAME].entries
        wrong = replace(entries[0], reached_at=iso(FREEZE))
        with pytest.raises(ClubError, match="hash"):
            await whole_finals(club.broker, {NAME: replace(published[NAME], entries=(wrong, *entries[1:]))})

    in_club(scenario)
