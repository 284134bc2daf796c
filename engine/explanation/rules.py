"""Rules that look at an event, one by one: what each comes to, which conditions fail, and what its caps leave.

The club's rules and the indicators of festivals are looked at alike. `engine.explanation.events` puts the traces
together.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from engine.activity import MemberActivity
from engine.events.registry import EVENT_TYPES
from engine.ledger import caps, evaluation
from engine.ledger.draft import Draft
from engine.ledger.evaluation import Earned
from engine.programme.compiler import CompiledProgramme, CompiledRule
from engine.programme.terms import Multiplier, Rule
from engine.rules.cap_terms import Caps
from engine.rules.condition import Condition, Failure, MemberStanding
from engine.units import Ratio


class Verdict(str, Enum):
    """What a rule came to."""

    PAID = "paid"
    CAPPED = "capped"
    CONDITIONS = "conditions"
    NO_FIELD = "no_field"
    PAID_ONCE = "paid_once"
    NO_FULL_STEP = "no_full_step"
    NOTHING_TO_COUNT = "nothing_to_count"
    ROUNDED_TO_NOTHING = "rounded_to_nothing"
    OUTBID = "outbid"
    ACCOUNT_CLOSED = "account_closed"
    TAKEN_BACK = "taken_back"
    UNCHANGED = "unchanged"


class FailedCondition(NamedTuple):
    """A condition that does not hold, and why."""

    condition: Condition
    failure: Failure


class MultiplierTrace(NamedTuple):
    """A multiplier that names the rule. It applied when none of its conditions failed."""

    multiplier: Multiplier
    failed: tuple[FailedCondition, ...]


class CapUse(NamedTuple):
    """A cap: its period, how many points it allows, how many were used before, and what it left of these."""

    period: str
    cap: int
    used: int
    left: int


class RuleTrace(NamedTuple):
    """One rule that is for this type of event.

    `base`: points before the multipliers, None where it did not come to that. `desired`: after multipliers and
    rounding. `given`: what earlier revisions of the same balance were given. `granted`: what is posted now, negative
    where it is taken back. `rival`: the rule of the exclusive group that came before it, `rival_desired` what that one
    came to. `measured`: the field's value that it earns by. `alone`: where something is taken back, what the rule came
    to now.
    """

    rule: Rule
    verdict: Verdict
    failed: tuple[FailedCondition, ...] = ()
    base: Ratio | None = None
    multipliers: tuple[MultiplierTrace, ...] = ()
    desired: int = 0
    given: int = 0
    granted: int = 0
    caps: tuple[CapUse, ...] = ()
    rival: str | None = None
    rival_desired: int = 0
    measured: int | None = None
    alone: Verdict | None = None


def traces_of(
    draft: Draft,
    activity: MemberActivity,
    version: CompiledProgramme,
    rules: Sequence[tuple[Rule, CompiledRule]],
    multipliers: Sequence[Multiplier],
    given: Mapping[str, int],
) -> tuple[RuleTrace, ...]:
    """A trace for each of these rules. `given`: what the same event holds of each by now, by the compiled rule's id."""
    view = evaluation.standing(draft.head, version, draft.clock.meaning)
    traces = [_trace(draft, *rule, activity, multipliers, view, given) for rule in rules]
    found = [
        Earned(compiled, trace.desired)
        for (_, compiled), trace in zip(rules, traces, strict=True)
        if trace.verdict is Verdict.PAID
    ]
    best = {earned.rule.exclusive: earned.rule.id for earned in evaluation.best_of_groups(found)}
    names = {compiled.id: rule.id for rule, compiled in rules}
    desired = {compiled.id: trace.desired for (_, compiled), trace in zip(rules, traces, strict=True)}
    seen = []
    for (_, compiled), trace in zip(rules, traces, strict=True):
        after = _outcome(draft, compiled, trace, activity, best, given)
        if after.rival is not None:
            after = after._replace(rival=names[after.rival], rival_desired=desired[after.rival])
        seen.append(after)
    return tuple(seen)


def _trace(
    draft: Draft, rule: Rule, compiled: CompiledRule, activity: MemberActivity, multipliers: Iterable[Multiplier],
    view: MemberStanding, given: Mapping[str, int],
) -> RuleTrace:  # fmt: skip
    """What a rule comes to by itself; PAID where it gives something."""
    if EVENT_TYPES[activity.type].earns_nothing(draft, activity):
        return RuleTrace(rule, Verdict.ACCOUNT_CLOSED)
    failed = _failed(rule.when, activity, view)
    if failed:
        return RuleTrace(rule, Verdict.CONDITIONS, failed)
    base = compiled.base(activity.data)
    if base is None:
        return RuleTrace(rule, Verdict.NO_FIELD)
    traced = tuple(
        MultiplierTrace(each, _failed(each.when, activity, view))
        for each in multipliers
        if each.rules is None or rule.id in each.rules
    )
    desired = evaluation.multiply(compiled, base, activity, view)
    measured = rule.earn.measured(activity.data)
    verdict = Verdict.PAID if desired else _nothing(rule, measured)
    if rule.once and compiled.id in draft.head.once and compiled.id not in given:
        verdict = Verdict.PAID_ONCE
    return RuleTrace(rule, verdict, (), Ratio(*base), traced, desired, measured=measured)


def _nothing(rule: Rule, measured: int | None) -> Verdict:
    """Why a rule whose conditions hold comes to no point."""
    if measured is not None and measured <= 0:
        return Verdict.NOTHING_TO_COUNT
    if measured is not None and measured < rule.earn.least:
        return Verdict.NO_FULL_STEP
    return Verdict.ROUNDED_TO_NOTHING


def _outcome(
    draft: Draft, rule: CompiledRule, trace: RuleTrace, activity: MemberActivity, best: Mapping[str | None, str],
    given: Mapping[str, int],
) -> RuleTrace:  # fmt: skip
    """What is left of it beside the rules of its group, what was given before, and its caps."""
    rival = best.get(rule.exclusive) if rule.exclusive is not None and trace.verdict is Verdict.PAID else None
    if rival not in (None, rule.id):
        trace = trace._replace(verdict=Verdict.OUTBID, rival=rival)
    before = given.get(rule.id, 0)
    want = (trace.desired if trace.verdict is Verdict.PAID else 0) - before
    trace = trace._replace(given=before)
    if want < 0:
        return trace._replace(verdict=Verdict.TAKEN_BACK, granted=want, alone=trace.verdict)
    if want == 0:
        return trace._replace(verdict=Verdict.UNCHANGED) if before else trace
    caps = _caps(draft, rule, want, activity.day, before)
    granted = caps[-1].left if caps else want
    return trace._replace(caps=caps, granted=granted, verdict=Verdict.PAID if granted else Verdict.CAPPED)


def _caps(draft: Draft, rule: CompiledRule, want: int, day: int, already: int) -> tuple[CapUse, ...]:
    """Each cap in its turn, narrowest first, with what it leaves."""
    used = caps.used(draft, rule.id, day)._replace(transaction=already)
    uses = []
    for period, cap, before in zip(Caps._fields, rule.caps, used, strict=True):
        if cap is not None:
            assert before is not None
            want = min(want, max(0, cap - before))
            uses.append(CapUse(period, cap, before, want))
    return tuple(uses)


def _failed(
    conditions: tuple[Condition, ...], activity: MemberActivity, view: MemberStanding
) -> tuple[FailedCondition, ...]:
    found = ((condition, condition.failure(activity, view)) for condition in conditions)
    return tuple(FailedCondition(condition, failure) for condition, failure in found if failure is not None)
