"""Why an event scored what it scored in festivals: for which it counted, by which indicators, and in which rounds.

Worked out beside the decision, and checked against it, as `engine.explanation.events` does for the club's points.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from engine.activity import MemberActivity
from engine.calendar import month_number
from engine.effects import Effect, ScoreChange
from engine.explanation.rules import RuleTrace, Verdict, traces_of
from engine.festivals import scores as festival_scores
from engine.festivals.participation import part_taken
from engine.ledger import evaluation
from engine.ledger.draft import Draft
from engine.ledger.member import (
    FESTIVAL,
    EventRow,
    FestivalRow,
    IndicatorScore,
    MemberRowReader,
    Move,
    RoundScores,
    Status,
)
from engine.programme.compiler import CompiledFestival, CompiledProgramme
from engine.programme.rounds import FINAL, month_name
from engine.programme.terms import FestivalTerms
from engine.scoring import Decision
from engine.units import share


class Counting(str, Enum):
    """Whether an event counts for a festival, or why not."""

    COUNTS = "counts"
    LEFT = "left"
    OUTSIDE_WINDOW = "outside_window"
    FROZEN = "frozen"
    NOT_IN_AUDIENCE = "not_in_audience"
    NOT_JOINED = "not_joined"
    AWAY = "away"
    EXCLUDED_MCC = "excluded_mcc"


class FestivalTrace(NamedTuple):
    """One festival that has an indicator for this type of event, by the version in force at its moment.

    `traces`: of its indicators, where the event counts or something is taken back. `move`: the leaving because of which
    the member is away, or the joining that came only after the moment. `frozen`: those of the event's rounds that
    change no more.
    """

    festival: FestivalTerms
    counting: Counting
    traces: tuple[RuleTrace, ...]
    move: Move | None
    frozen: tuple[str, ...]


class ScoreShare(NamedTuple):
    """What a refund changes of what one indicator gave: `target` should be taken back of `granted` by now, `before`
    and `after` was and is. `frozen`: the rounds that hold some of it and cannot follow any more."""

    festival: str
    indicator: str
    granted: int
    target: int
    before: int
    after: int
    frozen: tuple[str, ...]


class RoundChange(NamedTuple):
    """By how much a decision changed a member's indicators and categories in a festival's round."""

    festival: str
    round: str
    indicators: Mapping[str, int]
    categories: Mapping[str, int]


def festival_traces(
    draft: Draft, activity: MemberActivity, version: CompiledProgramme, scores: Sequence[IndicatorScore]
) -> tuple[FestivalTrace, ...]:
    """Every festival that looks at the event. `scores`: what earlier revisions of the same balance hold."""
    given = {f"{each.festival}/{each.indicator}": each.granted - each.taken_back for each in scores}
    found = tuple(
        _trace(draft, activity, version, festival, given)
        for festival in version.festivals.values()
        if activity.type in festival.rules
    )
    counted = {each.festival.id for each in found if each.counting in (Counting.COUNTS, Counting.EXCLUDED_MCC)}
    assert counted == {each.id for each in festival_scores.counting(draft, activity, version)}, (
        "what counts is told wrong"
    )
    return found


def score_shares(draft: Draft, before: EventRow, after: EventRow) -> tuple[ScoreShare, ...]:
    """What a refund changes of what its payment scored."""
    found = []
    for was, now in zip(before.scores, after.scores, strict=True):
        assert before.amount is not None, "only what has an amount can be refunded in part"
        target = share(was.granted, after.refunded, before.amount)
        rounds = [FINAL, *([month_name(was.month)] if was.month else [])]
        frozen = tuple(name for name in rounds if festival_scores.is_frozen(draft, was.festival, name))
        found.append(
            ScoreShare(was.festival, was.indicator, was.granted, target, was.taken_back, now.taken_back, frozen)
        )
    return tuple(found)


def round_changes(draft: Draft, rows: MemberRowReader, decision: Decision) -> tuple[RoundChange, ...]:
    """What the decision changed in the rounds, out of the member's rows as they stood and as they stand."""
    found = []
    for key, after in decision.rows.items():
        if not key.startswith(FESTIVAL) or after is None:
            continue
        id, before = key[len(FESTIVAL) :].decode("ascii"), rows.get(key) or FestivalRow()
        terms = draft.versions.festival(id, draft.horizon)
        for name, was, now in _rounds(before, after):
            by = {each: now.indicators[each] - was.indicators.get(each, 0) for each in now.indicators}
            by = {each: change for each, change in by.items() if change}
            weighed = {
                category.id: sum(weight * by.get(each, 0) for each, weight in category.weigh.items())
                for category in (terms.categories if terms else ())
            }
            if by:
                found.append(RoundChange(id, name, by, {each: change for each, change in weighed.items() if change}))
    return tuple(found)


