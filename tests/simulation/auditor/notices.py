"""Notifications: of rewards and of points about to expire, with consent and quiet hours."""

from datetime import date
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.evaluation import in_force, within_hours
from tests.simulation.auditor.programme_reading import Notification, Version
from tests.simulation.auditor.state import Decision, Member


def notify(decision: Decision, version: Version, event: str, values: dict[str, Any]) -> None:
    """One notice a medium, for every notification of the version on this event."""
    for notification in version.notifications:
        if notification.event == event:
            send(decision, version, notification, values, after_quiet_hours(version, decision.time))


def send(
    decision: Decision, version: Version, notification: Notification, values: dict[str, Any], not_before: int
) -> None:
    """Request or suppress one notification in each of its media."""
    for medium in notification.media:
        why = why_suppressed(decision.member, medium)
        decision.books.notices.append(
            {
                "type": "notification.suppressed" if why else "notification.requested",
                "member": decision.member.reference,
                "template": notification.id,
                "medium": medium,
                "values": values,
                "why": why,
                "not_before": not_before,
                "cause_source": decision.source,
                "cause_id": decision.id,
                "time": decision.time,
            }
        )


def why_suppressed(member: Member, medium: str) -> str | None:
    """Why a member may not be written to, or None."""
    if member.status == "left":
        return "left"
    if member.status != "registered" or not member.consents.get(medium, False):
        return "no_consent"
    return None


def after_quiet_hours(version: Version, instant: int) -> int:
    """The instant itself, or the end of the quiet hours that it falls into."""
    if version.quiet_hours is None:
        return instant
    start, until = version.quiet_hours
    shown = tehran_time.wall_clock(instant)
    if not within_hours(start, until, shown.hour * 60 + shown.minute):
        return instant
    days = (shown.date(), shown.date() + tehran_time.DAY)
    ends = [end for day in days for end in tehran_time.wall_instants(day, until)]
    return min(end for end in ends if end > instant)


def expiring_days(versions: list[Version], last_day: date) -> list[int]:
    """The instants at which some version would warn of points with this last day."""
    days_before = {
        notification.days_before
        for version in versions
        for notification in version.notifications
        if notification.event == "points.expiring" and notification.days_before is not None
    }
    return [tehran_time.midnight(last_day - days * tehran_time.DAY) for days in days_before]


def warn_of_expiry(decision: Decision, versions: list[Version]) -> None:
    """At a midnight in Tehran: warn of the active points whose last day is `days_before` days ahead."""
    version = in_force(versions, decision.time)
    if version is None:
        return
    for notification in version.notifications:
        if notification.event != "points.expiring" or notification.days_before is None:
            continue
        last_day = tehran_time.day_of(decision.time) + notification.days_before * tehran_time.DAY
        warn_once(decision, version, notification, last_day, after_quiet_hours(version, decision.time))


def warn_late(decision: Decision, versions: list[Version], now: int) -> None:
    """Warn of points that have become active when the day of their warning had come already, if that is of use yet.

    `now` is the latest of the last tick, the times of what is decided, and the midnight that the member's time came to.
    """
    member = decision.member
    last_days, member.activated = sorted(member.activated), set()
    version = in_force(versions, now)
    if version is None:
        return
    not_before = after_quiet_hours(version, now)
    for notification in version.notifications:
        for last_day in last_days if notification.days_before is not None else ():
            ahead = tehran_time.midnight(last_day - notification.days_before * tehran_time.DAY) > now
            if not ahead and not_before < tehran_time.end_of(last_day):
                warn_once(decision, version, notification, last_day, not_before)


def warn_once(
    decision: Decision, version: Version, notification: Notification, last_day: date, not_before: int
) -> None:
    """Warn of what is active of a last day, unless that was done."""
    member = decision.member
    points = sum(held.active for lot, held in member.lots.items() if lot[1] == last_day)
    if points and (notification.id, last_day) not in member.noticed:
        member.noticed.add((notification.id, last_day))
        send(decision, version, notification, {"points": points, "date": last_day.isoformat()}, not_before)
