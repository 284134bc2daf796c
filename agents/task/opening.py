"""Opening tasks: fence whoever held them, bring their rows up to their changelogs, and check that they can go on.

The order matters. Only after a producer is open can nobody else add to its changelog; only then is its end final.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from agents.broker.interface import Broker, Producer, TopicDescription
from agents.task.checks import (
    Extents,
    check_clock,
    check_count,
    check_inputs,
    check_programme,
    ids_of,
    known_programmes,
)
from agents.task.commit import OpenTask, decided
from agents.task.options import TaskOptions
from agents.task.ownership import check_owners
from agents.task.recovery import recover_all, together, watermark_in
from agents.task.same_end import Ends, check_ends, ends_of, newest_transactions
from agents.task.spec import Opening
from agents.topics.partition_counts import lanes_of
from agents.topics.programmes import ProgrammeFollower
from tables.journal import OperatorDecision
from tables.store import Store


async def open_tasks(
    broker: Broker,
    follower: ProgrammeFollower,
    described: Mapping[str, TopicDescription],
    openings: Sequence[Opening],
    options: TaskOptions,
    wall_ms: Callable[[], int],
) -> list[OpenTask]:
    """Open these tasks, all or none. Raises what stands in the way; what was opened is closed again.

    `described`: the topics that they need, which are all there.
    """
    producers: dict[str, Producer] = {}
    stores: dict[str, Store] = {}
    try:
        await _fence(broker, openings, options, producers)
        for opening in openings:
            stores[opening.spec.name] = opening.store()
        ends = await recover_all(broker, openings, stores, described, wall_ms())
        opened: list[OpenTask] = []
        for opening in openings:
            spec = opening.spec
            log = spec.changelog
            task = OpenTask(
                spec, producers[spec.name], stores[spec.name], described[log.topic].id, ends[log], lanes_of(described)
            )
            await _stand(task, opening, wall_ms)
            opened.append(task)
        await _check(broker, follower, described, opened, options)
        return opened
    except BaseException:
        for store in stores.values():
            store.close()
        await asyncio.gather(*(producer.close() for producer in producers.values()))
        raise


async def _fence(
    broker: Broker, openings: Sequence[Opening], options: TaskOptions, producers: dict[str, Producer]
) -> None:
    async def one(name: str) -> None:
        producers[name] = await broker.producer(options.transactional_id(name))

    await together([one(each.spec.name) for each in openings])


async def _stand(task: OpenTask, opening: Opening, wall_ms: Callable[[], int]) -> None:
    """Stand at the watermark that the changelog ends with; where it has none, write the first."""
    watermark = watermark_in(task.store)
    if watermark is not None:
        task.watermark = watermark
        return
    first = await opening.first()
    decision = OperatorDecision("first", "", "the first start", dict(first.offsets), 0)
    await task.commit([], [], first, decided(task.spec, first, first, decision, wall_ms()), wall_ms)


async def _check(
    broker: Broker,
    follower: ProgrammeFollower,
    described: Mapping[str, TopicDescription],
    opened: Sequence[OpenTask],
    options: TaskOptions,
) -> None:
    """Raise `TaskRefused` unless all of them can go on from their watermarks."""
    for task in opened:
        check_clock(task.spec, task.watermark, options.replay)
    await check_owners(broker, {task.spec.name: task.watermark for task in opened}, options.app_id)
    extents = await Extents.of(broker, [place for task in opened for place in task.spec.inputs])
    ids = ids_of(described)
    newest = await newest_transactions(broker, [task.spec for task in opened])
    for task in opened:
        spec, watermark = task.spec, task.watermark
        check_count(spec, watermark, task.lanes)
        known = Ends(watermark, newest.get(spec.name))
        await check_ends(spec, known, partial(ends_of, broker, [spec]))
        check_inputs(spec, watermark, extents, ids)
        check_programme(spec, watermark, await known_programmes(follower, watermark), ids)
        task.ends = {place.topic: extents.ends[place] for place in spec.inputs}
