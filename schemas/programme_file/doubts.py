"""What a whole programme shows that no single field does: rules that can never hold, rewards that nothing gives."""

from collections.abc import Iterable

from engine.calendar import day_of
from engine.programme.compiler import last_day
from engine.programme.terms import Multiplier, Programme, Rule
from schemas.programme_file.messages import Code
from schemas.programme_file.problems import Report
from schemas.programme_file.values import date_words

_FOUR_YEARS = 1_461
"""Days over which the lengths of months and years are looked at."""


def doubts(programme: Programme, report: Report) -> None:
    """Notes a warning for each; `report` knows where the fields of this programme stand."""
    if not programme.rules and not programme.festivals:
        report.add(Code.NOTHING_EARNS, report.place(""))
    effective = day_of(programme.effective)
    listings: tuple[tuple[str, Iterable[Rule | Multiplier]], ...] = (
        ("rules", programme.rules),
        ("multipliers", programme.multipliers),
    )
    for name, listing in listings:
        for index, each in enumerate(listing):
            for condition in each.when:
                _, until = condition.window()
                if until <= effective:
                    place = report.place(f"{name}[{index}].when.{condition.key}")
                    report.add(Code.WINDOW_OVER, place, until=date_words(until), effective=date_words(effective))
    for number, festival in enumerate(programme.festivals):
        opens, closes = day_of(festival.opens), day_of(festival.closes)
        for index, indicator in enumerate(festival.indicators):
            for condition in indicator.when:
                first, last = condition.window()
                if last <= opens or first >= closes:
                    place = report.place(f"festivals[{number}].indicators[{index}].when.{condition.key}")
                    report.add(Code.OUTSIDE_FESTIVAL, place, opens=date_words(opens), closes=date_words(closes))
    given = {threshold.reward for threshold in programme.thresholds}
    given |= {award.reward for festival in programme.festivals for award in festival.awards}
    for index, reward in enumerate(programme.rewards):
        if reward not in given:
            report.add(Code.REWARD_UNUSED, report.place(f"rewards[{index}]"), found=reward)
    _leads(programme, report)


def _leads(programme: Programme, report: Report) -> None:
    """Of `points.expiring`: that nothing expires, or that points live for less than the days ahead."""
    leads = [(index, each.days_before) for index, each in enumerate(programme.notifications) if each.days_before]
    for index, _ in leads if programme.points.expiry_months is None else ():
        report.add(Code.NOTHING_EXPIRES, report.place(f"notifications[{index}].event"))
    if not leads or programme.points.expiry_months is None:
        return
    first = day_of(programme.effective)
    lives = [last_day(programme.points, day) - day for day in range(first, first + _FOUR_YEARS)]
    for index, days in leads:
        if days > min(lives):
            place = report.place(f"notifications[{index}].days_before")
            report.add(Code.LEAD_TOO_LONG, place, days=str(days), least=str(min(lives)), most=str(max(lives)))
