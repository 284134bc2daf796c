"""The workers of a club, asked over HTTP: see `schemas.internal` for the requests."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from agents.process.settings import Settings
from schemas.internal import Counts, MemberScores, RanksUnavailable, summed

_CONNECTIONS_PER_WORKER = 16

Answer = TypeVar("Answer")


class HttpWorkers:
    """`Workers` over HTTP: every question goes to all of them at once."""

    def __init__(self, settings: Settings) -> None:
        """`settings` has `worker_urls`."""
        assert settings.worker_urls is not None
        self._urls = [URL(url) for url in settings.worker_urls.split(",")]
        secret = settings.internal_secret
        self._headers = {} if secret is None else {"Authorization": f"Bearer {secret.get_secret_value()}"}
        self._timeout = aiohttp.ClientTimeout(total=settings.worker_timeout_ms / 1000)
        self._session: aiohttp.ClientSession | None = None
        self._member = msgspec.json.Decoder(MemberScores).decode
        self._counts = msgspec.json.Decoder(Counts).decode

    async def member(self, member: str) -> MemberScores:
        """A member's scores. Raises `RanksUnavailable`."""
        answers = await asyncio.gather(
            *(self._ask(url / "internal" / "members" / member, self._member) for url in self._urls),
            return_exceptions=True,
        )
        found = [answer for answer in answers if isinstance(answer, MemberScores)]
        if len(found) == 1:
            return found[0]
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
        raise RanksUnavailable(f"{len(found)} workers run the member's partition")

    async def counts(self, festival: str, category: str, score: int) -> Counts:
        """Counts over all members of the club. Raises `RanksUnavailable`."""
        return await self._summed("boards", festival, category, score=score)

    async def final_counts(self, festival: str, category: str, round: str, score: int) -> Counts:
        """The same over the board of a frozen round. Raises `RanksUnavailable`."""
        return await self._summed("finals", festival, category, round, score=score)

    async def _summed(self, *path: str, score: int) -> Counts:
        asked = [url.joinpath("internal", *path) % {"score": str(score)} for url in self._urls]
        answers = await asyncio.gather(*(self._ask(each, self._counts) for each in asked))
        return summed(answer for answer in answers if answer is not None)

    async def close(self) -> None:
        """Let go of connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ask(self, url: URL, decode: Callable[[bytes], Answer]) -> Answer | None:
        """What one worker says; None for 404."""
        session = self._session = self._session or self._opened()
        try:
            async with session.get(url, allow_redirects=False) as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return None
                if answer.status != HTTPStatus.OK:
                    raise RanksUnavailable(f"{url.origin()} answered {answer.status}")
                return decode(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise RanksUnavailable(f"{url.origin()} did not answer ({type(error).__name__})") from None
        except msgspec.DecodeError as error:
            raise RanksUnavailable(f"{url.origin()} answered what is not understood ({error})") from None

    def _opened(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit_per_host=_CONNECTIONS_PER_WORKER)
        return aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=self._timeout)
