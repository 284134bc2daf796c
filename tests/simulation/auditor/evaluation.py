"""Evaluation of one event: eligibility, base, multipliers, rounding, exclusive groups, caps."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import Activity
from tests.simulation.auditor.lots import accrue
from tests.simulation.auditor.programme_reading import Rule, Version, as_list, integer, mcc_text, minutes_of
from tests.simulation.auditor.state import Decision, Grant, Mark, Member


def half_up(exact: Fraction) -> int:
    """Round to the nearest integer, halves upwards."""
    return floor(exact + Fraction(1, 2))


def in_force(versions: list[Version], instant: int) -> Version | None:
    """The version with the latest `effective` not after the instant; of equal ones the highest version."""
    reached = [version for version in versions if version.effective <= instant]
    return max(reached, key=lambda version: (version.effective, version.version), default=None)


def every_condition_holds(when: Mapping[str, Any], activity: Activity, member: Member, version: Version) -> bool:
    """Whether the whole of a `when` holds."""
    return all(holds(name, wanted, activity, member, version) for name, wanted in when.items())


def holds(name: str, wanted: Any, activity: Activity, member: Member, version: Version) -> bool:
    """Whether one condition of a `when` holds."""
    shown = tehran_time.wall_clock(activity.moment)
    if name == "weekday":
        return tehran_time.WEEKDAYS[shown.weekday()] in as_list(wanted)
    if name == "dates":
        return within_dates(wanted, shown.date())
    if name == "hours":
        return within_hours(minutes_of(wanted["from"]), minutes_of(wanted["until"]), shown.hour * 60 + shown.minute)
    if name == "segments":
        return shares_one(as_list(wanted), member.segments)
    if name == "province":
        return shares_one(as_list(wanted), member.provinces)
    if name == "tier":
        return version.lowest_level != "" and version.lowest_level in as_list(wanted)
    if name == "member":
        assert wanted == "registered", wanted
        return member.status == "registered"
    if name not in activity.data:
        return False
    found = activity.data[name]
    if isinstance(wanted, Mapping):
        return within(wanted, found)
    return any(equal(name, each, found) for each in as_list(wanted))


_PERSIAN_LETTERS = {"ك": "ک", "ي": "ی", "ى": "ی", "ە": "ه"}
"""Letters of other keyboards, and those that look the same in Persian."""


def shares_one(wanted: Iterable[Any], held: Iterable[str]) -> bool:
    """Whether two lists of names have one in common, as people see them."""
    return not {as_people_see_it(str(each)) for each in wanted}.isdisjoint(map(as_people_see_it, held))


def as_people_see_it(name: str) -> str:
    """A name in Persian letters and Latin digits, without half spaces, lengthening strokes and unseen marks."""
    seen = []
    for character in unicodedata.normalize("NFD", name.replace("\u00a0", " ")):
        if "ARABIC" in unicodedata.name(character, "") and unicodedata.decimal(character, None) is not None:
            seen.append(str(unicodedata.decimal(character)))
        elif unicodedata.category(character) != "Cf" and character != "\u0640":
            seen.append(_PERSIAN_LETTERS.get(character, character))
    return "".join(seen)


def within_dates(wanted: Mapping[str, Any], day: date) -> bool:
    """`from` is inside, `until` is not."""
    if "from" in wanted and day < tehran_time.jalali_date(wanted["from"]):
        return False
    return "until" not in wanted or day < tehran_time.jalali_date(wanted["until"])


def within_hours(start: int, until: int, minutes: int) -> bool:
    """Minutes after midnight; `until` is outside, and a span may pass midnight."""
    if start <= until:
        return start <= minutes < until
    return minutes >= start or minutes < until


def within(wanted: Mapping[str, Any], found: Any) -> bool:
    """Both bounds are inside; only numbers lie between bounds."""
    if isinstance(found, bool) or not isinstance(found, int):
        return False
    if "min" in wanted and found < integer(wanted["min"]):
        return False
    return bool("max" not in wanted or found <= integer(wanted["max"]))


def equal(name: str, wanted: Any, found: Any) -> bool:
    """A value of a programme file against one of an event."""
    if name == "mcc":
        return bool(mcc_text(wanted) == found)
    if isinstance(found, bool):
        return str(wanted).lower() == str(found).lower()
    if isinstance(found, int):
        return integer(wanted) == found
    return bool(str(wanted) == found)


def base(rule: Rule, activity: Activity) -> Fraction | None:
    """What a rule earns before its multipliers; None when the field that it counts is absent."""
    if rule.points is not None and rule.per is None:
        return Fraction(rule.points)
    if rule.of not in activity.data:
        return None
    counted: int = max(0, activity.data[rule.of])
    if rule.per is not None:
        assert rule.points is not None
        return Fraction(counted // rule.per * rule.points)
    assert rule.per_rial is not None
    return rule.per_rial * counted


def outcomes(version: Version, activity: Activity, member: Member, mark: Mark) -> dict[str, int]:
    """What each matching rule would pay before caps, after rounding and after the exclusive groups."""
    if activity.data.get("mcc") in version.excluded_mcc:
        return {}
    found: dict[str, int] = {}
    for rule in version.rules:
        if activity.type not in rule.events:
            continue
        if rule.once and member.once.get(rule.id, mark) != mark:
            continue
        if not every_condition_holds(rule.when, activity, member, version):
            continue
        exact = base(rule, activity)
        if exact is None:
            continue
        for multiplier in version.multipliers:
            named = multiplier.rules is None or rule.id in multiplier.rules
            if named and every_condition_holds(multiplier.when, activity, member, version):
                exact *= multiplier.by
        found[rule.id] = half_up(exact)
    return without_losers(version, found)


def without_losers(version: Version, found: dict[str, int]) -> dict[str, int]:
    """Of the rules of one exclusive group the highest outcome stays, of equal ones the lowest rule id."""
    kept = dict(found)
    for group in {rule.exclusive for rule in version.rules if rule.exclusive}:
        rivals = [rule.id for rule in version.rules if rule.exclusive == group and rule.id in found]
        rivals.sort(key=lambda rule: (-found[rule], rule))
        for loser in rivals[1:]:
            del kept[loser]
    return kept


def cut_by_caps(member: Member, rule: Rule, desired: int, day: date, paid_before: int) -> int:
    """What the caps leave of `desired`, narrowest first. Refunds never reopen room: the counters only rise."""
    granted = desired
    if "transaction" in rule.caps:
        granted = min(granted, rule.caps["transaction"] - paid_before)
    for kind in tehran_time.PERIODS:
        if kind in rule.caps:
            used = member.counters[rule.id, kind, tehran_time.period_of(day, kind)]
            granted = min(granted, rule.caps[kind] - used)
    return max(0, granted)


def grant(
    decision: Decision, version: Version, rule: Rule, activity: Activity, desired: int, paid_before: int, mark: Mark
) -> Grant | None:
    """Pay one rule for one event, within its caps; None when nothing is left to pay."""
    member = decision.member
    day = tehran_time.day_of(activity.moment)
    granted = cut_by_caps(member, rule, desired, day, paid_before)
    if not granted:
        return None
    for kind in tehran_time.PERIODS:
        member.counters[rule.id, kind, tehran_time.period_of(day, kind)] += granted
    if rule.once:
        member.once[rule.id] = mark
    member.qualified += granted
    lot = version.lot_of(day)
    accrue(decision, lot, granted, rule.id, at_once=version.pending_days == 0, desired=desired)
    return Grant(rule.id, lot, rule.once, granted)


NOBODY: Mark = ("nobody",)
"""Only a balance's correction may find `once` used up by itself; another event of a forgotten id may not."""


def score(decision: Decision, version: Version, activity: Activity) -> list[Grant]:
    """Pay every rule that the event earns, in the order of the programme file."""
    mark = ("event", activity.source, activity.id)
    due = outcomes(version, activity, decision.member, NOBODY)
    grants = []
    for rule in version.rules:
        if rule.id in due:
            paid = grant(decision, version, rule, activity, due[rule.id], 0, mark)
            if paid:
                grants.append(paid)
    return grants
