"""The versions of a club's programme that a lane knows, and which of them was in force when."""

from bisect import bisect_right
from collections.abc import Iterable

from engine.compiled import Compiled


class Shelf:
    """Immutable: a lane adopts a new version by taking a new shelf. Versions come in the order of their publication.

    `leads` are the days before their last day at which any version announces expiring points. `yearly` and `ever`
    name the rules that any version caps by year or over the programme: their totals are kept beside the months'.
    `whole` names those of which it is known without looking that these totals miss nothing: the first version that had
    the rule capped it so, or no version changed how.
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

        self.whole = _whole(published)

    def at(self, instant: int) -> Compiled | None:
        """The version in force: the latest `effective` not after the instant; of equal ones, the highest version."""
        index = bisect_right(self._starts, instant)
        return self.versions[index - 1] if index else None


def _whole(published: list[Compiled]) -> frozenset[str]:
    """Rules capped by year, and over the programme, either from their first version on or never."""
    first: dict[str, tuple[bool, bool]] = {}
    changed = set()
    for version in published:
        for rule in version.programme.rules:
            capped = (rule.caps.year is not None, rule.caps.programme is not None)
            before = first.setdefault(rule.id, capped)
            if any(now and not was for now, was in zip(capped, before, strict=True)):
                changed.add(rule.id)
    return frozenset(first) - changed
