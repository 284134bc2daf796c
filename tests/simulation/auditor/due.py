"""What the clock brings: activation, expiry and warnings, in the order of their instants."""

from datetime import date, timedelta

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.lots import activate, expire, last_day_order
from tests.simulation.auditor.notices import expiring_days, warn_late, warn_of_expiry
from tests.simulation.auditor.programme_reading import Version
from tests.simulation.auditor.state import Books, Decision, Member


def apply_due(books: Books, versions: list[Version], member: Member, horizon: int) -> None:
    """Apply to one member all that is due up to the horizon, which becomes the member's."""
    while True:
        instant = next_due(versions, member)
        if instant is None or instant > horizon:
            break
        decision = Decision(books, member, "clock", str(instant), instant, horizon=instant)
        for lot in sorted(member.lots, key=last_day_order):
            if member.lots[lot].pending and tehran_time.midnight(lot[0]) == instant:
                activate(decision, lot)
        for lot in sorted(member.lots, key=last_day_order):
            if lot[1] is not None and tehran_time.end_of(lot[1]) == instant:
                expire(decision, lot[1])
        warn_of_expiry(decision, versions)
        warn_late(decision, versions, instant)
        member.horizon = instant
    member.horizon = max(horizon, member.horizon or horizon)


def next_due(versions: list[Version], member: Member) -> int | None:
    """The earliest instant at which something happens to the member without an event."""
    instants = []
    for lot, held in member.lots.items():
        if held.pending:
            instants.append(tehran_time.midnight(lot[0]))
        if held.active and lot[1] is not None:
            instants.append(tehran_time.end_of(lot[1]))
            warnings = expiring_days(versions, lot[1])
            instants += [each for each in warnings if member.horizon is None or each > member.horizon]
    return min(instants, default=None)


RETENTION = timedelta(days=400)


def forget(member: Member, horizon: int) -> None:
    """Drop events, and refunds that wait, 400 days after their day: at the first midnight of the next Jalali month."""
    member.events = {key: past for key, past in member.events.items() if forgotten_at(past.day) > horizon}
    for original, waiting in list(member.parked.items()):
        kept = [each for each in waiting if forgotten_at(tehran_time.day_of(each.time)) > horizon]
        if kept:
            member.parked[original] = kept
        else:
            del member.parked[original]


def forgotten_at(day: date) -> int:
    """The first midnight of the Jalali month that follows the day after the retention's last."""
    year, month, _ = tehran_time.jalali(day + RETENTION + timedelta(days=1))
    following = (year, month + 1) if month < 12 else (year + 1, 1)
    return tehran_time.midnight(tehran_time.gregorian(*following, 1))
