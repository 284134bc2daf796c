"""A movement of points in words, English and Persian, the same wherever one is shown."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from bashgah.audit.member_postings import PointsAccount
from bashgah.cli.text.members import MOVEMENTS, moment
from bashgah.cli.text.titles import Titles
from engine.calendar import day_number, to_ms
from engine.effects import Posting
from engine.words import Words, number
from schemas.programme_file.wording import date

_STATUSES = {"pending": Words("pending", "در انتظار"), "active": Words("active", "فعال")}
_NEVER = Words("never expires", "بی‌انقضا")


def effect_words(effect: Posting, titles: Titles) -> Words:
    """A posting as the core decided it, with the last day on which its points are valid."""
    moved = _moved(effect.type, effect.points, effect.status, effect.rule, effect.debt, effect.forgiven, titles)
    return _joined(moved, *_valid(effect.points, effect.lot))


def posted_words(envelope: dict[str, Any], titles: Titles) -> Words:
    """A posting as it stands on `club.points`: what `effect_words` says, and the active points after it."""
    lot = envelope["data"].get("lot")
    day = None if lot is None else day_number(dt.date.fromisoformat(lot))
    return _joined(_posted(envelope, titles), *_valid(envelope["data"]["points"], day), _active(envelope))


def listed_words(envelope: dict[str, Any], titles: Titles) -> Words:
    """A posting in a list: when, what, the active points after it, and the source and id that it goes back to."""
    at = moment(to_ms(dt.datetime.fromisoformat(envelope["time"])))
    cause = envelope["data"]["activity"]
    source = Words(f"{cause['source']} {cause['id']}", f"{cause['source']} {cause['id']}")
    return _joined(at, _posted(envelope, titles), _active(envelope), source)


def account_words(member: str, found: PointsAccount) -> Iterator[Words]:
    """What all postings of a member come to, and how each is explained."""
    assert found.opening is not None, "there is a posting"
    points, debt = (number(each) for each in found.opening)
    if found.opening != (0, 0):
        yield Words(
            f"before the first: {points.en} points, debt {debt.en}; retention has deleted older postings",
            f"پیش از نخستین: {points.fa} امتیاز، بدهی {debt.fa}؛ اسناد امتیاز کهنه‌تر با پایان مهلت نگهداری پاک شده‌اند",
        )
    count, points, debt = number(found.postings), number(found.points), number(found.debt)
    of = {name: number(found.balance[name]) for name in ("active", "pending", "held")}
    yield Words(
        f"{count.en} posting(s) in all come to {points.en} points: active {of['active'].en}, pending "
        f"{of['pending'].en}, held {of['held'].en}; debt {debt.en}",
        f"همهٔ {count.fa} سند امتیاز روی هم {points.fa} امتیاز است: فعال {of['active'].fa}، در انتظار "
        f"{of['pending'].fa}، کنارگذاشته {of['held'].fa}؛ بدهی {debt.fa}",
    )
    how = f"bashgah member explain {member} SOURCE ID"
    yield Words(
        f"why each: {how}; what goes back to `clock` came due by itself",
        f"چرایی هر یک: {how}؛ آنچه به `clock` برمی‌گردد خود به موعدش رسیده است",
    )


def _posted(envelope: dict[str, Any], titles: Titles) -> Words:
    data = envelope["data"]
    return _moved(
        envelope["type"], data["points"], data.get("status"), data.get("rule"), data.get("debt", 0),
        data.get("forgiven", 0), titles,
    )  # fmt: skip


def _moved(
    type: str, points: int, status: str | None, rule: str | None, debt: int, forgiven: int, titles: Titles
) -> Words:
    movement, figure = MOVEMENTS[type], number(points)
    where = _STATUSES.get(status or "")
    said = Words(f"{movement.en} {figure.en}", f"{movement.fa} {figure.fa}")
    if where is not None:
        said = Words(f"{said.en} ({where.en})", f"{said.fa} ({where.fa})")
    parts = [said]
    if rule:
        parts.append(titles.rule(rule))
    if debt:
        parts.append(Words(f"debt {debt:+,}", f"بدهی {number(debt).fa}"))
    if forgiven:
        parts.append(Words(f"forgiven {forgiven:+,}", f"بخشیده {number(forgiven).fa}"))
    return _joined(*parts)


def _valid(points: int, last_day: int | None) -> tuple[Words, ...]:
    """Nothing of what moves no points: debt and what is forgiven have no lot."""
    if last_day is not None:
        day = date(last_day)
        return (Words(f"last day {day.en}", f"آخرین روز {day.fa}"),)
    return (_NEVER,) if points else ()


def _active(envelope: dict[str, Any]) -> Words:
    left = number(envelope["data"]["balance"]["active"])
    return Words(f"active afterwards {left.en}", f"فعال پس از آن {left.fa}")


def _joined(*parts: Words) -> Words:
    return Words(" · ".join(part.en for part in parts), " · ".join(part.fa for part in parts))
