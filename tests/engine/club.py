"""A club of one member in memory, for tests of the core: events in, decisions out, no broker and no codec."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

from engine.activity import MemberActivity
from engine.calendar import DAY_MS, at_wall, day_end, day_number, day_of, jalali_day, local_ms
from engine.clock import Clock
from engine.effects import Notice, Posting, RewardGranted
from engine.ledger.member import HEAD, Head, active_lots
from engine.outcome import Outcome
from engine.programme.compiler import CompiledProgramme
from engine.programme.terms import Multiplier, Points, Programme, Rule
from engine.programme.versions import ProgrammeVersions
from engine.rules.cap_terms import Caps
from engine.rules.condition import Condition
from engine.rules.earning import Earning, Fixed, PerStep
from engine.scoring import Decision, admit, advance, decide, evolve
from engine.units import Ratio

FIELDS = (
    "amount", "mcc", "merchant", "terminal", "channel", "card", "original", "reason", "rail", "own", "counterparty",
    "bill", "kind", "days_early", "service", "field", "account", "product", "date", "balance", "minimum", "revision",
    "alias", "segments", "province", "consents", "medium", "granted", "festival", "points", "operator",
)  # fmt: skip


class DictRows:
    """Rows in a plain dict, as `engine.ledger.member.MemberRowReader`."""

    def __init__(self) -> None:
        self.values: dict[bytes, Any] = {}

    def get(self, key: bytes) -> Any | None:
        return self.values.get(key)

    def range(self, prefix: bytes) -> Iterable[tuple[bytes, Any]]:
        return [(k, v) for k, v in sorted(self.values.items()) if k.startswith(prefix)]


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> int:
    """An instant by its Jalali date and Tehran's clock."""
    return at_wall(jalali_day(year, month, day) * DAY_MS + (hour * 60 + minute) * 60_000)


def rule(id: str, event: str | tuple[str, ...], earn: Earning = Fixed(10), *when: Condition, **more: Any) -> Rule:
    """A rule in one line."""
    events = (event,) if isinstance(event, str) else event
    if isinstance(more.get("caps"), dict):
        more["caps"] = Caps(**more["caps"])
    return Rule(id, {"fa": id}, events, when, earn, **more)


def times(id: str, by: str, *when: Condition, rules: frozenset[str] | None = None) -> Multiplier:
    """A multiplier in one line."""
    return Multiplier(id, Ratio.of(Decimal(by)), when, rules)


def programme(*rules: Rule, version: int = 1, effective: int | None = None, **more: Any) -> Programme:
    """A version in force from 1400-01-01 unless said otherwise."""
    start = at(1400, 1, 1, 0) if effective is None else effective
    base = Programme("club", version, start, {"fa": "باشگاه"}, Points(), rules)
    return replace(base, **more)


PURCHASE = rule("purchase", "card.purchase.settled", PerStep(1, 100_000))


class Club:
    """One member and the versions; keeps every effect."""

    def __init__(self, *versions: Programme, retention_days: int | None = None) -> None:
        self.versions = ProgrammeVersions(CompiledProgramme(version) for version in versions)
        self.rows = DictRows()
        self.effects: list[Posting | RewardGranted | Notice] = []
        self.clock = Clock(None, retention_days)
        self.count = 0

    @property
    def head(self) -> Head:
        return self.rows.get(HEAD) or Head()

    def event(self, type: str, time: int, id: str | None = None, source: str = "/core", **data: Any) -> Decision:
        """Process one event; the decision."""
        self.count += 1
        decision = self.offer(activity(type, time, id or f"e{self.count}", source, **data))
        return decision

    def offer(self, event: MemberActivity) -> Decision:
        decision = admit(self.rows, event, self.clock) or decide(self.rows, event, self.versions, self.clock)
        evolve(self.rows.values, decision)
        self.effects += decision.effects
        return decision

    def buy(self, amount: int, time: int, id: str | None = None, **data: Any) -> Decision:
        return self.event("card.purchase.settled", time, id, amount=amount, **{"mcc": "5411", "channel": "pos", **data})

    def refund(self, original: str, amount: int, time: int, reason: str = "refund") -> Decision:
        return self.event("card.purchase.refunded", time, original=original, amount=amount, reason=reason)

    def won(self, original: str, amount: int, time: int) -> Decision:
        return self.event("card.chargeback.won", time, original=original, amount=amount)

    def balance(self, account: str, date: int, balance: int, revision: int = 0, time: int | None = None) -> Decision:
        """`date` is an instant inside the day."""
        day = day_of(date)
        when = dt.date(1970, 1, 1) + dt.timedelta(days=day)
        return self.event(
            "deposit.balance.recorded", day_end(day) - 999 if time is None else time, account=account,
            product="short_term", date=when, balance=balance, minimum=None, revision=revision,
        )  # fmt: skip

    def tick(self, instant: int) -> Decision:
        self.clock = self.clock._replace(last_tick=instant)
        decision = advance(self.rows, "m", self.versions, self.clock)
        evolve(self.rows.values, decision)
        self.effects += decision.effects
        return decision

    def postings(self) -> list[tuple[str, int]]:
        """(type without prefix, points) of every posting so far."""
        return [(e.type.removeprefix("points."), e.points) for e in self.effects if isinstance(e, Posting)]

    def check(self) -> None:
        """The conservation law, and that postings add up to it."""
        head = self.head
        kept = head.active + head.pending_points() + head.held
        assert head.issued == kept + head.spent + head.expired + head.reversed
        assert min(head.active, head.held, head.debt, head.issued, head.reversed, head.expired, head.spent) >= 0
        assert head.active == sum(lot.points for lot in active_lots(head, self.rows.get))
        total = sum(e.points for e in self.effects if isinstance(e, Posting) and e.type != "points.activated")
        assert total == head.active + head.pending_points()
        assert sum(e.debt for e in self.effects if isinstance(e, Posting)) == head.debt
        assert not head.debt or not head.active


def activity(type: str, time: int, id: str, source: str = "/core", **data: Any) -> MemberActivity:
    """An activity as decoding would make it, with every absent field None."""
    known = {**dict.fromkeys(FIELDS), **data}
    moment = time
    if type == "deposit.balance.recorded":
        moment = day_end(day_number(known["date"]))
    local = local_ms(moment)
    identity = blake2b(f"{source}\0{id}".encode(), digest_size=12).digest()
    content = blake2b(repr((type, time, sorted(data.items()))).encode(), digest_size=8).digest()
    return MemberActivity(
        source, id, type, "m", time, moment, local // 86_400_000, local % 86_400_000 // 60_000,
        SimpleNamespace(**known), identity, content,
    )  # fmt: skip


SCORED = Outcome.SCORED
