"""Reads in one go what the decisions of a batch will most likely look at. What it misses is read when asked for."""

from collections.abc import Callable, Sequence

from agents.scoring.intake import StampedRecord
from engine.activity import MemberActivity
from engine.events.registry import EVENT_TYPES
from engine.festivals.scores import open_to
from engine.ledger.member import HEAD, event_key, festival_key
from engine.programme.versions import ProgrammeVersions
from tables.overlay import MemberRows, RowReader
from tables.rows import full_key


def prefetch(
    items: Sequence[StampedRecord], rows_of: Callable[[str], MemberRows], store: RowReader, versions: ProgrammeVersions
) -> None:
    """Load the members' heads, the events' own rows and what they name, then the rows in festivals that they touch."""
    wanted = _Wanted()
    members: list[tuple[MemberActivity, MemberRows]] = []
    for item in items:
        activity = item.activity
        if activity is None:
            continue
        rows = rows_of(activity.member)
        members.append((activity, rows))
        wanted.add(rows, HEAD)
        wanted.add(rows, event_key(activity.identity))
        if (key_of := EVENT_TYPES[activity.type].prefetch) is not None:
            wanted.add(rows, key_of(activity))
    wanted.load(store)
    if not versions.festivals:
        return
    for activity, rows in members:
        head, version = rows.values[HEAD], versions.at(activity.moment)
        if head is not None and head.festivals and version is not None:
            for festival in open_to(head, activity, version):
                if festival.id in head.festivals:
                    wanted.add(rows, festival_key(festival.id))
    wanted.load(store)


class _Wanted:
    """Rows that are not in memory."""

    def __init__(self) -> None:
        self._rows: list[tuple[MemberRows, bytes]] = []
        self._keys: list[bytes] = []

    def add(self, rows: MemberRows, key: bytes) -> None:
        """Have a member's row loaded, unless it is there."""
        if key not in rows.values:
            rows.values[key] = None
            self._rows.append((rows, key))
            self._keys.append(full_key(rows.prefix, key))

    def load(self, store: RowReader) -> None:
        """Load all that is wanted."""
        for (rows, key), raw in zip(self._rows, store.get_many(self._keys), strict=True):
            if raw is not None:
                rows.load(key, raw)
        self._rows, self._keys = [], []
