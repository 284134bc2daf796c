"""What a lane needs of the set that it belongs to, and what it plans there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from agents.lanes.lane import Lane


class LaneHost(Protocol):
    """What a lane needs of the set that it belongs to."""

    async def ask_ends(self) -> None:
        """Return when every input knows its partition's end as it was at this call, or later."""

    def advanced(self, lane: Lane) -> None:
        """The lane has committed a transaction, so that there may be room in it."""

    def ended(self, lane: Lane, error: BaseException) -> None:
        """The lane has ended with this error; nothing of it is closed yet."""


class PendingTick(NamedTuple):
    """A tick on its way: the clock read `instant` when the inputs ended at `ends`; it comes after all before them."""

    instant: int
    ends: Mapping[str, int]
