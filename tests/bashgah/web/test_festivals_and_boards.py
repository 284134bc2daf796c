"""Festivals, boards, pages of boards and final boards, as everybody may ask for them."""

import base64
from pathlib import Path

import aiohttp
import pytest

from bashgah.serving.problems import Refusal, RefusalCode
from bashgah.web.boards import BoardKey, Held
from bashgah.web.server import WebServer
from bashgah.web.showing import BoardPages
from engine.calendar import DAY_MS, iso
from schemas.envelope import Cause
from schemas.results.leaderboard import Board, Entry
from tests.bashgah.web.asking import Site, running, settings_of, until
from tests.bashgah.web.club import NOW, Club, Line, lines


async def board(site: Site, path: str = "festivals/autumn/boards/overall", **headers: str) -> dict:  # type: ignore[type-arg]
    return (await site.ask(path, **headers)).json  # type: ignore[no-any-return]


async def test_festivals_have_a_state_by_the_clubs_clock_and_their_final_boards() -> None:
    club = await Club("states").prepare()
    await club.final([Line("c-1", 5)], festival="spring")
    async with running(club) as site:
        found = (await site.ask("festivals")).json["festivals"]
        assert [(each["id"], each["state"]) for each in found] == [
            ("autumn", "open"), ("staff", "upcoming"), ("spring", "final"),
        ]  # fmt: skip
        club.now = NOW + 40 * DAY_MS
        assert (await site.ask("festivals/autumn")).json["state"] == "closing"
        await club.final([Line("c-1", 5)], category="overall")
        await club.final([], category="digital")

        async def final() -> bool:
            return (await site.ask("festivals/autumn")).json["state"] == "final"  # type: ignore[no-any-return]

        await until(final)


async def test_a_festival_says_what_it_is_in_both_languages() -> None:
    club = await Club("titles").prepare()
    await club.live([Line("c-1", 5)])
    async with running(club) as site:
        found = (await site.ask("festivals/autumn")).json
        assert found["title"] == {"fa": "جشنواره پاییزی", "en": "Autumn festival"}
        assert found["closes"] < found["freezes"]
        purchases, _ = found["indicators"]
        assert "1 point per 1,000,000 of amount" in purchases["earns"]["en"]
        overall, digital = found["categories"]
        assert (overall["weigh"], overall["then_by"]) == ({"purchases": 1, "bills": 2}, "bills")
        assert [(prize["ranks"], prize["monthly"]) for prize in overall["prizes"]] == [([1, 3], False), (None, True)]
        assert (overall["participants"], digital["participants"]) == (1, None)


async def test_a_festival_says_for_whom_it_is() -> None:
    club = await Club("audience").prepare()
    async with running(club) as site:
        found = {each["id"]: each for each in (await site.ask("festivals")).json["festivals"]}
        assert (found["staff"]["segments"], found["staff"]["province"]) == (["staff"], ["تهران"])
        assert found["autumn"]["segments"] is found["autumn"]["province"] is None


async def test_a_new_version_changes_the_window_at_once() -> None:
    club = await Club("version").prepare()
    async with running(club) as site:
        before = (await site.ask("festivals/autumn")).json["closes"]
        await club.programme(2, closes="1405-09-01")

        async def later() -> bool:
            return (await site.ask("festivals/autumn")).json["closes"] > before  # type: ignore[no-any-return]

        await until(later)


async def test_a_board_shows_aliases_and_masked_references_only() -> None:
    club = await Club("masked").prepare()
    await club.live([Line("c-4711", 90, "Sima"), Line("c-4712", 80), Line("c", 70)])
    async with running(club) as site:
        found = await board(site)
        assert [(each["name"], each["masked"]) for each in found["entries"]] == [
            ("Sima", False), ("•••12", True), ("•••", True),
        ]  # fmt: skip
        assert all("member" not in each for each in found["entries"])
        assert "4712" not in str(found)


async def test_an_alias_from_before_the_rule_for_names_is_masked() -> None:
    club = await Club("before-the-rule").prepare()
    await club.live([Line("c-4711", 90, "\u3164\u200b"), Line("c-4712", 80, "a\u202eb"), Line("c-4713", 70, "")])
    async with running(club) as site:
        found = await board(site)
        assert [(each["name"], each["masked"]) for each in found["entries"]] == [
            ("•••11", True), ("•••12", True), ("•••13", True),
        ]  # fmt: skip


