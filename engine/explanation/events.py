"""Why an event earned what it earned: every rule that looked at it, what it came to, and what each cap left of it.

The answer is worked out beside the decision from the same rows, and checked against it: an explanation that does not
add up to the decision's postings is a fault, never shown. Slow; nothing on the hot path comes here.
"""

from collections import Counter
from typing import NamedTuple

from engine.activity import MemberActivity
from engine.clock import Clock
from engine.effects import Effect, Posting
from engine.events.event_type import Basis
from engine.events.registry import EVENT_TYPES
from engine.explanation.festivals import (
    FestivalTrace,
    RoundChange,
    ScoreShare,
    add_up,
    festival_traces,
    round_changes,
    score_shares,
)
from engine.explanation.rules import RuleTrace, traces_of
from engine.ledger.draft import Draft
from engine.ledger.due import settle_until
from engine.ledger.member import EventRow, MemberRowReader, Status
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from engine.scoring import Decision, decide
from engine.units import share


class GrantReversal(NamedTuple):
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
    reversals: tuple[GrantReversal, ...]
    scores: tuple[ScoreShare, ...]


class Explanation(NamedTuple):
    """Why the decision is what it is. `version`: the one in force at the event's moment.

    `own`: the effects that go back to this event; `ahead`: what had been due before it; `behind`: refunds that had come
    ahead of it and were applied directly after it. `festivals`: those that look at this type of event. `rounds`: what
    became of the member's scores by all of it.
    """

    outcome: Outcome
    reason: Reason
    version: CompiledProgramme | None
    traces: tuple[RuleTrace, ...]
    share: RefundShare | None
    own: tuple[Effect, ...]
    ahead: tuple[Effect, ...]
    behind: tuple[Effect, ...]
    festivals: tuple[FestivalTrace, ...]
    rounds: tuple[RoundChange, ...]


def explain(rows: MemberRowReader, activity: MemberActivity, versions: ProgrammeVersions, clock: Clock) -> Explanation:
    """Explain what `decide` makes of an admitted event, from the member's rows as they stood before it."""
    decision = decide(rows, activity, versions, clock)
    draft = Draft(rows, activity.member, versions, clock, activity.time)
    settle_until(draft, draft.horizon)
    basis = EVENT_TYPES[activity.type].explain(draft, activity)
    version = versions.at(activity.moment)
    shut_out = draft.head.status == Status.LEFT or decision.reason in (Reason.OLD_REVISION, Reason.EXCLUDED_MCC)
    traces = () if version is None or shut_out else _traces(draft, activity, version, basis)
    shared = None
    shows: tuple[FestivalTrace, ...] = ()
    if basis.original is not None:
        shared = _refund_share(draft, activity, decision, basis.original)
    elif version is not None and decision.reason is not Reason.OLD_REVISION:
        shows = festival_traces(draft, activity, version, basis.scores)
    mine = (activity.source, activity.id)
    own = tuple(e for e in decision.effects if (e.cause.source, e.cause.id) == mine)
    others = [e for e in decision.effects if (e.cause.source, e.cause.id) != mine]
    _add_up(traces, own)
    add_up(shows, shared.scores if shared else (), own)
    return Explanation(
        decision.outcome,
        decision.reason,
        version,
        traces,
        shared,
        own,
        tuple(e for e in others if e.cause.source == "clock"),
        tuple(e for e in others if e.cause.source != "clock"),
        shows,
        round_changes(draft, rows, decision),
    )


def _traces(draft: Draft, activity: MemberActivity, version: CompiledProgramme, basis: Basis) -> tuple[RuleTrace, ...]:
    written = {rule.id: rule for rule in version.programme.rules}
    rules = [(written[rule.id], rule) for rule in version.rules.get(activity.type, ())]
    given = {grant.rule: grant.granted - grant.taken_back for grant in basis.grants}
    return traces_of(draft, activity, version, rules, version.programme.multipliers, given)


def _refund_share(draft: Draft, activity: MemberActivity, decision: Decision, key: bytes) -> RefundShare | None:
    """What becomes of the purchase whose row has this key; None where it has not come, or no version was in force."""
    before: EventRow | None = draft.read(key)
    if before is None or decision.outcome == Outcome.NO_PROGRAMME:
        return None
    after: EventRow = decision.rows.get(key) or before
    reversals = []
    for was, now in zip(before.grants, after.grants, strict=True):
        if before.amount is None:  # nothing of it can be refunded, so a refund that names it changes nothing
            break
        target = share(was.granted, after.refunded, before.amount)
        assert now.taken_back == target, "a refund brings what is taken back to the refunded share"
        reversals.append(
            GrantReversal(
                was.rule, was.granted, target, was.taken_back, now.taken_back, now.forgiven - was.forgiven,
                now.owed - was.owed,
            )
        )  # fmt: skip
    scores = score_shares(draft, before, after) if before.amount is not None else ()
    return RefundShare(
        activity.data.original, before.amount, before.refunded, after.refunded, tuple(reversals), scores
    )  # fmt: skip


def _add_up(traces: tuple[RuleTrace, ...], own: tuple[Effect, ...]) -> None:
    """The traces must say exactly what the decision posts, rule by rule."""
    posted: Counter[str] = Counter()
    for effect in own:
        if not isinstance(effect, Posting) or effect.rule is None or effect.rule.startswith("reward:"):
            continue
        if effect.type == "points.accrued":
            posted[effect.rule] += effect.points
        elif effect.type == "points.reversed" and traces:
            posted[effect.rule] += effect.points - effect.debt - effect.forgiven
    explained = {trace.rule.id: trace.granted for trace in traces if trace.granted}
    if traces or posted:
        assert explained == {rule: points for rule, points in posted.items() if points}, (
            f"the explanation gives {explained}, the decision posts {dict(posted)}"
        )
