"""What an activity earns: eligibility, base, multipliers, rounding, exclusive groups, caps. In this order."""

from typing import NamedTuple

from engine.activity import MemberActivity
from engine.effects import EffectCause
from engine.ledger import caps, lots
from engine.ledger.draft import Draft
from engine.ledger.member import Grant, Head, Status
from engine.outcome import Reason
from engine.programme.compiler import CompiledProgramme, CompiledRule
from engine.rules.condition import MemberStanding
from engine.spelling import all_alike
from engine.units import round_half_up


class Earned(NamedTuple):
    """What a rule gives before its caps."""

    rule: CompiledRule
    desired: int


def standing(head: Head, version: CompiledProgramme, meaning: int) -> MemberStanding:
    """What conditions may know of the member now."""
    if meaning < 1:
        return MemberStanding(head, head.status == Status.REGISTERED, head.segments, version.tier)
    segments = all_alike(head.segments) if head.segments else ()
    return MemberStanding(head, head.status == Status.REGISTERED, segments, version.tier, as_seen=True)


def earned(
    draft: Draft, activity: MemberActivity, version: CompiledProgramme, paid: frozenset[str] = frozenset()
) -> tuple[list[Earned], Reason]:
    """Every rule that gives something, in the order of the file, with the reason where none does.

    `paid` names the rules that have paid for this very activity before. They may again, though they pay `once`.
    """
    rules = version.rules.get(activity.type)
    if rules is None:
        return [], Reason.NO_RULE
    return outcomes(draft, activity, version, rules, paid)


def outcomes(
    draft: Draft,
    activity: MemberActivity,
    version: CompiledProgramme,
    rules: tuple[CompiledRule, ...],
    paid: frozenset[str],
) -> tuple[list[Earned], Reason]:
    """As `earned`, of these rules."""
    if getattr(activity.data, "mcc", None) in version.excluded_mcc:
        return [], Reason.EXCLUDED_MCC
    view = standing(draft.head, version, draft.clock.meaning)
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


def multiply(rule: CompiledRule, base: tuple[int, int], activity: MemberActivity, view: MemberStanding) -> int:
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
    """Leave of each exclusive group the rule with the highest outcome; of equal ones that with the lowest id."""
    best: dict[str, Earned] = {}
    for entry in found:
        group = entry.rule.exclusive
        if group is None:
            continue
        rival = best.get(group)
        if rival is None or (-entry.desired, entry.rule.id) < (-rival.desired, rival.rule.id):
            best[group] = entry
    return [e for e in found if e.rule.exclusive is None or best[e.rule.exclusive] is e]


def pay(
    draft: Draft, cause: EffectCause, activity: MemberActivity, version: CompiledProgramme, found: list[Earned]
) -> tuple[Grant, ...]:
    """Post what the rules give under their caps. Returns the grants, which refunds go by."""
    grants = []
    day = activity.day
    terms = version.terms(day)
    for rule, desired in found:
        granted = caps.grant(draft, rule, desired, day, 0)
        if not granted:
            continue
        lots.accrue(draft, cause, rule.id, granted, terms, day, desired if granted < desired else None)
        head = draft.edit()
        head.qualified += granted
        if rule.once:
            head.once = {**head.once, rule.id: activity.identity}
        grants.append(Grant(rule.id, granted, 0, 0, 0, *terms, rule.once))
    return tuple(grants)
