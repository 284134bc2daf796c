"""The parts of a programme that are checked and kept, but not executed yet: one table, which shrinks with time."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine.programme import Multiplier, Programme, Rule
from engine.rules.tier import Tier
from schemas.programme_file.fields import MONTH_CLOSED
from schemas.programme_file.words import Words

EXECUTED_NOTIFICATIONS = frozenset({"reward.granted", "points.expiring"})


class Part(NamedTuple):
    """Something that a file can ask for; `uses` gives where a programme does, as ids."""

    name: Words
    meanwhile: Words
    uses: Callable[[Programme], Iterator[str]]


class Waiting(NamedTuple):
    """A part that a programme uses and that is not executed yet."""

    name: Words
    meanwhile: Words
    uses: tuple[str, ...]


def _levels(programme: Programme) -> Iterator[str]:
    yield from (level.id for level in programme.tiers.levels) if programme.tiers else ()


def _tier_conditions(programme: Programme) -> Iterator[str]:
    conditional: list[Rule | Multiplier] = [*programme.rules, *programme.multipliers]
    for each in conditional:
        if any(isinstance(condition, Tier) for condition in each.when):
            yield each.id


def _month_rules(programme: Programme) -> Iterator[str]:
    def named(rules: tuple[Rule, ...], prefix: str = "") -> Iterator[str]:
        yield from (prefix + rule.id for rule in rules if MONTH_CLOSED in rule.events)

    yield from named(programme.rules)
    for festival in programme.festivals:
        yield from named(festival.indicators, f"{festival.id}/")


def _draws(programme: Programme) -> Iterator[str]:
    yield from (f"{f.id}/{award.id}" for f in programme.festivals for award in f.awards if award.draw)


def _notifications(programme: Programme) -> Iterator[str]:
    yield from (n.id for n in programme.notifications if n.event not in EXECUTED_NOTIFICATIONS)


NOT_EXECUTED: tuple[Part, ...] = (
    Part(
        Words("tiers", "سطح‌ها"),
        Words("every member holds the lowest level", "همهٔ اعضا در پایین‌ترین سطح‌اند"),
        _levels,
    ),
    Part(
        Words("tier conditions", "شرط سطح"),
        Words("they compare with the lowest level", "با پایین‌ترین سطح سنجیده می‌شوند"),
        _tier_conditions,
    ),
    Part(
        Words("month averages (deposit.month.closed)", "میانگین ماهانه (deposit.month.closed)"),
        Words("these rules earn nothing", "این قاعده‌ها امتیازی نمی‌دهند"),
        _month_rules,
    ),
    Part(
        Words("draws", "قرعه‌کشی‌ها"),
        Words("nothing is drawn", "قرعه‌ای کشیده نمی‌شود"),
        _draws,
    ),
    Part(
        Words("notifications of other events", "پیام رویدادهای دیگر"),
        Words("no such message goes out", "چنین پیامی فرستاده نمی‌شود"),
        _notifications,
    ),
)


def not_executed(programme: Programme) -> list[Waiting]:
    """The parts that a programme uses and that wait for the engine, in the table's order."""
    found = [Waiting(part.name, part.meanwhile, tuple(part.uses(programme))) for part in NOT_EXECUTED]
    return [waiting for waiting in found if waiting.uses]
