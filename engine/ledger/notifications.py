"""Messages to members: who may get one, when, and what it says. Texts are Persian; dates in them are Jalali."""

from collections.abc import Mapping

from engine.calendar import DAY_MS, at_wall, day_of, jalali, local_ms, midnight
from engine.effects import EffectCause, Notice
from engine.ledger.draft import Draft
from engine.ledger.member import NEVER, Status
from engine.programme.compiler import CompiledProgramme
from engine.programme.terms import Notification, Reward

MINUTE_MS = 60_000
ANNOUNCED_MAX = 1_000
"""How many announced last days a member's row remembers: those told of last, which are many times what is sensible."""
_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def persian_number(value: int) -> str:
    """An integer in Persian digits, grouped by thousands."""
    return f"{value:,}".replace(",", "٬").translate(_DIGITS)


def persian_date(day: int) -> str:
    """A day as a Jalali date in Persian digits, `۱۴۰۵/۰۷/۰۱`."""
    return str(jalali(day)).replace("-", "/").translate(_DIGITS)


def reward_granted(draft: Draft, cause: EffectCause, version: CompiledProgramme, reward: Reward) -> None:
    """Tell the member of a reward."""
    for notification in version.notifications("reward.granted"):
        title = reward.title.get("fa") or reward.title.get("en") or reward.id
        _notify(draft, cause, version, notification, {"reward": title}, not_before(version, cause.instant), None)


def points_expiring(draft: Draft, instant: int) -> None:
    """Tell, at a midnight, of active points that expire in as many days as the version in force says."""
    version = draft.versions.at(instant)
    if version is None:
        return
    cause = EffectCause("clock", str(instant), instant, version.id, version.version)
    today = local_ms(instant) // DAY_MS
    for notification in version.notifications("points.expiring"):
        _announce(draft, cause, version, notification, today + (notification.days_before or 0), instant)


def points_activated(draft: Draft, cause: EffectCause) -> None:
    """Announce points at once that have just become active and live for less than the lead of their announcement.

    By the version in force at the member's present instant, and only while their last day can still be used.
    """
    activated, draft.activated = sorted(draft.activated - {NEVER}), set()
    instant = draft.horizon
    version = draft.versions.at(instant)
    if version is None or draft.clock.meaning == 0:
        return
    for notification in version.notifications("points.expiring"):
        for expiry in activated:
            is_late = midnight(expiry - (notification.days_before or 0)) <= instant
            if is_late and not_before(version, instant) < midnight(expiry + 1):
                _announce(draft, cause, version, notification, expiry, instant)


def _announce(
    draft: Draft, cause: EffectCause, version: CompiledProgramme, notification: Notification, expiry: int, instant: int
) -> None:
    """Tell of the points of a last day that are active at the instant, once for each notification."""
    points = sum(lot.points for lot in draft.lots() if lot.expiry == expiry)
    told = (notification.id, expiry)
    if points and told not in draft.head.announced:
        today = day_of(instant)
        still = tuple(entry for entry in draft.head.announced if entry[1] >= today)
        remembered = (*still, told)
        draft.edit().announced = remembered[-ANNOUNCED_MAX:] if draft.clock.meaning >= 1 else remembered
        values = {"points": persian_number(points), "date": persian_date(expiry)}
        _notify(draft, cause, version, notification, values, not_before(version, instant), midnight(expiry + 1))


def not_before(version: CompiledProgramme, instant: int) -> int:
    """The instant, or the end of the quiet hours that it falls into."""
    quiet = version.quiet_hours
    local = local_ms(instant)
    minute = local % DAY_MS // MINUTE_MS
    if quiet is None or not quiet.hold(minute):
        return instant
    day = local // DAY_MS
    return at_wall((day if minute < quiet.until else day + 1) * DAY_MS + quiet.until * MINUTE_MS)


def _notify(
    draft: Draft, cause: EffectCause, version: CompiledProgramme, notification: Notification, values: Mapping[str, str],
    start: int, expires_at: int | None,
) -> None:  # fmt: skip
    head = draft.head
    locale = "fa" if "fa" in notification.template else "en"
    text = notification.template[locale]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    for medium in notification.media:
        why = None
        if head.status == Status.LEFT:
            why = "left"
        elif head.status != Status.REGISTERED or not head.consents.get(medium):
            why = "no_consent"
        draft.effects.append(Notice(cause, notification.id, values, medium, locale, text, start, expires_at, why))
