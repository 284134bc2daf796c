"""What the clock brings: activation, expiry and warnings, in the order of their instants."""

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.lots import activate, expire, last_day_order
from tests.simulation.auditor.notices import expiring_days, warn_of_expiry
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
        member.horizon = member.applied = instant
    member.horizon = horizon


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
