"""What events do to a member's scores in festivals, which are apart from the club's points.

An event counts for a festival while its window is open, for members of its audience who take part, until the festival
is frozen. Its indicators are rules without multipliers. What an event scored follows its refunds, in the festival and
in the round of its month, each until it is frozen. A frozen round is never changed again, only remarked upon.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from engine.activity import MemberActivity
from engine.calendar import month_number
from engine.effects import AwardPlace, EffectCause, RewardGranted, ScoreChange
from engine.festivals.participation import part_taken, stands_on_boards
from engine.ledger import caps, evaluation
from engine.ledger.draft import Draft
from engine.ledger.member import (
    FestivalRow,
    Head,
    IndicatorScore,
    MemberAward,
    Overgrown,
    RoundScores,
    Status,
    festival_key,
)
from engine.meaning import CURRENT
from engine.programme.compiler import CompiledFestival, CompiledProgramme, CompiledRule, Weights, weights_of
from engine.programme.rounds import FINAL, month_name, round_key
from engine.rules.condition import MemberStanding
from engine.spelling import alike
from engine.units import share

SCORE_MAX = 2**62
"""A member's score in a festival's category, and the sum of its indicators."""
SURELY_BOUNDED = SCORE_MAX // 10**8
"""Scores of 100 indicators up to this, each with a weight of a million, cannot pass it."""

_NOTHING = RoundScores()
_place = attrgetter("place")


def score(
    draft: Draft, cause: EffectCause, activity: MemberActivity, version: CompiledProgramme
) -> tuple[IndicatorScore, ...]:
    """What the event scores in all festivals, for its refunds to find."""
    scores: list[IndicatorScore] = []
    for festival in counting(draft, activity, version):
        found, _ = evaluation.outcomes(draft, activity, version, festival.rules[activity.type], frozenset())
        if not found:
            continue
        month = _open_month(draft, activity, festival)
        given = [
            given for rule, desired in found
            if (given := _raise(draft, activity, festival, rule, desired, month, None)) is not None
        ]  # fmt: skip
        _apply(draft, cause, festival.id, festival.weights, [(None, each) for each in given], activity.moment)
        scores += given
    return tuple(scores)


def correct(
    draft: Draft,
    cause: EffectCause,
    activity: MemberActivity,
    version: CompiledProgramme,
    scores: tuple[IndicatorScore, ...],
    closed: bool,
) -> tuple[IndicatorScore, ...]:
    """Bring what a date's balance scored to what its new revision scores. `closed`: the account earns nothing then."""
    if draft.head.status == Status.LEFT:
        return scores
    known = {f"{each.festival}/{each.indicator}": each for each in scores}
    paid = frozenset(known)
    counted = {} if closed else {each.id: each for each in counting(draft, activity, version)}
    before = {each.festival: version.festivals[each.festival] for each in scores if each.festival in version.festivals}
    for festival in sorted({**before, **counted}.values(), key=lambda each: each.place):
        if is_frozen(draft, festival.id, FINAL):
            continue
        rules, desired = festival.rules.get(activity.type, ()), {}
        if festival.id in counted:
            found, _ = evaluation.outcomes(draft, activity, version, rules, paid)
            desired = {rule.id: outcome for rule, outcome in found}
        changed, month = [], _open_month(draft, activity, festival)
        for rule in rules:
            old, new = known.get(rule.id), None
            change = desired.get(rule.id, 0) - (old.granted - old.taken_back if old else 0)
            if change > 0:
                new = _raise(draft, activity, festival, rule, change, month, old)
            elif change < 0 and old is not None:
                new = _lower(draft, old, old.taken_back - change)
            if new is not None:
                known[rule.id] = new
                changed.append((old, new))
        _apply(draft, cause, festival.id, festival.weights, changed, activity.moment)
    return tuple(known.values())


def refund(
    draft: Draft, cause: EffectCause, scores: tuple[IndicatorScore, ...], refunded: int, amount: int, *, won: bool
) -> tuple[IndicatorScore, ...]:
    """Let what a purchase scored follow its refunds, `refunded` of `amount` Rial by now; flag awards won with it."""
    after = tuple(_lower(draft, each, share(each.granted, refunded, amount)) for each in scores)
    for id in dict.fromkeys(each.festival for each in scores):
        changed = [(old, new) for old, new in zip(scores, after, strict=True) if old.festival == id and old != new]
        terms = draft.versions.festival(id, draft.horizon)
        _apply(draft, cause, id, weights_of(terms) if terms else {}, changed, cause.instant)
    if not won:
        _remark(draft, cause, scores, refunded, amount)
    return after