def add_up(traces: Iterable[FestivalTrace], shares: Iterable[ScoreShare], own: Iterable[Effect]) -> None:
    """The explanation must say exactly by how much the decision changes each indicator."""
    told: Counter[str] = Counter()
    for trace in traces:
        for each in trace.traces:
            told[f"{trace.festival.id}/{each.rule.id}"] += each.granted
    for part in shares:
        told[f"{part.festival}/{part.indicator}"] -= part.after - part.before
    changed = {f"{e.festival}/{e.indicator}": e.delta for e in own if isinstance(e, ScoreChange)}
    explained = {name: points for name, points in told.items() if points}
    assert explained == changed, f"the explanation scores {explained}, the decision {changed}"


def _trace(
    draft: Draft,
    activity: MemberActivity,
    version: CompiledProgramme,
    festival: CompiledFestival,
    given: Mapping[str, int],
) -> FestivalTrace:
    counting, move = _counting(draft, activity, version, festival)
    terms = version.programme.festivals[festival.place]
    written = {rule.id: rule for rule in terms.indicators}
    rules = [(written[festival.indicators[rule.id]], rule) for rule in festival.rules[activity.type]]
    names = (FINAL, month_name(month_number(activity.day)))
    frozen = tuple(name for name in names if festival_scores.is_frozen(draft, festival.id, name))
    traces: tuple[RuleTrace, ...] = ()
    if counting is Counting.COUNTS:
        traces = traces_of(draft, activity, version, rules, (), given)
    elif counting not in (Counting.LEFT, Counting.EXCLUDED_MCC) and FINAL not in frozen:
        held = [(rule, given[compiled.id]) for rule, compiled in rules if given.get(compiled.id)]
        traces = tuple(RuleTrace(rule, Verdict.TAKEN_BACK, given=points, granted=-points) for rule, points in held)
    return FestivalTrace(terms, counting, traces, move, frozen)


def _counting(
    draft: Draft, activity: MemberActivity, version: CompiledProgramme, festival: CompiledFestival
) -> tuple[Counting, Move | None]:
    head, moment = draft.head, activity.moment
    moves = head.joins.get(festival.id, ())
    if head.status == Status.LEFT:
        return Counting.LEFT, None
    if not festival.opens <= moment < festival.closes:
        return Counting.OUTSIDE_WINDOW, None
    if festival_scores.is_frozen(draft, festival.id, FINAL):
        return Counting.FROZEN, None
    view = evaluation.standing(head, version, draft.clock.meaning)
    if not festival_scores.in_audience(view, activity, festival):
        return Counting.NOT_IN_AUDIENCE, None
    if not part_taken(moves, moment, festival.opt_in):
        past = [move for move in moves if move.instant <= moment]
        if past:
            return Counting.AWAY, past[-1]
        return Counting.NOT_JOINED, next((move for move in moves if move.joined), None)
    if getattr(activity.data, "mcc", None) in version.excluded_mcc:
        return Counting.EXCLUDED_MCC, None
    return Counting.COUNTS, None


def _rounds(before: FestivalRow, after: FestivalRow) -> Iterable[tuple[str, RoundScores, RoundScores]]:
    yield FINAL, before.whole, after.whole
    for number, scores in sorted(after.months.items()):
        yield month_name(number), before.months.get(number, RoundScores()), scores
