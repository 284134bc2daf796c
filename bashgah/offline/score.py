"""Scoring recorded events without a broker: one lane on a replay clock, through the same core, rows and codec."""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

from agents.broker.interface import READ_BYTES_MAX
from agents.scoring.backlog import Stage
from agents.scoring.batch import BatchChanges
from agents.scoring.intake import StampedRecord, decode_record
from agents.scoring.processor import Processor
from bashgah.cli.text.csv_tables import encoding_of, write_table
from bashgah.offline.boards import COLUMNS, WholeBoard, award_commands, final_boards, live_boards
from bashgah.offline.by_rule import ByRule, Row, rows_json
from bashgah.offline.members_table import member_rows, write_members
from engine.calendar import iso
from engine.ledger.member import HEAD, Status
from engine.programme.rounds import FINAL, round_key
from engine.programme.versions import ProgrammeVersions
from monitoring.safe_text import plain_json
from schemas import topics
from schemas.records import OutputRecord, Record
from tables import codec
from tables import files as private
from tables.rows import member_prefix
from tables.store import MemoryStore

BATCH_EVENTS = 2_000
FILES = {
    topics.POINTS.name: "points.jsonl",
    topics.FESTIVAL.name: "festival.jsonl",
    topics.REWARD.name: "reward.jsonl",
    topics.NOTIFICATION.name: "notification.jsonl",
    topics.DEAD_LETTER.name: "dead-letter.jsonl",
}


class Scoring:
    """One run. `run` takes the items; `write_members`, `write_boards` and `write_summary` tell what came of them."""

    def __init__(self, versions: ProgrammeVersions, out: Path, *, excel: bool = False) -> None:
        """`excel`: CSV as Excel reads it."""
        self.versions = versions
        self.out = out
        self.excel = excel
        self.store = MemoryStore()
        self.processor = Processor(self.store, versions, partition=0, partitions=1, replay=True, halts=True)
        self.finals: list[WholeBoard] = []
        self._commands = 0
        self.events: Counter[tuple[str, str, str]] = Counter()
        self.points: Counter[tuple[str, str]] = Counter()
        self.outputs: Counter[str] = Counter()
        self.by_rule = ByRule()

    def run(self, items: Iterable[StampedRecord], until: int | None) -> None:
        """Score everything before `until` (ms; None: everything), tick there, and write the output files."""
        private.folder(self.out)
        files = {topic: private.created(self.out / name) for topic, name in FILES.items()}
        try:
            for batch in _batches(_before(items, until)):
                while batch:
                    taken = self.processor.take(batch, 0)
                    self._keep(self.processor.changes(), files)
                    self._close_rounds(files)
                    batch = batch[taken:]
            self._finish(until, files)
        finally:
            for file in files.values():
                file.close()

    def write_members(self) -> int:
        """Write `members.csv`, sorted by member bytewise; the number of members."""
        version = self.versions.in_order and self.versions.at(self.processor.last_tick or 0)
        tier = version.tier if version else None
        return write_members(self.out / "members.csv", member_rows(self.store, tier), excel=self.excel)

    def write_boards(self) -> None:
        """Write `boards.csv`: final boards in the order of their freezing, then those of the festivals still open."""
        boards = chain(map(self._without_erased, self.finals), self._live())
        with private.replaced(self.out / "boards.csv", encoding_of(self.excel)) as file:
            write_table(file, COLUMNS, chain.from_iterable(board.lines() for board in boards))

    def _live(self) -> Iterator[WholeBoard]:
        """The boards of what has opened and is not frozen: of the version in force, then of those before it."""
        instant, frozen = self.processor.last_tick, self.processor.frozen_rounds.frozen
        if instant is None:
            return
        versions = [version for version in reversed(self.versions.in_order) if version.effective <= instant]
        for id in dict.fromkeys(each for version in versions for each in version.festivals):
            terms = self.versions.festival(id, instant)
            if terms is not None and terms.opens <= instant and round_key(id, FINAL) not in frozen:
                yield from live_boards(self.store, terms)

    def _without_erased(self, board: WholeBoard) -> WholeBoard:
        """A final board with no alias of anybody who was erased since."""
        named = [place.member for place in board.places if place.alias is not None]
        raws = self.store.get_many([member_prefix(member) + HEAD for member in named])
        heads = (codec.decode(HEAD, raw) for raw in raws if raw is not None)
        erased = {member for member, head in zip(named, heads, strict=True) if head.status == Status.ERASED}
        places = [place._replace(alias=None) if place.member in erased else place for place in board.places]
        return board._replace(places=places) if erased else board

    def write_summary(self, members: int) -> dict[str, Any]:
        """Write `summary.json`: events by type, outcome and reason; points, members and members at a cap by rule;
        outputs; the clock."""
        events: dict[str, dict[str, dict[str, int]]] = {}
        for (kind, outcome, reason), count in sorted(self.events.items()):
            events.setdefault(kind or "unreadable", {}).setdefault(outcome, {})[reason or "-"] = count
        rules: dict[str, dict[str, int]] = {}
        for (rule, posting), points in sorted(self.points.items()):
            rules.setdefault(rule, {})[posting.removeprefix("points.")] = points
        tick = self.processor.last_tick
        summary: dict[str, Any] = {
            "events": sum(self.events.values()),
            "members": members,
            "until": None if tick is None else iso(tick),
            "programmes": [f"{v.id}/{v.version}" for v in self.versions.in_order],
            "by_type": events,
            "points_by_rule": rules,
            "by_rule": rows_json(self.by_rule.rows(self.versions)),
            "outputs": {topic: self.outputs[topic] for topic in FILES},
        }
        with private.replaced(self.out / "summary.json") as file:
            file.write(plain_json(summary) + "\n")
        return summary

    def _finish(self, until: int | None, files: Mapping[str, IO[bytes]]) -> None:
        clock, tick = self.processor.clock, self.processor.last_tick
        instant = max((each for each in (clock, tick) if each is not None), default=None) if until is None else until
        if instant is None:
            return
        self.processor.begin_tick(instant)
        done = False
        while not done:
            done = self.processor.apply_due(BATCH_EVENTS)
            self._keep(self.processor.changes(), files)
        self._close_rounds(files)

    def _close_rounds(self, files: Mapping[str, IO[bytes]]) -> None:
        """Make the final boards of what a tick has frozen, once all that was due at it is done, and give the awards."""
        if self.processor.backlog.stage is not Stage.DONE:
            return
        for freeze in self.processor.frozen_rounds.take():
            version = self.versions.at(freeze.at)
            rewards = version.programme.rewards if version else {}
            for board in final_boards(self.store, freeze):
                self.finals.append(board)
                items = [self._command(*each) for each in award_commands(freeze, board, rewards)]
                while items:
                    taken = self.processor.take(items[:BATCH_EVENTS], 0)
                    self._keep(self.processor.changes(), files)
                    items = items[taken:]

    def _command(self, member: str, value: bytes) -> StampedRecord:
        self._commands += 1
        return decode_record(Record(topics.COMMAND.name, 0, self._commands, 0, member.encode(), value, ()))

    def _keep(self, changes: BatchChanges, files: Mapping[str, IO[bytes]]) -> None:
        self.store.write(changes.rows)
        for output in changes.outputs:
            files[output.topic].write(_line(output))
            self.outputs[output.topic] += 1
        for (kind, outcome, reason), count in changes.tallies.events.items():
            self.events[kind, outcome.value, reason.value] += count
        self.points.update(changes.tallies.points)
        self.by_rule.take(changes.outputs, changes.tallies.capped)


