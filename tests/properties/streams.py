"""Streams of events as Hypothesis draws and shrinks them, and the programmes that they meet.

An act is one line of a story about two members; `publish` turns acts into events, numbered by their place, so that an
act can speak of an earlier or a later one by its distance.
"""

import json
from functools import lru_cache
from typing import Any, NamedTuple

from hypothesis import strategies as st

from agents.scoring.intake import StampedRecord, decode_record
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas.programme_file import load
from schemas.records import Record
from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.contract import TYPES
from tests.simulation.auditor.programme_reading import Version, read_programme, version_of
from tests.simulation.random_programmes import programmes
from tests.simulation.workload_clock import AMOUNTS, rfc3339

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
BUSY = (0, 0, 1, MINUTE_MS, HOUR_MS, 5 * HOUR_MS, DAY_MS)
CALM = (0, HOUR_MS, DAY_MS, 3 * DAY_MS, 8 * DAY_MS, 40 * DAY_MS)
"""How long it may be quiet between two acts: a story is of busy days, or of calm months."""
MEMBERS = ("m-1", "m-1", "m-2")
PROGRAMMES = 120
"""So many programmes are drawn from: reading their files takes longer than anything else here."""
PAYMENTS = ("card.purchase.settled", "ebanking.bill.paid", "ebanking.transfer.completed")
BACK = ("card.purchase.refunded", "ebanking.payment.reversed", "card.chargeback.won")
BALANCE = "deposit.balance.recorded"
PLAIN = (
    "member.registered", "member.left", "member.consent.changed", "ebanking.service.activated",
    "ebanking.login.succeeded", "deposit.account.opened", "deposit.account.closed", "member.festival.joined",
)  # fmt: skip


ALL = (*PAYMENTS, *PAYMENTS, *BACK, *BACK, BALANCE, BALANCE, "member.points.adjusted", *PLAIN)
"""Payments, what undoes them, and balances more often than the rest."""
OWING = (*PAYMENTS, *BACK, "member.points.adjusted", "member.points.adjusted", "member.points.adjusted")
"""Points that come, and points that are taken although they are not there."""
EARNING = ("card.purchase.settled", *PAYMENTS, BALANCE)
"""Only what earns."""


class Act(NamedTuple):
    """`wait_ms` passes before it; it happened `late_ms` ago.

    `other` says what it undoes: the member's last payment but so many, or, above 0, an event so many acts later.
    """

    type: str
    member: str
    wait_ms: int
    late_ms: int
    amount: int
    other: int
    choice: int