def award(draft: Draft, cause: EffectCause, won: MemberAward, festival: str) -> None:
    """Note an award; it is flagged at once where what it was won with was taken back before it came."""
    row = _row(draft, festival)
    _keep(draft, festival, row._replace(awards=(*row.awards, won)))
    if row.taken_late:
        _flag(draft, cause, festival, row.taken_late)


def counting(draft: Draft, activity: MemberActivity, version: CompiledProgramme) -> Sequence[CompiledFestival]:
    """The festivals that the event counts for, in the order of the file."""
    head = draft.head
    if not version.festivals or head.status == Status.LEFT:
        return ()
    moment, joins = activity.moment, head.joins
    counted = [
        each for each in open_to(head, activity, version, draft.clock.meaning)
        if each.opens <= moment < each.closes
        and not is_frozen(draft, each.id, FINAL)
        and part_taken(joins.get(each.id, ()), moment, each.opt_in)
    ]  # fmt: skip
    return sorted(counted, key=_place) if len(counted) > 1 else counted


def open_to(
    head: Head, activity: MemberActivity, version: CompiledProgramme, meaning: int = CURRENT
) -> Sequence[CompiledFestival]:
    """The festivals that look at such an event on its day and have the member in their audience, in any order; of those
    joined by choice, the ones that the member ever joined."""
    index = version.festivals_for(activity.type, activity.day)
    if index is None:
        return ()
    if not (index.by_name or index.opt_in):
        return index.everyone
    found, view = list(index.everyone), evaluation.standing(head, version, meaning)
    for held, festivals in index.by_name:
        for name in held(view):
            found += (
                each for each in festivals.get(alike(name), ())
                if each not in found and in_audience(view, activity, each)
            )  # fmt: skip
    for id in head.joins if index.opt_in else ():
        festival = index.opt_in.get(id)
        if festival and in_audience(view, activity, festival):
            found.append(festival)
    return found


def in_audience(view: MemberStanding, activity: MemberActivity, festival: CompiledFestival) -> bool:
    """Whether the festival is for such a member."""
    for test in festival.audience:  # noqa: SIM110 - without a generator, for every event
        if not test(activity, view):
            return False
    return True


def is_frozen(draft: Draft, festival: str, round_name: str) -> bool:
    """Whether a festival's round changes no more."""
    return round_key(festival, round_name) in draft.clock.frozen


def _open_month(draft: Draft, activity: MemberActivity, festival: CompiledFestival) -> int:
    """The number of the round of the event's month; 0 where that is frozen."""
    month = month_number(activity.day)
    return 0 if is_frozen(draft, festival.id, month_name(month)) else month


def _raise(
    draft: Draft, activity: MemberActivity, festival: CompiledFestival, rule: CompiledRule, more: int, month: int,
    old: IndicatorScore | None,
) -> IndicatorScore | None:  # fmt: skip
    """What the caps leave of `more` for an indicator, on top of what it gave for the same event; None for nothing.
    `month`: `_open_month`."""
    granted = caps.grant(draft, rule, more, activity.day, old.granted - old.taken_back if old else 0)
    if not granted:
        return None
    if rule.once:
        draft.edit().once = {**draft.head.once, rule.id: activity.identity}
    if old is None:
        indicator = festival.indicators[rule.id]
        return IndicatorScore(festival.id, indicator, granted, 0, month, granted if month else 0, rule.once)
    in_month = granted if old.month and month else 0
    return old._replace(granted=old.granted + granted, in_month=old.in_month + in_month)


def _lower(draft: Draft, old: IndicatorScore, taken_back: int) -> IndicatorScore:
    """The score when this much of what was granted is taken back, as far as its rounds may change."""
    new = old
    if not is_frozen(draft, old.festival, FINAL):
        new = new._replace(taken_back=taken_back)
    if old.month and not is_frozen(draft, old.festival, month_name(old.month)):
        new = new._replace(in_month=old.granted - taken_back)
    return new


