"""Reads the smaller sections: `points`, `excluded_mcc`, `tiers`, `rewards`, `thresholds`."""

from engine.programme.terms import Level, Points, Reward, Threshold, Tiers
from engine.words import Words, number, same
from schemas.programme_file.cursor import Section, Value, one_of
from schemas.programme_file.ids import REWARD, Names, item
from schemas.programme_file.messages import Code
from schemas.programme_file.values import between, choice, distinct, duration, integer, mcc, reference, rial, title

PENDING_DAYS_MAX = 400
"""As long as grants are kept by default: a refund of points still on hold must find what they were."""
EXPIRY_MONTHS_MAX = 1_200
GRACE_DAYS_MAX = 3_650
LEVELS_MAX = 20
MCCS_MAX = 1_000
REWARDS_MAX = 1_000
THRESHOLDS_MAX = 1_000
TOTAL_MAX = 10**12
"""The most points that a level or a threshold can ask for."""

REWARD_KINDS = ("points", "cash", "goods", "service", "credit")
_DAYS = Words("how many days, as {days: 7}", "شمار روزها را مانند {days: 7}")
_MONTHS = Words("how many months, as {months: 24}", "شمار ماه‌ها را مانند {months: 24}")
_A_REWARD = Words("the id of a reward", "شناسهٔ یک پاداش")


def points(value: Value | None) -> Points:
    """How points live."""
    section = value.section("pending", "expiry", "refund", "rial_per_point") if value else None
    if section is None:
        return Points()
    pending = section.get("pending")
    expiry = section.get("expiry")
    months = round_up = None
    terms = duration(expiry, "months", "round_up", expected=_MONTHS)
    if terms is not None:
        months = integer(terms.need("months", between(1, EXPIRY_MONTHS_MAX)), 1, EXPIRY_MONTHS_MAX)
        rounding = terms.get("round_up")
        round_up = choice(rounding, ["month", "year"]) if rounding else None
    refund = section.get("refund")
    return Points(
        pending_days=days(pending, PENDING_DAYS_MAX),
        expiry_months=months,
        round_up=round_up,
        unlimited_refund=(choice(refund, ["within_balance", "unlimited"]) if refund else None) == "unlimited",
        rial_per_point=rial(section.get("rial_per_point")),
    )


def days(value: Value | None, most: int) -> int:
    """`{days: n}`; 0 where it is left out or wrong."""
    section = duration(value, "days", expected=_DAYS)
    return (integer(section.need("days", between(0, most)), 0, most) if section else None) or 0


def excluded_mcc(value: Value | None) -> frozenset[str]:
    """Merchant categories that earn nothing."""
    items = value.items(MCCS_MAX, same("[4829, 6011]"), at_least=0) if value else ()
    return distinct([(each, mcc(each)) for each in items])


def tiers(value: Value | None) -> Tiers | None:
    """The levels that members can reach."""
    section = value.section("window", "grace", "downgrade", "levels") if value else None
    if section is None:
        return None
    window = choice(section.need("window", one_of(["year", "month"])), ["year", "month"])
    downgrade = section.get("downgrade")
    fall = choice(downgrade, ["one_down", "recalculate"]) if downgrade else "one_down"
    grace = days(section.get("grace"), GRACE_DAYS_MAX)
    levels = _levels(section.need("levels", same("[{id: blue, from: 0}]")))
    if window is None or not levels:
        return None
    return Tiers(window, levels, grace, fall == "recalculate")


def _levels(value: Value | None) -> tuple[Level, ...]:
    found, taken, previous = [], dict[str, int](), None
    for index, each in enumerate(value.items(LEVELS_MAX) if value else ()):
        name, section = item(each, taken, "from", "title")
        if section is None:
            continue
        where = section.need("from", between(0, TOTAL_MAX))
        start = integer(where, 0, TOTAL_MAX)
        words = title(section)
        if where is None or start is None:
            continue
        if index == 0 and start != 0:
            where.refuse(Code.FIRST_LEVEL, found=number(start))
        if previous is not None and start <= previous:
            where.refuse(Code.LEVELS_DESCEND, found=number(start), previous=number(previous))
        previous = start
        if name is not None:
            found.append(Level(name, start, words))
    return tuple(found)


def rewards(value: Value | None, rial_per_point: int | None) -> dict[str, Reward]:
    """What the club can give, by id."""
    found, taken = {}, dict[str, int]()
    for each in value.items(REWARDS_MAX, at_least=0) if value else ():
        name, section = item(each, taken, "title", "kind", "points", "value_rial")
        if section is None:
            continue
        kind = choice(section.need("kind", one_of(REWARD_KINDS)), REWARD_KINDS)
        words = named(section, name)
        granted, worth = integer(section.get("points"), 1, TOTAL_MAX), rial(section.get("value_rial"))
        if kind is not None:
            _check_reward(section, kind, rial_per_point)
            if name is not None:
                found[name] = Reward(name, words, kind, granted, worth)
    return found


def _check_reward(section: Section, kind: str, rial_per_point: int | None) -> None:
    """Points belong to rewards of points; cash has a value, and so has credit unless each point has one."""
    granted, worth = section.get("points"), section.get("value_rial")
    if kind == "points":
        if granted is None:
            section.of.refuse(Code.REWARD_POINTS_MISSING)
        if worth is not None:
            section.refuse_key("value_rial", Code.REWARD_VALUE_UNUSED)
        return
    if granted is not None:
        section.refuse_key("points", Code.REWARD_POINTS_UNUSED, kind=kind)
    if worth is None and kind == "cash":
        section.of.refuse(Code.REWARD_VALUE_MISSING, kind=kind, alternative="")
    elif worth is None and kind == "credit" and rial_per_point is None:
        alternative = Words(", or points.rial_per_point", "، یا points.rial_per_point را")
        section.of.refuse(Code.REWARD_VALUE_MISSING, kind=kind, alternative=alternative)


def thresholds(value: Value | None, names: Names) -> list[Threshold]:
    """Rewards for reaching a total of points."""
    found, taken = [], dict[str, int]()
    for each in value.items(THRESHOLDS_MAX, at_least=0) if value else ():
        name, section = item(each, taken, "points", "reward")
        if section is None:
            continue
        total = integer(section.need("points", between(1, TOTAL_MAX)), 1, TOTAL_MAX)
        reward = reference(section.need("reward", _A_REWARD), names.rewards, REWARD)
        if name is not None and total is not None and reward is not None:
            found.append(Threshold(name, total, reward))
    return found


def named(section: Section, name: str | None) -> dict[str, str]:
    """A title that members will see; leaving it out is worth a warning."""
    words = title(section)
    if section.get("title") is None and name is not None:
        section.of.refuse(Code.UNTITLED, found=name)
    return words
