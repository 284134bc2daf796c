"""The versions of a club's programme that a lane knows, and which of them was in force when."""

from bisect import bisect_right
from collections.abc import Iterable

from engine.programme.compiler import CompiledProgramme, compiled_rules
from engine.programme.rounds import Freeze, terms_of
from engine.programme.terms import FestivalTerms


class ProgrammeVersions:
    """Immutable: a lane adopts a new version by taking another of these. Versions come as they were published, and
    stand `in_order` of their effect.

    `leads` are the days before their last day at which any version announces expiring points. `yearly` and `ever`
    name the rules that any version caps by year or over the programme: their totals are kept beside the months'.
    `yearly_from_start` and `ever_from_start` are those that the first version which had them capped so: their totals
    miss nothing. The others' are summed from the months where they are missing. `freezes` are the rounds of all
    festivals in the order in which they are frozen. `festivals` are all that any version has, as the last one says, but
    for those that were taken out before they opened.
    """

    def __init__(self, versions: Iterable[CompiledProgramme] = ()) -> None:
        published = list(versions)
        self.in_order = sorted(published, key=lambda version: (version.effective, version.version))
        self._starts = [version.effective for version in self.in_order]
        programmes = [version.programme for version in self.in_order]
        self.leads = tuple(
            sorted({n.days_before for p in programmes for n in p.notifications if n.days_before is not None})
        )
        rules = [rule for version in self.in_order for rule in compiled_rules(version)]
        self.yearly = frozenset(rule.id for rule in rules if rule.caps.year is not None)
        self.ever = frozenset(rule.id for rule in rules if rule.caps.programme is not None)
        self.yearly_from_start = self.yearly & _first(published, "year")
        self.ever_from_start = self.ever & _first(published, "programme")

        self._terms = terms_of(programmes)
        self.festivals: tuple[FestivalTerms, ...] = tuple(
            last for terms in self._terms.values() if (last := terms.last) is not None
        )
        self.freezes: tuple[Freeze, ...] = tuple(
            sorted((freeze for terms in self._terms.values() for freeze in terms.freezes()), key=lambda each: each.at)
        )

    def festival(self, id: str, instant: int) -> FestivalTerms | None:
        """A festival by the terms that hold at an instant; None where no version had it by then, or one took it out
        before it opened."""
        terms = self._terms.get(id)
        return terms.at(instant) if terms else None

    def at(self, instant: int) -> CompiledProgramme | None:
        """The version in force: the latest `effective` not after the instant; of equal ones, the highest version."""
        index = bisect_right(self._starts, instant)
        return self.in_order[index - 1] if index else None


def _first(published: list[CompiledProgramme], period: str) -> frozenset[str]:
    """The rules that the first version to have them caps by this period."""
    capped: dict[str, bool] = {}
    for version in published:
        for rule in compiled_rules(version):
            capped.setdefault(rule.id, getattr(rule.caps, period) is not None)
    return frozenset(id for id, so in capped.items() if so)
