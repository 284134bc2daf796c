"""A member's rows within one batch: decoded once, kept decoded, encoded once when the batch is handed over."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from engine.events.erasure import row_stays
from engine.ledger.member import FESTIVAL, HEAD, FestivalRow
from engine.scoring import Decision
from tables import codec
from tables.rows import full_key, member_end, member_prefix


class RowReader(Protocol):
    """What a batch needs of a store."""

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """The values of the keys, in their order."""
        ...

    def scan(self, begin: bytes, end: bytes) -> Iterable[tuple[bytes, bytes]]:
        """The rows with begin <= key < end, in order of their keys."""
        ...


class MemberRows:
    """Implements `engine.ledger.member.MemberRowReader` over a store. `dirty` holds what changed, in order of the first
    change; `due` is the instant under which the due index has the member; `before` are its festivals' rows as the store
    has them. `room` is by how many bytes each row may surely still grow, `largest` what the largest takes of those
    loaded or measured, and `unmeasured` what has been written since (`tables.row_bounds`). `loaded` counts bytes."""

    __slots__ = (
        "member", "prefix", "store", "values", "dirty", "due", "before", "room", "largest", "unmeasured",
        "loaded",
    )  # fmt: skip

    def __init__(self, member: str, store: RowReader) -> None:
        self.member = member
        self.prefix = member_prefix(member)
        self.store = store
        self.values: dict[bytes, Any | None] = {}
        self.dirty: dict[bytes, Any | None] = {}
        self.due = 0
        self.before: dict[bytes, FestivalRow] = {}
        self.room = codec.ROW_BYTES_MAX
        self.largest = self.loaded = 0
        self.unmeasured: list[Mapping[bytes, Any | None]] = []

    def get(self, key: bytes) -> Any | None:
        """The row as it stands in this batch."""
        try:
            return self.values[key]
        except KeyError:
            self.load(key, self.store.get_many([full_key(self.prefix, key)])[0])
            return self.values[key]

    def load(self, key: bytes, raw: bytes | None) -> None:
        """Take in a row as the store has it."""
        if raw is None:
            self.values[key] = None
            return
        self.values[key] = value = codec.decode(key, raw)
        self.loaded += len(raw)
        if len(raw) > self.largest:
            self.largest = len(raw)
            self.room = min(self.room, codec.ROW_BYTES_MAX - len(raw))
        if key == HEAD:
            self.due = value.next_due
        elif key.startswith(FESTIVAL):
            self.before[key] = value

    def range(self, prefix: bytes) -> Iterable[tuple[bytes, Any]]:
        """The rows whose keys begin with a prefix, this batch's included."""
        start = len(self.prefix)
        for full, raw in self.store.scan(self.prefix + prefix, member_end(self.member)):
            key = full[start:]
            if not key.startswith(prefix):
                break
            if key not in self.values:
                self.load(key, raw)
        return [(k, v) for k, v in sorted(self.values.items()) if v is not None and k.startswith(prefix)]

    def evolve(self, decision: Decision) -> int:
        """Bring the rows to what a decision made of them. How many bytes of rows it has had loaded, or those before it
        that changed nothing."""
        if decision.erase:
            for key, _ in list(self.range(b"")):
                if not row_stays(key):
                    self.values[key] = self.dirty[key] = None
        self.values.update(decision.rows)
        self.dirty.update(decision.rows)
        self.unmeasured.append(decision.rows)
        if not decision.rows:
            return 0
        loaded, self.loaded = self.loaded, 0
        return loaded
