"""What an activity earns: eligibility, base, multipliers, rounding, exclusive groups, caps. In this order."""

from typing import NamedTuple

from engine import lots
from engine.activity import Activity
from engine.calendar import jalali, month_number, weekday
from engine.compiled import Compiled, CompiledRule
from engine.draft import Draft
from engine.effects import Cause
from engine.member import EVER_KEY, Grant, Status, month_key, year_key
from engine.outcome import Reason
from engine.rules.caps import Caps
from engine.rules.condition import Standing
from engine.units import round_half_up


class Earned(NamedTuple):
    """What a rule gives before its caps."""

    rule: CompiledRule
    desired: int


def standing(draft: Draft, version: Compiled) -> Standing:
    """What conditions may know of the member now."""
    head = draft.head
    return Standing(head.status == Status.REGISTERED, head.segments, version.tier)


def earned(
    draft: Draft, activity: Activity, version: Compiled, paid: frozenset[str] = frozenset()
) -> tuple[list[Earned], Reason]:
    """Every rule that gives something, in the order of the file, with the reason where none does.

    `paid` names rules that this very activity was paid under before: `once` does not shut them out.
    """
    rules = version.rules.get(activity.type)
    if rules is None:
        return [], Reason.NO_RULE
    if getattr(activity.data, "mcc", None) in version.excluded_mcc:
        return [], Reason.EXCLUDED_MCC
    view = standing(draft, version)
    once = draft.head.once
    found: list[Earned] = []
    reason = Reason.CONDITIONS
    grouped = False
    for rule in rules:
        for test in rule.tests:
            if not test(activity, view):
                break
        else:
            base = rule.base(activity.data)
            if base is None:
                continue
            if rule.once and rule.id in once and rule.id not in paid:
                reason = Reason.PAID_ONCE
                continue
            desired = multiply(rule, base, activity, view)
            grouped = grouped or rule.exclusive is not None
            if desired:
                found.append(Earned(rule, desired))
            else:
                reason = Reason.ROUNDED_TO_NOTHING
    if grouped and len(found) > 1:
        found = best_of_groups(found)
    return found, Reason.NONE if found else reason


def multiply(rule: CompiledRule, base: tuple[int, int], activity: Activity, view: Standing) -> int:
    """Base x every matching multiplier, exactly, then rounded half up once."""
    numerator, denominator = base
    for multiplier in rule.multipliers:
        for test in multiplier.tests:
            if not test(activity, view):
                break
        else:
            numerator *= multiplier.numerator
            denominator *= multiplier.denominator
    return numerator if denominator == 1 else round_half_up(numerator, denominator)


def best_of_groups(found: list[Earned]) -> list[Earned]:
    """Of the rules that share an exclusive group the highest outcome stays, then the lowest rule id."""
    best: dict[str, Earned] = {}
    for entry in found:
        group = entry.rule.exclusive
        if group is None:
            continue
        rival = best.get(group)
        if rival is None or (-entry.desired, entry.rule.id) < (-rival.desired, rival.rule.id):
            best[group] = entry
    return [e for e in found if e.rule.exclusive is None or best[e.rule.exclusive] is e]


def pay(draft: Draft, cause: Cause, activity: Activity, version: Compiled, found: list[Earned]) -> tuple[Grant, ...]:
    """Post what the rules give under their caps; the grants, for refunds to find."""
    grants = []
    day = activity.day
    terms = version.terms(day)
    for rule, desired in found:
        granted = under_caps(draft, rule, desired, day, 0)
        if not granted:
            continue
        lots.accrue(draft, cause, rule.id, granted, terms, day, desired if granted < desired else None)
        draft.edit().qualified += granted
        if rule.once:
            draft.edit().once = {**draft.head.once, rule.id: activity.identity}
        grants.append(Grant(rule.id, granted, 0, 0, 0, *terms, rule.once))
    return tuple(grants)


def under_caps(draft: Draft, rule: CompiledRule, desired: int, day: int, already: int) -> int:
    """What the caps leave of `desired`, narrowest first, and count it. `already`: given for the same event before."""
    caps, id = rule.caps, rule.id
    granted = desired
    if caps.transaction is not None:
        granted = min(granted, max(0, caps.transaction - already))
    date = jalali(day)
    key = month_key(date.year * 12 + date.month - 1)
    months = draft.read(key) or {}
    month = months.get(id) or {}
    if caps.day is not None:
        granted = min(granted, max(0, caps.day - month.get(date.day, 0)))
    if caps.week is not None:
        granted = min(granted, max(0, caps.week - _week(draft, id, day)))
    if caps.month is not None:
        granted = min(granted, max(0, caps.month - month.get(0, 0)))
    year = ever = 0
    if id in draft.shelf.yearly:
        year = _year(draft, id, date.year)
        if caps.year is not None:
            granted = min(granted, max(0, caps.year - year))
    if id in draft.shelf.ever:
        ever = _ever(draft, id)
        if caps.programme is not None:
            granted = min(granted, max(0, caps.programme - ever))
    if not granted:
        return 0
    counted = {**month, 0: month.get(0, 0) + granted, date.day: month.get(date.day, 0) + granted}
    draft.write(key, {**months, id: counted})
    if id in draft.shelf.yearly:
        draft.write(year_key(date.year), {**(draft.read(year_key(date.year)) or {}), id: year + granted})
    if id in draft.shelf.ever:
        draft.write(EVER_KEY, {**(draft.read(EVER_KEY) or {}), id: ever + granted})
    return granted


def used(draft: Draft, rule: str, day: int) -> Caps:
    """What a rule has given so far in each period, as `under_caps` counts it; of one transaction nothing is known."""
    date = jalali(day)
    month = (draft.read(month_key(month_number(day))) or {}).get(rule) or {}
    return Caps(
        day=month.get(date.day, 0),
        week=_week(draft, rule, day),
        month=month.get(0, 0),
        year=_year(draft, rule, date.year),
        programme=_ever(draft, rule),
    )


def _week(draft: Draft, rule: str, day: int) -> int:
    """Points of a rule in the week (Saturday to Friday) that contains the day."""
    saturday = day - weekday(day)
    total = 0
    for d in range(saturday, saturday + 7):
        total += ((draft.read(month_key(month_number(d))) or {}).get(rule) or {}).get(jalali(d).day, 0)
    return total


def _year(draft: Draft, rule: str, year: int) -> int:
    """Points of a rule in a Jalali year; summed from the months where no version had capped it by year before."""
    total: int | None = (draft.read(year_key(year)) or {}).get(rule)
    if total is not None:
        return total
    if rule in draft.shelf.whole or not draft.head.issued:
        return 0
    return sum(((draft.read(month_key(year * 12 + m)) or {}).get(rule) or {}).get(0, 0) for m in range(12))


def _ever(draft: Draft, rule: str) -> int:
    """Points of a rule over all time; summed from all months where no version had capped it so before."""
    total: int | None = (draft.read(EVER_KEY) or {}).get(rule)
    if total is not None:
        return total
    if rule in draft.shelf.whole or not draft.head.issued:
        return 0
    return sum((row.get(rule) or {}).get(0, 0) for _, row in draft.range(b"c"))
