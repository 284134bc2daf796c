"""A rule said in a sentence, in English and Persian: what earns how much, on which conditions, up to which caps."""

from collections.abc import Iterable
from decimal import Decimal, localcontext

from engine.calendar import gregorian, jalali
from engine.programme.terms import Multiplier, Rule
from engine.rules.between import Between
from engine.rules.condition import Condition
from engine.rules.dates import FIRST, LAST, Dates
from engine.rules.earning import Earning, Fixed, PerStep
from engine.rules.hours import Hours
from engine.rules.hours import text as time_text
from engine.rules.one_of import OneOf
from engine.rules.registered import Registered
from engine.rules.segments import Segments
from engine.rules.tier import Tier
from engine.rules.weekday import NAMES as WEEKDAYS
from engine.rules.weekday import Weekday
from engine.units import Ratio
from engine.words import Words, listed, number, persian_digits, same
from schemas.programme_file.earning import PERIODS
from schemas.programme_file.fields import EVENT_NAMES, field_name

WEEKDAYS_FA = ("شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه")
"""Saturday to Friday, as `engine.calendar.weekday` counts."""
_MONEY_DIGITS = 200


def earns(rule: Rule) -> Words:
    """The whole rule: what it gives, when, and at most how much."""
    parts = [_earning(rule.earn), *(condition(each) for each in rule.when), *_caps(rule)]
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


def exact(ratio: Ratio) -> Words:
    """A ratio that came from a decimal, as that decimal."""
    with localcontext(prec=_MONEY_DIGITS):
        written = f"{(Decimal(ratio.numerator) / Decimal(ratio.denominator)).normalize():f}"
    return Words(written, persian_digits(written).replace(".", "٫"))


def _earning(earn: Earning) -> Words:
    if isinstance(earn, Fixed):
        points = number(earn.points)
        return Words(f"{_points(earn.points)}", f"{points.fa} امتیاز")
    by = field_name(earn.of)
    if isinstance(earn, PerStep):
        each, step = number(earn.points), number(earn.per)
        return Words(
            f"{_points(earn.points)} per {step.en} of {by.en}", f"{each.fa} امتیاز برای هر {step.fa} از {by.fa}"
        )
    rate = exact(earn.rate)
    return Words(f"{rate.en} points per Rial of {by.en}", f"{rate.fa} امتیاز برای هر ریال از {by.fa}")


def _points(count: int) -> str:
    return f"{number(count).en} point{'' if count == 1 else 's'}"


def condition(each: Condition) -> Words:
    """One condition."""
    match each:
        case Between():
            return _between(each)
        case OneOf():
            return _one_of(each)
        case Weekday(days):
            names = sorted(days)
            return Words(
                "on " + ", ".join(WEEKDAYS[d] for d in names), "در " + "، ".join(WEEKDAYS_FA[d] for d in names)
            )
        case Dates():
            return _dates(each)
        case Hours(begin, until):
            first, last = time_text(begin), time_text(until)
            return Words(f"{first} to {last}", f"از {persian_digits(first)} تا {persian_digits(last)}")
        case Segments(any_of):
            names_of = listed(sorted(any_of))
            return Words(f"segment {names_of.en}", f"عضو گروه {names_of.fa}")
        case Tier(levels):
            held = listed(sorted(levels))
            return Words(f"tier {held.en}", f"سطح {held.fa}")
        case Registered():
            return Words("registered members", "اعضای ثبت‌نام‌کرده")
    raise TypeError(f"no words for {each!r}")


def _between(each: Between) -> Words:
    name = field_name(each.field)
    low = None if each.minimum is None else number(each.minimum)
    high = None if each.maximum is None else number(each.maximum)
    if low is not None and high is not None:
        return Words(f"{name.en} {low.en} to {high.en}", f"{name.fa} از {low.fa} تا {high.fa}")
    if low is not None:
        return Words(f"{name.en} from {low.en}", f"{name.fa} از {low.fa}")
    assert high is not None, "one of the bounds is given"
    return Words(f"{name.en} up to {high.en}", f"{name.fa} تا {high.fa}")


def _one_of(each: OneOf) -> Words:
    name = field_name(each.field)
    if each.values == {True}:
        return Words(name.en, name.fa)
    if each.values == {False}:
        return Words(f"not {name.en}", f"نه {name.fa}")
    values = listed(_value(value) for value in sorted(each.values, key=lambda v: (str(type(v)), v)))
    return Words(f"{name.en} {values.en}", f"{name.fa} {values.fa}")


def _value(value: str | int | bool) -> Words:
    return number(value) if isinstance(value, int) and not isinstance(value, bool) else same(str(value))


def _dates(each: Dates) -> Words:
    parts: list[Words] = []
    if each.begin != FIRST:
        parts.append(Words(f"from {jalali(each.begin)}", f"از {persian_digits(str(jalali(each.begin)))}"))
    if each.until != LAST:
        parts.append(Words(f"before {jalali(each.until)}", f"پیش از {persian_digits(str(jalali(each.until)))}"))
    return Words(" ".join(part.en for part in parts), " ".join(part.fa for part in parts))


def _caps(rule: Rule) -> Iterable[Words]:
    given = [(period, cap) for period, cap in zip(PERIODS, rule.caps, strict=True) if cap is not None]
    if given:
        en = ", ".join(f"{number(cap).en} a {period}" for period, cap in given)
        fa = "، ".join(f"{number(cap).fa} در {PERIODS[period].fa}" for period, cap in given)
        yield Words(f"at most {en}", f"بیشینه {fa}")
