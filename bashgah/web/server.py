"""`bashgah web` put together: what it follows, what it serves, and its life from `start` to `stop`.

It can share a process with others, as in the demonstration: it takes a broker, keeps to its own tasks and ends nothing.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from agents.broker.errors import Unreachable
from agents.broker.interface import Broker
from agents.broker.watch import BrokerWatch
from agents.process.clock import Clock, wall_clock
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.settings import ClockKind as ClubClock
from agents.process.settings import Settings
from agents.process.watched_file import LOOKS_EACH_S, take_in
from agents.topics.programmes import ProgrammeFollower
from bashgah.serving import limits
from bashgah.serving.listening import Listener
from bashgah.serving.refusing import refusals
from bashgah.web import headers, openapi
from bashgah.web.activity import ActivityFollower
from bashgah.web.api import Api, Parts, answered
from bashgah.web.boards import BoardFollower
from bashgah.web.festivals import FestivalCatalogue
from bashgah.web.gate import Gate
from bashgah.web.keys import Keys
from bashgah.web.masks import PlaceKeys
from bashgah.web.metering import meter, watch
from bashgah.web.pages import StaticPages
from bashgah.web.routes import BASE, ROUTES, Route
from bashgah.web.showing import Showing
from bashgah.web.stream import Hub
from bashgah.web.tokens import Tokens
from bashgah.web.workers import HttpWorkers
from monitoring.metrics import WebMetrics
from schemas import answers, topics
from schemas.internal import Workers

log = logging.getLogger(__name__)

_BODY_BYTES_MAX = 16_384
_STATES_S = 1.0
_ACTIVITY_S = 2.0
_BROKER_S = 1.0
_STOP_S = 3.0
_ALWAYS = frozenset({"/health/live", "/health/ready"})
_TOPICS = (topics.LEADERBOARD, topics.PROGRAMME, topics.FESTIVAL)


class WebServer:
    """The HTTP API and the dashboard. `port` is the one it listens on, also when 0 was asked for.

    `workers` answer what only lanes know; without them those of the settings are asked over HTTP, if there are any.
    `clock` is the club's, by which festivals open and close. Left out it is this machine's, but where boards come of a
    replay: then the newest of them says what time it is.
    `metrics` are counted whether or not somebody shows them.
    """

    def __init__(
        self,
        broker: Broker,
        settings: Settings,
        *,
        clock: Clock | None = None,
        workers: Workers | None = None,
        metrics: WebMetrics | None = None,
    ) -> None:
        """Raises `ClubError`, or OSError, for a file of keys that is wrong."""
        self.port = 0
        self._broker = broker
        self._settings = settings
        self._clock = clock or self._club_clock
        self._ready = False
        self._away: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._states: dict[str, answers.State] = {}
        given = settings.web_token_secret
        # Without a secret there are no tokens, and lines of boards have other keys after a restart.
        secret = given.get_secret_value() if given else secrets.token_hex()
        tokens = self._tokens = Tokens(secret) if given else None
        self._keys = Keys(settings.web_keys_file)
        self._gate = Gate(settings, self._keys, tokens, wall_clock)
        showing = Showing(PlaceKeys(secret.encode()))
        self._hub = Hub(showing, settings.web_streams_max, settings.web_streams_per_address_max)
        self._boards = BoardFollower(broker, wall_clock, self._hub.publish, self._lost)
        self._programmes = ProgrammeFollower(broker, self._look)
        self._activity = ActivityFollower(broker, wall_clock, self._clock)
        self._festivals = FestivalCatalogue(
            lambda: self._programmes.versions(self._programmes.end),
            lambda *key: self._boards.get(*key) is not None,
            self._clock,
        )
        self._workers = workers or (HttpWorkers(settings) if settings.worker_urls else None)
        self._api = Api(
            Parts(settings, self._boards, self._activity, self._festivals, showing, self._hub, self._workers, tokens,
                  self._clock, wall_clock, openapi.written())
        )  # fmt: skip
        metrics = metrics or WebMetrics(CollectorRegistry())
        self._listener = Listener(
            self._application(settings, metrics), limits.of_web(settings), metrics.http_cuts, _ALWAYS
        )
        watch(metrics, self._hub, self._boards, self._listener.connections)

    async def start(self) -> None:
        """Read all boards and programmes, then listen. Raises `ClubError`, also `TaskRefused` and `Unreachable`."""
        described = await self._broker.describe([topic.name for topic in _TOPICS])
        missing = [topic.name for topic in _TOPICS if topic.name not in described]
        if missing:
            raise ClubError(
                ", ".join(missing), "no such topic", "`bashgah topics create` makes it", ExitCode.BAD_SETTING
            )
        await self._programmes.open()
        await self._boards.open()
        await self._activity.open(described[topics.FESTIVAL.name].partitions)
        self._states = self._festivals.states()
        host, port = self._settings.web_host, self._settings.web_port
        self.port = await self._listener.start(host, port, "BASHGAH_WEB_PORT")
        self._ready = True
        for name, work in (
            ("programmes", _while_broker_is_away(self._programmes.follow)),
            ("boards", _while_broker_is_away(self._boards.follow)),
            ("activity", _while_broker_is_away(self._activity.follow)),
            ("broker", BrokerWatch(self._broker, self._broker_is).run()),
            ("states", _every(_STATES_S, self._look)),
            ("beats", _every(self._settings.web_heartbeat_ms / 1000, self._beat)),
            ("news", _every(_ACTIVITY_S, self._tell_activity)),
            ("keys", _every(LOOKS_EACH_S, self._refresh_keys)),
        ):
            self._tasks.append(asyncio.create_task(work, name=f"web {name}"))

    def member_page(self, member: str) -> str:
        """The address of a member's own page, with a token in it; only with the setting `web_token_secret`."""
        assert self._tokens is not None, "no secret is set"
        settings = self._settings
        token = self._tokens.issue(member, wall_clock() + settings.web_token_lifetime_ms)
        return f"http://{settings.web_host}:{self.port}/member#{token}"

    async def until_fault(self) -> None:
        """Waits until one of its tasks fails, and raises what it failed of."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop(self) -> None:
        """End streams, stop listening, let go of readers; safe without `start`. The broker stays open."""
        self._ready = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._hub.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await self._listener.stop()
        for follower in (self._programmes, self._boards, self._activity):
            await follower.close()
        if self._workers is not None:
            await self._workers.close()

    # -- requests

    def _application(self, settings: Settings, metrics: WebMetrics) -> web.Application:
        pages = StaticPages()
        around = [meter(metrics), pages.missing, refusals]
        application = web.Application(middlewares=around, client_max_size=_BODY_BYTES_MAX)
        application.on_response_prepare.append(headers.on_prepare(settings.web_cors_origins, self._clock))
        for route in ROUTES:
            handler = self._handler(route)
            application.router.add_route(route.method, route.path, handler, name=route.name)
            if route.method == "GET":
                application.router.add_route("HEAD", route.path, handler, name=route.name)
        if settings.web_cors_origins:
            application.router.add_route("OPTIONS", BASE + "/{anything:.*}", headers.preflight, name="preflight")
        pages.add_to(application.router)
        return application

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        if route.name in ("live", "ready"):
            return self._health
        answer = getattr(self._api, route.name)

        async def handle(request: web.Request) -> web.StreamResponse:
            found: web.StreamResponse = await answer(request, self._gate.admit(request, route))
            return found

        return handle

    async def _health(self, request: web.Request) -> web.Response:
        reasons = [f"{task.get_name()} has ended" for task in self._tasks if task.done()]
        if request.path.endswith("ready") and not self._ready:
            reasons.append("not all boards are read")
        if request.path.endswith("ready") and self._away is not None:
            reasons.append(self._away)
        response = answered(request, answers.Health(ok=not reasons, reasons=tuple(reasons)))
        if reasons:
            response.set_status(503)
        return response

    def _club_clock(self) -> int:
        replayed = self._boards.replayed_until(all_are=self._settings.clock is ClubClock.REPLAY)
        return wall_clock() if replayed is None else replayed

    # -- what happens by itself

    def _broker_is(self, away: str | None) -> None:
        self._away = away

    def _look(self) -> None:
        """Tell viewers when a festival's state or the terms have changed."""
        states = self._festivals.states()
        if states != self._states:
            self._states = states
            self._hub.announce("states", answers.States(states=states))

    def _lost(self) -> None:
        self._hub.forget()
        self._hub.announce("states", answers.States(states=self._festivals.states()))

    def _beat(self) -> None:
        self._hub.announce("beat", self._api.hello())

    def _tell_activity(self) -> None:
        for festival in self._activity.take_changed() & set(self._states):
            if self._hub.watched(festival):
                self._hub.announce("activity", self._api.activity_of(festival), festival)

    def _refresh_keys(self) -> None:
        take_in(self._keys.refresh, "the file of keys")


async def _every(seconds: float, work: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        work()


async def _while_broker_is_away(follow: Callable[[], Coroutine[Any, Any, None]]) -> None:
    while True:
        try:
            await follow()
        except Unreachable as error:
            log.warning("what is published is not read, what is shown gets old: %s", error.reason)
            await asyncio.sleep(_BROKER_S)
