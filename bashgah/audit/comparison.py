"""What comes out of a replay, compared byte for byte with what is on the broker."""

from collections.abc import Callable, Iterator

from agents.topics.cursor import Cursor
from schemas import topics
from schemas.records import OutputRecord, Record
from tables.store import Store


class Difference(Exception):
    """The first difference: at which record or row, what the replay gives, and what is there."""

    def __init__(self, where: str, expected: object, found: object) -> None:
        super().__init__(where, expected, found)
        self.where, self.expected, self.found = where, expected, found

    def __str__(self) -> str:
        return f"{self.where}\n  expected {_shown(self.expected)}\n  found    {_shown(self.found)}"


def place_of(record: Record) -> str:
    """Where a record stands, as differences name it."""
    return f"{record.topic}/{record.partition} offset {record.offset}"


class Written:
    """What one partition holds of what a task has put out, compared in its order.

    `mine`: whether a record is the task's; others are passed over. Where retention has deleted the first records, those
    that are worked out before the first that is there are counted in `cut`. Of a compacted topic any record may be
    missing if a later one of its key is there, or if the last of its key deletes it.
    """

    def __init__(self, cursor: Cursor, mine: Callable[[Record], bool] = lambda _: True) -> None:
        self.compared = self.cut = 0
        self._cursor = cursor
        self._mine = mine
        self._compacted = topics.BY_NAME[cursor.place.topic].compacted
        self._next: Record | None = None
        self._missing: dict[bytes | None, OutputRecord] = {}

    async def compare(self, output: OutputRecord) -> None:
        """Find an output there next, or note that it is missing. Raises `Difference` where that cannot be."""
        found = await self._peek()
        if found is not None and (output.key, output.value, output.headers) == (found.key, found.value, found.headers):
            self._next = None
            self.compared += 1
            self._missing.pop(output.key, None)
            return
        begun = self.compared > 0 or self._cursor.begin == 0
        if begun and not self._compacted:
            raise _difference(output, found)
        self.cut += 1
        if self._compacted:
            self._missing[output.key] = output

    async def finish(self) -> None:
        """Nothing may be left over, and what is missing must have been followed by another record of its key."""
        extra = await self._peek()
        if extra is not None and extra.offset >= self._cursor.end:
            extra = None  # the task has worked on since
        missing = [output for output in self._missing.values() if output.value is not None]
        if missing:
            raise _difference(missing[0], extra)
        if extra is not None:
            raise Difference(f"{place_of(extra)}: follows from nothing that was read", None, extra.value)

    async def _peek(self) -> Record | None:
        while self._next is None:
            record = await self._cursor.further()
            if record is None:
                return None
            if self._mine(record):
                self._next = record
        return self._next


def _difference(output: OutputRecord, record: Record | None) -> Difference:
    if record is None:
        return Difference(f"{output.topic}/{output.partition}: a record is missing", output.value, None)
    if output.key != record.key:
        return Difference(f"{place_of(record)}: key", output.key, record.key)
    if output.value != record.value:
        return Difference(f"{place_of(record)}: value", output.value, record.value)
    return Difference(f"{place_of(record)}: headers", output.headers, record.headers)


def same_rows(written: Store, replayed: Store, is_row: Callable[[bytes], bool]) -> int:
    """Compare all rows in order of keys; how many there are. Other keys are metadata of the stores."""
    count = 0
    mine, theirs = _rows(replayed, is_row), _rows(written, is_row)
    expected, found = next(mine, None), next(theirs, None)
    while expected is not None or found is not None:
        if expected != found:
            key = min(row[0] for row in (expected, found) if row is not None)
            raise Difference(
                f"row {key!r}",
                expected[1] if expected and expected[0] == key else None,
                found[1] if found and found[0] == key else None,
            )
        count += 1
        expected, found = next(mine, None), next(theirs, None)
    return count


def _rows(store: Store, is_row: Callable[[bytes], bool]) -> Iterator[tuple[bytes, bytes]]:
    return (row for row in store.scan(b"", b"\xff") if is_row(row[0]))


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return "nothing" if value is None else str(value)
