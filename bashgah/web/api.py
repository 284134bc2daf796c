"""How each request of `routes` is answered. Nothing is decided here: boards and counts come as they are known."""

import asyncio
import re
import time
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import msgspec
from aiohttp import web

from agents.process.clock import Clock
from agents.process.settings import Settings
from bashgah.serving.problems import Refusal, RefusalCode
from bashgah.web.activity import ActivityFollower
from bashgah.web.boards import BoardFollower, BoardKey, Held
from bashgah.web.distribution import merged, of_scores
from bashgah.web.festivals import FestivalCatalogue
from bashgah.web.gate import Caller
from bashgah.web.pages import etag_of, not_modified
from bashgah.web.routes import LIMIT_DEFAULT, LIMIT_MAX, NAME_PATTERN
from bashgah.web.showing import BoardPages, Showing, Window, empty
from bashgah.web.standings import FinalCounts, Standings
from bashgah.web.stream import TOPS, Hub, ViewerFilter
from bashgah.web.tokens import SCOPE, Tokens, has_page
from engine.calendar import iso
from engine.programme.rounds import FINAL
from engine.words import Words, listed
from schemas import answers
from schemas.internal import Workers
from schemas.results.leaderboard import FinalBoard

_COUNTED_S = 2.0
"""A distribution is counted anew after so long, and when the board has changed, however many ask for it."""

_DISTRIBUTIONS_KEPT = 1_000
_A_NAME = Words("1-64 A-Z a-z 0-9 . _ ~ -", "۱ تا ۶۴ نویسه از A-Z a-z 0-9 . _ ~ -")
_A_PART = Words("a part of an address, not `.` or `..`", "بخشی از یک نشانی، نه `.` یا `..`")
_NO_PART = Words("`.` and `..` are no parts of an address: $.member", "`.` و `..` بخشی از نشانی نیستند: $.member")
_A_TOP = Words("one of {tops}", "یکی از {tops}").filled(tops=listed(map(str, TOPS)))
_name = re.compile(NAME_PATTERN)
_token_request = msgspec.json.Decoder(answers.TokenRequest)


class Parts(NamedTuple):
    """What the answers are made of. `workers` and `tokens` are None where the settings have none; `clock` is the
    club's, `wall` this machine's."""

    settings: Settings
    boards: BoardFollower
    activity: ActivityFollower
    festivals: FestivalCatalogue
    showing: Showing
    hub: Hub
    workers: Workers | None
    tokens: Tokens | None
    clock: Clock
    wall: Clock
    description: bytes


class _Counted(NamedTuple):
    """A distribution with the board at which it was counted; good until an instant of the monotonic clock."""

    until: float
    held: Held | None
    distribution: answers.Distribution


