"""Festivals: which events count, what the indicators grant, and how refunds and corrections follow."""

from dataclasses import replace
from fractions import Fraction

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import CHARGEBACK_WON, Activity
from tests.simulation.auditor.deposits import is_closed
from tests.simulation.auditor.evaluation import NOBODY, cut_by_caps, half_up, outcomes, shares_one
from tests.simulation.auditor.participation import takes_part
from tests.simulation.auditor.programme_reading import Festival, Rule, Version
from tests.simulation.auditor.refund import move_once_mark
from tests.simulation.auditor.rounds import FINAL, month_of
from tests.simulation.auditor.state import Decision, FestivalEffect, FestivalGrant, Mark, Member, Past


def is_running(decision: Decision, festival: Festival, moment: int) -> bool:
    """Whether the moment lies in the window, and the lane has not frozen the festival."""
    return festival.opens <= moment < festival.closes and (festival.id, FINAL) not in decision.frozen


def counts(decision: Decision, festival: Festival, activity: Activity) -> bool:
    """Whether an event counts for a festival of the version in force at its moment."""
    member = decision.member
    if not is_running(decision, festival, activity.moment) or member.status == "left":
        return False
    if festival.segments is not None and not shares_one(festival.segments, member.segments):
        return False
    if festival.provinces is not None and not shares_one(festival.provinces, member.provinces):
        return False
    return takes_part(member, festival, activity.moment)


def indicator_outcomes(
    version: Version, festival: Festival, activity: Activity, member: Member, mark: Mark
) -> dict[str, int]:
    """What each indicator would grant before caps: as rules, among themselves and without multipliers."""
    return outcomes(replace(version, rules=festival.indicators, multipliers=()), activity, member, mark)


def count_event(decision: Decision, version: Version, activity: Activity) -> list[FestivalGrant]:
    """Grant what the event earns in every festival for which it counts."""
    mark = ("event", activity.source, activity.id)
    effect = FestivalEffect(activity.moment)
    month = month_of(tehran_time.day_of(activity.moment))
    grants = []
    for festival in version.festivals:
        if not counts(decision, festival, activity):
            continue
        due = indicator_outcomes(version, festival, activity, decision.member, NOBODY)
        for indicator in festival.indicators:
            points = spend(decision, indicator, activity, due.get(indicator.id, 0), 0, mark)
            if points:
                in_month = (festival.id, month) not in decision.frozen
                grants.append(FestivalGrant(indicator.id, month, indicator.once, points, in_month))
                change_both(decision, effect, grants[-1], points)
    return grants


def count_balance(decision: Decision, version: Version, activity: Activity) -> None:
    """Grant what one account's date earns, or correct what it was granted; a correction is worked out anew."""
    member = decision.member
    account, date = activity.data["account"], activity.data["date"]
    day = member.balances[account, date]
    mark = ("balance", account, date)
    effect = FestivalEffect(activity.moment)
    month = month_of(tehran_time.day_of(activity.moment))
    for festival in version.festivals:
        if not is_running(decision, festival, activity.moment):
            continue
        is_due = counts(decision, festival, activity) and not is_closed(decision, activity)
        due = indicator_outcomes(version, festival, activity, member, mark) if is_due else {}
        for indicator in festival.indicators:
            outcome = due.get(indicator.id, 0)
            paid = day.festival_grants.get(indicator.id)
            before = paid.granted if paid else 0
            points = outcome - before
            if points > 0:
                points = spend(decision, indicator, activity, points, before, mark)
            if not points:
                continue
            if paid is None:
                in_month = (festival.id, month) not in decision.frozen
                paid = FestivalGrant(indicator.id, month, indicator.once, 0, in_month)
                day.festival_grants[indicator.id] = paid
            paid.granted += points
            change_both(decision, effect, paid, points)


def spend(decision: Decision, indicator: Rule, activity: Activity, desired: int, before: int, mark: Mark) -> int:
    """What an indicator's own caps leave of the desired points; counters rise and `once` is used up."""
    member = decision.member
    day = tehran_time.day_of(activity.moment)
    granted = cut_by_caps(member, indicator, desired, day, before)
    if granted:
        for kind in tehran_time.PERIODS:
            member.counters[indicator.id, kind, tehran_time.period_of(day, kind)] += granted
        if indicator.once:
            member.once[indicator.id] = mark
    return granted


def follow_refund(decision: Decision, activity: Activity, purchase: Past) -> None:
    """Bring the festival grants of a purchase to their target, in the festival and in the month each until its freeze.

    What comes after a freeze is remembered, since it flags awards.
    """
    if purchase.amount is None:
        return
    won = activity.type == CHARGEBACK_WON
    share = Fraction(min(purchase.refunded, purchase.amount), purchase.amount)
    effect = FestivalEffect(activity.moment)
    for grant in purchase.festival_grants:
        target = half_up(grant.granted * share)
        if (grant.festival, FINAL) not in decision.frozen:
            change(decision, effect, grant.rule, FINAL, grant.reversed - target)
            grant.reversed = target
            if grant.once:
                move_once_mark(decision, purchase, grant, won)
        elif target > grant.reversed and not won:
            decision.member.late_refunds.add((FINAL, grant.rule))
        if not grant.in_month:
            continue
        if (grant.festival, grant.month) not in decision.frozen:
            change(decision, effect, grant.rule, grant.month, grant.reversed_in_month - target)
            grant.reversed_in_month = target
        elif target > grant.reversed_in_month and not won:
            decision.member.late_refunds.add((grant.month, grant.rule))


def change_both(decision: Decision, effect: FestivalEffect, grant: FestivalGrant, points: int) -> None:
    """Change the festival's score, and that of the month's round if that is not frozen."""
    change(decision, effect, grant.rule, FINAL, points)
    if (grant.festival, grant.month) not in decision.frozen:
        change(decision, effect, grant.rule, grant.month, points)


def change(decision: Decision, effect: FestivalEffect, rule: str, round: str, points: int) -> None:
    """Write down what an event changed in one round; a change of the festival's total is published."""
    member = decision.member
    if not points:
        return
    if not effect.deltas:
        member.effects.append(effect)
    effect.deltas[round, rule] = effect.deltas.get((round, rule), 0) + points
    if round == FINAL:
        festival, indicator = rule.split("/")
        decision.books.festival.append(
            {
                "type": "festival.score.changed",
                "member": member.reference,
                "festival": festival,
                "indicator": indicator,
                "delta": points,
                "score": score_of(member, FINAL, rule),
                "cause_source": decision.source,
                "cause_id": decision.id,
                "time": decision.time,
            }
        )


def score_of(member: Member, round: str, rule: str) -> int:
    """An indicator's score in a festival (`final`) or in the round of one of its months."""
    return sum(effect.deltas.get((round, rule), 0) for effect in member.effects)
