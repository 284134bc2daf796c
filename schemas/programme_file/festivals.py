"""Reads `festivals`: windows, audiences, indicators, the categories that weigh them, and their awards."""

import re

from engine.calendar import DAY_MS
from engine.programme.terms import AwardTerms, CategoryTerms, DrawTerms, FestivalTerms, Rule
from engine.rules.condition import NamesCondition
from engine.rules.registry import OF_AUDIENCES
from engine.words import Words, latin_digits, number, same
from schemas.programme_file.conditions import of_kind, window
from schemas.programme_file.cursor import Section, Value, one_of
from schemas.programme_file.earning import POINTS_MAX, rules
from schemas.programme_file.ids import CATEGORY, INDICATOR, REWARD, Names, item
from schemas.programme_file.meant import word_meant
from schemas.programme_file.messages import Code
from schemas.programme_file.nodes import Items, Scalar, entry, shown, written_ids
from schemas.programme_file.scalars import is_nothing
from schemas.programme_file.sections import TOTAL_MAX, named
from schemas.programme_file.values import A_DATE, AN_ID, between, choice, duration, integer, reference

FESTIVALS_MAX = 500
INDICATORS_MAX = 100
CATEGORIES_MAX = 200
AWARDS_MAX = 500
WEIGHT_MAX = 10**6
RANK_MAX = 100_000
WINNERS_MAX = 100_000
LATENESS_DAYS_MAX = 90
_UNITS = {"days": DAY_MS, "hours": DAY_MS // 24, "minutes": 60_000}
_RANKS = re.compile(r"([1-9][0-9]{0,5})(?:\s*[-–]\s*([1-9][0-9]{0,5}))?")
_LATENESS = Words("how long, as {hours: 1}", "مدت را مانند {hours: 1}")
_SOME = Words("at least one of them", "دست‌کم یکی")


def festivals(value: Value | None, names: Names, effective: int | None) -> list[FestivalTerms]:
    """The festivals of a version that takes effect at `effective` (ms)."""
    found, taken = [], dict[str, int]()
    keys = ("title", "opens", "closes", "lateness", "audience", "joining", "indicators", "categories", "awards")
    for each in value.items(FESTIVALS_MAX, at_least=0) if value else ():
        name, section = item(each, taken, *keys)
        if section is None:
            continue
        festival = _festival(name, section, names)
        if festival is not None:
            found.append(festival)
            if effective is not None and festival.closes <= effective:
                section.values["closes"].refuse(Code.CLOSED_BEFORE)
    return found


def _festival(name: str | None, section: Section, names: Names) -> FestivalTerms | None:
    words = named(section, name)
    span = window(section.need("opens", A_DATE), section.need("closes", A_DATE))
    late = lateness(section.get("lateness"))
    audience = _audience(section.get("audience"), names)
    joining = section.get("joining")
    opt_in = choice(joining, ["opt_in", "automatic"]) == "opt_in" if joining else False
    indicators_at = section.need("indicators", _SOME)
    known = written_ids(indicators_at.node) if indicators_at else frozenset()
    indicators = rules(indicators_at, names, INDICATORS_MAX, at_least=1, seen=True)
    categories_at = section.need("categories", _SOME)
    categories = _categories(categories_at, known)
    _check_use(indicators_at, indicators.rules, categories)
    boards = written_ids(categories_at.node) if categories_at else frozenset()
    awards = _awards(section.get("awards"), boards, names)
    if name is None or span is None:
        return None
    return FestivalTerms(
        id=name,
        title=words,
        opens=span[0],
        closes=span[1],
        indicators=tuple(indicators.rules),
        categories=tuple(categories),
        awards=tuple(awards),
        lateness=late,
        audience=audience,
        opt_in=opt_in,
    )


def lateness(value: Value | None) -> int:
    """`{days, hours, minutes}` in ms, added up; 0 where it is left out."""
    section = duration(value, *_UNITS, expected=_LATENESS)
    if value is None or section is None:
        return 0
    if not section.values:
        value.refuse(Code.NOTHING, expected=_LATENESS)
    total = 0
    for unit, ms in _UNITS.items():
        most = LATENESS_DAYS_MAX * DAY_MS // ms
        total += (integer(section.get(unit), 0, most) or 0) * ms
    return total


def _audience(value: Value | None, names: Names) -> tuple[NamesCondition, ...]:
    """For whom the festival is, in the order of the file; nothing for everybody."""
    if value is None:
        return ()
    if isinstance(value.node, Scalar) and not is_nothing(value.node):
        found = value.node.text
        if found != "public" and word_meant(found, ["public"]):
            choice(value, ["public"])
        elif found != "public":
            value.refuse(Code.AUDIENCE, found=shown(found))
        return ()
    section = value.section(*OF_AUDIENCES, expected=same("{segments: [physician]}"))
    if section is None:
        return ()
    kinds = [OF_AUDIENCES[key] for key in section.values if key in OF_AUDIENCES]
    if not kinds:
        section.need("segments", same("[physician]"))
    read = (of_kind(kind, section.values[kind.key], names) for kind in kinds)
    return tuple(condition for condition in read if condition is not None)


def _categories(value: Value | None, indicators: frozenset[str]) -> list[CategoryTerms]:
    found, taken = [], dict[str, int]()
    for each in value.items(CATEGORIES_MAX) if value else ():
        name, section = item(each, taken, "title", "weigh", "then_by")
        if section is None:
            continue
        words = named(section, name)
        weigh = _weights(section.need("weigh", same("{purchases: 1}")), indicators)
        then_at = section.get("then_by")
        then_by = reference(then_at, indicators, INDICATOR) if then_at else None
        if then_at is not None and then_by is not None and set(weigh) == {then_by}:
            then_at.refuse(Code.THEN_BY_SAME, found=then_by)
        if name is not None and weigh:
            found.append(CategoryTerms(name, words, weigh, then_by))
    return found


def _weights(value: Value | None, indicators: frozenset[str]) -> dict[str, int]:
    section = value.keys(same("{purchases: 1}")) if value else None
    if value is None or section is None:
        return {}
    if not section.values:
        value.refuse(Code.NOTHING, expected=same("{purchases: 1}"))
    found = {}
    for key, weight in section.values.items():
        written = section.written[key]
        at = Value(written, weight.path, weight.id, weight.report)
        name, figure = reference(at, indicators, INDICATOR), integer(weight, 1, WEIGHT_MAX)
        if name is not None and figure is not None:
            found[name] = figure
    return found


def _check_use(value: Value | None, indicators: list[Rule], categories: list[CategoryTerms]) -> None:
    """An indicator that no category looks at counts for nothing."""
    if value is None or not isinstance(value.node, Items) or not categories:
        return
    used = {name for category in categories for name in (*category.weigh, category.then_by)}
    unused = {indicator.id for indicator in indicators} - used
    for index, node in enumerate(value.node.items):
        written = entry(node, "id")
        if isinstance(written, Scalar) and written.text in unused:
            place = value.report.place(f"{value.path}[{index}]")
            value.report.add(Code.INDICATOR_UNUSED, place, found=written.text)


def _awards(value: Value | None, categories: frozenset[str], names: Names) -> list[AwardTerms]:
    found: list[AwardTerms] = []
    taken: dict[str, int] = {}
    for each in value.items(AWARDS_MAX, at_least=0) if value else ():
        name, section = item(each, taken, "category", "at", "ranks", "draw", "reward")
        if section is None:
            continue
        category = reference(section.need("category", AN_ID), categories, CATEGORY)
        at = choice(section.need("at", one_of(["close", "month"])), ["close", "month"])
        reward = reference(section.need("reward", AN_ID), names.rewards, REWARD)
        places, chances = section.get("ranks"), section.get("draw")
        if (places is None) == (chances is None):
            neither = Words("neither ranks nor draw", "نه ranks و نه draw")
            section.of.refuse(Code.AWARD_TERMS, found=neither if places is None else Words("both", "هر دو"))
        span = ranks(places) if places else None
        terms = _draw(chances) if chances else None
        if name is None or category is None or at is None or reward is None or (span is None and terms is None):
            continue
        award = AwardTerms(name, category, at == "month", reward, span, terms)
        _check_overlap(award, found, places)
        found.append(award)
    return found


def ranks(value: Value) -> tuple[int, int] | None:
    """`1-10` or `3`."""
    scalar = value.scalar(Words("ranks as 1-10 or 3", "رتبه مانند 1-10 یا 3"))
    if scalar is None:
        return None
    found = _RANKS.fullmatch(latin_digits(scalar.text))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= RANK_MAX:
        value.refuse(Code.NOT_RANKS, found=shown(scalar.text), limit=number(RANK_MAX))
        return None
    return first, last


def _check_overlap(award: AwardTerms, others: list[AwardTerms], at: Value | None) -> None:
    for other in others:
        if at is None or award.ranks is None or other.ranks is None:
            continue
        together = (award.category, award.monthly) == (other.category, other.monthly)
        if together and award.ranks[0] <= other.ranks[1] and other.ranks[0] <= award.ranks[1]:
            at.refuse(Code.RANKS_OVERLAP, other=other.id)


def _draw(value: Value) -> DrawTerms | None:
    section = value.section("per", "min", "max", "winners", expected=same("{per: 5, winners: 20}"))
    if section is None:
        return None
    per = integer(section.need("per", between(1, TOTAL_MAX)), 1, TOTAL_MAX)
    winners = integer(section.need("winners", between(1, WINNERS_MAX)), 1, WINNERS_MAX)
    least, most = integer(section.get("min"), 0, TOTAL_MAX) or 0, integer(section.get("max"), 1, POINTS_MAX)
    if per is None or winners is None:
        return None
    if most is not None and most * per <= least:
        section.values["max"].refuse(Code.DRAW_FLAT, low=number(least))
    return DrawTerms(per, winners, least, most)