class Api:
    """One method a route."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pages = BoardPages()
        self._counted: dict[BoardKey, _Counted] = {}
        self._counting: dict[BoardKey, asyncio.Task[answers.Distribution]] = {}
        self._final_counts = FinalCounts()

    async def festivals(self, request: web.Request, caller: Caller) -> web.Response:
        """All festivals."""
        return answered(request, self._parts.festivals.all(self._participants))

    async def festival(self, request: web.Request, caller: Caller) -> web.Response:
        """One festival."""
        festivals = self._parts.festivals
        return answered(request, festivals.shown(festivals.find(_part(request, "festival")), self._participants))

    async def board(self, request: web.Request, caller: Caller) -> web.Response:
        """A live board."""
        festival, category = _part(request, "festival"), _part(request, "category")
        held = self._newest(festival, category)
        if held is None:
            self._parts.festivals.category(festival, category)
            _limit(request.query)
            if "cursor" not in request.query:
                return answered(request, empty(festival, category))
        return self._page(request, caller, held, held.key if held else BoardKey(festival, category))

    async def final_board(self, request: web.Request, caller: Caller) -> web.Response:
        """A final board."""
        key = BoardKey(_part(request, "festival"), _part(request, "category"), _part(request, "round"))
        held = self._parts.boards.get(*key)
        if held is None or not held.final:
            raise Refusal(RefusalCode.UNKNOWN_ROUND, "round")
        return self._page(request, caller, held, key)

    async def rounds(self, request: web.Request, caller: Caller) -> web.Response:
        """The final boards of a festival."""
        festival = self._parts.festivals.find(_part(request, "festival")).id
        found = [
            answers.FinalRound(
                round=held.board.round, category=held.board.category, as_of=held.board.as_of,
                participants=held.board.participants, published=len(held.board.entries), hash=held.board.hash,
            )
            for held in self._parts.boards.of(festival)
            if isinstance(held.board, FinalBoard)
        ]  # fmt: skip
        found.sort(key=lambda each: (each.as_of, each.round == FINAL), reverse=True)
        return answered(request, answers.Rounds(festival=festival, rounds=tuple(found)))

    async def distribution(self, request: web.Request, caller: Caller) -> web.Response:
        """How many members have how much."""
        festival, category = _part(request, "festival"), _part(request, "category")
        self._parts.festivals.category(festival, category)
        key = BoardKey(festival, category)
        held = self._newest(festival, category)
        counted = self._counted.get(key)
        if counted is None or counted.until < time.monotonic() or counted.held is not held:
            counted = await self._counted_once(key, held)
        return answered(request, counted.distribution)

    async def activity(self, request: web.Request, caller: Caller) -> web.Response:
        """Points per minute."""
        return answered(request, self.activity_of(_part(request, "festival")))

    async def member(self, request: web.Request, caller: Caller) -> web.Response:
        """Any member's standings."""
        member = _part(request, "member")
        if not has_page(member):
            raise Refusal(RefusalCode.BAD_PARAMETER, "member", expected=_A_PART)
        return await self._standings(member)

    async def own(self, request: web.Request, caller: Caller) -> web.Response:
        """The standings of the member whose token it is."""
        assert caller.member is not None, "the gate has read a token"
        return await self._standings(caller.member)

    async def token(self, request: web.Request, caller: Caller) -> web.Response:
        """A token of a member's page."""
        tokens, longest = self._parts.tokens, self._parts.settings.web_token_lifetime_ms
        if tokens is None:
            raise Refusal(RefusalCode.TOKENS_OFF, "tokens", setting="BASHGAH_WEB_TOKEN_SECRET")
        try:
            async with asyncio.timeout(self._parts.settings.http_body_timeout_ms / 1000):
                body = await request.read()
        except TimeoutError:
            raise Refusal(RefusalCode.BODY_LATE, "body") from None
        try:
            wanted = _token_request.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(RefusalCode.BAD_BODY, "body", why=_why(str(error))) from None
        if not has_page(wanted.member):
            raise Refusal(RefusalCode.BAD_BODY, "body", why=_NO_PART)
        expires = self._parts.wall() + min(wanted.lifetime_ms or longest, longest)
        token = tokens.issue(wanted.member, expires)
        answer = answers.Token(token=token, member=wanted.member, scope=SCOPE, expires_at=iso(expires))
        return _private(answer, status=201)

    async def stream(self, request: web.Request, caller: Caller) -> web.StreamResponse:
        """Server-sent events."""
        query = request.query
        festivals = frozenset(query.getall("festival", []))
        for name, given in (("festival", festivals), ("category", query.getall("category", []))):
            if not all(_name.match(each) for each in given):
                raise Refusal(RefusalCode.BAD_PARAMETER, name, expected=_A_NAME)
        top = _integer(query, "top", 100)
        if top not in TOPS:
            raise Refusal(RefusalCode.BAD_PARAMETER, "top", expected=_A_TOP)
        self._check_names(festivals, query.get("category"))
        seen = request.headers.get("Last-Event-ID") or query.get("last_event_id", "")
        view = ViewerFilter(festivals or None, query.get("category"), top, caller.identifies)
        missed = partial(self._parts.boards.since, seen)
        return await self._parts.hub.serve(request, view, caller.address, missed, self.hello())

    async def openapi(self, request: web.Request, caller: Caller) -> web.Response:
        """The description of all this."""
        return _cached(request, self._parts.description)

    def hello(self) -> answers.Hello:
        """What opens a stream, and comes again as a beat."""
        return answers.Hello(now=iso(self._parts.clock()), beat_ms=self._parts.settings.web_heartbeat_ms)

    def activity_of(self, festival: str) -> answers.Activity:
        """A festival's activity. Raises `Refusal`."""
        terms = self._parts.festivals.find(festival)
        return self._parts.activity.of(terms.id, [each.id for each in terms.indicators])

    def _check_names(self, festivals: frozenset[str], category: str | None) -> None:
        """Raises `Refusal` where a festival is not there, or the category in none of those asked for."""
        known = self._parts.festivals
        asked = [known.find(each) for each in sorted(festivals)] or known.known()
        if category is not None and all(category != each.id for terms in asked for each in terms.categories):
            raise Refusal(RefusalCode.UNKNOWN_CATEGORY, "category")

    def _participants(self, festival: str, category: str) -> int | None:
        held = self._newest(festival, category)
        return held.board.participants if held else None

    def _newest(self, festival: str, category: str) -> Held | None:
        """The final board once there is one, since the live one is taken off then; else the live one."""
        return self._parts.boards.get(festival, category, FINAL) or self._parts.boards.get(festival, category)

    def _page(self, request: web.Request, caller: Caller, newest: Held | None, key: BoardKey) -> web.Response:
        limit = _limit(request.query)
        held, start = newest, 0
        if "cursor" in request.query:
            held, start = self._pages.find(request.query["cursor"], newest, key)
        assert held is not None, "without a board there is no page"
        page = self._parts.showing.board(held, Window(limit, start), identify=caller.identifies, newest=newest)
        if page.next is not None:
            self._pages.pin(held)
        return answered(request, page)

    async def _counted_once(self, key: BoardKey, held: Held | None) -> _Counted:
        """All who ask while it is being counted wait for the same count."""
        counting = self._counting.get(key)
        if counting is None:
            counting = self._counting[key] = asyncio.create_task(self._distribution(key, held))
            counting.add_done_callback(lambda _: self._counting.pop(key, None))
        found = await asyncio.shield(counting)
        if len(self._counted) >= _DISTRIBUTIONS_KEPT:
            self._counted.clear()
        counted = self._counted[key] = _Counted(time.monotonic() + _COUNTED_S, held, found)
        return counted

    async def _distribution(self, key: BoardKey, held: Held | None) -> answers.Distribution:
        """From the board where all its members have a line, else from the workers."""
        board = held.board if held else None
        if board is None or len(board.entries) == board.participants:
            spread = of_scores(entry.score for entry in (board.entries if board else ()))
            listed = board.participants if board else 0
        elif self._parts.festivals.frozen(key.festival):
            raise Refusal(RefusalCode.NOT_KEPT, "festival")
        else:
            counts = await self._asked().counts(key.festival, key.category, 0)
            spread, listed = merged(counts.distribution, counts.widening), counts.listed
        return answers.Distribution(
            festival=key.festival, category=key.category, listed=listed, scale=spread.scale, buckets=spread.buckets
        )  # fmt: skip

    async def _standings(self, member: str) -> web.Response:
        parts = self._parts
        standings = Standings(
            self._asked(), self._final_counts, parts.boards, parts.festivals, parts.showing, parts.clock
        )
        return _private(await standings.of(member))

    def _asked(self) -> Workers:
        if self._parts.workers is None:
            raise Refusal(RefusalCode.RANKS_OFF, "workers", setting="BASHGAH_WORKER_URLS")
        return self._parts.workers


