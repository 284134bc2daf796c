"""Opening the coordinator, as a lane is opened.

On its very first start, unlike a lane, it begins by itself, at the earliest offset of `club.partial`. That is safe
because nothing has been told before that offset: it refuses where records were deleted from the topic, and where its
journal shows that it has worked before. And what it then makes follows from the topic alone, so that it could only be
what another first start would make.
"""

from collections.abc import Callable, Mapping

from agents.boards.observer import CoordinatorObserver
from agents.boards.options import CoordinatorOptions
from agents.boards.spec import ACCEPT, CHANGELOG, PARTIAL, coordinator_spec, coordinator_topics
from agents.broker.interface import Broker
from agents.task.checks import ids_of
from agents.task.commit import OpenTask
from agents.task.opening import open_tasks
from agents.task.refusal import TaskRefused
from agents.task.same_end import newest_transactions
from agents.task.spec import Opening, TaskSpec
from agents.topics.partition_counts import lanes_of
from agents.topics.programmes import PROGRAMME, ProgrammeFollower
from tables.store import Store
from tables.watermark import Watermark


async def open_coordinator(
    broker: Broker,
    follower: ProgrammeFollower,
    stores: Callable[[], Store],
    options: CoordinatorOptions,
    observer: CoordinatorObserver,
    wall_ms: Callable[[], int],
) -> OpenTask:
    """Open it. Raises what stands in the way; what was opened is closed again."""
    described = await coordinator_topics(broker)
    spec = coordinator_spec(lanes_of(described))

    async def first() -> Watermark:
        return await _first(broker, spec, ids_of(described), options.app_id)

    opening = Opening(spec, stores, first, lambda _: None, observer.copy_discarded)
    [opened] = await open_tasks(broker, follower, described, [opening], options, wall_ms)
    return opened


async def _first(broker: Broker, spec: TaskSpec, ids: Mapping[str, str], app_id: str) -> Watermark:
    """The watermark of the first start: see the module."""
    if await newest_transactions(broker, [spec]):
        reason = "the changelog has no watermark, but the journal shows that the coordinator has worked before"
        raise TaskRefused(CHANGELOG.topic, reason, f"restore it; or {ACCEPT} makes all boards anew")
    begin = (await broker.begin_offsets([PARTIAL]))[PARTIAL]
    if begin > 0:
        reason = f"the topic begins at {begin}: what lanes told before was deleted unread"
        raise TaskRefused(PARTIAL.topic, reason, f"{ACCEPT} begins there")
    return Watermark(offsets={PARTIAL.topic: begin}, topics=known_ids(ids), app_id=app_id)


def known_ids(ids: Mapping[str, str]) -> dict[str, str]:
    """Those of the topics' ids that its watermark keeps."""
    return {name: ids[name] for name in (PARTIAL.topic, PROGRAMME.topic)}
