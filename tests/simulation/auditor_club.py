"""One member's events in words, for scenarios that are worked out by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

from tests.simulation.auditor import Auditor, read_programme, tehran_time
from tests.simulation.auditor.contract import TYPES

PROGRAMME = """
programme: club
version: 1
effective: 1395-01-01
points: {points}
excluded_mcc: [6011]
tiers: {{window: year, grace: {{days: 30}}, downgrade: one_down, levels: [{{id: au, from: 9}}, {{id: blue, from: 0}}]}}
rules:
  - {rules}
multipliers: {multipliers}
rewards:
  - {{id: welcome, title: {{fa: خوش‌آمد}}, kind: points, points: 100}}
  - {{id: coin, title: {{fa: سکه}}, kind: goods, value_rial: 5_000}}
thresholds: {thresholds}
notifications:
  - {{id: granted, event: reward.granted, medium: [sms, push], template: {{fa: "{{reward}}"}}}}
  - {{id: expiring, event: points.expiring, days_before: 14, medium: [sms], template: {{fa: "{{points}}"}}}}
quiet_hours: {{from: "22:00", until: "08:00"}}
"""
PURCHASE = "{id: purchase, event: card.purchase.settled, earn: {points: 1, per: 100_000}}"
DAILY = "{id: day, event: deposit.balance.recorded, earn: {points: 1, per: 1_000, of: balance}%s}"


def programme(*rules: str, points: str = "{}", multipliers: str = "[]", thresholds: str = "[]") -> dict[str, Any]:
    lines = "\n  - ".join(rules)
    return read_programme(PROGRAMME.format(points=points, rules=lines, multipliers=multipliers, thresholds=thresholds))


class Club:
    """An auditor with words for the events of a member, by default of m1."""

    def __init__(self, *versions: dict[str, Any], replay: bool = True, coordinates: bool = False) -> None:
        self.auditor = Auditor(versions, replay=replay, coordinates=coordinates)
        self.numbers: Iterator[int] = count(1)

    def event(self, kind: str, time: str, id: str = "", by: str = "m1", **data: Any) -> str:
        """Take an event at a Gregorian wall clock time in Tehran with +03:30 (`2016-04-03 10:00`)."""
        topic = TYPES[kind][0]
        envelope = {
            "specversion": "1.0",
            "id": id or f"e{next(self.numbers)}",
            "source": "/" + topic,
            "type": kind,
            "subject": by,
            "time": time.replace(" ", "T") + ":00+03:30",
            "data": data,
        }
        return self.auditor.event(envelope, topic, now_ms=tehran_time.instant_of("2025-01-01T12:00:00Z"))

    def buy(self, amount: int, time: str, id: str = "", mcc: str = "5411", by: str = "m1") -> str:
        shop: dict[str, Any] = {"mcc": mcc, "merchant": "s", "terminal": "t", "channel": "pos"}
        return self.event("card.purchase.settled", time, id, by, amount=amount, **shop)

    def refund(self, original: str, amount: int, time: str, by: str = "m1") -> str:
        lost: dict[str, Any] = {"original": original, "amount": amount, "reason": "chargeback"}
        return self.event("card.purchase.refunded", time, "", by, **lost)

    def win(self, original: str, amount: int, time: str, by: str = "m1") -> str:
        return self.event("card.chargeback.won", time, "", by, original=original, amount=amount)

    def adjust(self, points: int, time: str) -> str:
        return self.event("member.points.adjusted", time, points=points, reason="r", operator="o")

    def balance(self, balance: int, day: str, revision: int = 0, **more: Any) -> str:
        account: dict[str, Any] = {
            "account": "a",
            "product": "current",
            "date": day,
            "balance": balance,
            "revision": revision,
        }
        return self.event(
            "deposit.balance.recorded", f"{date.fromisoformat(day) + timedelta(days=1)} 02:00", **account | more
        )

    def row(self, *columns: str) -> tuple[Any, ...]:
        row = self.auditor.members()["m1"]
        return tuple(row[column] for column in columns)

    def postings(self, *fields: str) -> list[tuple[Any, ...]]:
        return [tuple(posting[field] for field in fields) for posting in self.auditor.postings]

    def points(self) -> list[tuple[str, int]]:
        return [(kind.removeprefix("points."), points) for kind, points in self.postings("type", "points")]
