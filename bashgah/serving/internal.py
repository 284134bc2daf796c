"""What workers answer to `bashgah web` alone: see `schemas.internal` for the requests. Off without a secret."""

from hmac import compare_digest

import msgspec
from aiohttp import web

from bashgah.serving.ranks import LaneRanks
from schemas.internal import Counts, MemberScores, RanksUnavailable

_encode = msgspec.json.Encoder().encode
_SCORE_DIGITS_MAX = 30


class Internal:
    """The pages of a member, a live board and a final board. 401 without the secret, whatever is asked."""

    def __init__(self, ranks: LaneRanks, secret: str) -> None:
        self._ranks = ranks
        self._secret = f"Bearer {secret}".encode()

    def add_to(self, pages: web.Application) -> None:
        """Serve the pages with others."""
        pages.router.add_get("/internal/members/{member}", self._member)
        pages.router.add_get("/internal/boards/{festival}/{category}", self._board)
        pages.router.add_get("/internal/finals/{festival}/{category}/{round}", self._final)

    async def _member(self, request: web.Request) -> web.Response:
        self._admit(request)
        return _answer(self._ranks.scores_here(request.match_info["member"]))

    async def _board(self, request: web.Request) -> web.Response:
        self._admit(request)
        names, score = request.match_info, _score(request)
        return _answer(self._ranks.counts_here(names["festival"], names["category"], score))

    async def _final(self, request: web.Request) -> web.Response:
        self._admit(request)
        names, score = request.match_info, _score(request)
        try:
            found = await self._ranks.final_counts_here(names["festival"], names["category"], names["round"], score)
        except RanksUnavailable as error:
            raise web.HTTPServiceUnavailable(text=f"{error.reason}\n") from None
        return _answer(found)

    def _admit(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not compare_digest(given, self._secret):
            raise web.HTTPUnauthorized(text="the internal secret is missing or wrong\n")


def _score(request: web.Request) -> int:
    score = request.query.get("score", "")
    if not (score.isascii() and score.isdigit() and len(score) <= _SCORE_DIGITS_MAX):
        raise web.HTTPBadRequest(text="score: an integer from 0 on\n")
    return int(score)


def _answer(found: MemberScores | Counts | None) -> web.Response:
    if found is None:
        raise web.HTTPNotFound(text="not among the partitions of this worker\n")
    return web.Response(body=_encode(found), content_type="application/json")