async def test_places_know_how_they_moved() -> None:
    club = await Club("moves").prepare()
    await club.live([Line("a", 30), Line("b", 20), Line("c", 10)])
    async with running(club) as site:
        assert [each["moved"] for each in (await board(site))["entries"]] == [0, 0, 0]
        since = (await board(site))["as_of"]
        club.now += 1_000
        offset = await club.live([Line("b", 40), Line("a", 30), Line("d", 25), Line("c", 10)])

        async def changed() -> bool:
            return (await board(site))["version"] == offset  # type: ignore[no-any-return]

        await until(changed)
        found = await board(site)
        assert found["moved_since"] == since
        assert [(each["moved"], each["new"]) for each in found["entries"]] == [
            (1, False), (-1, False), (None, True), (-1, False),
        ]  # fmt: skip


async def test_a_line_keeps_its_key_within_a_festival_and_has_another_in_the_next() -> None:
    club = await Club("keys").prepare()
    await club.live([Line("c-1", 3)])
    await club.live([Line("c-1", 3)], category="digital")
    await club.live([Line("c-1", 3)], festival="spring")
    async with running(club) as site:
        keys = [
            (await board(site, f"festivals/{path}"))["entries"][0]["key"]
            for path in ("autumn/boards/overall", "autumn/boards/digital", "spring/boards/overall")
        ]
        assert keys[0] == keys[1] != keys[2]


async def test_before_the_first_board_it_is_empty_and_an_unknown_one_is_not_found() -> None:
    club = await Club("empty").prepare()
    async with running(club) as site:
        found = await board(site)
        assert (found["version"], found["as_of"], found["entries"]) == (-1, None, [])
        for path, code in (
            ("festivals/winter", "unknown_festival"),
            ("festivals/winter/boards/overall", "unknown_festival"),
            ("festivals/autumn/boards/nothing", "unknown_category"),
            ("festivals/autumn/rounds/final/overall", "unknown_round"),
            ("festivals/autumn/boards/overall%20", "bad_parameter"),
            ("nothing", "unknown_path"),
        ):
            answer = await site.ask(path)
            assert answer.json["code"] == code, path


async def test_an_unchanged_board_is_not_sent_again() -> None:
    club = await Club("etag").prepare()
    await club.live(lines(3))
    async with running(club) as site:
        first = await site.ask("festivals/autumn/boards/overall")
        again = await site.ask("festivals/autumn/boards/overall", If_None_Match=f'"other", W/{first.headers["ETag"]}')
        assert (again.status, again.json, again.headers["ETag"]) == (304, None, first.headers["ETag"])
        other = await site.ask("festivals/autumn/boards/overall?limit=2", If_None_Match=first.headers["ETag"])
        assert other.status == 200
        await club.live(lines(4))

        async def changed() -> bool:
            answer = await site.ask("festivals/autumn/boards/overall", If_None_Match=first.headers["ETag"])
            return answer.status == 200

        await until(changed)


async def test_pages_are_of_one_state_even_when_the_board_changes_in_between() -> None:
    club = await Club("pages").prepare()
    await club.live(lines(25))
    async with running(club) as site:
        path = "festivals/autumn/boards/overall?limit=10"
        page = await board(site, path)
        first = page["version"]
        offset = await club.live(list(reversed(lines(25, first=5_000))))

        async def changed() -> bool:
            return (await board(site))["version"] == offset  # type: ignore[no-any-return]

        await until(changed)
        seen = [each["rank"] for each in page["entries"]]
        while page["next"]:
            page = await board(site, f"{path}&cursor={page['next']}")
            assert page["version"] == first
            seen += [each["rank"] for each in page["entries"]]
        assert seen == list(range(1, 26))


