"""Reads how points are earned: `earn`, `caps`, and the rules and multipliers that are made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.programme.terms import Multiplier, Rule
from engine.rules.cap_terms import Caps
from engine.rules.condition import Condition
from engine.rules.earning import Earning, Fixed, PerRial, PerStep
from engine.words import Words, listed, number
from schemas.programme_file.conditions import conditions
from schemas.programme_file.cursor import Section, Value, hint
from schemas.programme_file.fields import AT_WILL, CORRECTING, EARNING, FieldKind
from schemas.programme_file.ids import RULE, Names, item
from schemas.programme_file.meant import decimal_meant
from schemas.programme_file.messages import Code
from schemas.programme_file.nodes import Scalar, shown
from schemas.programme_file.sections import named
from schemas.programme_file.values import (
    choice,
    decimal,
    identifier,
    integer,
    references,
    rial,
    text,
    title,
)

RULES_MAX = 1_000
MULTIPLIERS_MAX = 1_000
POINTS_MAX = 10**9
CAP_MAX = 10**12
BY_MAX = 1_000
RATE_MAX = 1_000

AN_EVENT = Words("an event type as card.purchase.settled", "نوع رویداد مانند card.purchase.settled")
AN_EARNING = Words("{points: 1, per: 100_000}", "{points: 1, per: 100_000}")
PERIODS: Mapping[str, Words] = {
    "transaction": Words("transaction", "هر تراکنش"),
    "day": Words("day", "روز"),
    "week": Words("week", "هفته"),
    "month": Words("month", "ماه"),
    "year": Words("year", "سال"),
    "programme": Words("programme", "کل برنامه"),
}
_RULE_KEYS = ("title", "event", "when", "earn", "caps", "exclusive", "once")


@dataclass(slots=True)
class Rules:
    """Rules read from one list. `events` tells what each is for, faulty ones included, as far as it could be read."""

    rules: list[Rule] = field(default_factory=list)
    events: dict[str, tuple[str, ...]] = field(default_factory=dict)


def rules(value: Value | None, names: Names, limit: int = RULES_MAX, at_least: int = 0, *, seen: bool = False) -> Rules:
    """A list of rules, or of a festival's indicators. `seen`: by members, who are to find titles there and no ids."""
    found, taken, groups = Rules(), dict[str, int](), dict[str, list[Value]]()
    for each in value.items(limit, at_least=at_least) if value else ():
        name, section = item(each, taken, *_RULE_KEYS)
        if section is None:
            continue
        group = section.get("exclusive")
        group_name = identifier(group) if group else None
        if group is not None and group_name is not None:
            groups.setdefault(group_name, []).append(group)
        words = named(section, name) if seen else title(section)
        types, rule = _rule(name, words, section, names, group_name)
        if name is not None:
            found.events[name] = types
        if rule is not None:
            found.rules.append(rule)
    for shared, members in groups.items():
        if len(members) == 1:
            members[0].refuse(Code.EXCLUSIVE_ALONE, found=shared)
    return found


def _rule(
    name: str | None, words: dict[str, str], section: Section, names: Names, exclusive: str | None
) -> tuple[tuple[str, ...], Rule | None]:
    """A rule's event types, and the rule where all of it could be read."""
    types = event_types(section.need("event", AN_EVENT))
    when = conditions(section.get("when"), types, names)
    earn = earning(section.need("earn", AN_EARNING), types)
    limits = caps(section.get("caps"), earn)
    once = section.get("once")
    once_each = choice(once, ["member"]) if once else None
    if once is None and not AT_WILL.isdisjoint(types):
        section.of.refuse(Code.EARNED_AT_WILL, event=listed(sorted(AT_WILL.intersection(types))))
    if name is None or earn is None or not types:
        return types, None
    return types, Rule(name, words, types, tuple(when), earn, limits, exclusive, once_each is not None)


def event_types(value: Value | None) -> tuple[str, ...]:
    """The event types of a rule, in the order of the file."""
    found: dict[str, None] = {}
    for each in value.one_or_more(len(EARNING), AN_EVENT) if value else ():
        name = text(each, 64)
        if name is None:
            continue
        if name in CORRECTING:
            corrected = CORRECTING[name]
            remedy = Words(
                f"it takes back what {corrected} earned, by itself; write the rule for {corrected}",
                f"خودبه‌خود امتیاز {corrected} را برمی‌گرداند؛ قاعده را برای {corrected} بنویسید",
            )
            each.refuse(Code.CORRECTION_EVENT, found=name, hint=remedy)
        elif name not in EARNING:
            each.refuse(Code.NOT_ONE_OF, found=shown(name), hint=hint(name, EARNING, each.report))
        elif name in found:
            each.refuse(Code.REPEATED, found=name)
        else:
            found[name] = None
    return tuple(found)


