"""The engine beside the auditor: the same stream through both, and every difference found.

The stream is cut into random batches, so that agreement also shows that a result does not depend on the cut.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from agents.scoring.intake import StampedRecord, decode_record
from agents.scoring.processor import Processor
from bashgah.offline.members_table import COLUMNS, member_rows
from bashgah.offline.recorded import merged
from engine.calendar import iso
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.programme_file import load
from schemas.records import OutputRecord, Record
from tables.store import MemoryStore
from tests.simulation.auditor import Auditor, read_programme

POSTING_FIELDS = ("points", "status", "rule", "lot", "desired", "granted", "balance", "debt", "forgiven")
REWARD_FIELDS = ("reward", "reason", "festival", "category", "round", "rank", "value_rial")
FESTIVAL_FIELDS = ("festival", "indicator", "delta", "score")
TOPICS = {topic.short: topic.name for topic in topics.INPUTS}


class Engine:
    """The engine over a store in memory, fed as a lane would."""

    def __init__(self, texts: Sequence[str], replay: bool, choice: Random) -> None:
        self.store = MemoryStore()
        self.versions = ProgrammeVersions(CompiledProgramme(load(text, "programme")) for text in texts)
        self.processor = Processor(self.store, self.versions, partition=0, partitions=1, replay=replay)
        self.choice = choice
        self.outputs: list[OutputRecord] = []
        self.outcomes: dict[str, int] = defaultdict(int)
        self._waiting: list[StampedRecord] = []
        self._now = 0

    def event(self, topic: str, envelope: Any, now: int) -> None:
        """Offer one event; it may wait for others of its batch that have the same wall clock."""
        if now != self._now or self.choice.random() < 0.1:
            self.flush()
        self._now = now
        value = json.dumps(envelope, ensure_ascii=False).encode()
        subject = envelope.get("subject") if isinstance(envelope, dict) else None
        key = str(subject).encode() if subject is not None else b"nobody"
        self._waiting.append(decode_record(Record(TOPICS.get(topic, topic), 0, 0, 0, key, value, ())))

    def flush(self) -> None:
        """Process what waits."""
        while self._waiting:
            taken = self.processor.take(self._waiting, self._now)
            self._waiting = self._waiting[taken:]
            self._keep()

    def tick(self, instant: int) -> None:
        """A tick, worked off in small slices."""
        self.flush()
        self.processor.begin_tick(instant)
        while not self.processor.apply_due(self.choice.randint(1, 5)):
            self._keep()
        self._keep()

    def _keep(self) -> None:
        changes = self.processor.changes()
        self.store.write(changes.rows)
        self.outputs += changes.outputs
        for (_, outcome, reason), count in changes.tallies.events.items():
            dead = outcome == Outcome.DEAD_LETTER
            self.outcomes[reason.value if dead else outcome.value] += count
            assert reason != Reason.ENGINE_ERROR

    def members(self) -> dict[str, dict[str, Any]]:
        """As the auditor gives them."""
        version = self.versions.at(max(self.processor.last_tick or 0, self.processor.clock or 0))
        tier = version.tier if version else None
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in member_rows(self.store, tier)]
        for row in rows:
            row["registered"] = row["registered"] == "true"
        return {str(row.pop("member")): row for row in rows}


def compare(
    texts: Sequence[str],
    stream: Sequence[tuple[str, Any]],
    seed: int,
    clocks: Sequence[int] | None = None,
    festivals: bool = False,
) -> None:
    """AssertionError with the first difference; `clocks` are wall clock readings per event, None for a replay clock.

    With `festivals` the awards of the auditor's finals come to both as commands, some time after their freeze.
    """
    choice = Random(f"batches {seed}")
    engine = Engine(texts, clocks is None, choice)
    auditor = Auditor([read_programme(text) for text in texts], replay=clocks is None)
    awards = Awards(engine, auditor, Random(f"awards {seed}"))
    last = 0
    for index, (topic, envelope) in enumerate(stream):
        now = 0 if clocks is None else clocks[index]
        if clocks is not None and now - last > choice.choice((60_000, 3_600_000, 86_400_000)):
            last = now
            engine.tick(now)
            auditor.tick(now)
        engine.event(topic, envelope, now)
        auditor.event(envelope, topic, now)
        if festivals:
            awards.some(now)
    engine.flush()
    end = (engine.processor.clock if clocks is None else clocks[-1]) or 0
    engine.tick(end)
    auditor.finish(end)
    if festivals:
        awards.all(end if clocks else 0)
    same(engine, auditor)
    if festivals:
        same_festivals(engine.outputs, auditor)


class Awards:
    """Brings the commands of the auditor's finals to the engine and to the auditor, when they happen to come."""

    def __init__(self, engine: Engine, auditor: Auditor, choice: Random) -> None:
        self.engine = engine
        self.auditor = auditor
        self.choice = choice
        self._waiting: list[Any] = []

    def some(self, now: int) -> None:
        """Bring none, some, or all of what waits, rarely one of them twice."""
        self._waiting += self.auditor.award_commands()
        while self._waiting and self.choice.random() < 0.6:
            self._bring(self._waiting.pop(0), now)

    def all(self, now: int) -> None:
        """Bring the rest."""
        self._waiting += self.auditor.award_commands()
        for command in self._waiting:
            self._bring(command, now)
        self._waiting = []
        self.engine.flush()

    def _bring(self, command: Any, now: int) -> None:
        for _ in range(self.choice.choice((1, 1, 1, 1, 2))):
            self.engine.event(topics.COMMAND.name, command, now)
            self.auditor.event(command, topics.COMMAND.name, now)


