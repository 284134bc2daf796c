"""Workers for the tests of `bashgah web`: over HTTP in the form that `schemas.internal` describes, counting naively."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

INTERNAL_SECRET = "what the web shows to the workers of the tests"


@dataclass
class Member:
    """A member by scores: festival -> category -> score; indicators alike; finals -> (round, category) -> score."""

    name: str
    partition: int = 0
    registered: bool = True
    alias: str | None = None
    listed: bool = True
    listed_now: bool = True
    scores: dict[str, dict[str, int]] = field(default_factory=dict)
    indicators: dict[str, dict[str, int]] = field(default_factory=dict)
    reached_at_ms: int = 1_790_000_000_000
    finals: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)


class Worker:
    """Answers for the members of its partitions. `refused` counts requests without the secret."""

    def __init__(self, members: Sequence[Member], partitions: int, mine: Sequence[int]) -> None:
        self.members = {member.name: member for member in members}
        self.partitions = partitions
        self.mine = list(mine)
        self.refused = 0
        self.asked = 0
        self.url = ""

    async def member(self, request: web.Request) -> web.Response:
        """GET /internal/members/{member}."""
        self._check(request)
        found = self.members.get(request.match_info["member"], Member(request.match_info["member"]))
        if found.partition not in self.mine:
            raise web.HTTPNotFound
        return web.json_response({
            "member": found.name, "registered": found.registered, "alias": found.alias,
            "festivals": [_festival(found, name, scores) for name, scores in found.scores.items()],
        })  # fmt: skip

    async def board(self, request: web.Request) -> web.Response:
        """GET /internal/boards/{festival}/{category}?score=S."""
        self._check(request)
        return self._counted(request, self._scores(request.match_info["festival"], request.match_info["category"]))

    async def final(self, request: web.Request) -> web.Response:
        """GET /internal/finals/{festival}/{category}/{round}?score=S."""
        self._check(request)
        names = request.match_info
        key = names["round"], names["category"]
        found = [member.finals.get(names["festival"], {}).get(key) for member in self._here()]
        return self._counted(request, [score for score in found if score is not None])

    def _counted(self, request: web.Request, found: list[int]) -> web.Response:
        score, scores = int(request.query["score"]), sorted(found)
        above, below = [each for each in scores if each > score], [each for each in scores if each < score]
        return web.json_response({
            "partitions": {"of": self.partitions, "mine": self.mine}, "above": len(above), "listed": len(scores),
            "next_above": [above[0], above.count(above[0])] if above else None,
            "next_below": [below[-1], below.count(below[-1])] if below else None,
            "distribution": [[each // 10 * 10, each // 10 * 10 + 9, 1] for each in scores],
            "widening": [[each, each, 1] for each in scores],
        })  # fmt: skip

    def _scores(self, festival: str, category: str) -> list[int]:
        found = [
            member.scores.get(festival, {}).get(category, 0)
            for member in self._here()
            if member.registered and member.listed and member.listed_now
        ]
        return [score for score in found if score > 0]

    def _here(self) -> list[Member]:
        return [member for member in self.members.values() if member.partition in self.mine]

    def _check(self, request: web.Request) -> None:
        self.asked += 1
        if request.headers.get("Authorization") != f"Bearer {INTERNAL_SECRET}":
            self.refused += 1
            raise web.HTTPUnauthorized


def _festival(member: Member, festival: str, scores: Mapping[str, int]) -> dict[str, Any]:
    return {
        "festival": festival, "listed": member.listed, "indicators": member.indicators.get(festival, {}),
        "categories": [
            {"category": category, "score": score, "then_by": 0,
             "reached_at_ms": member.reached_at_ms if score else None}
            for category, score in scores.items()
        ],
        "finals": [
            {"round": round, "category": category, "score": score}
            for (round, category), score in member.finals.get(festival, {}).items()
        ],
    }  # fmt: skip


@asynccontextmanager
async def serving(*workers: Worker) -> AsyncIterator[dict[str, Any]]:
    """The workers on ports of their own; the settings that find them."""
    runners = []
    try:
        for worker in workers:
            application = web.Application()
            application.router.add_get("/internal/members/{member}", worker.member)
            application.router.add_get("/internal/boards/{festival}/{category}", worker.board)
            application.router.add_get("/internal/finals/{festival}/{category}/{round}", worker.final)
            runner = web.AppRunner(application, access_log=None)
            runners.append(runner)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            worker.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        urls = ",".join(worker.url for worker in workers)
        yield {"worker_urls": urls, "internal_secret": INTERNAL_SECRET}
    finally:
        for runner in runners:
            await runner.cleanup()
