"""Reads `notifications` and `quiet_hours`: which messages go to members, by what medium, when not, and their texts."""

import re
from collections.abc import Mapping

from engine.calendar import TimesOfDay, time_of_day
from engine.programme.terms import Notification
from engine.words import Words, latin_digits, listed
from schemas.programme_file.conditions import times_of_day
from schemas.programme_file.cursor import Section, Value, hint, one_of
from schemas.programme_file.ids import item
from schemas.programme_file.messages import Code
from schemas.programme_file.nodes import shown
from schemas.programme_file.problems import Report
from schemas.programme_file.values import choice, distinct, integer, title

NOTIFICATIONS_MAX = 200
TEMPLATE_MAX = 1_000
DAYS_BEFORE_MAX = 365
MEDIA = ("sms", "push", "email")
EXPIRING = "points.expiring"
SMS_ENDING = "لغو11"
SMS_HOURS = range(8 * 60, 22 * 60)
"""Minutes of the day at which promotional SMS may go out."""

_POINTS = ("points",)
_REWARD = ("reward",)
_FESTIVAL = ("festival",)
PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    "reward.granted": _REWARD,
    EXPIRING: ("points", "date"),
    "tier.changed": ("tier",),
    "points.accrued": _POINTS,
    "points.activated": _POINTS,
    "points.reversed": _POINTS,
    "points.restored": _POINTS,
    "points.expired": _POINTS,
    "points.adjusted": _POINTS,
    "points.transferred": _POINTS,
    "points.reserved": _POINTS,
    "points.captured": _POINTS,
    "points.released": _POINTS,
    "points.refused": _POINTS,
    "reward.revoked": _REWARD,
    "reward.flagged": _REWARD,
    "festival.joined": _FESTIVAL,
    "festival.left": _FESTIVAL,
}
"""Events that members can be told of, with what a template may say of each."""

_PLACEHOLDER = re.compile(r"\{([^{}\n]{1,64})\}")
_TEMPLATE = Words("{fa: …, en: …}", "{fa: …, en: …}")


def notifications(value: Value | None) -> list[Notification]:
    """The messages of a programme."""
    found, taken = [], dict[str, int]()
    for each in value.items(NOTIFICATIONS_MAX, at_least=0) if value else ():
        name, section = item(each, taken, "event", "medium", "template", "days_before")
        if section is None:
            continue
        event = choice(section.need("event", one_of(PLACEHOLDERS)), PLACEHOLDERS)
        media = _media(section.need("medium", one_of(MEDIA)))
        section.need("template", _TEMPLATE)
        template = title(section, "template", TEMPLATE_MAX, lines=True)
        _check_template(section, template, event, "sms" in media)
        days_before = _days_before(section, event)
        if name is not None and event is not None and media and template:
            found.append(Notification(name, event, media, template, days_before))
    return found


def _media(value: Value | None) -> tuple[str, ...]:
    found = [(each, choice(each, MEDIA)) for each in value.one_or_more(len(MEDIA), one_of(MEDIA))] if value else []
    chosen = distinct(found)
    return tuple(medium for medium in dict.fromkeys(name for _, name in found) if medium in chosen)


def _days_before(section: Section, event: str | None) -> int | None:
    value = section.get("days_before")
    if value is None and event == EXPIRING:
        section.of.refuse(Code.DAYS_BEFORE_MISSING)
    if value is not None and event is not None and event != EXPIRING:
        section.refuse_key("days_before", Code.DAYS_BEFORE_UNUSED)
        return None
    return integer(value, 1, DAYS_BEFORE_MAX)


def _check_template(section: Section, template: Mapping[str, str], event: str | None, sms: bool) -> None:
    """Only placeholders that the event can fill, no other braces, and an SMS's ending."""
    value = section.get("template")
    languages = value.keys() if value and template else None
    for language, words in template.items() if languages else ():
        assert languages is not None
        at = languages.values[language]
        known = PLACEHOLDERS[event] if event else ()
        for name in dict.fromkeys(_PLACEHOLDER.findall(words)):
            if event is not None and name not in known:
                meant = _braced(name, known, at.report)
                at.refuse(Code.UNKNOWN_PLACEHOLDER, found=shown(name), event=event, hint=meant)
        if any(brace in _PLACEHOLDER.sub("", words) for brace in "{}"):
            at.refuse(Code.STRAY_BRACE, expected=listed(f"{{{name}}}" for name in known or ("reward",)))
        if sms and not latin_digits(words).rstrip(" .").endswith(SMS_ENDING):
            at.refuse(Code.SMS_ENDING)


def _braced(name: str, known: tuple[str, ...], report: Report) -> Words:
    """What could be meant, as it is written in a text."""
    close = hint(name.strip(), known, report)
    if "`" in close.en:
        return Words(*(re.sub(r"`(\w+)`", r"`{\1}`", each) for each in close))
    choices = one_of(f"{{{each}}}" for each in known)
    return Words(f"write {choices.en}", f"{choices.fa} بنویسید")


def quiet_hours(value: Value | None, listing: Value | None, messages: list[Notification]) -> TimesOfDay | None:
    """When no message goes out; promotional SMS must wait from 22:00 to 08:00. `listing`: where the messages stand."""
    found = times_of_day(value) if value else None
    if value is not None and found is not None and found.begin == found.until:
        value.refuse(Code.QUIET_ALWAYS, found=time_of_day(found.begin))
        return None
    if value is not None and found is None:
        return None
    loud = any(not (found and found.hold(m)) for m in range(24 * 60) if m not in SMS_HOURS)
    at = value or listing
    if at is not None and loud and any("sms" in message.media for message in messages):
        at.refuse(Code.QUIET_TOO_SHORT)
    return found