def same(engine: Engine, auditor: Auditor) -> None:
    """Postings, rewards, notices, dead letters and members, each in order for each member."""
    for kind, topic, expected in (
        ("postings", topics.POINTS.name, map(_posting, auditor.postings)),
        ("rewards", topics.REWARD.name, map(_reward, auditor.rewards)),
        ("notices", topics.NOTIFICATION.name, map(_notice, auditor.notices)),
    ):
        _same_outputs(kind, topic, engine.outputs, expected)
    dead = [o for o in engine.outputs if o.topic == topics.DEAD_LETTER.name]
    first_difference(
        "dead letters", [dict(o.headers)["error"].decode() for o in dead], [d["outcome"] for d in auditor.dead]
    )
    first_difference("members", sorted(engine.members().items()), sorted(auditor.members().items()))


def same_festivals(outputs: Sequence[OutputRecord], auditor: Auditor) -> None:
    """What went out on `club.festival`, in order for each member."""
    _same_outputs("festivals", topics.FESTIVAL.name, outputs, map(_festival, auditor.festival))


def _same_outputs(
    kind: str, topic: str, outputs: Sequence[OutputRecord], expected: Iterable[tuple[str, dict[str, Any]]]
) -> None:
    found = _by_member(_seen(topic, output.value) for output in outputs if output.topic == topic)
    wanted = _by_member(expected)
    for member in sorted(found.keys() | wanted.keys()):
        first_difference(f"{kind} of {member}", found[member], wanted[member])


def first_difference(what: str, found: Sequence[Any], wanted: Sequence[Any]) -> None:
    """AssertionError where what the engine says parts from what the auditor says."""
    for index, (one, other) in enumerate(zip(found, wanted, strict=False)):
        assert one == other, f"{what}, number {index}:\n  engine  {one}\n  auditor {other}"
    extra = found[len(wanted) :] or wanted[len(found) :]
    assert not extra, f"{what}: {'engine' if len(found) > len(wanted) else 'auditor'} has more: {extra[:2]}"


def _by_member(entries: Any) -> dict[str, list[Any]]:
    members: dict[str, list[Any]] = defaultdict(list)
    for member, entry in entries:
        members[member].append(entry)
    return members


def _seen(topic: str, value: bytes | None) -> tuple[str, dict[str, Any]]:
    assert value is not None
    event = json.loads(value)
    data = event["data"]
    common = {
        "type": event["type"],
        "time": event["time"],
        "cause": (data["activity"]["source"], data["activity"]["id"]),
    }
    if topic == topics.POINTS.name:
        data = {name: data.get(name) for name in POSTING_FIELDS}
        data["debt"], data["forgiven"] = data["debt"] or None, data["forgiven"] or None
    elif topic == topics.REWARD.name:
        data = {name: data.get(name) for name in REWARD_FIELDS}
    elif topic == topics.FESTIVAL.name:
        data = {name: data.get(name) for name in FESTIVAL_FIELDS}
    else:
        data = {name: data.get(name) for name in ("template", "medium", "not_before", "why")}
    return event["subject"], {**common, **data}


def _posting(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return entry["member"], {**_common(entry), **{name: entry[name] for name in POSTING_FIELDS}}


def _reward(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return entry["member"], {**_common(entry), **{name: entry.get(name) for name in REWARD_FIELDS}}


def _festival(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return entry["member"], {**_common(entry), **{name: entry[name] for name in FESTIVAL_FIELDS}}


def _notice(entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    fields = {name: entry[name] for name in ("template", "medium", "why")}
    return entry["member"], {**_common(entry), **fields, "not_before": iso(entry["not_before"])}


def _common(entry: dict[str, Any]) -> dict[str, Any]:
    return {"type": entry["type"], "time": iso(entry["time"]), "cause": (entry["cause_source"], entry["cause_id"])}


def recorded(folder: Path) -> list[tuple[str, Any]]:
    """The events of a folder of recorded inputs in the order in which `score` takes them."""
    return [(item.record.topic, json.loads(item.record.value or b"")) for item in merged(folder, lambda _: None)]
