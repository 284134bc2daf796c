"""A file that a setting names, read again when it has changed; a new one that is wrong changes nothing."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from agents.process.exit_codes import ClubError

log = logging.getLogger(__name__)

Content = TypeVar("Content")

LOOKS_EACH_S = 5.0
"""How often a process looks whether its files have changed."""


class WatchedFile(Generic[Content]):
    """What `read` makes of the file at `path`, as of its last sound state: `value`."""

    def __init__(self, path: Path, read: Callable[[Path], Content]) -> None:
        """Raises OSError where there is no file, and what `read` raises."""
        self._path = path
        self._read = read
        self._seen = self._state()
        self.value = read(path)

    def refresh(self) -> bool:
        """Read the file if it is another than last time; whether it was. Raises as the constructor; `value` stays."""
        seen = self._state()
        if seen == self._seen:
            return False
        self._seen = seen
        self.value = self._read(self._path)
        return True

    def _state(self) -> tuple[int, int, int]:
        status = self._path.stat()
        return status.st_ctime_ns, status.st_mtime_ns, status.st_size  # a change of rights alone counts too


def take_in(refresh: Callable[[], bool], name: str) -> None:
    """Call `refresh`, and log what came of it; `name` is how the log calls the file."""
    try:
        if refresh():
            log.info("%s has changed and is in force", name)
    except (ClubError, OSError) as error:
        log.error("%s cannot be taken in, what was read before stays in force: %s", name, error)
