"""Who asks, and whether they may: keys, tokens, and how often."""

import time
from typing import NamedTuple

from aiohttp import web

from agents.process.clock import Clock
from agents.process.settings import Settings
from bashgah.serving.problems import Refusal, RefusalCode
from bashgah.serving.sources import source_of
from bashgah.web.keys import Keys, Scope
from bashgah.web.rate_limit import Allowance
from bashgah.web.routes import SCOPES, Access, Route
from bashgah.web.tokens import PREFIX as TOKEN_PREFIX
from bashgah.web.tokens import Claims, Tokens

_FIELD = "Authorization"
_BEARER = "bearer "
_CREDENTIALS_MAX = 1_024


class Caller(NamedTuple):
    """Who asks. `scopes`: of the key, none without; `member`: whose token it is."""

    address: str
    scopes: frozenset[Scope]
    member: str | None

    @property
    def identifies(self) -> bool:
        """Whether references may be shown."""
        return Scope.BOARDS_IDENTIFY in self.scopes


class Gate:
    """Lets requests through. `tokens` is None where no secret is set; `clock` is this machine's."""

    def __init__(self, settings: Settings, keys: Keys, tokens: Tokens | None, clock: Clock) -> None:
        self._public = settings.web_public
        self._proxies = settings.web_proxies
        self._limit = settings.web_requests_per_minute_max
        self._allowance = Allowance(self._limit, time.monotonic)
        self._keys = keys
        self._tokens = tokens
        self._clock = clock

    def admit(self, request: web.Request, route: Route) -> Caller:
        """Who asks, once it is sure that they may. Raises `Refusal`."""
        address = self._address(request)
        if route.access is Access.ANYBODY:
            return Caller(address, frozenset(), None)
        who, key_scopes, claims = f"address {address}", None, None
        try:
            credentials = _credentials(request)
            if credentials is not None:
                who, key_scopes, claims = self._identified(credentials, route)
        finally:
            self._pay(who)  # what is wrong or unknown counts against the address
        self._check(route.access, key_scopes, claims)
        return Caller(address, key_scopes or frozenset(), claims.member if claims else None)

    def _identified(self, credentials: str, route: Route) -> tuple[str, frozenset[Scope] | None, Claims | None]:
        """(whose limit it counts against, the key's scopes, the token's claims)."""
        if credentials.startswith(TOKEN_PREFIX):
            if self._tokens is None:
                raise Refusal(RefusalCode.TOKENS_OFF, _FIELD, setting="BASHGAH_WEB_TOKEN_SECRET")
            claims = self._tokens.read(credentials, self._clock())
            return f"member {claims.member}", None, claims
        key = self._keys.find(credentials)
        if key is None:
            raise Refusal(RefusalCode.TOKEN_INVALID if route.access is Access.OWN else RefusalCode.KEY_UNKNOWN, _FIELD)
        return f"key {key.name}", key.scopes, None

    def _check(self, access: Access, key_scopes: frozenset[Scope] | None, claims: Claims | None) -> None:
        if access is Access.OWN:
            if claims is None:
                raise Refusal(RefusalCode.TOKEN_INVALID, _FIELD)
            return
        scope = SCOPES[access]
        if key_scopes is None:
            # A member's token opens what everybody may see, and of the rest the own page alone.
            if access is not Access.BOARDS or not self._public:
                raise Refusal(RefusalCode.KEY_MISSING, _FIELD)
        elif scope not in key_scopes and not (access is Access.BOARDS and self._public):
            raise Refusal(RefusalCode.SCOPE_MISSING, _FIELD, scope=scope.value)

    def _pay(self, who: str) -> None:
        seconds = self._allowance.take(who)
        if seconds:
            raise Refusal(RefusalCode.TOO_MANY_REQUESTS, "requests", retry_after_s=seconds, limit=self._limit)

    def _address(self, request: web.Request) -> str:
        """Where it comes from: what the outermost of our proxies saw; without proxies, the connection's other end.
        Of IPv6 it is the network: see `source_of`."""
        if self._proxies:
            seen = [part.strip() for line in request.headers.getall("X-Forwarded-For", []) for part in line.split(",")]
            if len(seen) >= self._proxies:
                return source_of(seen[-self._proxies])
        return source_of(request.remote or "unknown")


def _credentials(request: web.Request) -> str | None:
    given = request.headers.get(_FIELD)
    if given is None:
        return None
    if not given.lower().startswith(_BEARER) or len(given) > _CREDENTIALS_MAX:
        raise Refusal(RefusalCode.KEY_UNKNOWN, _FIELD)
    return given[len(_BEARER) :].strip()
