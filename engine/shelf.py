"""The versions of a club's programme that a lane knows, and which of them was in force when."""

from bisect import bisect_right
from collections.abc import Iterable

from engine.compiled import Compiled


class Shelf:
    """Immutable: a lane adopts a new version by taking a new shelf.

    `leads` are the days before their last day at which any version announces expiring points. `yearly` and `ever`
    name the rules that any version caps by year or over the programme: their totals are kept beside the months'.
    """

    def __init__(self, versions: Iterable[Compiled] = ()) -> None:
        self.versions = sorted(versions, key=lambda version: (version.effective, version.version))
        self._starts = [version.effective for version in self.versions]
        programmes = [version.programme for version in self.versions]
        self.leads = tuple(
            sorted({n.days_before for p in programmes for n in p.notifications if n.days_before is not None})
        )
        self.yearly = frozenset(r.id for p in programmes for r in p.rules if r.caps.year is not None)
        self.ever = frozenset(r.id for p in programmes for r in p.rules if r.caps.programme is not None)

    def at(self, instant: int) -> Compiled | None:
        """The version in force: the latest `effective` not after the instant; of equal ones, the highest version."""
        index = bisect_right(self._starts, instant)
        return self.versions[index - 1] if index else None