def earning(value: Value | None, types: tuple[str, ...]) -> Earning | None:
    """One of the three ways to earn."""
    section = value.section("points", "per", "per_rial", "of", expected=AN_EARNING) if value else None
    if section is None:
        return None
    points, per, rate, of = (section.get(key) for key in ("points", "per", "per_rial", "of"))
    if rate is not None and (points is not None or per is not None):
        rate.refuse(Code.EARN_BOTH, found="points" if points is not None else "per")
        return None
    if rate is None and points is None:
        section.of.refuse(Code.EARN_NOTHING)
        return None
    by = "amount" if of is None else text(of, 64)
    if by is not None and (of is not None or per is not None or rate is not None):
        _check_of(by, of or section.of, types, rate is not None)
    if rate is not None:
        exact = decimal(rate, RATE_MAX)
        return PerRial(exact, by) if exact is not None and by is not None else None
    each, step = integer(points, 1, POINTS_MAX), rial(per)
    if each is None or by is None:
        return None
    if per is None:
        return Fixed(each, None if of is None else by)
    return PerStep(each, step, by) if step is not None else None


def _check_of(by: str, at: Value, types: tuple[str, ...], of_money: bool) -> None:
    """The field that points are counted by must be a number in the events, an amount of money for `per_rial`."""
    having = [EARNING[event][by] for event in types if by in EARNING[event]]
    lacking = [event for event in types if by not in EARNING[event]]
    numbers = list(dict.fromkeys(name for e in types for name, f in EARNING[e].items() if f.kind.numeric))
    numbers = [name for name in numbers if name != "revision"]  # a number, but nobody earns by it
    if not numbers and types:
        remedy = Words("it holds no number; give {points: 20} alone", "عددی در آن نیست؛ تنها {points: 20} بدهید")
    else:
        choices = listed(f"of: {name}" for name in numbers)
        remedy = Words(f"write {choices.en}", f"بنویسید {choices.fa}")
    if types and not having:
        at.refuse(Code.OF_UNKNOWN, found=shown(by), event=listed(types), hint=remedy)
    elif having and not having[0].kind.numeric:
        at.refuse(Code.OF_NOT_NUMBER, found=by, hint=remedy)
    elif having and of_money and having[0].kind is not FieldKind.MONEY:
        at.refuse(Code.OF_NOT_MONEY, found=by)
    elif lacking:
        at.refuse(Code.FIELD_PARTLY, found=by, event=listed(lacking))


def caps(value: Value | None, earn: Earning | None) -> Caps:
    """The caps of a rule, with warnings for those that can never be felt."""
    section = value.section(*PERIODS) if value else None
    if section is None:
        return Caps()
    found = {period: integer(section.get(period), 1, CAP_MAX) for period in PERIODS}
    given = [(period, cap) for period, cap in found.items() if cap is not None]
    for i, (narrow, low) in enumerate(given):
        for wide, high in given[i + 1 :]:
            straddles = narrow == "week" and wide in ("month", "year")  # a week can lie in two months, with both caps
            if low > (2 * high if straddles else high):
                section.values[narrow].refuse(
                    Code.CAP_UNREACHABLE,
                    narrow=PERIODS[narrow], low=number(low), wide=PERIODS[wide], high=number(high),
                )  # fmt: skip
                break
    lowest = min((cap for _, cap in given), default=None)
    if lowest is not None and earn is not None and earn.fewest > lowest:
        section.of.refuse(Code.ALWAYS_CUT, points=number(earn.fewest), cap=number(lowest))
    return Caps(**found)


def _is_a_part(value: Value | None) -> bool:
    """Whether a multiplier is written as less than 100 %, which may mean that much of the points or that much more."""
    if value is None or not isinstance(value.node, Scalar) or not value.node.text.rstrip("\"'").endswith(("%", "٪")):
        return False
    part = decimal_meant(value.node.text)
    if part is None or not 0 < Decimal(part) < 1:
        return False
    value.refuse(Code.PART_OR_MORE, found=shown(value.node.text), part=part, more=f"{1 + Decimal(part)}")
    return True


def multipliers(value: Value | None, names: Names, events_of: Mapping[str, tuple[str, ...]]) -> list[Multiplier]:
    """The multipliers; `events_of` tells what each rule is for, as conditions look at those events' fields."""
    found, taken = [], dict[str, int]()
    for each in value.items(MULTIPLIERS_MAX, at_least=0) if value else ():
        name, section = item(each, taken, "by", "when", "rules")
        if section is None:
            continue
        factor_at = section.need("by", Words('a decimal as "1.5"', 'عددی اعشاری مانند "1.5"'))
        factor = None if _is_a_part(factor_at) else decimal(factor_at, BY_MAX)
        if factor_at is not None and factor == (1, 1):
            factor_at.refuse(Code.TIMES_ONE)
        named_at = section.get("rules")
        named = references(named_at, names.rules, RULE, RULES_MAX) if named_at else None
        types = {event for rule, of in events_of.items() if named is None or rule in named for event in of}
        when: list[Condition] = conditions(section.get("when"), types, names, all_events=False)
        if name is not None and factor is not None:
            found.append(Multiplier(name, factor, tuple(when), named))
    return found
