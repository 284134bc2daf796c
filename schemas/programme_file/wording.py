"""A rule said in a sentence, in English and Persian: what earns how much, on which conditions, up to which caps."""

from collections.abc import Iterable

from engine.calendar import gregorian, jalali
from engine.programme.terms import Multiplier, Rule
from engine.rules.condition import Condition
from engine.words import Words, exact, listed, number, persian_digits
from schemas.programme_file.earning import PERIODS
from schemas.programme_file.fields import EVENT_NAMES, field_name


def earns(rule: Rule) -> Words:
    """The whole rule: what it gives, when, and at most how much."""
    parts = [rule.earn.words(field_name), *(condition(each) for each in rule.when), *_caps(rule)]
    if rule.once:
        parts.append(Words("once a member", "برای هر عضو یک بار"))
    return Words("; ".join(part.en for part in parts), "؛ ".join(part.fa for part in parts))


def of_events(rule: Rule) -> Words:
    """What a rule is for."""
    return listed(EVENT_NAMES[event] for event in rule.events)


def multiplies(multiplier: Multiplier) -> Words:
    """A multiplier: by how much, for which rules, when."""
    by = exact(multiplier.by)
    parts = [Words(f"× {by.en}", f"× {by.fa}"), *(condition(each) for each in multiplier.when)]
    return Words("; ".join(part.en for part in parts), "؛ ".join(part.fa for part in parts))


def date(day: int) -> Words:
    """A day in both calendars, the Jalali one first."""
    written = str(jalali(day))
    return Words(f"{written} ({gregorian(day)})", f"{persian_digits(written)} ({gregorian(day)})")


def condition(each: Condition) -> Words:
    """One condition."""
    return each.words(field_name)


def _caps(rule: Rule) -> Iterable[Words]:
    given = [(period, cap) for period, cap in zip(PERIODS, rule.caps, strict=True) if cap is not None]
    if given:
        en = ", ".join(f"{number(cap).en} a {period}" for period, cap in given)
        fa = "، ".join(f"{number(cap).fa} در {PERIODS[period].fa}" for period, cap in given)
        yield Words(f"at most {en}", f"بیشینه {fa}")
