"""What a lane has left on the broker, against three witnesses: the replay of its journal byte for byte, the naive
auditor fed in the journal's order, and the order in which the world published.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from agents.scoring.intake import decode_record
from agents.topics.changelog import changelog_of
from agents.topics.partition_counts import INPUT_NAMES
from bashgah.audit.lanes import verify
from bashgah.offline.members_table import COLUMNS, member_rows
from schemas import topics
from schemas.records import OutputRecord, Record, TopicPartition
from tables.journal import JournalEntry, Take, Tick, TicksAhead, decode_entry, steps_of
from tables.store import MemoryStore
from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.club_world import ClubWorld
from tests.simulation.comparison import same, same_festivals
from tests.simulation.reckoning_boards import reckon_boards, reckon_live

_OUTPUTS = (topics.POINTS, topics.FESTIVAL, topics.REWARD, topics.NOTIFICATION, topics.DEAD_LETTER)
_INDEX = {name: index for index, name in enumerate(INPUT_NAMES)}


class Reckoned(NamedTuple):
    """Records recounted, a digest of everything that was published, and the lanes' auditors."""

    records: int
    digest: str
    auditors: Sequence[Auditor]


async def reckon(
    world: ClubWorld, replay: bool = False, strict_order: bool = True, festivals: bool = False
) -> Reckoned:
    """AssertionError, or verify's Difference, with the first thing that is wrong in any lane.

    With `festivals` also what went out on `club.festival`, the boards of the whole club, and the awards that they gave.
    """
    records, digest = 0, sha256()
    auditors = []
    lanes = [await _Lane.read(world, partition, replay) for partition in range(world.partitions)]
    boards = await read_all(world, topics.LEADERBOARD.name, 0)
    if festivals:
        reckon_live(boards, lanes)
    for partition, lane in enumerate(lanes):
        verified = await verify(world.broker, partition)
        auditors.append(lane.audit())
        if festivals:
            same_festivals(lane.outputs, auditors[-1])
        lane.check_order(strict_order, replay)
        assert verified.records == lane.records, "verify and the journal differ in how many records were taken"
        records += lane.records
        for output in lane.outputs:
            digest.update(repr((output.topic, output.key, output.value)).encode())
    if festivals:
        commands = [
            json.loads(record.value or b"")
            for partition in range(world.partitions)
            for record in await read_all(world, topics.COMMAND.name, partition)
        ]
        reckon_boards(boards, commands, auditors)
        for record in boards:
            digest.update(repr((record.key, record.value)).encode())
    return Reckoned(records, digest.hexdigest(), auditors)


async def read_all(world: ClubWorld, topic: str, partition: int) -> list[Record]:
    """Every committed record of a partition."""
    place = TopicPartition(topic, partition)
    end = (await world.broker.end_offsets([place]))[place]
    reader = await world.broker.reader()
    await reader.assign({place: 0})
    records: list[Record] = []
    while await reader.position(place) < end:
        records += (await reader.fetch(100, 10_000)).get(place, [])
    return records


