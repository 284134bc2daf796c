"""Reads `when`: the conditions that an event and its member must fulfil."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from engine.calendar import TimesOfDay, midnight, time_of_day
from engine.rules.condition import Condition, KeyedCondition
from engine.rules.registry import BY_KEY, FieldValue, field_is_between, field_is_one_of
from engine.rules.values import (
    FIRST_DAY,
    LAST_DAY,
    Choices,
    GivenValue,
    HoursOfDay,
    JalaliDates,
    LevelList,
    NameList,
    OneWord,
)
from engine.units import RIAL_MAX
from engine.words import Words, listed, number, same
from schemas.programme_file.cursor import Value, key_hint
from schemas.programme_file.fields import EARNING, Field, FieldKind
from schemas.programme_file.ids import LEVEL, Names
from schemas.programme_file.messages import Code
from schemas.programme_file.nodes import Entries, shown
from schemas.programme_file.values import (
    A_TIME,
    choice,
    date,
    date_words,
    distinct,
    flag,
    integer,
    mcc,
    minute,
    name,
    references,
)

Keyed = TypeVar("Keyed", bound=KeyedCondition)

LIST_MAX = 100
NAME_MAX = 128
_A_RANGE = Words("{min: …, max: …}", "{min: …, max: …}")
_VALUES = {
    FieldKind.MONEY: Words("an amount in Rial", "مبلغی به ریال"),
    FieldKind.NUMBER: Words("a whole number", "عددی صحیح"),
    FieldKind.TEXT: Words("a text", "یک متن"),
    FieldKind.FLAG: Words("true or false", "true یا false"),
    FieldKind.MCC: Words("a merchant category code as 5411", "کد صنف مانند 5411"),
}


def conditions(value: Value | None, events: Collection[str], names: Names, all_events: bool = True) -> list[Condition]:
    """The conditions of a `when`, in the order of the file.

    `events` are the types that the rule is for (empty: they could not be read, so fields are not checked). With
    `all_events` a field that some of them lack is worth a warning.
    """
    section = value.keys() if value else None
    if section is None:
        return []
    found = []
    for key, entry in section.values.items():
        kind = BY_KEY.get(key)
        condition = _of_field(key, entry, events, all_events) if kind is None else of_kind(kind, entry, names)
        if condition is not None:
            found.append(condition)
    return found


def of_kind(kind: type[Keyed], value: Value, names: Names) -> Keyed | None:
    """A condition of a kind, made of what the kind says is given; None where that cannot be read."""
    given = _given(kind.value, value, names)
    return None if given is None else kind(*given)


def _given(kind: GivenValue, value: Value, names: Names) -> tuple[Any, ...] | None:
    """What a file gives a condition, as the arguments that its class takes."""
    match kind:
        case Choices(words, example):
            written = [each.en for each in words]
            chosen = distinct([(item, choice(item, written)) for item in value.one_or_more(len(words), same(example))])
            return (frozenset(map(written.index, chosen)),)
        case OneWord(word):
            return () if choice(value, [word]) else None
        case NameList(example):
            items = value.one_or_more(LIST_MAX, same(example))
            return (distinct([(item, name(item, NAME_MAX)) for item in items]),)
        case LevelList():
            return _levels(value, names)
        case JalaliDates():
            return _dates(value)
        case HoursOfDay():
            return _hours(value)


def _of_field(key: str, value: Value, events: Collection[str], all_events: bool) -> Condition | None:
    """A condition on a field of the event itself."""
    having = {event: EARNING[event][key] for event in events if key in EARNING[event]}
    if not having:
        if events:
            known = dict.fromkeys([*sorted({name for event in events for name in EARNING[event]}), *BY_KEY])
            meant = key_hint(key, known, value.report)
            value.refuse(Code.UNKNOWN_FIELD, found=shown(key), event=listed(sorted(events)), hint=meant)
        return None
    lacking = sorted(set(events) - set(having))
    if lacking and all_events:
        value.refuse(Code.FIELD_PARTLY, found=key, event=listed(lacking))
    fields = list(having.values())
    if fields[0].kind is FieldKind.DATE:
        remedy = Words("use dates: {from: 1405-01-01, until: 1405-01-14}",
                       "از dates: {from: 1405-01-01, until: 1405-01-14} استفاده کنید")  # fmt: skip
        value.refuse(Code.FIELD_NOT_FOR_CONDITIONS, found=key, hint=remedy)
        return None
    if fields[0].kind is FieldKind.OTHER:
        value.refuse(Code.FIELD_NOT_FOR_CONDITIONS, found=key, hint=Words("leave it out", "آن را بردارید"))
        return None
    if isinstance(value.node, Entries):
        return _between(key, value, fields[0])
    return _one_of(key, value, having, all_events)


def _between(key: str, value: Value, field: Field) -> Condition | None:
    if not field.kind.numeric:
        expected = _VALUES.get(field.kind) or listed(field.words)
        value.refuse(Code.BOUNDS_OF_TEXT, found=key, expected=expected)
        return None
    section = value.section("min", "max", expected=_A_RANGE)
    assert section is not None
    if not section.values:
        value.refuse(Code.NO_BOUND)
        return None
    low, high = (integer(section.get(bound), -RIAL_MAX, RIAL_MAX) for bound in ("min", "max"))
    if low is not None and high is not None and low > high:
        value.refuse(Code.MIN_ABOVE_MAX, low=number(low), high=number(high))
        return None
    return field_is_between(key, low, high) if low is not None or high is not None else None


def _one_of(key: str, value: Value, having: dict[str, Field], all_events: bool) -> Condition:
    kind = next(iter(having.values())).kind
    found: set[FieldValue] = set()
    for item in value.one_or_more(LIST_MAX, _VALUES.get(kind) or same(key)):
        one: FieldValue | None
        match kind:
            case FieldKind.MONEY | FieldKind.NUMBER:
                one = integer(item, -RIAL_MAX, RIAL_MAX)
            case FieldKind.FLAG:
                one = flag(item)
            case FieldKind.MCC:
                one = mcc(item)
            case FieldKind.WORD:
                one = choice(item, _words_of(having.values()))
            case _:
                one = name(item, NAME_MAX)
        if one is not None and one in found:
            item.refuse(Code.REPEATED, found=str(one))
        elif one is not None:
            found.add(one)
    never = sorted(event for event, field in having.items() if found and field.words and found.isdisjoint(field.words))
    if never and all_events:
        value.refuse(Code.VALUE_PARTLY, found=listed(sorted(map(str, found))), event=listed(never))
    return field_is_one_of(key, frozenset(found))


def _words_of(fields: Iterable[Field]) -> list[str]:
    """Every word that a field can hold in any of the events."""
    return list(dict.fromkeys(word for field in fields for word in field.words))


def _levels(value: Value, names: Names) -> tuple[frozenset[str]] | None:
    if not names.tiered:
        value.refuse(Code.NO_TIERS)
        return None
    return (references(value, names.levels, LEVEL, LIST_MAX),)


def _dates(value: Value) -> tuple[int, int] | None:
    """`{from, until}`: Jalali days, `until` exclusive; either side may be open."""
    section = value.section("from", "until", expected=same("{from: 1405-01-01, until: 1405-01-14}"))
    if section is None:
        return None
    if not section.values:
        value.refuse(Code.NO_DATES)
        return None
    begin, until = date(section.get("from")), date(section.get("until"))
    if begin is not None and until is not None and begin >= until:
        value.refuse(Code.EMPTY_WINDOW, begin=date_words(begin), until=date_words(until))
        return None
    return FIRST_DAY if begin is None else begin, LAST_DAY if until is None else until


def _hours(value: Value) -> tuple[TimesOfDay] | None:
    found = times_of_day(value)
    if found is None:
        return None
    if found.begin == found.until:
        value.refuse(Code.SAME_HOURS, found=time_of_day(found.begin))
    return (found,)


def times_of_day(value: Value) -> TimesOfDay | None:
    """`{from, until}`: times of day in Tehran, `until` exclusive; may pass midnight."""
    section = value.section("from", "until", expected=same('{from: "22:00", until: "08:00"}'))
    if section is None:
        return None
    begin, until = minute(section.need("from", A_TIME)), minute(section.need("until", A_TIME))
    return TimesOfDay(begin, until) if begin is not None and until is not None else None


def window(opens: Value | None, closes: Value | None) -> tuple[int, int] | None:
    """A festival's `[opens, closes)` in ms, from two Jalali dates."""
    first, last = date(opens), date(closes)
    if closes is None or first is None or last is None:
        return None
    if first >= last:
        closes.refuse(Code.EMPTY_WINDOW, begin=date_words(first), until=date_words(last))
        return None
    return midnight(first), midnight(last)
