"""A running `bashgah web` to ask: every answer is held against the description that is checked in."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import jsonschema
from yarl import URL

from agents.process.settings import Settings, load
from bashgah.web import openapi
from bashgah.web.keys import Scope, new_key
from bashgah.web.server import WebServer
from bashgah.web.tokens import Tokens
from tests.bashgah.web.club import Club

SECRET = "a secret of the tests, long enough to be one"
DESCRIPTION = json.loads(openapi.FILE.read_text(encoding="utf-8"))


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    json: Any


class Site:
    """A server and a client; `keys` are those of its file, by scope."""

    def __init__(self, club: Club, server: WebServer, client: aiohttp.ClientSession, keys: Mapping[str, str]) -> None:
        self.club = club
        self.server = server
        self.client = client
        self.keys = keys

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.port}"

    async def ask(
        self, path: str, bearer: str | None = None, method: str = "GET", body: Any = None, **headers: str
    ) -> Answer:
        """One request of the API, its answer checked against the description."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if bearer is not None:
            sent["Authorization"] = f"Bearer {self.keys.get(bearer, bearer)}"
        address = URL(self.url + "/api/v1/" + path, encoded=True)
        async with self.client.request(method, address, headers=sent, json=body) as answer:
            raw = await answer.read()
            found = Answer(answer.status, answer.headers, json.loads(raw) if raw else None)
        check_described(method, address.raw_path, found)
        return found

    async def own(self, member: str) -> Any:
        """A member's standings, asked with a token of theirs."""
        answer = await self.ask("me", token_of(member))
        assert answer.status == 200, answer
        return answer.json


def token_of(member: str) -> str:
    """A token of a member's page that is good for ever."""
    return Tokens(SECRET).issue(member, 2**52)


def check_described(method: str, path: str, answer: Answer) -> None:
    """AssertionError or ValidationError unless the description has this answer to this request."""
    found = [operations for template, operations in DESCRIPTION["paths"].items() if _fits(template, path)]
    assert found or answer.status == 404, f"{path} is not described and answered {answer.status}"
    operation = found[0].get(method.lower()) if found else None
    described = operation["responses"].get(str(answer.status)) if operation else None
    assert described or not operation, f"{method} {path}: {answer.status} is not described"
    content = described.get("content", {}) if described else {"application/problem+json": {"schema": _PROBLEM}}
    if not content:
        assert answer.json is None
        return
    kind = answer.headers["Content-Type"].partition(";")[0]
    jsonschema.validate(answer.json, {**content[kind]["schema"], "components": DESCRIPTION["components"]})


def _fits(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(p == g or p.startswith("{") for p, g in zip(parts, given, strict=True))


_PROBLEM = {"$ref": "#/components/schemas/Problem"}


@asynccontextmanager
async def running(
    club: Club, folder: Path | None = None, port: int = 0, workers: Any = None, **given: object
) -> AsyncIterator[Site]:
    """A server on the club's broker. With a folder it has a file of keys there, one for each scope and one for all."""
    keys = {} if folder is None else keys_in(folder)
    if folder is not None:
        given["web_keys_file"] = folder / "keys"
    settings = settings_of(web_port=port, **given)
    server = WebServer(club.broker, settings, clock=club.clock, workers=workers)
    await server.start()
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as client:
            yield Site(club, server, client, keys)
    finally:
        await server.stop()


def settings_of(**given: object) -> Settings:
    """Settings of a server in tests: a secret, and beats that come soon."""
    return load({}, **{"web_token_secret": SECRET, "web_heartbeat_ms": 200, "web_port": 0, **given})


def keys_in(folder: Path) -> dict[str, str]:
    """Write a file of keys; the keys by what they may do."""
    made = {scope.value: new_key(scope.name.lower(), [scope]) for scope in Scope}
    made["all"] = new_key("all", list(Scope))
    text = "# keys of a test\n" + "".join(kept.line() + "\n" for _, kept in made.values())
    (folder / "keys").write_text(text, encoding="utf-8")
    return {scope: secret for scope, (secret, _) in made.items()}


async def until(what: Any, seconds: float = 5.0) -> Any:
    """What a coroutine function gives, as soon as it gives something true."""
    async with asyncio.timeout(seconds):
        while not (found := await what()):
            await asyncio.sleep(0.02)
    return found
