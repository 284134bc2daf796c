"""An independent recount: what the inputs hold, through the naive auditor, beside what the lanes published.

The journal gives only the order in which a lane took its inputs, and when its clock ticked; everything else is worked
out again by code that shares nothing with the engine. The rows are those of the changelog.
"""

import json
from typing import Any, Self

from agents.broker.interface import Broker
from agents.topics.changelog import changelog_of
from bashgah.offline.members_table import COLUMNS, member_rows
from schemas import topics
from schemas.records import OutputRecord, Record, TopicPartition
from tables.journal import Take, Tick, TicksAhead, decode_entry, steps_of
from tables.store import MemoryStore
from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.comparison import same, same_festivals
from tests.simulation.reckoning_boards import reckon_boards, reckon_live

OUTPUTS = (topics.POINTS, topics.FESTIVAL, topics.REWARD, topics.NOTIFICATION, topics.DEAD_LETTER)


async def read_all(broker: Broker, topic: str, partition: int) -> list[Record]:
    """Every committed record of a partition."""
    place = TopicPartition(topic, partition)
    end = (await broker.end_offsets([place]))[place]
    reader = await broker.reader()
    records: list[Record] = []
    try:
        await reader.assign({place: (await broker.begin_offsets([place]))[place]})
        while await reader.position(place) < end:
            records += (await reader.fetch(200, 20_000)).get(place, [])
    finally:
        await reader.close()
    return records


class Found:
    """What one lane left behind, in the form that the comparison takes for the engine's."""

    def __init__(self, outputs: list[OutputRecord], rows: MemoryStore) -> None:
        self.outputs = outputs
        self._rows = rows

    def members(self) -> dict[str, dict[str, Any]]:
        """As `Auditor.members` gives them."""
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in member_rows(self._rows, None)]
        for row in rows:
            row["registered"] = row["registered"] == "true"
            del row["tier"]  # the programme's lowest level, whoever asks
        return {str(row.pop("member")): row for row in rows}


class Recount(Auditor):
    """The auditor of one lane, without the column that is no result."""

    def members(self) -> dict[str, dict[str, Any]]:
        """As `Found.members` gives them."""
        found = super().members()
        for row in found.values():
            del row["tier"]
        return found


async def audit(broker: Broker, partition: int, programme: str, replay: bool = False) -> tuple[int, Auditor]:
    """Recount one lane; AssertionError with the first difference. How many events it took, and the auditor."""
    taken, auditor = await recount(broker, partition, programme, replay)
    outputs = [
        OutputRecord(each.topic, each.partition, each.key, each.value, each.headers)
        for topic in OUTPUTS
        for each in await read_all(broker, topic.name, partition)
    ]
    _nothing_twice(outputs)
    rows = MemoryStore()
    place = changelog_of(partition)
    rows.write([(each.key or b"", each.value) for each in await read_all(broker, *place)])
    same(Found(outputs, rows), auditor)  # type: ignore[arg-type]
    same_festivals(outputs, auditor)
    return taken, auditor


class Retold:
    """An auditor that takes what a lane's journal says, transaction after transaction, with or without its ticks."""

    def __init__(
        self,
        journal: list[Record],
        inputs: dict[str, list[Record]],
        programme: str,
        replay: bool = False,
        ticks: bool = True,
    ) -> None:
        self.auditor = Recount([read_programme(programme)], replay=replay)
        self.taken = 0
        self.reached = dict.fromkeys(inputs, 0)
        self._journal = [decode_entry(record.value or b"") for record in reversed(journal)]
        self._inputs = {name: list(reversed(records)) for name, records in inputs.items()}
        self._ticks = ticks

    @classmethod
    async def read(
        cls, broker: Broker, partition: int, programme: str, replay: bool = False, ticks: bool = True
    ) -> Self:
        """Stand before a lane's first transaction."""
        inputs = {topic.name: await read_all(broker, topic.name, partition) for topic in topics.INPUTS}
        return cls(await read_all(broker, topics.JOURNAL.name, partition), inputs, programme, replay, ticks)

    def go_on(self, transaction: int | None = None) -> None:
        """Take what is left of the journal, up to a transaction."""
        while self._journal and (transaction is None or self._journal[-1].transaction <= transaction):
            entry = self._journal.pop()
            for step in steps_of(entry):
                match step:
                    case Tick(instant) | TicksAhead(instant) if self._ticks:
                        self.auditor.tick(instant)
                    case Take(topic, start, end):
                        self._take(topic, start, end, entry.now)

    def _take(self, topic: str, start: int, end: int, now: int) -> None:
        assert start == self.reached[topic], f"{topic}: the journal leaves out {self.reached[topic]}…{start}"
        self.reached[topic] = end
        records = self._inputs[topic]
        while records and records[-1].offset < end:
            self.taken += 1
            self.auditor.event(_envelope(records.pop()), topic, now)

    def at_end(self) -> None:
        """AssertionError unless nothing is left of the inputs."""
        for name, records in self._inputs.items():
            assert not records, f"{name} was not read to its end"


async def recount(
    broker: Broker, partition: int, programme: str, replay: bool = False, ticks: bool = True
) -> tuple[int, Auditor]:
    """An auditor that took all that a lane's journal says; how many events."""
    retold = await Retold.read(broker, partition, programme, replay, ticks)
    retold.go_on()
    retold.at_end()
    return retold.taken, retold.auditor


async def audit_live_boards(broker: Broker, programme: str, partitions: int) -> int:
    """Each live board that was ever published beside a naive sort over all members as they stood at the board's
    watermarks; how many there were."""
    lanes = [await Retold.read(broker, partition, programme) for partition in range(partitions)]
    return reckon_live(await read_all(broker, topics.LEADERBOARD.name, 0), lanes)


async def audit_boards(broker: Broker, auditors: list[Auditor]) -> None:
    """The boards of the whole club beside those of its lanes' auditors, and every award given once."""
    boards = await read_all(broker, topics.LEADERBOARD.name, 0)
    commands = [
        json.loads(record.value or b"")
        for partition in range(len(auditors))
        for record in await read_all(broker, topics.COMMAND.name, partition)
    ]
    reckon_boards(boards, commands, auditors)


def _envelope(record: Record) -> Any:
    try:
        return json.loads(record.value or b"")
    except ValueError:
        return None


def _nothing_twice(outputs: list[OutputRecord]) -> None:
    ids = [json.loads(each.value or b"")["id"] for each in outputs if each.topic != topics.DEAD_LETTER.name]
    assert len(ids) == len(set(ids)), "an output was published twice"