async def test_a_page_of_an_earlier_state_has_no_name_that_the_newest_does_not_show(tmp_path: Path) -> None:
    """Whoever is erased between two pages is on neither of them afterwards, nor by cursors that are used again."""
    club = await Club("cursor of an erased one").prepare()
    before = [Line(f"c-{4000 + n}", 100 - n, f"Player {n}") for n in range(6)]
    await club.live(before)
    async with running(club, tmp_path) as site:
        path = "festivals/autumn/boards/overall?limit=3"
        cursor = (await site.ask(path, bearer="all")).json["next"]
        gone, nameless, renamed = 3, 4, 5
        after = [line for n, line in enumerate(before) if n != gone]
        after[-2:] = [Line("c-4004", 96, None), Line("c-4005", 95, "Another")]
        offset = await club.live(after)

        async def changed() -> bool:
            return (await board(site))["version"] == offset  # type: ignore[no-any-return]

        await until(changed)
        for _ in range(2):
            page = (await site.ask(f"{path}&cursor={cursor}", bearer="all")).json
            assert page["version"] < offset
            shown = {each["rank"] - 1: (each["name"], each["masked"], each.get("member")) for each in page["entries"]}
            assert shown == {
                gone: ("•••03", True, None), nameless: ("•••04", True, "c-4004"), renamed: ("Another", False, "c-4005")
            }  # fmt: skip
        await club.erase("autumn", "overall")

        async def expired() -> bool:
            return (await site.ask(f"{path}&cursor={cursor}")).status == 410

        await until(expired)


def test_an_earlier_state_is_kept_for_five_minutes_however_often_it_is_read() -> None:
    clock = [0.0]
    pages = BoardPages(lambda: clock[0])
    key = BoardKey("autumn", "overall")
    data = Board(
        activity=Cause("clock", "0"), programme="club", version=1, festival="autumn", category="overall",
        as_of=iso(NOW), participants=1, entries=(Entry(rank=1, member="c-1", score=1, reached_at=iso(NOW)),),
    )  # fmt: skip
    earlier, newest = Held(0, "0-0123abcd", key, data, None), Held(1, "1-0123abcd", key, data, None)
    cursor = base64.urlsafe_b64encode(b"0-0123abcd:0").decode()
    for clock[0] in (0.0, 100.0, 299.0):
        pages.pin(earlier)
        assert pages.find(cursor, newest, key) == (earlier, 0)
    clock[0] = 301.0
    with pytest.raises(Refusal) as refused:
        pages.find(cursor, newest, key)
    assert refused.value.code is RefusalCode.CURSOR_EXPIRED


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("limit=0", 400, "bad_parameter"), ("limit=1001", 400, "bad_parameter"), ("limit=ten", 400, "bad_parameter"),
     ("cursor=!", 400, "bad_cursor"), ("cursor=MToxOjE", 400, "bad_cursor"), ("cursor=OTk6MQ", 410, "cursor_expired"),
     ("cursor=99", 400, "bad_cursor"), ("cursor=-1", 400, "bad_cursor")],
)  # fmt: skip
async def test_wrong_pages_are_refused(query: str, status: int, code: str) -> None:
    club = await Club(f"wrong-{query}").prepare()
    assert await club.live(lines(3)) == 0
    async with running(club) as site:
        if query in ("cursor=99", "cursor=-1"):  # a line of this very state that is not there
            given = (await board(site, "festivals/autumn/boards/overall?limit=1"))["next"]
            id, _ = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().split(":")
            line = query.partition("=")[2]
            query = f"cursor={base64.urlsafe_b64encode(f'{id}:{line}'.encode()).decode().rstrip('=')}"
        answer = await site.ask(f"festivals/autumn/boards/overall?{query}")
        assert (answer.status, answer.json["code"]) == (status, code)
        assert answer.json["reason"]["fa"]
        assert answer.json["remedy"]["en"]


async def test_after_a_replay_the_boards_say_what_time_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bashgah.web.server.wall_clock", lambda: NOW + 400 * DAY_MS)
    club = await Club("replayed").prepare()
    await club.live(lines(3))

    async def state(**given: object) -> str:
        server = WebServer(club.broker, settings_of(**given))
        await server.start()
        try:
            url = f"http://127.0.0.1:{server.port}/api/v1/festivals/autumn"
            async with aiohttp.ClientSession() as client, client.get(url) as answer:
                return (await answer.json())["state"]  # type: ignore[no-any-return]
        finally:
            await server.stop()

    assert await state() == "closing"
    assert await state(clock="replay") == "open", "boards of an earlier release do not say it"
    await club.live(lines(3), replay=True)
    assert await state() == "open"


