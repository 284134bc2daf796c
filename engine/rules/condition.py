"""What every kind of condition offers, and what it may look at."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from engine.activity import Activity


class Standing(NamedTuple):
    """What conditions may know of the member: as it is when the event is evaluated; the tier as of the event's time.

    `as_seen`: names are compared by `engine.spelling`, in which the segments are then."""

    registered: bool
    segments: tuple[str, ...]
    tier: str | None
    as_seen: bool = False


class Failure(NamedTuple):
    """Why a condition does not hold: the field, what was found, what was wanted, and by how much it missed."""

    field: str
    found: Any
    wanted: str
    missing: int | None = None


Test = Callable[[Activity, Standing], bool]


class Condition(Protocol):
    """One entry of a rule's `when`."""

    def test(self) -> Test:
        """A closure that says whether the condition holds."""
        ...

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """None where the condition holds, else why not."""
        ...
