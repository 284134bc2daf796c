"""Caps: what a rule has given a member in each period, and how much more it may give, by the narrowest period first.

The months' counters hold everything; totals of a year, and over all time, are kept beside them only for rules that some
version caps so, since summing months for every event would be slow.
"""

from engine.calendar import jalali, month_number, weekday
from engine.ledger.draft import Draft
from engine.ledger.member import EVER_KEY, Head
from engine.programme.compiler import CompiledRule
from engine.rules.cap_terms import Caps


def grant(draft: Draft, rule: CompiledRule, desired: int, day: int, already: int) -> int:
    """What the caps leave of `desired`, narrowest first, and count it. `already`: given for the same event before."""
    caps, id = rule.caps, rule.id
    granted = desired
    if caps.transaction is not None:
        granted = min(granted, max(0, caps.transaction - already))
    date = jalali(day)
    number = date.year * 12 + date.month - 1
    counters = draft.counters(number)
    month = counters.get(id) or {}
    if caps.day is not None:
        granted = min(granted, max(0, caps.day - month.get(date.day, 0)))
    if caps.week is not None:
        granted = min(granted, max(0, caps.week - _week(draft, id, day)))
    if caps.month is not None:
        granted = min(granted, max(0, caps.month - month.get(0, 0)))
    year = ever = 0
    if id in draft.versions.yearly:
        year = _year(draft, id, date.year)
        if caps.year is not None:
            granted = min(granted, max(0, caps.year - year))
    if id in draft.versions.ever:
        ever = _ever(draft, id)
        if caps.programme is not None:
            granted = min(granted, max(0, caps.programme - ever))
    if granted < desired:
        draft.capped = (*draft.capped, id)
    if not granted:
        return 0
    counted = {**month, 0: month.get(0, 0) + granted, date.day: month.get(date.day, 0) + granted}
    draft.count(number, {**counters, id: counted})
    if id in draft.versions.yearly:
        draft.total(date.year, {**draft.totals(date.year), id: year + granted})
    if id in draft.versions.ever:
        draft.write(EVER_KEY, {**(draft.read(EVER_KEY) or {}), id: ever + granted})
    return granted


def used(draft: Draft, rule: str, day: int) -> Caps:
    """What a rule has given so far in each period, as `grant` counts it; of one transaction nothing is known."""
    date = jalali(day)
    month = draft.counters(month_number(day)).get(rule) or {}
    return Caps(
        day=month.get(date.day, 0),
        week=_week(draft, rule, day),
        month=month.get(0, 0),
        year=_year(draft, rule, date.year),
        programme=_ever(draft, rule),
    )


def _ever_scored(head: Head) -> bool:
    """Whether anything was ever given to the member, of the club's points or in a festival."""
    return bool(head.issued or head.festivals)


def _week(draft: Draft, rule: str, day: int) -> int:
    """Points of a rule in the week (Saturday to Friday) that contains the day."""
    saturday = day - weekday(day)
    total = 0
    for d in range(saturday, saturday + 7):
        total += (draft.counters(month_number(d)).get(rule) or {}).get(jalali(d).day, 0)
    return total


def _year(draft: Draft, rule: str, year: int) -> int:
    """Points of a rule in a Jalali year; summed from the months where no version had capped it by year before."""
    total = draft.totals(year).get(rule)
    if total is not None:
        return total
    if rule in draft.versions.yearly_from_start or not _ever_scored(draft.head):
        return 0
    return sum((draft.counters(year * 12 + m).get(rule) or {}).get(0, 0) for m in range(12))


def _ever(draft: Draft, rule: str) -> int:
    """Points of a rule over all time; summed from all months where no version had capped it so before."""
    total: int | None = (draft.read(EVER_KEY) or {}).get(rule)
    if total is not None:
        return total
    if rule in draft.versions.ever_from_start or not _ever_scored(draft.head):
        return 0
    months = [draft.head.counters, *(row for _, row in draft.range(b"c"))]
    return sum((counters.get(rule) or {}).get(0, 0) for counters in months)
