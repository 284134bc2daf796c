"""Does what a task has written follow from what it has read? Its journal says what was read and in which order; that is
run through the same core once more, and everything that comes out is compared byte for byte with the topics.

The outputs on the broker are compared in their order, the rows at the end. A task may go on working meanwhile: what is
verified is everything up to the transaction that its changelog ended with at the start.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import NamedTuple, Protocol

from agents.broker.interface import Broker
from agents.process.exit_codes import ClubError
from agents.task.recovery import read_rows
from agents.task.spec import TaskSpec
from agents.topics.cursor import Cursor
from agents.topics.programmes import ProgrammeFollower
from bashgah.audit.comparison import Difference, Written, same_rows
from bashgah.audit.journal import entries
from engine.programme.versions import ProgrammeVersions
from schemas.records import OutputRecord, Record, TopicPartition
from tables.journal import JournalEntry
from tables.store import Store
from tables.watermark import Watermark

Progress = Callable[[int, int], None]
"""Hears of transactions done, and of how many."""


class Verified(NamedTuple):
    """What was found to be right. `cut`: outputs whose records compaction or retention has deleted, by topic."""

    name: str
    transactions: int
    decisions: int
    records: int
    outputs: int
    rows: int
    cut: dict[str, int]


class Replay(Protocol):
    """A task's core, fed from its journal. `transactions`, `decisions` and `records` are counted."""

    transactions: int
    decisions: int
    records: int

    async def apply(self, entry: JournalEntry, value: bytes) -> None:
        """Take the steps of one transaction, whose entry has this value in the journal."""

    def expected(self, watermark: Watermark) -> tuple[str, object, object]:
        """What the watermark must say in the end: its parts, in words, as they follow, and as it has them."""
        ...


CameOut = Callable[[Sequence[OutputRecord]], Awaitable[None]]
"""Takes what a part of a transaction puts out."""


class Verifiable(NamedTuple):
    """A task to be verified, with what is its own.

    `outputs`: where it writes; `mine`: whether a record there is its; `is_row`: whether a key of its changelog is a
    row's; `none`: the refusal where its changelog has no watermark; `replay` makes its core of the inputs by topic, the
    versions below an offset, an empty store, and of what takes its outputs.
    """

    spec: TaskSpec
    outputs: Sequence[TopicPartition]
    mine: Callable[[Record], bool]
    is_row: Callable[[bytes], bool]
    none: ClubError
    replay: Callable[[Mapping[str, Cursor], Callable[[int], ProgrammeVersions], Store, CameOut], Replay]


async def verify_task(broker: Broker, task: Verifiable, stores: Callable[[], Store], progress: Progress) -> Verified:
    """Replay it. Raises `Difference`, or `ClubError` when its history is not whole.

    `stores` gives an empty store each time: two are needed.
    """
    spec = task.spec
    async with AsyncExitStack() as stack:

        async def opened(place: TopicPartition) -> Cursor:
            cursor = await Cursor.open(broker, place)
            stack.push_async_callback(cursor.close)
            return cursor

        # The outputs' ends are read before the changelog's, so that every output below them is of a transaction that
        # the changelog has too; the journal's end after it, so that it has them all.
        written = {place: Written(await opened(place), task.mine) for place in task.outputs}
        inputs = {place.topic: await opened(place) for place in spec.inputs}
        rows, replayed = stores(), stores()
        stack.callback(rows.close)
        stack.callback(replayed.close)
        watermark = await read_rows(broker, spec, rows)
        if watermark is None:
            raise task.none
        journal = await opened(spec.journal)
        follower = ProgrammeFollower(broker)
        stack.push_async_callback(follower.close)
        await follower.open()

        async def came_out(outputs: Sequence[OutputRecord]) -> None:
            for output in outputs:
                await written[TopicPartition(output.topic, output.partition)].compare(output)

        replay = task.replay(inputs, follower.versions, replayed, came_out)
        async for entry, value in entries(journal, watermark.transactions, spec.decode_entry):
            await replay.apply(entry, value)
            progress(entry.transaction, watermark.transactions)
        for each in written.values():
            await each.finish()
        parts, expected, found = replay.expected(watermark)
        if expected != found:
            raise Difference(f"{spec.title}: watermark ({parts})", expected, found)
        return _verified(spec.name, replay, written, same_rows(rows, replayed, task.is_row))


def _verified(name: str, replay: Replay, written: dict[TopicPartition, Written], rows: int) -> Verified:
    cut: dict[str, int] = {}
    for place, each in written.items():
        if each.cut:
            cut[place.topic] = cut.get(place.topic, 0) + each.cut
    outputs = sum(each.compared for each in written.values())
    return Verified(name, replay.transactions, replay.decisions, replay.records, outputs, rows, cut)
