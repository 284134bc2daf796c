"""The coordinator's rows as its core sees them: those of the store, over which lies what has changed since."""

from collections.abc import Iterator

from tables.overlay import RowReader
from tables.store import Row


class ChangedRows:
    """What `take` hands over must be in the store before anything is read again."""

    def __init__(self, store: RowReader) -> None:
        self._store = store
        self._changed: dict[bytes, bytes | None] = {}

    def get(self, key: bytes) -> bytes | None:
        """A row; None where there is none."""
        if key in self._changed:
            return self._changed[key]
        return self._store.get_many([key])[0]

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """Several rows, in the order of their keys."""
        found = self._store.get_many(keys)
        return [self._changed.get(key, value) for key, value in zip(keys, found, strict=True)]

    def scan(self, begin: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The rows with begin <= key < end in order of keys."""
        changed = {key: value for key, value in self._changed.items() if begin <= key < end}
        if not changed:
            yield from self._store.scan(begin, end)
            return
        found: dict[bytes, bytes | None] = {**dict(self._store.scan(begin, end)), **changed}
        for key in sorted(found):
            if (value := found[key]) is not None:
                yield key, value

    def put(self, key: bytes, value: bytes | None) -> None:
        """Write a row; None deletes it."""
        self._changed[key] = value

    def take(self) -> list[Row]:
        """Hand over what has changed since the last call."""
        changed, self._changed = self._changed, {}
        return list(changed.items())