class Scored(NamedTuple):
    """The summary that was written, and what each rule came to."""

    summary: dict[str, Any]
    rules: tuple[Row, ...]


def score(
    versions: ProgrammeVersions, items: Iterable[StampedRecord], out: Path, until: int | None, *, excel: bool = False
) -> Scored:
    """Score the items into the folder `out`."""
    scoring = Scoring(versions, out, excel=excel)
    scoring.run(items, until)
    scoring.write_boards()
    summary = scoring.write_summary(scoring.write_members())
    return Scored(summary, tuple(scoring.by_rule.rows(versions)))


def _before(items: Iterable[StampedRecord], until: int | None) -> Iterator[StampedRecord]:
    for item in items:
        if until is None or item.activity is None or item.activity.time < until:
            yield item


def _batches(items: Iterator[StampedRecord]) -> Iterator[list[StampedRecord]]:
    batch: list[StampedRecord] = []
    held = 0
    for item in items:
        batch.append(item)
        held += len(item.record.value or b"")
        if len(batch) == BATCH_EVENTS or held >= READ_BYTES_MAX:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _line(output: OutputRecord) -> bytes:
    if output.topic != topics.DEAD_LETTER.name:
        assert output.value is not None
        return output.value + b"\n"
    letter: dict[str, str | None] = {name: content.decode() for name, content in output.headers}
    letter.update(_text("key", output.key))
    letter.update(_text("value", output.value))
    return json.dumps(letter, ensure_ascii=False).encode() + b"\n"


def _text(name: str, content: bytes | None) -> dict[str, str | None]:
    """Bytes as text where they are UTF-8, else in base64 under another name."""
    if content is None:
        return {name: None}
    try:
        return {name: content.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(content).decode()}
