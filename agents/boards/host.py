"""The coordinator's life: opened, started and closed by the process of whoever owns lane 0."""

import asyncio
import logging
from collections.abc import Callable

from agents.boards.coordinator import BoardBacklog
from agents.boards.coordinator_task import CoordinatorTask
from agents.boards.observer import CoordinatorObserver
from agents.boards.opening import open_coordinator
from agents.boards.options import CoordinatorOptions
from agents.boards.spec import NAME, PARTIAL
from agents.broker.interface import Broker, Reader
from agents.process.clock import wall_clock
from agents.process.exit_codes import ClubError
from agents.task.commit import OpenTask
from agents.task.refusal import problem_of
from agents.topics.programmes import ProgrammeFollower
from tables.store import Store
from tables.watermark import Watermark

log = logging.getLogger(__name__)

_CLOSE_S = 25.0


class CoordinatorHost:
    """One process's coordinator. `on_fatal` is called once, with the `problem` that ends the process.

    `follower` is the process's and has been opened. `stores` opens the local copy of the rows.
    """

    def __init__(
        self,
        broker: Broker,
        follower: ProgrammeFollower,
        stores: Callable[[], Store],
        options: CoordinatorOptions,
        on_fatal: Callable[[ClubError], None],
        observer: CoordinatorObserver | None = None,
        wall_ms: Callable[[], int] = wall_clock,
    ) -> None:
        self.problem: ClubError | None = None
        self._broker = broker
        self._follower = follower
        self._stores = stores
        self._options = options
        self._on_fatal = on_fatal
        self._observer = observer or CoordinatorObserver()
        self._wall_ms = wall_ms
        self._opened: OpenTask | None = None
        self._reader: Reader | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    # -- life

    async def open(self) -> None:
        """Fence whoever coordinated before, recover and check. Raises `ClubError`; nothing is open then."""
        try:
            opened = self._opened = await open_coordinator(
                self._broker, self._follower, self._stores, self._options, self._observer, self._wall_ms
            )
            self._reader = await self._broker.reader()
            await self._reader.assign({PARTIAL: opened.watermark.offsets[PARTIAL.topic]})
            self._coordinator = CoordinatorTask(
                opened, self._reader, self._follower, self._options, self._observer, self._wall_ms
            )
            await self._coordinator.load()
        except BaseException as error:
            await self._release()
            if isinstance(error, Exception):
                raise problem_of(error, NAME) from error
            raise
        self._observer.opened()

    def start(self) -> None:
        """Begin to take turns."""
        self._task = asyncio.create_task(self._run(), name=NAME)

    @property
    def watermark(self) -> Watermark:
        """As last committed. Once it is open."""
        return self._coordinator.opened.watermark

    @property
    def backlog(self) -> BoardBacklog:
        """What operators want to know. Once it is open."""
        return self._coordinator.backlog

    def done(self, offset: int) -> bool:
        """Whether all that lanes told below this offset of `club.partial` is done, and every board of it published."""
        return self._coordinator.caught_up and self.watermark.offsets[PARTIAL.topic] >= offset

    def stalled_s(self, now: float) -> float:
        """For how long, by the loop's clock, there has been something to do and nothing of it was done."""
        return self._coordinator.stalled_s(now) if self._opened is not None else 0.0

    async def close(self, timeout_s: float = _CLOSE_S) -> None:
        """Finish the transaction under way, then let go of everything. Raises `ClubError` if it does not end."""
        self._closing = True
        await self._release(timeout_s)
        self._observer.closed()

    async def _release(self, timeout_s: float = 0.0) -> None:
        opened, self._opened = self._opened, None
        reader, self._reader = self._reader, None
        if opened is not None:
            await opened.close(self._task, timeout_s)
        if reader is not None:
            await reader.close()

    async def _run(self) -> None:
        try:
            while not self._closing:
                await self._coordinator.take()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            problem = self.problem = problem_of(error, NAME)
            self._observer.failed(problem.code)
            log.error("%s ends: %s", NAME, problem, exc_info=None if problem is error else error)
            self._on_fatal(problem)
