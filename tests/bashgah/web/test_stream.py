"""The event stream: what is told, what is told again after an interruption, and what a slow viewer costs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import jsonschema
import pytest

from bashgah.web import stream
from bashgah.web.boards import BoardKey, Held
from bashgah.web.masks import PlaceKeys
from bashgah.web.showing import Showing
from schemas.results.leaderboard import Board, Entry
from tests.bashgah.web.asking import DESCRIPTION, Site, running, until
from tests.bashgah.web.club import Club, Line, lines

MODELS = {"hello": "Hello", "beat": "Hello", "board": "Board", "final": "Board", "states": "States",
          "activity": "Activity"}  # fmt: skip


class Event(NamedTuple):
    """An event as a browser takes it; `id` is the offset in its mark."""

    name: str
    id: int | None
    data: Any
    mark: str


class Watching:
    """A viewer. Every event is held against the description."""

    def __init__(self, content: Any) -> None:
        self._content = content

    async def next(self, *names: str, seconds: float = 5.0) -> Event:
        """The next event of one of these names, or of any."""
        async with asyncio.timeout(seconds):
            while True:
                event = _event((await self._content.readuntil(b"\n\n")).decode())
                schema = {"$ref": f"#/components/schemas/{MODELS[event.name]}", "components": DESCRIPTION["components"]}
                jsonschema.validate(event.data, schema)
                if not names or event.name in names:
                    return event


def _event(text: str) -> Event:
    fields = dict(line.split(": ", 1) for line in text.strip().splitlines())
    mark = fields.get("id", "")
    offset = int(mark.partition("-")[0]) if mark else None
    return Event(fields["event"], offset, json.loads(fields["data"]), mark)


@asynccontextmanager
async def watching(site: Site, query: str = "festival=autumn", **headers: str) -> AsyncIterator[Watching]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with site.client.get(f"{site.url}/api/v1/stream?{query}", headers=sent, timeout=None) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        yield Watching(answer.content)


async def test_a_viewer_gets_every_board_then_each_change_with_its_offset() -> None:
    club = await Club("stream").prepare()
    await club.live(lines(3))
    await club.live(lines(2), category="digital")
    await club.live(lines(2), festival="spring")
    async with running(club) as site, watching(site) as viewer:
        assert (await viewer.next()).name == "hello"
        first, second = await viewer.next("board"), await viewer.next("board")
        assert [(each.id, each.data["category"]) for each in (first, second)] == [(0, "overall"), (1, "digital")]
        offset = await club.live(lines(4))
        changed = await viewer.next("board")
        assert (changed.id, changed.data["version"], len(changed.data["entries"])) == (offset, offset, 4)
        assert all("member" not in entry for entry in changed.data["entries"])
        await club.final(lines(4))
        assert (await viewer.next("final")).data["round"] == "final"


async def test_whoever_comes_back_gets_the_newest_state_of_what_changed_since() -> None:
    club = await Club("resume").prepare()
    await club.live(lines(3))
    await club.live(lines(2), category="digital")
    async with running(club) as site, watching(site, "festival=autumn&category=digital") as viewer:
        seen = (await viewer.next("board")).mark
    # This server is gone; the next one knows nothing of its viewers.
    for count in (4, 5, 6):
        offset = await club.live(lines(count))
    async with running(club) as site:
        async with watching(site, Last_Event_ID=seen) as viewer:
            again = await viewer.next("board")
            assert (again.id, len(again.data["entries"])) == (offset, 6)
            await club.live(lines(9), category="digital")
            newest = await viewer.next("board")
            assert len(newest.data["entries"]) == 9, "6 states in between were not replayed"
        async with watching(site, f"festival=autumn&last_event_id={again.mark}", Last_Event_ID=newest.mark) as viewer:
            await club.live(lines(2))
            assert (await viewer.next("board")).id == offset + 2, "the header goes before the query"


async def test_an_id_that_is_not_known_counts_for_nothing() -> None:
    club = await Club("unknown").prepare()
    await club.live(lines(3))
    async with running(club) as site:
        async with watching(site) as viewer:
            topic = (await viewer.next("board")).mark.partition("-")[2]
        for seen in ("4711", "-1", "0", f"4711-{topic}", "0-0123abcd", "x", "9" * 40, f"0-{topic}x", f"-1-{topic}"):
            async with watching(site, Last_Event_ID=seen) as viewer:
                assert (await viewer.next("board")).id == 0, seen
            async with watching(site, f"last_event_id={quote(seen)}") as viewer:
                assert (await viewer.next("board")).id == 0, seen


async def test_boards_of_a_topic_made_anew_are_read_from_its_beginning() -> None:
    from bashgah.admin.provision import TopicPlan, create_missing, look
    from schemas import topics

    club = await Club("recreated").prepare()
    for count in (1, 2, 3):
        await club.live(lines(count))
    async with running(club) as site:
        async with watching(site) as viewer:
            seen = (await viewer.next("board")).mark
        await club.broker.delete_topics([topics.LEADERBOARD.name])
        await create_missing(club.broker, await look(club.broker), TopicPlan(2, 1, 1))
        offset = await club.live(lines(7))

        async def read() -> bool:
            found = (await site.ask("festivals/autumn/boards/overall")).json
            return (found["version"], len(found["entries"])) == (offset, 7)

        await until(read)
        async with watching(site, Last_Event_ID=seen) as viewer:
            assert (await viewer.next("board")).id == offset, "an id of the topic before"


async def test_a_viewer_chooses_festival_category_and_lines() -> None:
    club = await Club("chooses").prepare()
    await club.live(lines(30))
    await club.live(lines(30), category="digital")
    await club.live(lines(2), festival="spring")
    async with running(club) as site:
        async with watching(site, "festival=autumn&category=digital&top=10") as viewer:
            event = await viewer.next("board")
            assert (event.data["category"], len(event.data["entries"])) == ("digital", 10)
            await club.live(lines(1))
            await club.live(lines(1), category="digital")
            assert (await viewer.next("board")).data["category"] == "digital"
        async with watching(site, "festival=spring&festival=autumn&category=overall") as viewer:
            assert {(await viewer.next("board")).data["festival"] for _ in range(2)} == {"autumn", "spring"}
        async with watching(site, "top=0") as viewer:
            assert [(await viewer.next()).name for _ in range(2)] == ["hello", "beat"]
        async with watching(site, "top=10") as viewer:
            assert {(await viewer.next("board")).data["festival"] for _ in range(3)} == {"autumn", "spring"}
        for query, field in (
            ("top=11", "top"),
            ("top=x", "top"),
            ("festival=a%20b", "festival"),
        ):
            answer = await site.ask(f"stream?{query}")
            assert (answer.status, answer.json["field"]) == (400, field)


async def test_a_festival_or_a_category_that_is_not_there_is_no_stream() -> None:
    club = await Club("nowhere").prepare()
    async with running(club) as site:
        for query, code in (
            ("festival=winter", "unknown_festival"),
            ("festival=autumn&festival=winter", "unknown_festival"),
            ("festival=autumn&category=none", "unknown_category"),
            ("festival=spring&category=digital", "unknown_category"),
            ("category=none", "unknown_category"),
        ):
            answer = await site.ask(f"stream?{query}")
            assert (answer.status, answer.json["code"]) == (404, code)
        assert len(site.server._hub) == 0
        async with watching(site, "festival=spring&festival=autumn&category=digital") as viewer:
            await viewer.next("hello")


async def test_beats_states_and_activity_come_by_themselves() -> None:
    club = await Club("news").prepare()
    async with running(club) as site, watching(site) as viewer:
        assert (await viewer.next("beat")).data["beat_ms"] == 200
        club.now += 40 * 86_400_000
        states = await viewer.next("states")
        assert states.data["states"]["autumn"] == "closing"
        assert states.id is None
        await club.score("c-1", "bills", 3)
        assert (await viewer.next("activity")).data["points_per_minute"] == 3


async def test_for_a_slow_viewer_only_the_newest_state_of_each_board_waits() -> None:
    viewer = stream.Viewer(stream.ViewerFilter(None, None, 10, False), "here")
    club = await Club("slow").prepare()
    await club.live(lines(3))
    async with running(club) as site:
        site.server._hub._viewers.add(viewer)
        for count in range(50):
            await club.live([Line("c-1", 1 + count)])
            await club.live([Line("c-1", 1 + count)], category="digital")
            await asyncio.sleep(0)

        async def newest() -> bool:
            return site.server._boards.newest == 100

        await until(newest)
        await asyncio.sleep(0.05)
        taken = [_event(part) for part in (await viewer.take()).decode().split("\n\n") if part]
        assert viewer._first() is None
        site.server._hub._viewers.discard(viewer)
        boards = [event for event in taken if event.name == "board"]
        assert [(event.id, event.data["entries"][0]["score"]) for event in boards] == [(99, 50), (100, 50)]
        assert len(taken) <= 2 + 2


async def test_of_what_a_viewer_does_not_take_one_state_is_held_and_shared_with_the_others() -> None:
    showing = Showing(PlaceKeys(b"x" * 32))

    def change(offset: int, category: str) -> stream.BoardChange:
        """A large board."""
        entries = tuple(
            Entry(rank=1 + n, member=f"c-{n}", alias="نام", score=9, reached_at="2026-01-01T00:00:00.000Z")
            for n in range(1_000)
        )
        board = Board(
            activity=None, programme="p", version=1, festival="f", category=category,
            as_of="2026-01-01T00:00:00.000Z", participants=1_000, entries=entries,
        )  # fmt: skip
        return stream.BoardChange(Held(offset, f"{offset}-0", BoardKey("f", category), board, None), showing)

    view = stream.ViewerFilter(None, None, 1_000, False)
    first, second, newer = change(1, "a"), change(2, "b"), change(3, "a")
    frames = [each.frame(view) for each in (first, second, newer)]
    viewers = [stream.Viewer(view, "here") for _ in range(3)]
    for viewer in viewers:
        viewer.hear("hello", b"hello\n\n")
        viewer.tell(second)
        viewer.tell(first)
        assert await viewer.take() == b"hello\n\n"
        assert await viewer.take() is frames[0], "its own copy"
        viewer.tell(newer)
        assert [await viewer.take() is frame for frame in frames[1:]] == [True, True]


async def test_many_viewers_share_what_was_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    event = stream.event
    monkeypatch.setattr(stream, "event", lambda name, data: encoded.append(name) or event(name, data))
    club = await Club("many").prepare()
    await club.live(lines(3))
    async with running(club) as site, AsyncExitStack() as open_until_the_end:
        viewers = [await open_until_the_end.enter_async_context(watching(site)) for _ in range(60)]
        assert {(await viewer.next("board", seconds=20)).id for viewer in viewers} == {0}
        assert encoded.count("board") == 1
        offset = await club.live(lines(50))
        told = await asyncio.gather(*(viewer.next("board", seconds=20) for viewer in viewers))
        assert {event.id for event in told} == {offset}
        assert encoded.count("board") == 2


async def test_streams_are_bounded_and_give_their_place_back() -> None:
    club = await Club("bounded").prepare()
    async with running(club, web_streams_per_address_max=2) as site:
        async with watching(site) as viewer, watching(site):
            await viewer.next("hello")
            answer = await site.ask("stream")
            assert (answer.status, answer.json["code"]) == (429, "too_many_streams")

        async def room() -> bool:
            return len(site.server._hub) == 0

        await until(room)
        async with watching(site), watching(site) as viewer:
            await viewer.next("hello")


async def test_a_server_that_stops_ends_its_streams_at_once() -> None:
    club = await Club("ends").prepare()
    async with running(club) as site, watching(site) as viewer:
        await viewer.next("hello")
        begin = asyncio.get_running_loop().time()
        await site.server.stop()
        assert asyncio.get_running_loop().time() - begin < 2