def _apply(
    draft: Draft, cause: EffectCause, festival: str, weights: Weights,
    changed: Sequence[tuple[IndicatorScore | None, IndicatorScore]], at: int,
) -> None:  # fmt: skip
    """Bring the row to scores that changed from one to another by one event; say what changed in the festival."""
    if not changed:
        return
    whole: dict[str, int] = {}
    month: dict[str, int] = {}
    for old, new in changed:
        by = new.granted - new.taken_back - (old.granted - old.taken_back if old else 0)
        whole[new.indicator] = whole.get(new.indicator, 0) + by
        month[new.indicator] = month.get(new.indicator, 0) + new.in_month - (old.in_month if old else 0)
    row = _row(draft, festival)
    number = max(new.month for _, new in changed)
    touched = _touched(weights, whole)
    months = row.months
    if number and any(month.values()):
        touched_then = touched if month == whole else _touched(weights, month)
        months = {**months, number: _moved(months.get(number, _NOTHING), month, touched_then, at)}
    scores = _moved(row.whole, whole, touched, at) if any(whole.values()) else row.whole
    if draft.clock.meaning >= 1:
        _require_bounded(scores, weights)
    _keep(draft, festival, row._replace(whole=scores, months=months))
    head = draft.head
    listed = stands_on_boards(head, head.joins.get(festival, ())) if draft.clock.meaning >= 1 else None
    for indicator, by in whole.items():
        if by:
            draft.effects.append(ScoreChange(cause, festival, indicator, by, scores.indicators[indicator], listed))


def _require_bounded(scores: RoundScores, weights: Weights) -> None:
    """Raise `Overgrown` where a score, or a category's sum of them, is larger than boards and rows can hold."""
    if max(map(abs, scores.indicators.values()), default=0) <= SURELY_BOUNDED:
        return
    sums: dict[str, int] = {}
    for indicator, score in scores.indicators.items():
        for category, weight in (("", 1), *weights.get(indicator, ())):
            sums[category] = sums.get(category, 0) + weight * abs(score)
    if max(sums.values()) > SCORE_MAX:
        raise Overgrown("as the score of one member in a festival", SCORE_MAX)


def _touched(weights: Weights, by: Mapping[str, int]) -> list[str]:
    """The categories whose score the event's net effect changes."""
    net: dict[str, int] = {}
    for indicator, change in by.items():
        for category, weight in weights.get(indicator, ()):
            net[category] = net.get(category, 0) + weight * change
    return [category for category, change in net.items() if change]


def _moved(scores: RoundScores, by: Mapping[str, int], touched: Iterable[str], at: int) -> RoundScores:
    """A round's scores after an event, which reaches the score of each touched category anew."""
    indicators = {**scores.indicators}
    for indicator, change in by.items():
        if change:
            indicators[indicator] = indicators.get(indicator, 0) + change
    return RoundScores(indicators, {**scores.reached, **dict.fromkeys(touched, at)})


def _row(draft: Draft, festival: str) -> FestivalRow:
    row = draft.read(festival_key(festival))
    if row is not None:
        return row  # type: ignore[no-any-return]
    listed = stands_on_boards(draft.head, draft.head.joins.get(festival, ()))
    return FestivalRow(listed=listed, alias=draft.head.alias)


def _keep(draft: Draft, festival: str, row: FestivalRow) -> None:
    if festival not in draft.head.festivals:
        draft.edit().festivals = (*draft.head.festivals, festival)
    draft.write(festival_key(festival), row)


def _remark(draft: Draft, cause: EffectCause, scores: tuple[IndicatorScore, ...], refunded: int, amount: int) -> None:
    """A refund that a frozen round cannot follow any more is noted in the row, and flags the awards of that round."""
    late: dict[str, list[tuple[str, str]]] = {}
    for each in scores:
        taken = share(each.granted, refunded, amount)
        if taken > each.taken_back and is_frozen(draft, each.festival, FINAL):
            late.setdefault(each.festival, []).append((FINAL, each.indicator))
        if each.month and each.granted - taken < each.in_month:
            month = month_name(each.month)
            if is_frozen(draft, each.festival, month):
                late.setdefault(each.festival, []).append((month, each.indicator))
    for festival, marks in late.items():
        row = _row(draft, festival)
        unknown = tuple(mark for mark in marks if mark not in row.taken_late)
        if unknown:
            _keep(draft, festival, row._replace(taken_late=(*row.taken_late, *unknown)))
        _flag(draft, cause, festival, marks)


def _flag(draft: Draft, cause: EffectCause, festival: str, marks: Iterable[tuple[str, str]]) -> None:
    """Flag the awards of these (round, indicator), once each."""
    terms = draft.versions.festival(festival, draft.horizon)
    weighs = {category.id: category.weigh for category in terms.categories} if terms else {}
    row = _row(draft, festival)
    awards = []
    for each in row.awards:
        hit = any(each.round == name and indicator in weighs.get(each.category, ()) for name, indicator in marks)
        if hit and not each.flagged:
            where = AwardPlace(festival, each.category, each.round, each.rank)
            draft.effects.append(RewardGranted(cause, each.reward, "rank", each.value_rial, where, flagged=True))
        awards.append(each._replace(flagged=True) if hit else each)
    if tuple(awards) != row.awards:
        _keep(draft, festival, row._replace(awards=tuple(awards)))
