"""A club whose dashboard is looked at: a live board, a finished festival, the final board of a month, and a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.bashgah.web.asking import Site, running
from tests.bashgah.web.club import Club, Line
from tests.bashgah.web.workers import Member, Worker, serving
from tests.browser.chrome import DESKTOP, Chrome, chrome

FESTIVAL = "/festival?festival=autumn"
ROWS = ".board tbody tr"
BOARD = [
    Line("c-470001", 1200, "سیما"), Line("c-470002", 900), Line("c-470003", 900, "Kaveh"), Line("c-470004", 40, "نگین"),
]  # fmt: skip
MEMBERS = [
    Member(line.member, 0, alias=line.alias, scores={"autumn": {"overall": line.score}},
           indicators={"autumn": {"purchases": line.score - 4, "bills": 2}},
           finals={"autumn": {("final", "overall"): line.score}})
    for line in BOARD
] + [Member(f"x-{n:06}", 1, scores={"autumn": {"overall": n}}, indicators={"autumn": {"purchases": n}},
            finals={"autumn": {("final", "overall"): n}})
     for n in range(1, 31)]  # fmt: skip


async def filled(name: str) -> Club:
    """A club with a live board, a finished festival and the final board of a month."""
    club = await Club(name).prepare()
    await club.final([Line("c-470001", 5, "سیما")], festival="spring")
    await club.final(BOARD[:2], round="1405-06")
    await club.live(BOARD, participants=len(MEMBERS))
    return club


@asynccontextmanager
async def opened(
    club: Club, size: tuple[int, int] = DESKTOP, port: int = 0, **given: Any
) -> AsyncIterator[tuple[Site, Chrome]]:
    """The club's dashboard, with workers, and a browser."""
    async with (
        serving(Worker(MEMBERS, 2, [0]), Worker(MEMBERS, 2, [1])) as found,
        running(club, port=port, **found, **given) as site,
        chrome(*size) as browser,
    ):
        yield site, browser


async def rows(browser: Chrome) -> list[str]:
    """The names on the board, from the top."""
    return await browser.texts(f"{ROWS} .name")
