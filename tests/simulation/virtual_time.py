"""An event loop on virtual time: nothing waits, the clock jumps to the next timer. With it a run depends on its seed
alone, and a minute of time-outs passes in a millisecond.

Tasks belong to the `Process` in whose context they were created, so that one can be killed with all it has begun.
"""

import asyncio
import contextvars
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

Result = TypeVar("Result")


_ROUND_S = 1e-6
"""What one round of the loop takes: without it a timer that fires a rounding error early is set again for ever."""


class Deadlock(Exception):
    """Every task waits for another one and no timer will ever fire."""


class _Jump(selectors.BaseSelector):
    """A selector that finds nothing ready and lets the waiting time pass at once."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._registered: dict[Any, selectors.SelectorKey] = {}

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Deadlock("\n".join(sorted(map(str, asyncio.all_tasks()))))
        self.now_s += max(timeout, 0.0) + _ROUND_S
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        key = self._registered[fileobj] = selectors.SelectorKey(fileobj, fd, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._registered.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._registered


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when there is nothing to do."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now_s


class Process:
    """A simulated process: the tasks that were created in it, in order."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[Any]] = []
        self._killed = False
        self._context = contextvars.copy_context()
        self._context.run(_process.set, self)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin a task in this process; what it begins belongs to the process too."""
        return asyncio.get_running_loop().create_task(work, context=self._context.copy())

    def add(self, task: asyncio.Task[Any]) -> None:
        """Note a task of this process."""
        self._tasks = [each for each in self._tasks if not each.done()]
        self._tasks.append(task)

    def kill(self) -> None:
        """End every task where it stands."""
        self._killed = True
        for task in self._tasks:
            task.cancel()

    def require_alive(self) -> None:
        """Raise CancelledError when it was killed: `asyncio.wait_for` of Python 3.11 may swallow a cancellation."""
        if self._killed:
            raise asyncio.CancelledError


_process: contextvars.ContextVar[Process] = contextvars.ContextVar("process")


def require_alive() -> None:
    """End the task that calls this if its process was killed; to be called wherever it would leave a trace."""
    process = _process.get(None)
    if process is not None:
        process.require_alive()


def _new_task(loop: asyncio.AbstractEventLoop, work: Any, **given: Any) -> asyncio.Task[Any]:
    task = asyncio.Task(work, loop=loop, **given)
    context = given.get("context")
    process = context.get(_process) if context is not None else _process.get(None)
    if process is not None:
        process.add(task)
    return task


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end on virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.get_loop().set_task_factory(_new_task)
        return runner.run(work)
