"""Whether the broker answers: asked every few seconds by `worker` and `web`, and said in their own words when not.

The Kafka clients try for ever and tell of each attempt; readers see a broker that is away as one without records. So
neither a log full of their lines nor a quiet process says what an operator needs to know.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from agents.broker.errors import BrokerError
from agents.broker.interface import Broker

log = logging.getLogger(__name__)

_ASK_EVERY_S = 5.0
_SAY_AGAIN_S = 60.0


class BrokerWatch:
    """`tell` hears why the broker does not answer, at each question, and None when it does again.

    `seconds` is a clock that never goes back.
    """

    def __init__(
        self, broker: Broker, tell: Callable[[str | None], None], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._broker = broker
        self._tell = tell
        self._seconds = seconds
        self._since: float | None = None
        self._said = 0.0

    async def run(self) -> None:
        """Ask on for ever; ends by being cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_ASK_EVERY_S)

    async def look(self) -> None:
        """Ask once; one line of the log at once, one a minute while it lasts, one when it is over."""
        asked_at = self._seconds()
        try:
            await self._broker.ping()
        except BrokerError as error:
            self._away(error, asked_at)
        else:
            self._back()

    def _away(self, error: BrokerError, asked_at: float) -> None:
        now = self._seconds()
        self._tell(f"the broker is away: {error.field}: {error.reason}")
        if self._since is None:
            self._since, self._said = asked_at, now
            log.error("the broker is away, nothing comes in or goes out until it answers: %s", error)
        elif now - self._said >= _SAY_AGAIN_S:
            self._said = now
            log.error("the broker is away for %.0f s now: %s", now - self._since, error)

    def _back(self) -> None:
        if self._since is not None:
            log.warning("the broker answers again; it was away for %.0f s", self._seconds() - self._since)
            self._since = None
            self._tell(None)
