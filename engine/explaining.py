"""Why an event earned what it earned: every rule that looked at it, what it came to, and what each cap left of it.

The answer is worked out beside the decision from the same rows, and checked against it: an explanation that does not
add up to the decision's postings is a fault, never shown. Slow; nothing on the hot path comes here.
"""

from collections import Counter
from enum import Enum
from typing import NamedTuple

from engine import balances, capping, evaluation, refunds
from engine.activity import Activity
from engine.calendar import jalali, month_number
from engine.clock import Clock
from engine.compiled import Compiled, CompiledRule
from engine.draft import Draft
from engine.due import settle_until
from engine.effects import Effect, Posting
from engine.evaluation import Earned
from engine.member import EventRow, Rows, Status, balances_key, event_key
from engine.outcome import Outcome, Reason
from engine.programme import Multiplier, Rule
from engine.rules.caps import Caps
from engine.rules.condition import Condition, Failure, Standing
from engine.scoring import MEMBERSHIP, Decision, decide
from engine.shelf import Shelf
from engine.units import Ratio, share


class Verdict(str, Enum):
    """What a rule came to."""

    PAID = "paid"
    CAPPED = "capped"
    CONDITIONS = "conditions"
    NO_FIELD = "no_field"
    PAID_ONCE = "paid_once"
    ROUNDED_TO_NOTHING = "rounded_to_nothing"
    OUTBID = "outbid"
    ACCOUNT_CLOSED = "account_closed"
    TAKEN_BACK = "taken_back"
    UNCHANGED = "unchanged"


class Miss(NamedTuple):
    """A condition that does not hold, and why."""

    condition: Condition
    failure: Failure


class Factor(NamedTuple):
    """A multiplier that names the rule. It applied when it missed nothing."""

    multiplier: Multiplier
    misses: tuple[Miss, ...]


class CapUse(NamedTuple):
    """A cap: its period, how many points it allows, how many were used before, and what it left of these."""

    period: str
    cap: int
    used: int
    left: int


class Look(NamedTuple):
    """One rule that is for this type of event.

    `base`: points before the multipliers, None where it did not come to that. `desired`: after multipliers and
    rounding. `given`: what earlier revisions of the same balance were given. `granted`: what is posted now, negative
    where it is taken back. `rival`: the rule of the exclusive group that came before it.
    """

    rule: Rule
    verdict: Verdict
    misses: tuple[Miss, ...] = ()
    base: Ratio | None = None
    factors: tuple[Factor, ...] = ()
    desired: int = 0
    given: int = 0
    granted: int = 0
    caps: tuple[CapUse, ...] = ()
    rival: str | None = None


class Reversal(NamedTuple):
    """What a refund changes of one grant: `target` is what should be taken back of `granted` by now, `before` and
    `after` what was and is; `forgiven` and `owed` the changes of the parts that found no points."""

    rule: str
    granted: int
    target: int
    before: int
    after: int
    forgiven: int
    owed: int


class RefundShare(NamedTuple):
    """The refunded share of a purchase, in Rial, before and after; `amount` None where there is nothing to measure."""

    original: str
    amount: int | None
    before: int
    after: int
    reversals: tuple[Reversal, ...]


class Explanation(NamedTuple):
    """Why the decision is what it is. `version`: the one in force at the event's moment.

    `own`: the effects that go back to this event; `ahead`: what had been due before it; `behind`: refunds that had come
    ahead of it and were applied directly after it.
    """

    outcome: Outcome
    reason: Reason
    version: Compiled | None
    looks: tuple[Look, ...]
    share: RefundShare | None
    own: tuple[Effect, ...]
    ahead: tuple[Effect, ...]
    behind: tuple[Effect, ...]


def explain(rows: Rows, activity: Activity, shelf: Shelf, clock: Clock) -> Explanation:
    """Explain what `decide` makes of an admitted event, from the member's rows as they stood before it."""
    decision = decide(rows, activity, shelf, clock)
    draft = Draft(rows, activity.member, shelf, clock, activity.time)
    settle_until(draft, draft.horizon)
    if (change := MEMBERSHIP.get(activity.type)) is not None:
        change(draft, activity)
    version = shelf.at(activity.moment)
    shut_out = draft.head.status == Status.LEFT or decision.reason in (Reason.OLD_REVISION, Reason.EXCLUDED_MCC)
    looks = () if version is None or shut_out else _looks(draft, activity, version)
    is_refund = activity.type in refunds.REFUNDS or activity.type == refunds.WON
    mine = (activity.source, activity.id)
    own = tuple(e for e in decision.effects if (e.cause.source, e.cause.id) == mine)
    others = [e for e in decision.effects if (e.cause.source, e.cause.id) != mine]
    _add_up(looks, own)
    return Explanation(
        decision.outcome,
        decision.reason,
        version,
        looks,
        _refund_share(draft, activity, decision) if is_refund else None,
        own,
        tuple(e for e in others if e.cause.source == "clock"),
        tuple(e for e in others if e.cause.source != "clock"),
    )


def _looks(draft: Draft, activity: Activity, version: Compiled) -> tuple[Look, ...]:
    given = _given(draft, activity)
    view = evaluation.standing(draft, version)
    written = {rule.id: rule for rule in version.programme.rules}
    compiled = version.rules.get(activity.type, ())
    looks = [_look(draft, written[rule.id], rule, activity, version, view, given) for rule in compiled]
    pairs = list(zip(compiled, looks, strict=True))
    found = [Earned(rule, look.desired) for rule, look in pairs if look.verdict is Verdict.PAID]
    best = {earned.rule.exclusive: earned.rule.id for earned in evaluation.best_of_groups(found)}
    return tuple(_outcome(draft, rule, look, activity, best, given) for rule, look in pairs)


