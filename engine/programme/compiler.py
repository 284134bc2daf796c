"""A programme version compiled once: rules and festivals by event type, conditions and earnings as closures."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from engine.calendar import day_of, month_end, months_later, year_end
from engine.ledger.member import NEVER
from engine.programme.terms import FestivalTerms, Multiplier, Notification, Points, Programme, Rule, Threshold
from engine.rules.cap_terms import Caps
from engine.rules.condition import Held, Test
from engine.rules.formula import Base
from engine.rules.registry import audience_of
from engine.spelling import alike


class CompiledMultiplier(NamedTuple):
    """A factor `numerator / denominator` that applies when all tests hold."""

    tests: tuple[Test, ...]
    numerator: int
    denominator: int


class CompiledRule(NamedTuple):
    """A rule with its closures and the multipliers that name it."""

    id: str
    tests: tuple[Test, ...]
    base: Base
    multipliers: tuple[CompiledMultiplier, ...]
    caps: Caps
    exclusive: str | None
    once: bool


Weights = Mapping[str, tuple[tuple[str, int], ...]]
"""Which categories weigh an indicator, and how much: indicator -> (category, weight)."""


class CompiledFestival(NamedTuple):
    """A festival with its indicators as rules, by event type.

    These are called `festival/indicator`, so that their counters and marks of `once` never meet those of the club's
    rules; `indicators` gives their own ids. `place`: its place in the file. `audience`: all of these tests must hold.
    """

    place: int
    id: str
    opens: int
    closes: int
    audience: tuple[Test, ...]
    opt_in: bool
    rules: Mapping[str, tuple[CompiledRule, ...]]
    indicators: Mapping[str, str]
    weights: Weights


class FestivalIndex(NamedTuple):
    """The festivals that an event of one type may count for on one day, by who may take part without asking.

    `everyone`: public ones that members are in without joining. `by_name`: such for an audience, for each kind of
    condition that is the first of one what of a member it looks at, and the festivals by name as names are compared:
    the member has to have that name, and to pass the tests. `opt_in`: by id.
    """

    everyone: tuple[CompiledFestival, ...]
    by_name: tuple[tuple[Held, Mapping[str, list[CompiledFestival]]], ...]
    opt_in: Mapping[str, CompiledFestival]


class CompiledProgramme:
    """One version, ready to score. `tier` is the lowest level, which every member holds; None without tiers."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.id = programme.id
        self.version = programme.version
        self.effective = programme.effective
        self.excluded_mcc = programme.excluded_mcc
        self.unlimited_refund = programme.points.unlimited_refund
        self.thresholds: tuple[Threshold, ...] = programme.thresholds
        self.quiet_hours = programme.quiet_hours
        self.tier = programme.tiers.levels[0].id if programme.tiers else None
        self.rules = _by_type((rule, _rule(rule, rule.id, programme.multipliers)) for rule in programme.rules)
        self.festivals = {each.id: _festival(place, each) for place, each in enumerate(programme.festivals)}
        self._index = lru_cache(maxsize=4_096)(self._open_on)
        self._terms = lru_cache(maxsize=4_096)(lambda day: lot_terms(programme.points, day))
        self._adjusted = lru_cache(maxsize=512)(lambda day: (day, last_day(programme.points, day)))

    def festivals_for(self, type: str, day: int) -> FestivalIndex | None:
        """The festivals whose window touches a day and that look at a type of event; None where there is none."""
        return self._index(type, day)

    def _open_on(self, type: str, day: int) -> FestivalIndex | None:
        found = [
            festival for festival in self.festivals.values()
            if type in festival.rules and day_of(festival.opens) <= day <= day_of(festival.closes - 1)
        ]  # fmt: skip
        if not found:
            return None
        by_name: dict[Held, dict[str, list[CompiledFestival]]] = {}
        for festival in found:
            audience = self.programme.festivals[festival.place].audience
            if audience and not festival.opt_in:
                named = by_name.setdefault(audience_of(audience[0]).held, {})
                for name in set(map(alike, audience[0].names)):
                    named.setdefault(name, []).append(festival)
        everyone = tuple(each for each in found if not each.opt_in and not each.audience)
        return FestivalIndex(everyone, tuple(by_name.items()), {each.id: each for each in found if each.opt_in})

    def terms(self, day: int) -> tuple[int, int]:
        """Activation and last day of points earned on a day."""
        return self._terms(day)

    def adjusted_terms(self, day: int) -> tuple[int, int]:
        """Activation and last day of points that an operator gives on a day: no hold."""
        return self._adjusted(day)

    def notifications(self, event: str) -> list[Notification]:
        """The version's notifications for an event, in the order of the file."""
        return [n for n in self.programme.notifications if n.event == event]


def lot_terms(points: Points, day: int) -> tuple[int, int]:
    """(activation day, last day) of points earned on a Tehran day."""
    activation = day + points.pending_days
    return activation, last_day(points, activation)


def last_day(points: Points, activation: int) -> int:
    """The last valid day of points activated on a day: that many Jalali months later, clamped, rounded up."""
    if points.expiry_months is None:
        return NEVER
    last = months_later(activation, points.expiry_months)
    if points.round_up == "month":
        return month_end(last)
    if points.round_up == "year":
        return year_end(last)
    return last


def compiled_rules(version: CompiledProgramme) -> Iterator[CompiledRule]:
    """Everything of a version that gives points or scores, in the file's order; what has several types comes again."""
    for rules in (version.rules, *(festival.rules for festival in version.festivals.values())):
        for of_type in rules.values():
            yield from of_type


def _by_type(rules: Iterable[tuple[Rule, CompiledRule]]) -> dict[str, tuple[CompiledRule, ...]]:
    by_type: dict[str, list[CompiledRule]] = {}
    for rule, compiled in rules:
        for event in rule.events:
            by_type.setdefault(event, []).append(compiled)
    return {event: tuple(found) for event, found in by_type.items()}


def _festival(place: int, festival: FestivalTerms) -> CompiledFestival:
    names = {f"{festival.id}/{indicator.id}": indicator.id for indicator in festival.indicators}
    return CompiledFestival(
        place, festival.id, festival.opens, festival.closes, tuple(each.test() for each in festival.audience),
        festival.opt_in,
        _by_type((each, _rule(each, name, ())) for name, each in zip(names, festival.indicators, strict=True)),
        names, weights_of(festival),
    )  # fmt: skip


def weights_of(festival: FestivalTerms) -> Weights:
    """The weights of a festival's categories by indicator."""
    return {
        indicator.id: tuple(
            (category.id, category.weigh[indicator.id])
            for category in festival.categories if indicator.id in category.weigh
        )
        for indicator in festival.indicators
    }  # fmt: skip


def _rule(rule: Rule, id: str, multipliers: tuple[Multiplier, ...]) -> CompiledRule:
    return CompiledRule(
        id=id,
        tests=tuple(condition.test() for condition in rule.when),
        base=rule.earn.base(),
        multipliers=tuple(
            CompiledMultiplier(tuple(c.test() for c in m.when), m.by.numerator, m.by.denominator)
            for m in multipliers
            if m.rules is None or rule.id in m.rules
        ),
        caps=rule.caps,
        exclusive=rule.exclusive,
        once=rule.once,
    )
