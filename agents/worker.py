"""The life of a worker process: check, open, run, and end with the right code.

A clean stop (SIGTERM, SIGINT) finishes the batch under way, leaves the group and ends with 0. Every fault ends the
process at once and without tidying up: nothing in memory or on this machine is worth more than the changelog, and a
producer in doubt must not live on. The supervisor restarts it where that helps (`ExitCode.restart_helps`).
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any, NoReturn, Protocol

from aiokafka.errors import KafkaConnectionError, KafkaError, OffsetOutOfRangeError

from agents.app import ClubApp, create_app
from agents.broker.errors import Fenced
from agents.broker.interface import Broker
from agents.broker.kafka.client import meaning_of
from agents.broker.watch import BrokerWatch
from agents.lanes.catch_up import replay
from agents.lanes.lane import Lane
from agents.lanes.lane_set import LaneSet
from agents.lanes.spec import NEEDED, check_topics
from agents.process.collector import settle_collector
from agents.process.exit_codes import ClubError, ExitCode
from agents.process.failures import failure_of
from agents.process.settings import ClockKind, Settings
from agents.topics.partition_counts import raised
from agents.topics.rights import WORKER, check_rights
from agents.transport import private_parts
from monitoring.health import WorkerHealth
from monitoring.metrics import Metrics
from monitoring.terminal import say_error

log = logging.getLogger(__name__)

_STOP_SLACK_S = 15.0
"""What a stop may take beyond the batch under way: leaving the group, closing stores and connections."""


class Pages(Protocol):
    """Where a worker tells of its health, its metrics and its members."""

    async def start(self) -> None:
        """Answer from now on. Raises `ClubError` where nobody can be listened to."""
        ...

    async def stop(self) -> None:
        """Answer no more; safe without `start`."""
        ...


PagesOf = Callable[[Settings, WorkerHealth, Metrics, Callable[[], Mapping[int, Lane]]], Pages]
"""Makes the pages of a worker, not started yet. They ask for the lanes that take records now, by partition."""


def run_worker(settings: Settings, broker_of: Callable[[Settings], Broker], pages_of: PagesOf) -> NoReturn:
    """Run until told to stop; ends the process. `broker_of` opens the broker that the settings name."""
    asyncio.run(_guarded(settings, broker_of, pages_of))
    sys.exit(ExitCode.DONE)


async def _guarded(settings: Settings, broker_of: Callable[[Settings], Broker], pages_of: PagesOf) -> None:
    try:
        await _live(settings, broker_of(settings), pages_of)
    except Exception as error:  # noqa: BLE001 - the outermost border of the worker
        end_process(with_hint(error, settings.static_member_id))


async def _live(settings: Settings, broker: Broker, pages_of: PagesOf) -> None:
    app = create_app(settings, broker, lambda problem: end_process(with_hint(problem, settings.static_member_id)))
    stopping = _on_signals()
    async with running(app, settings, pages_of):
        if settings.clock is ClockKind.REPLAY:
            await until(replay(app.broker, lanes_of(app)), stopping)
        else:
            await run_app(app, stopping)
    log.info("stopped")


@asynccontextmanager
async def running(app: ClubApp, settings: Settings, pages_of: PagesOf) -> AsyncIterator[None]:
    """What stands around an app that consumes: checks, pages, lanes without partitions; closed in order afterwards.

    An error inside closes nothing: whoever catches it ends the process (`end_process`). Raises `ClubError`.
    """
    private_parts.check()
    lanes = lanes_of(app)
    pages = pages_of(settings, app.health, app.metrics, lambda: lanes.lanes)
    await pages.start()
    # Before Faust subscribes: it would wait for ever for a topic that is not there.
    described = await app.broker.describe([*NEEDED, *WORKER])
    app.health.topics_differ(tuple(map(str, raised(described))))
    check_topics(described, [])
    check_rights(described)
    if settings.clock is ClockKind.WALL:
        await app.broker.check_group(settings.app_id)
    await lanes.start()
    watching = asyncio.create_task(BrokerWatch(app.broker, app.health.broker).run(), name="broker-watch")
    settle_collector()
    yield
    watching.cancel()
    limit_s = settings.shutdown_timeout_ms / 1000 + _STOP_SLACK_S
    try:
        async with asyncio.timeout(limit_s):
            await app.stop()
            await lanes.stop()
            await app.broker.close()
            await pages.stop()
    except TimeoutError:
        remedy = "the restart begins from the changelog; if it happens again, see the log"
        raise ClubError("stop", f"the worker did not stop within {limit_s:.0f} s", remedy) from None


def lanes_of(app: ClubApp) -> LaneSet:
    """The lanes of an app that `create_app` made."""
    assert isinstance(app.lanes, LaneSet)
    return app.lanes


async def run_app(app: ClubApp, stopping: asyncio.Event) -> None:
    """Until `stopping` is set; raises what Faust crashed of."""
    await until(app.start(), stopping)
    if app.crash_reason is None:
        await until(app.wait_until_stopped(), stopping)
    if app.crash_reason is not None:
        raise _problem_of(app.crash_reason, app.conf.id) from app.crash_reason


async def until(work: Coroutine[Any, Any, None], stopping: asyncio.Event) -> None:
    """Until the work is done or `stopping` is set, whichever comes first; raises what the work raises."""
    working = asyncio.create_task(work, name="work")
    signalled = asyncio.create_task(stopping.wait(), name="signal")
    await asyncio.wait([working, signalled], return_when=asyncio.FIRST_COMPLETED)
    signalled.cancel()
    if working.done():
        working.result()


def _on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(name: str) -> None:
        log.info("%s: finishing the batch under way", name)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number.name)
    return stopping


def _problem_of(reason: BaseException, group: str) -> BaseException:
    """A crash of Faust's parts as something its reader can act on, where it is that."""
    if isinstance(reason, KafkaError) and (known := meaning_of(reason, "Read", group)):
        return known
    match reason:
        case OffsetOutOfRangeError():
            return ClubError(
                "inputs",
                f"records were deleted before they were read: {reason}",
                "the restart says which, and how to go on",
                ExitCode.FAULT,
            )
        case KafkaConnectionError():
            return ClubError("broker", str(reason), "check that the broker runs and its address", ExitCode.UNREACHABLE)
        case KafkaError():
            return ClubError(
                "broker", f"{type(reason).__name__}: {reason}", "see the broker's log", ExitCode.UNREACHABLE
            )
        case _:
            return reason


def with_hint(error: BaseException, static_member_id: str | None) -> BaseException:
    """The error; of a worker that was fenced and has a static name, with what is the cause where it repeats."""
    if not isinstance(error, Fenced) or static_member_id is None:
        return error
    cause = f"another worker has BASHGAH_STATIC_MEMBER_ID={static_member_id} too, and each needs a name of its own"
    return ClubError(error.field, error.reason, f"{error.remedy}. If it repeats: {cause}", error.code)


def end_process(error: BaseException) -> NoReturn:
    """Say why, in one line each, and end here and now."""
    failure = failure_of(error)
    if not isinstance(error, ClubError):
        log.error("the worker ends", exc_info=error)
    for line in failure.lines:
        say_error(line)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(failure.code)
