"""The parts of a programme that are checked and kept, but not executed yet: one table, which shrinks with time.

`refusals` is what keeps such a file from being published by oversight. It is no part of reading: what was published
before is read, scored and verified as ever.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine.programme.terms import Multiplier, Programme, Rule
from engine.rules.condition import NamesCondition
from engine.rules.values import LevelList
from engine.words import Words
from schemas.programme_file.document import Reading
from schemas.programme_file.fields import MONTH_CLOSED
from schemas.programme_file.messages import Code
from schemas.programme_file.problems import FileProblem, Report

EXECUTED_NOTIFICATIONS = frozenset({"reward.granted", "points.expiring"})


class ProgrammePart(NamedTuple):
    """Something that a file can ask for; `uses` gives where a programme does, as ids."""

    name: Words
    meanwhile: Words
    uses: Callable[[Programme], Iterator[str]]


class WaitingPart(NamedTuple):
    """A part that a programme uses and that is not executed yet."""

    name: Words
    meanwhile: Words
    uses: tuple[str, ...]


def _levels(programme: Programme) -> Iterator[str]:
    yield from (level.id for level in programme.tiers.levels) if programme.tiers else ()


def _tier_conditions(programme: Programme) -> Iterator[str]:
    conditional: list[Rule | Multiplier] = [*programme.rules, *programme.multipliers]
    for each in conditional:
        if any(_of_levels(each)):
            yield each.id


def _of_levels(each: Rule | Multiplier) -> Iterator[NamesCondition]:
    """The conditions that compare with levels."""
    named = (condition for condition in each.when if isinstance(condition, NamesCondition))
    return (condition for condition in named if isinstance(condition.value, LevelList))


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


NOT_EXECUTED: tuple[ProgrammePart, ...] = (
    ProgrammePart(
        Words("tiers", "سطح‌ها"),
        Words("every member holds the lowest level", "همهٔ اعضا در پایین‌ترین سطح‌اند"),
        _levels,
    ),
    ProgrammePart(
        Words("tier conditions", "شرط سطح"),
        Words("they compare with the lowest level", "با پایین‌ترین سطح سنجیده می‌شوند"),
        _tier_conditions,
    ),
    ProgrammePart(
        Words("month averages (deposit.month.closed)", "میانگین ماهانه (deposit.month.closed)"),
        Words("these rules earn nothing", "این قاعده‌ها امتیازی نمی‌دهند"),
        _month_rules,
    ),
    ProgrammePart(
        Words("draws", "قرعه‌کشی‌ها"),
        Words("nothing is drawn", "قرعه‌ای کشیده نمی‌شود"),
        _draws,
    ),
    ProgrammePart(
        Words("notifications of other events", "پیام رویدادهای دیگر"),
        Words("no such message goes out", "چنین پیامی فرستاده نمی‌شود"),
        _notifications,
    ),
)


def not_executed(programme: Programme) -> list[WaitingPart]:
    """The parts that a programme uses and that wait for the engine, in the table's order."""
    found = [WaitingPart(part.name, part.meanwhile, tuple(part.uses(programme))) for part in NOT_EXECUTED]
    return [waiting for waiting in found if waiting.uses]


_NO_MONTHS = Words(
    "nobody works out the months' averages, so the rule earns nothing by them",
    "میانگین ماه‌ها را کسی حساب نمی‌کند، پس این قاعده از آن امتیازی نمی‌دهد",
)
_LOWEST_ONLY = Words(
    "every member holds the lowest level, so the rule never pays",
    "همهٔ اعضا در پایین‌ترین سطح‌اند، پس این قاعده هرگز نمی‌پردازد",
)
_NO_DRAWS = Words("nothing is drawn, so nobody wins it", "قرعه‌ای کشیده نمی‌شود، پس کسی آن را نمی‌برد")


def refusals(reading: Reading, allow_waiting: bool = False) -> tuple[FileProblem, ...]:
    """Why a readable file should not be published: rules and awards that would do nothing, unless these may wait, and
    names that nothing can be asked by."""
    report = Report(reading.report.file, places=reading.report.places)
    named = {place.path: place for place in report.places.values() if place.id is not None}
    for place in named.values():
        name = (place.id or "").rpartition("/")[2]
        if name in (".", "..") and f"{place.path}.id" in report.places:
            report.add(Code.DOTS_AS_ID, report.place(f"{place.path}.id"), found=name)
    if reading.programme.id in (".", ".."):
        report.add(Code.DOTS_AS_ID, report.place("programme"), found=reading.programme.id)
    if not allow_waiting:
        for path, reason in _waiting(reading.programme):
            report.add(Code.NOT_EXECUTED, report.place(path), reason=reason)
    return report.ordered()


def _waiting(programme: Programme) -> Iterator[tuple[str, Words]]:
    """The path of each rule, indicator and award that does nothing in this release or less than it says, with why."""
    lowest = programme.tiers.levels[0].id if programme.tiers else None
    lists = [("rules", programme.rules)]
    lists += [(f"festivals[{i}].indicators", festival.indicators) for i, festival in enumerate(programme.festivals)]
    for path, rules in lists:
        for index, rule in enumerate(rules):
            if MONTH_CLOSED in rule.events:
                yield f"{path}[{index}].event", _NO_MONTHS
            for condition in _of_levels(rule):
                if lowest not in condition.names:
                    yield f"{path}[{index}].when.{condition.key}", _LOWEST_ONLY
    for i, festival in enumerate(programme.festivals):
        for j, award in enumerate(festival.awards):
            if award.draw:
                yield f"festivals[{i}].awards[{j}].draw", _NO_DRAWS