class Story(NamedTuple):
    """The number of the programme drawn, and what happens under it, in the order in which it arrives."""

    programme: int
    events: tuple[tuple[str, dict[str, Any]], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The programme's files."""
        return texts_of(self.programme)

    def items(self) -> list[StampedRecord]:
        """The events as a lane takes them, each at an offset of its own."""
        return [item_of(topic, envelope, offset) for offset, (topic, envelope) in enumerate(self.events)]

    def arrivals(self) -> list[int]:
        """A wall clock for the events: the greatest time so far."""
        clock, clocks = 0, []
        for _, envelope in self.events:
            clock = max(clock, tehran_time.instant_of(envelope["time"]))
            clocks.append(clock)
        return clocks


def item_of(topic: str, envelope: dict[str, Any], offset: int = 0) -> StampedRecord:
    """One event as a lane takes it."""
    value = json.dumps(envelope, ensure_ascii=False).encode()
    return decode_record(Record(topic, 0, offset, 0, str(envelope["subject"]).encode(), value, ()))


@lru_cache(maxsize=256)
def compiled_of(texts: tuple[str, ...]) -> ProgrammeVersions:
    """The compiled versions."""
    return ProgrammeVersions(CompiledProgramme(load(text, "programme")) for text in texts)


@lru_cache(maxsize=256)
def versions_of(texts: tuple[str, ...]) -> tuple[Version, ...]:
    """The versions as the auditor reads them."""
    return tuple(version_of(read_programme(text)) for text in texts)


@lru_cache(maxsize=256)
def texts_of(seed: int) -> tuple[str, ...]:
    """The files of a drawn programme."""
    return tuple(programmes(seed))


def acts(kinds: tuple[str, ...], waits: tuple[int, ...]) -> st.SearchStrategy[Act]:
    """One act of one of these kinds, after one of these waits."""
    late = st.sampled_from([0, 0, 0, HOUR_MS, DAY_MS, 9 * DAY_MS, 33 * DAY_MS])
    amounts = st.sampled_from([*AMOUNTS, 10**6, 3 * 10**6, 10**15]) | st.integers(1, 12_000_000)
    kind, member, wait = st.sampled_from(kinds), st.sampled_from(MEMBERS), st.sampled_from(waits)
    return st.builds(Act, kind, member, wait, late, amounts, st.integers(-3, 2), st.integers(0, 5))


@st.composite
def stories(draw: st.DrawFn, kinds: tuple[str, ...] = ALL, events: int = 40, at_least: int = 3) -> Story:
    """One to three versions of a programme and so many events around the first day of one of them."""
    programme = draw(st.integers(0, PROGRAMMES))
    first = draw(st.sampled_from(versions_of(texts_of(programme)))).effective
    start = first + draw(st.sampled_from([-1, 0, HOUR_MS, 20 * DAY_MS, 150 * DAY_MS]))
    waits = draw(st.sampled_from([BUSY, CALM]))
    return Story(
        programme, tuple(publish(draw(st.lists(acts(kinds, waits), min_size=at_least, max_size=events)), start))
    )


def publish(told: list[Act], start: int) -> list[tuple[str, dict[str, Any]]]:
    """The events of acts, the first of which happens at `start` (ms)."""
    now = start
    events: list[tuple[str, dict[str, Any]]] = []
    for number, act in enumerate(told):
        now += act.wait_ms
        topic = TYPES[act.type][0]
        paid = [e["id"] for t, e in events if t == topic and e["subject"] == act.member and e["type"] in PAYMENTS]
        original = paid[max(-len(paid), act.other - 1)] if paid and act.other <= 0 else f"e{number + max(1, act.other)}"
        events.append(
            (
                topic,
                {
                    "specversion": "1.0",
                    "id": f"e{number}",
                    "source": "/core/" + topic.split(".")[1],
                    "type": act.type,
                    "subject": act.member,
                    "time": rfc3339(now - act.late_ms),
                    "data": _data(act, original, now),
                },
            )
        )
    return events


def _data(act: Act, original: str, now: int) -> dict[str, Any]:
    amount, choice = {"amount": act.amount}, act.choice
    operator = {"reason": "r", "operator": "o"}
    day = (tehran_time.day_of(now) - (choice % 4) * tehran_time.DAY).isoformat()
    account = {"account": f"a{choice % 2}", "product": ("short_term", "current")[choice % 2], "date": day}
    match act.type:
        case "card.purchase.settled":
            mcc = ("5411", "0742", "6011")[choice % 3]
            return amount | {"mcc": mcc, "merchant": "s", "terminal": "t", "channel": ("pos", "web")[choice % 2]}
        case "card.purchase.refunded":
            return amount | {"original": original, "reason": ("refund", "chargeback")[choice % 2]}
        case "card.chargeback.won" | "ebanking.payment.reversed":
            return amount | {"original": original}
        case "ebanking.bill.paid":
            return amount | {"bill": "water", "channel": ("app", "phone")[choice % 2]}
        case "ebanking.transfer.completed":
            return amount | {"rail": ("satna", "card")[choice % 2], "channel": "app", "own": choice == 5}
        case "deposit.balance.recorded":
            balance = (act.amount if choice else -act.amount) % 10**9
            return account | {"balance": balance, "minimum": balance // 2, "revision": act.other % 4}
        case "member.points.adjusted":
            return {"points": (act.amount % 90 + 1) * (-1 if choice % 2 else 1)} | operator
        case "member.registered":
            return {"channel": "web", "segments": ["physician"][: choice % 2], "consents": {"sms": choice > 2}}
        case "member.consent.changed":
            return {"medium": "sms", "granted": choice > 2}
        case "ebanking.service.activated":
            return {"service": "mobile_bank"}
        case "ebanking.login.succeeded":
            return {"channel": "app"}
        case "member.festival.joined":
            return {"festival": "autumn"}
        case _:
            return account if act.type.startswith("deposit.") else {}
