"""The versions of a club's programme that a lane knows, and which of them was in force when."""

from bisect import bisect_right
from collections.abc import Iterable

from engine.compiled import Compiled


class Shelf:
    """Immutable: a lane adopts a new version by taking a new shelf. Versions come in the order of their publication.

    `leads` are the days before their last day at which any version announces expiring points. `yearly` and `ever`
    name the rules that any version caps by year or over the programme: their totals are kept beside the months'.
    `yearly_from_start` and `ever_from_start` are those that the first version which had them capped so: their totals
    miss nothing. The others' are summed from the months where they are missing.
    """

    def __init__(self, versions: Iterable[Compiled] = ()) -> None:
        published = list(versions)
        self.versions = sorted(published, key=lambda version: (version.effective, version.version))
        self._starts = [version.effective for version in self.versions]
        programmes = [version.programme for version in self.versions]
        self.leads = tuple(
            sorted({n.days_before for p in programmes for n in p.notifications if n.days_before is not None})
        )
        self.yearly = frozenset(r.id for p in programmes for r in p.rules if r.caps.year is not None)
        self.ever = frozenset(r.id for p in programmes for r in p.rules if r.caps.programme is not None)

        self.yearly_from_start = self.yearly & _first(published, "year")
        self.ever_from_start = self.ever & _first(published, "programme")

    def at(self, instant: int) -> Compiled | None:
        """The version in force: the latest `effective` not after the instant; of equal ones, the highest version."""
        index = bisect_right(self._starts, instant)
        return self.versions[index - 1] if index else None


def _first(published: list[Compiled], period: str) -> frozenset[str]:
    """The rules that the first version to have them caps by this period."""
    capped: dict[str, bool] = {}
    for version in published:
        for rule in version.programme.rules:
            capped.setdefault(rule.id, getattr(rule.caps, period) is not None)
    return frozenset(id for id, so in capped.items() if so)