class _Lane:
    """One lane's inputs, journal, outputs and rows. `outputs` and `members` are what `same` compares."""

    def __init__(self, world: ClubWorld, partition: int, replay: bool) -> None:
        self.world = world
        self.partition = partition
        self.auditor = Auditor([read_programme(text) for text in world.texts], replay=replay)
        self._audited = 0
        self._taken = dict.fromkeys(INPUT_NAMES, 0)
        self.inputs: dict[str, list[Record]] = {}
        self.journal: list[JournalEntry] = []
        self.outputs: list[OutputRecord] = []
        self.rows = MemoryStore()
        self.records = 0

    @classmethod
    async def read(cls, world: ClubWorld, partition: int, replay: bool) -> "_Lane":
        """Read all of it."""
        lane = cls(world, partition, replay)
        for name in INPUT_NAMES:
            lane.inputs[name] = await read_all(world, name, partition)
        for record in await read_all(world, topics.JOURNAL.name, partition):
            lane.journal.append(decode_entry(record.value or b""))
        for topic in _OUTPUTS:
            for each in await read_all(world, topic.name, partition):
                lane.outputs.append(OutputRecord(each.topic, each.partition, each.key, each.value, each.headers))
        for record in await read_all(world, *changelog_of(partition)):
            lane.rows.write([(record.key or b"", record.value)])
        return lane

    def go_on(self, transaction: int | None = None) -> None:
        """Feed the auditor in the journal's order, up to a transaction."""
        auditor, taken = self.auditor, self._taken
        while self._audited < len(self.journal):
            entry = self.journal[self._audited]
            if transaction is not None and entry.transaction > transaction:
                return
            self._audited += 1
            if entry.decision is not None and entry.decision.record is not None:
                topic, _ = entry.decision.record
                auditor.leave_out(json.loads(self.inputs[topic][taken[topic]].value or b""))
                taken[topic] += 1
            for step in steps_of(entry):
                if isinstance(step, Tick | TicksAhead):
                    auditor.tick(step.instant)
                elif isinstance(step, Take):
                    source, index = self.inputs[step.topic], taken[step.topic]
                    while index < len(source) and source[index].offset < step.end:
                        auditor.event(json.loads(source[index].value or b""), step.topic, entry.now)
                        index += 1
                    self.records += index - taken[step.topic]
                    taken[step.topic] = index

    def audit(self) -> Auditor:
        """Feed the auditor to the end and compare all that came of it."""
        self.go_on()
        for name, records in self.inputs.items():
            done = self._taken[name]
            assert done == len(records), f"{name}/{self.partition}: only {done} of {len(records)} taken"
        same(self, self.auditor)  # type: ignore[arg-type]  # it asks for outputs and members only
        return self.auditor

    def members(self) -> dict[str, dict[str, Any]]:
        """As the auditor gives them; the tier is the programme's lowest level whoever asks."""
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in member_rows(self.rows, None)]
        tiers = {reference: row["tier"] for reference, row in self.auditor.members().items()}
        for row in rows:
            row["registered"] = row["registered"] == "true"
            row["tier"] = tiers.get(str(row["member"]), "")
        return {str(row.pop("member")): row for row in rows}

    def check_order(self, strict: bool, replay: bool) -> None:
        """No tick ahead of what was there when the clock read it; with `strict`, no record ahead of an earlier one."""
        taken = dict.fromkeys(INPUT_NAMES, 0)
        for entry in self.journal:
            if entry.decision is not None and entry.decision.record is not None:
                taken[entry.decision.record[0]] += 1
            for step in steps_of(entry):
                if isinstance(step, Tick) and not replay:
                    self._check_tick(step.instant, taken)
                elif isinstance(step, Take):
                    source = self.inputs[step.topic]
                    while taken[step.topic] < len(source) and source[taken[step.topic]].offset < step.end:
                        if strict:
                            self._check_turn(source[taken[step.topic]], taken)
                        taken[step.topic] += 1

    def _check_tick(self, instant: int, taken: dict[str, int]) -> None:
        for name, records in self.inputs.items():
            for record in records[taken[name] :]:
                if self._published(record) is None:
                    continue  # its transaction may have been under way
                assert record.timestamp >= instant, (
                    f"tick {instant} went ahead of {name}/{self.partition} offset {record.offset}"
                )

    def _check_turn(self, record: Record, taken: dict[str, int]) -> None:
        """Another input's head of a lower time, published before this record, must have gone first."""
        mine, published = decode_record(record).activity, self._published(record)
        if mine is None or published is None:
            return
        key = (mine.time, _INDEX[record.topic])
        for name, records in self.inputs.items():
            head = records[taken[name]] if taken[name] < len(records) else None
            before = None if name == record.topic or head is None else self._published(head)
            if head is None or before is None or before > published:
                continue
            theirs = decode_record(head).activity
            assert theirs is None or (theirs.time, _INDEX[name]) > key, (
                f"{record.topic}/{self.partition} offset {record.offset} overtook {name} offset {head.offset}"
            )

    def _published(self, record: Record) -> int | None:
        """The place of a record in the order of publication; None for the coordinator's commands, which have none."""
        return self.world.published.get((record.topic, record.partition, record.offset))