async def test_final_boards_are_listed_and_shown_with_their_hash() -> None:
    club = await Club("finals").prepare()
    await club.final([Line("c-1", 9)], round="1405-06")
    club.now += DAY_MS
    await club.final([Line("c-1", 9, "Sima"), Line("c-2", 4)])
    async with running(club) as site:
        found = (await site.ask("festivals/autumn/rounds")).json["rounds"]
        assert [(each["round"], each["participants"]) for each in found] == [("final", 2), ("1405-06", 1)]
        shown = await board(site, "festivals/autumn/rounds/final/overall")
        assert (shown["final"], shown["round"], shown["hash"]) == (True, "final", found[0]["hash"])
        assert shown["as_of"] == iso(club.now)
        assert [(each["moved"], each["new"]) for each in shown["entries"]] == [(None, False)] * 2
        # An erased member's final is published anew without the alias.
        await club.final([Line("c-1", 9), Line("c-2", 4)])

        async def erased() -> bool:
            return (await board(site, "festivals/autumn/rounds/final/overall"))["entries"][0]["masked"]  # type: ignore[no-any-return]

        await until(erased)


async def test_a_board_taken_off_the_topic_is_gone() -> None:
    club = await Club("erased").prepare()
    await club.live(lines(3))
    async with running(club) as site:
        assert (await board(site))["entries"]
        await club.erase("autumn", "overall")

        async def gone() -> bool:
            return not (await board(site))["entries"]

        await until(gone)


async def test_the_distribution_of_a_whole_board_needs_no_worker() -> None:
    club = await Club("spread").prepare()
    await club.live([Line("a", 3), Line("b", 3), Line("c", 120)])
    async with running(club) as site:
        found = (await site.ask("festivals/autumn/boards/overall/distribution")).json
        assert found["listed"] == sum(each["members"] for each in found["buckets"]) == 3
        assert found["scale"] == "logarithmic"
        assert found["buckets"][0] == {"low": 3, "high": 4, "members": 2}
        assert found["buckets"][-1] == {"low": 100, "high": 149, "members": 1}
        assert (await site.ask("festivals/autumn/boards/digital/distribution")).json["buckets"] == []
        offset = await club.live(lines(9))

        async def changed() -> bool:
            return (await board(site))["version"] == offset  # type: ignore[no-any-return]

        await until(changed)
        assert (await site.ask("festivals/autumn/boards/overall/distribution")).json["listed"] == 9
        await club.live(lines(3), participants=90, category="digital")

        async def needs_workers() -> bool:
            answer = await site.ask("festivals/autumn/boards/digital/distribution")
            return answer.status == 503 and answer.json["code"] == "ranks_off"

        await until(needs_workers)


async def test_activity_counts_nobody_whom_no_board_lists() -> None:
    club = await Club("activity of customers").prepare()
    async with running(club) as site:
        await club.score("c-1", "bills", 1_000, listed=False)
        await club.score("c-2", "bills", 3, listed=None)  # an earlier release did not say it
        await club.score("c-3", "bills", 4, listed=True)

        async def counted() -> bool:
            found = (await site.ask("festivals/autumn/activity")).json
            return (found["points_per_minute"], found["changes_per_minute"]) == (7, 2)

        await until(counted)


async def test_activity_says_since_when_by_the_clubs_clock() -> None:
    club = await Club("activity since").prepare()
    async with running(club) as site:
        club.now += DAY_MS
        assert (await site.ask("festivals/autumn/activity")).json["since"] == iso(NOW)


async def test_activity_counts_from_the_start_of_the_process() -> None:
    club = await Club("activity").prepare()
    await club.score("c-1", "purchases", 1_000)
    async with running(club) as site:
        await club.score("c-1", "purchases", 12)
        await club.score("c-2", "purchases", -2)
        await club.score("c-1", "bills", 3)
        await club.score("c-1", "bills", 3, festival="nowhere")

        async def counted() -> dict:  # type: ignore[type-arg]
            found = (await site.ask("festivals/autumn/activity")).json
            return found if found["changes_per_minute"] == 3 else {}

        found = await until(counted)
        assert found["points_per_minute"] == 13
        assert found["indicators"] == [
            {"id": "purchases", "points": 10, "changes": 2},
            {"id": "bills", "points": 3, "changes": 1},
        ]
        assert len(found["minutes"]) == 30
        assert sum(each["points"] for each in found["minutes"]) == 13