def answered(request: web.Request, answer: answers.Answer) -> web.Response:
    """The answer, or 304 where the client has it already."""
    return _cached(request, msgspec.json.encode(answer))


def _cached(request: web.Request, body: bytes) -> web.Response:
    """`no-cache` lets a client keep an answer and asks it to look again; what is shown depends on the key."""
    headers = {"ETag": etag_of(body), "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if not_modified(request, headers["ETag"]):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="application/json", headers=headers)


def _private(answer: answers.Answer, status: int = 200) -> web.Response:
    body = msgspec.json.encode(answer)
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def _part(request: web.Request, name: str) -> str:
    value = request.match_info[name]
    if not _name.match(value) or value.endswith("\n"):
        raise Refusal(RefusalCode.BAD_PARAMETER, name, expected=_A_NAME)
    return value


def _limit(given: Mapping[str, str]) -> int:
    limit = _integer(given, "limit", LIMIT_DEFAULT)
    if not 1 <= limit <= LIMIT_MAX:
        raise Refusal(RefusalCode.BAD_PARAMETER, "limit", expected=Words(f"1-{LIMIT_MAX}", f"از 1 تا {LIMIT_MAX}"))
    return limit


def _integer(given: Mapping[str, str], name: str, default: int) -> int:
    written = given.get(name, "")
    if written == "":
        return default
    if not re.fullmatch(r"-?[0-9]{1,18}", written):
        raise Refusal(RefusalCode.BAD_PARAMETER, name, expected=Words("an integer", "عدد صحیح"))
    return int(written)


def _why(message: str) -> Words:
    """What msgspec says, less the values that it repeats: those of unknown fields and enumerations."""
    missing, at = re.search(r"required field `(\w+)`", message), re.search(r"`(\$[^`]{1,64})`$", message)
    if missing:
        fa = f"`{missing[1]}` نیامده است"
    elif "unknown field" in message:
        fa = "کلیدی دارد که شناخته نیست"
    elif at:
        fa = f"مقدار `{at[1]}` پذیرفتنی نیست"
    else:
        fa = "یک شیء JSON نیست"
    return Words(re.sub(r"'[^']*'|`[^`]{65,}`", "…", message)[:160], fa)
