"""A member on the screen, in English and Persian, and as JSON."""

from collections.abc import Iterator
from typing import Any

from bashgah.audit.member_view import MemberView
from bashgah.cli.member_festivals_screen import festivals_json, shown_festivals
from bashgah.cli.text.members import MEDIA, STATUSES, lane_words, last_valid, moment
from bashgah.cli.text.names import shown_name
from bashgah.cli.text.postings import listed_words
from bashgah.cli.text.titles import Titles
from engine.calendar import gregorian, iso
from engine.ledger.member import NEVER, Lot, Status
from engine.words import Words, listed, number
from schemas.programme_file.wording import date


def shown(view: MemberView) -> Iterator[Words]:
    """The member, line by line."""
    head, mark, lane, titles = view.head, view.watermark, lane_words(view.partition), Titles(view.versions)
    yield Words(f"{view.member} · {lane.en}", f"{view.member} · {lane.fa}")
    if mark.last_tick is not None:
        tick = moment(mark.last_tick)
        yield Words(f"as of the lane's last tick, {tick.en}", f"تا آخرین تیک خط پردازش، {tick.fa}")
    status = STATUSES[head.status]
    yield Words(f"status: {status.en}", f"وضعیت: {status.fa}")
    yield from _profile(view, titles)
    active, pending, held, debt = head.balance()
    spendable = number(active - debt)
    yield Words(
        f"balance: active {active:,}, pending {pending:,}, held {held:,}, debt {debt:,}; spendable {spendable.en}",
        f"مانده: فعال {number(active).fa}، در انتظار {number(pending).fa}، کنارگذاشته {number(held).fa}،"
        f" بدهی {number(debt).fa}؛ قابل خرج {spendable.fa}",
    )
    yield Words(
        f"so far: issued {head.issued:,}, taken back {head.reversed:,}, expired {head.expired:,}, spent {head.spent:,}",
        f"تاکنون: صادرشده {number(head.issued).fa}، پس‌گرفته {number(head.reversed).fa}،"
        f" منقضی {number(head.expired).fa}، خرج‌شده {number(head.spent).fa}",
    )
    for lot in head.pending:
        yield _lot(lot, Words("pending, active from", "در انتظار، فعال از"))
    for lot in view.lots:
        yield _lot(lot, Words("active since", "فعال از"))
    yield from shown_festivals(view.member, view.festivals, titles)
    if view.postings:
        yield Words("last postings, newest first:", "آخرین اسناد امتیاز، تازه‌ترین نخست:")
    for posting in view.postings:
        words = listed_words(posting, titles)
        yield Words(f"  {words.en}", f"  {words.fa}")


def view_json(view: MemberView) -> dict[str, Any]:
    """All of it as values of JSON; instants and dates as the contract's."""
    head, mark = view.head, view.watermark
    active, pending, held, debt = head.balance()
    return {
        "member": view.member,
        "lane": view.partition,
        "last_tick": None if mark.last_tick is None else iso(mark.last_tick),
        "status": Status(head.status).name.lower(),
        "tier": view.tier,
        "alias": head.alias,
        "segments": list(head.segments),
        "province": head.province,
        "consents": dict(head.consents),
        "balance": {"active": active, "pending": pending, "held": held, "debt": debt, "spendable": active - debt},
        "totals": {
            "issued": head.issued, "reversed": head.reversed, "expired": head.expired, "spent": head.spent,
        },
        "pending": [_lot_json(lot) for lot in head.pending],
        "lots": [_lot_json(lot) for lot in view.lots],
        "festivals": festivals_json(view.festivals),
        "postings": view.postings,
    }  # fmt: skip


def _profile(view: MemberView, titles: Titles) -> Iterator[Words]:
    head = view.head
    if view.tier is not None:
        level = titles.level(view.tier)
        yield Words(f"tier: {level.en}", f"سطح: {level.fa}")
    if alias := shown_name(head.alias):
        yield Words(f"alias: {alias}", f"نام نمایشی: {alias}")
    if head.segments:
        segments = listed(head.segments)
        yield Words(f"segments: {segments.en}", f"گروه‌ها: {segments.fa}")
    if head.province is not None:
        yield Words(f"province: {head.province}", f"استان: {head.province}")
    if head.consents:
        given = listed(
            Words(f"{medium} {'yes' if yes else 'no'}", f"{MEDIA.get(medium, medium)} {'بله' if yes else 'خیر'}")
            for medium, yes in sorted(head.consents.items())
        )
        yield Words(f"consents: {given.en}", f"رضایت‌ها: {given.fa}")


def _lot(lot: Lot, state: Words) -> Words:
    points, since, until = number(lot.points), date(lot.activation), last_valid(lot.expiry)
    if lot.expiry == NEVER:
        return Words(
            f"  {points.en} {state.en} {since.en}, {until.en}", f"  {points.fa} {state.fa} {since.fa}، {until.fa}"
        )
    return Words(
        f"  {points.en} {state.en} {since.en}, last day {until.en}",
        f"  {points.fa} {state.fa} {since.fa}، آخرین روز {until.fa}",
    )


def _lot_json(lot: Lot) -> dict[str, Any]:
    last_day = None if lot.expiry == NEVER else gregorian(lot.expiry).isoformat()
    return {"points": lot.points, "activation": gregorian(lot.activation).isoformat(), "last_day": last_day}
