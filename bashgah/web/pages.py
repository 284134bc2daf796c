"""The dashboard's files, read once and served from memory; they are few, and no path of a request touches the disk."""

from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler

from bashgah.serving.problems import PROBLEM, RefusalCode

FOLDER = Path(__file__).parent / "static"
PAGES = {"/": "index.html", "/festival": "festival.html", "/member": "member.html"}
"""Every page is one segment deep, so that its relative addresses hold behind a proxy with a prefix."""

_MISSING = "missing.html"
_UP = b"{up}"
"""Where the page of what is missing has its way to the root: it stands at addresses of any depth."""

_FOR_PROGRAMS = ("/api/", "/health/")

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class _File(NamedTuple):
    body: bytes
    headers: dict[str, str]


class StaticPages:
    """Serves `/`, `/festival`, `/member` and `/static/…`, and a page of its own where there is nothing."""

    def __init__(self) -> None:
        self._files = {path.relative_to(FOLDER).as_posix(): _read(path) for path in FOLDER.rglob("*.*")}

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Make them reachable."""
        for address in PAGES:
            router.add_get(address, self._page)
        router.add_get("/static/{name:.+}", self._static)

    @web.middleware
    async def missing(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The middleware around the one that tells problems: a person who comes to an address with nothing is shown
        the way back, programs are told the problem."""
        response = await handler(request)
        if response.get(PROBLEM) != RefusalCode.UNKNOWN_PATH:
            return response
        if "text/html" not in request.headers.get("Accept", "") or request.path.startswith(_FOR_PROGRAMS):
            response.headers["Vary"] = "Accept"
            return response
        up = b"../" * (request.rel_url.raw_path.count("/") - 1)
        file = self._files[_MISSING]
        headers = {"Content-Type": file.headers["Content-Type"], "Cache-Control": "no-store", "Vary": "Accept"}
        page = web.Response(body=file.body.replace(_UP, up), status=404, headers=headers)
        page[PROBLEM] = response[PROBLEM]
        return page

    async def _page(self, request: web.Request) -> web.Response:
        return self._answer(request, PAGES[request.path])

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._files or name.endswith(".html"):
            raise web.HTTPNotFound
        return self._answer(request, name)

    def _answer(self, request: web.Request, name: str) -> web.Response:
        file = self._files[name]
        if not_modified(request, file.headers["ETag"]):
            return web.Response(status=304, headers=file.headers)
        return web.Response(body=file.body, headers=file.headers)


def not_modified(request: web.Request, etag: str) -> bool:
    """Whether the client has this very state already (RFC 9110, 13.1.2)."""
    known = request.headers.get("If-None-Match", "")
    return etag in [each.strip().removeprefix("W/") for each in known.split(",")]


def etag_of(body: bytes) -> str:
    """A strong ETag: what differs in a byte has another."""
    return f'"{sha256(body).hexdigest()[:24]}"'


def _read(path: Path) -> _File:
    body = path.read_bytes()
    headers = {"Content-Type": _TYPES[path.suffix], "ETag": etag_of(body), "Cache-Control": "no-cache"}
    return _File(body, headers)