def _look(
    draft: Draft, rule: Rule, compiled: CompiledRule, activity: Activity, version: Compiled, view: Standing,
    given: dict[str, int],
) -> Look:  # fmt: skip
    """What a rule comes to by itself; PAID where it gives something."""
    if activity.type == balances.RECORDED and _account_closed(draft, activity):
        return Look(rule, Verdict.ACCOUNT_CLOSED)
    misses = _misses(rule.when, activity, view)
    if misses:
        return Look(rule, Verdict.CONDITIONS, misses)
    base = compiled.base(activity.data)
    if base is None:
        return Look(rule, Verdict.NO_FIELD)
    factors = tuple(
        Factor(m, _misses(m.when, activity, view))
        for m in version.programme.multipliers
        if m.rules is None or rule.id in m.rules
    )
    desired = evaluation.multiply(compiled, base, activity, view)
    verdict = Verdict.PAID if desired else Verdict.ROUNDED_TO_NOTHING
    if rule.once and rule.id in draft.head.once and rule.id not in given:
        verdict = Verdict.PAID_ONCE
    return Look(rule, verdict, (), Ratio(*base), factors, desired)


def _outcome(
    draft: Draft, rule: CompiledRule, look: Look, activity: Activity, best: dict[str | None, str], given: dict[str, int]
) -> Look:
    """What is left of it beside the rules of its group, what was given before, and its caps."""
    rival = best.get(rule.exclusive) if rule.exclusive is not None and look.verdict is Verdict.PAID else None
    if rival not in (None, rule.id):
        look = look._replace(verdict=Verdict.OUTBID, rival=rival)
    before = given.get(rule.id, 0)
    want = (look.desired if look.verdict is Verdict.PAID else 0) - before
    look = look._replace(given=before)
    if want < 0:
        return look._replace(verdict=Verdict.TAKEN_BACK, granted=want)
    if want == 0:
        return look._replace(verdict=Verdict.UNCHANGED) if before else look
    caps = _caps(draft, rule, want, activity.day, before)
    granted = caps[-1].left if caps else want
    return look._replace(caps=caps, granted=granted, verdict=Verdict.PAID if granted else Verdict.CAPPED)


def _caps(draft: Draft, rule: CompiledRule, want: int, day: int, already: int) -> tuple[CapUse, ...]:
    """Each cap in its turn, narrowest first, with what it leaves."""
    used = capping.used(draft, rule.id, day)._replace(transaction=already)
    uses = []
    for period, cap, before in zip(Caps._fields, rule.caps, used, strict=True):
        if cap is not None:
            assert before is not None
            want = min(want, max(0, cap - before))
            uses.append(CapUse(period, cap, before, want))
    return tuple(uses)


def _misses(conditions: tuple[Condition, ...], activity: Activity, view: Standing) -> tuple[Miss, ...]:
    found = ((condition, condition.failure(activity, view)) for condition in conditions)
    return tuple(Miss(condition, failure) for condition, failure in found if failure is not None)


def _given(draft: Draft, activity: Activity) -> dict[str, int]:
    """What earlier revisions of the same balance hold of each rule."""
    if activity.type != balances.RECORDED:
        return {}
    days = draft.read(balances_key(activity.data.account, month_number(activity.day))) or {}
    before = days.get(jalali(activity.day).day)
    return {grant.rule: grant.granted - grant.taken_back for grant in before.grants} if before else {}


def _account_closed(draft: Draft, activity: Activity) -> bool:
    account = draft.head.accounts.get(activity.data.account)
    return account is not None and account.closed is not None and activity.day >= account.closed


def _refund_share(draft: Draft, activity: Activity, decision: Decision) -> RefundShare | None:
    """None where the purchase has not come, or no version was in force."""
    key = event_key(refunds.identity(activity.source, activity.data.original))
    before: EventRow | None = draft.read(key)
    if before is None or decision.outcome == Outcome.NO_PROGRAMME:
        return None
    after: EventRow = decision.rows.get(key) or before
    reversals = []
    for was, now in zip(before.grants, after.grants, strict=True):
        assert before.amount is not None, "only what has an amount can be refunded in part"
        target = share(was.granted, after.refunded, before.amount)
        assert now.taken_back == target, "a refund brings what is taken back to the refunded share"
        reversals.append(
            Reversal(
                was.rule, was.granted, target, was.taken_back, now.taken_back, now.forgiven - was.forgiven,
                now.owed - was.owed,
            )
        )  # fmt: skip
    return RefundShare(activity.data.original, before.amount, before.refunded, after.refunded, tuple(reversals))


def _add_up(looks: tuple[Look, ...], own: tuple[Effect, ...]) -> None:
    """The looks must say exactly what the decision posts, rule by rule."""
    posted: Counter[str] = Counter()
    for effect in own:
        if not isinstance(effect, Posting) or effect.rule is None or effect.rule.startswith("reward:"):
            continue
        if effect.type == "points.accrued":
            posted[effect.rule] += effect.points
        elif effect.type == "points.reversed" and looks:
            posted[effect.rule] += effect.points - effect.debt - effect.forgiven
    explained = {look.rule.id: look.granted for look in looks if look.granted}
    if looks or posted:
        assert explained == {rule: points for rule, points in posted.items() if points}, (
            f"the explanation gives {explained}, the decision posts {dict(posted)}"
        )
