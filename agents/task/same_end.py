"""A changelog and its journal must end with the same transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from agents.broker.interface import Broker
from agents.task.refusal import TaskRefused, way
from agents.task.spec import TaskSpec
from agents.topics.changelog import newest_watermarks
from agents.topics.newest_records import newest_records
from tables.watermark import Watermark

_COMMIT_S = 0.5


class Ends(NamedTuple):
    """The ends of a changelog and of its journal: the watermark, and the newest transaction's number, None where
    retention has left no entry."""

    watermark: Watermark | None
    newest: int | None

    def difference(self) -> str | None:
        """How they differ, if they do.

        Each transaction writes one watermark and one entry, so that they differ only where the broker has committed one
        of them alone, or has lost records.
        """
        watermark, newest = self
        if watermark is None or newest is None or newest == watermark.transactions:
            return None
        numbers = f"its changelog ends with transaction {watermark.transactions}, its journal with {newest}"
        return f"{numbers}: the broker committed a transaction in one of them alone, or lost records"


async def newest_transactions(broker: Broker, specs: Collection[TaskSpec]) -> Mapping[str, int]:
    """The number of the newest transaction in each task's journal, by the task's name; one whose journal is empty is
    left out."""
    newest = await newest_records(broker, [spec.journal for spec in specs])
    return {
        spec.name: spec.decode_entry(newest[spec.journal].value or b"").transaction
        for spec in specs
        if spec.journal in newest
    }


async def ends_of(broker: Broker, specs: Sequence[TaskSpec]) -> list[Ends]:
    """Of these tasks, as the broker tells them."""
    watermarks = await newest_watermarks(broker, [spec.changelog for spec in specs])
    newest = await newest_transactions(broker, specs)
    return [Ends(watermarks.get(spec.changelog), newest.get(spec.name)) for spec in specs]


async def lasting_differences(read: Callable[[], Awaitable[Sequence[Ends]]]) -> list[tuple[Ends, str | None]]:
    """What `read` gives, each with how the journal differs from the changelog where nothing is written meanwhile.

    A transaction that is just being committed looks for a moment like one that was committed in part.
    """
    first = await read()
    found = [each.difference() for each in first]
    if any(found):
        await asyncio.sleep(_COMMIT_S)
        second = await read()
        found = [each if then == now else None for each, then, now in zip(found, first, second, strict=True)]
    return list(zip(first, found, strict=True))


async def check_ends(spec: TaskSpec, known: Ends, read: Callable[[], Awaitable[Sequence[Ends]]]) -> None:
    """Raise `TaskRefused` where a task's journal and changelog differ for good.

    `known`: as they were found when it opened; `read` gives them as they are now. Whoever opens may have been fenced
    meanwhile, and the next owner be at work.
    """
    if known.difference() is None:
        return
    [(_, difference)] = await lasting_differences(read)
    if difference is not None:
        on = f"{way(spec.name, '--accept')} goes on from the changelog"
        remedy = f"keep every topic as it is and see what `bashgah verify` finds; then {on}"
        raise TaskRefused(spec.title, difference, remedy)
