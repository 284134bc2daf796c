"""What a batch has changed so far, in memory: members' rows, outputs, and what is counted of them."""

from collections import Counter
from typing import NamedTuple

from engine.calendar import DAY_MS
from engine.effects import Posting
from engine.ledger.member import FESTIVAL, HEAD, FestivalRow
from engine.outcome import Outcome, Reason
from engine.scoring import Decision
from schemas.effect_outputs import encode_effects
from schemas.records import OutputRecord
from tables import codec
from tables.overlay import MemberRows, RowReader
from tables.rows import due_key, due_member, due_range, full_key


class Limits(NamedTuple):
    """Bounds on one batch (bytes of outputs, and of rows as they were), and on how far an event's time may be from the
    wall clock: rows of events are kept as long, but on a replay clock for ever. Who decodes goes by the last."""

    members_max: int = 20_000
    outputs_max: int = 20_000
    bytes_max: int = 32 << 20
    ahead_ms_max: int = 5 * 60_000
    behind_ms_max: int = 400 * DAY_MS
    record_bytes_max: int = 8 << 20


class Tallies:
    """What a batch came to, counted for people: nothing is decided by it. Events by (type, outcome, reason), points by
    (rule, kind of posting), names that were none by the rule, and the (rule, member) of whom a cap kept something
    back."""

    __slots__ = ("capped", "events", "names_dropped", "points")

    def __init__(self) -> None:
        self.events: Counter[tuple[str, Outcome, Reason]] = Counter()
        self.points: Counter[tuple[str, str]] = Counter()
        self.names_dropped = 0
        self.capped: set[tuple[str, str]] = set()


class BatchChanges(NamedTuple):
    """All that a batch changed: rows of the state (None deletes), outputs in order, tallies, and rows in festivals, as
    (festival, member, before, after). `passed`: the records, by topic and offset, taken in spite of their age."""

    rows: list[tuple[bytes, bytes | None]]
    outputs: list[OutputRecord]
    tallies: Tallies
    standings: list[tuple[str, str, FestivalRow | None, FestivalRow]]
    passed: tuple[tuple[str, int], ...] = ()


class Batch:
    """`members_changed` counts members with changed rows, `bytes` what they and the outputs take."""

    __slots__ = ("_members", "_partition", "_store", "bytes", "members_changed", "outputs", "passed", "tallies")

    def __init__(self, store: RowReader, partition: int) -> None:
        self._store = store
        self._partition = partition
        self._members: dict[str, MemberRows] = {}
        self.outputs: list[OutputRecord] = []
        self.tallies = Tallies()
        self.passed: list[tuple[str, int]] = []
        self.members_changed = self.bytes = 0

    def is_full(self, limits: Limits) -> bool:
        """Whether it takes no further record."""
        return (
            len(self.outputs) >= limits.outputs_max
            or self.members_changed >= limits.members_max
            or self.bytes >= limits.bytes_max
        )

    def rows(self, member: str) -> MemberRows:
        """A member's rows as they stand in the batch."""
        rows = self._members.get(member)
        if rows is None:
            rows = self._members[member] = MemberRows(member, self._store)
        return rows

    def accept(self, rows: MemberRows, decision: Decision) -> None:
        """Bring a member's rows to what was decided, and put out what it says."""
        if decision.rows and not rows.dirty:
            self.members_changed += 1
        self.bytes += rows.evolve(decision)
        if decision.capped:
            self.tallies.capped.update((rule, rows.member) for rule in decision.capped)
        if decision.effects:
            self.put_out(encode_effects(rows.member, decision.effects, self._partition))
            points = self.tallies.points
            for effect in decision.effects:
                if type(effect) is Posting and effect.rule is not None:
                    points[effect.rule, effect.type] += effect.points

    def put_out(self, outputs: list[OutputRecord]) -> None:
        """Add outputs behind those that there are."""
        self.outputs += outputs
        self.bytes += sum([len(each.value or b"") for each in outputs])

    def due(self, until: int, count: int) -> list[tuple[int, str]]:
        """The first `count` (instant, member) that are due up to an instant, as the batch has changed it."""
        found = [
            (head.next_due, name)
            for name, rows in self._members.items()
            if (head := rows.values.get(HEAD)) is not None and 0 < head.next_due <= until
        ]
        stored = 0
        for key, _ in self._store.scan(*due_range(until)):
            member = due_member(key)
            rows = self._members.get(member)
            if rows is None or HEAD not in rows.values:
                found.append((int.from_bytes(key[2:10], "big"), member))
                stored += 1
                if stored == count:
                    break
        found.sort()
        return found[:count]

    def changes(self, meaning: int) -> BatchChanges:
        """Everything encoded, as rows of this meaning have it."""
        rows: list[tuple[bytes, bytes | None]] = []
        standings: list[tuple[str, str, FestivalRow | None, FestivalRow]] = []
        encode = codec.encode
        for member in self._members.values():
            if not member.dirty:
                continue
            prefix = member.prefix
            for key, value in member.dirty.items():
                if key.startswith(FESTIVAL):
                    assert value is not None  # a row in a festival stays
                    standings.append((key[1:].decode(), member.member, member.before.get(key), value))
                rows.append((full_key(prefix, key), None if value is None else encode(key, value, meaning)))
            head = member.dirty.get(HEAD)
            if head is not None and head.next_due != member.due:
                if member.due:
                    rows.append((due_key(member.due, member.member), None))
                if head.next_due:
                    rows.append((due_key(head.next_due, member.member), b"\x01"))
        return BatchChanges(rows, self.outputs, self.tallies, standings, tuple(self.passed))
