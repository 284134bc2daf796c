"""A programme version compiled once: rules by event type, conditions and earnings as closures."""

from functools import lru_cache
from typing import NamedTuple

from engine.calendar import month_end, months_later, year_end
from engine.member import NEVER
from engine.programme import Multiplier, Notification, Points, Programme, Rule, Threshold
from engine.rules.caps import Caps
from engine.rules.condition import Test
from engine.rules.formula import Base


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


class Compiled:
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
        self.rules = _by_type(programme)
        self._terms = lru_cache(maxsize=4_096)(lambda day: lot_terms(programme.points, day))
        self._adjusted = lru_cache(maxsize=512)(lambda day: (day, last_day(programme.points, day)))

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


def _by_type(programme: Programme) -> dict[str, tuple[CompiledRule, ...]]:
    by_type: dict[str, list[CompiledRule]] = {}
    for rule in programme.rules:
        compiled = _rule(rule, programme.multipliers)
        for event in rule.events:
            by_type.setdefault(event, []).append(compiled)
    return {event: tuple(rules) for event, rules in by_type.items()}


def _rule(rule: Rule, multipliers: tuple[Multiplier, ...]) -> CompiledRule:
    return CompiledRule(
        id=rule.id,
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
