"""What a person is shown where there is nothing, and what a program is told there."""

import re

from yarl import URL

from tests.bashgah.web.asking import Site, running
from tests.bashgah.web.club import Club

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def _asked(site: Site, path: str, accept: str, method: str = "GET") -> tuple[int, str, str, str]:
    """The status, the kind of content, the header Vary and the body."""
    address = URL(site.url + path, encoded=True)
    async with site.client.request(method, address, headers={"Accept": accept}) as answer:
        kind = answer.headers["Content-Type"].partition(";")[0]
        return answer.status, kind, answer.headers["Vary"], await answer.text()


async def test_a_person_at_an_address_with_nothing_is_shown_the_way_back() -> None:
    async with running(await Club("missing pages").prepare()) as site:
        for path in ("/nothing", "/festival/", "/a/b/c?lang=en", "/static/nothing.css", "/a%2Fb"):
            status, kind, vary, page = await _asked(site, path, BROWSER)
            assert (status, kind, vary) == (404, "text/html", "Accept")
            assert "{up}" not in page
            found = {
                URL(site.url + path, encoded=True).join(URL(each))
                for each in re.findall(r'(?:href|src)="([^"]+)"', page)
            }
            assert {each.path for each in found} == {"/", "/static/style.css", "/static/mark.svg"}
            assert (await _asked(site, path, BROWSER, "HEAD"))[:2] == (404, "text/html")


async def test_a_program_is_told_the_problem_there() -> None:
    async with running(await Club("missing problems").prepare()) as site:
        for path, accept in (
            ("/nothing", "*/*"), ("/nothing", "application/json"), ("/api/v1/nothing", BROWSER),
            ("/health/nothing", BROWSER),
        ):  # fmt: skip
            status, kind, vary, body = await _asked(site, path, accept)
            assert (status, kind, vary) == (404, "application/problem+json", "Accept"), path
            assert "unknown_path" in body


async def test_a_refusal_that_is_no_missing_page_stays_a_problem_for_everybody() -> None:
    async with (
        running(await Club("missing not").prepare()) as site,
        site.client.get(site.url + "/api/v1/festivals/none", headers={"Accept": BROWSER}) as answer,
    ):
        assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
        assert "unknown_festival" in await answer.text()
