"""Every error that a handler lets through, as a problem in our words."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from bashgah.serving.problems import Refusal, RefusalCode, of_http_error
from schemas.internal import RanksUnavailable

log = logging.getLogger(__name__)


@web.middleware
async def refusals(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The middleware. Paths are not logged: they may name members."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refusal.response()
    except RanksUnavailable as error:
        return unavailable(error).response()
    except web.HTTPException as error:
        response = of_http_error(error, "path").response()
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception:
        log.exception("a request failed: %s", request.match_info.route.name)
        return Refusal(RefusalCode.FAULT, "bashgah").response()


def unavailable(error: RanksUnavailable) -> Refusal:
    """What is answered while not every member can be counted."""
    log.warning("no ranks now: %s", error.reason)
    return Refusal(RefusalCode.RANKS_UNAVAILABLE, "workers", retry_after_s=error.retry_after_s)
