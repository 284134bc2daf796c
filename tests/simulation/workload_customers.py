"""Customers who save, register, leave and return."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.simulation.auditor import tehran_time
from tests.simulation.random_festivals import PROVINCES
from tests.simulation.workload_clock import DAY_MS, HOUR_MS, Published
from tests.simulation.workload_payments import PayingBank

PRODUCTS = ("current", "short_term", "long_term", "qard_al_hasan")
SEGMENTS = ("physician", "teacher", "retired")
OPERATOR = {"reason": "complaint", "operator": "op-7"}


class ClubBank(PayingBank):
    """A bank with deposits and a customers' club."""

    def __init__(self, draw: Random, members: int, effective: list[int]) -> None:
        super().__init__(draw, members, effective)
        self.accounts: dict[str, list[tuple[str, str]]] = {}
        self.balances: dict[str, list[dict[str, Any]]] = {}

    # Deposits

    def account(self, member: str) -> tuple[str, str]:
        known = self.accounts.setdefault(member, [])
        if not known or (len(known) < 3 and self.draw.random() < 0.2):
            known.append((f"a-{len(known)}", self.draw.choice(PRODUCTS)))
        return self.draw.choice(known)

    def account_event(self, member: str, kind: str) -> Iterator[Published]:
        account, product = self.account(member)
        day = tehran_time.day_of(self.now) + timedelta(days=self.draw.choice((-4, -3, -2, -1, 0, 1, 20)))
        return self.event(kind, member, {"account": account, "product": product, "date": day.isoformat()})

    def account_opened(self, member: str) -> Iterator[Published]:
        return self.account_event(member, "deposit.account.opened")

    def account_closed(self, member: str) -> Iterator[Published]:
        return self.account_event(member, "deposit.account.closed")

    def balance(self, member: str) -> Iterator[Published]:
        """The first balance of an account's date: mostly yesterday's, sometimes late, rarely today's before its end,
        and now and then of a day that has not come."""
        account, product = self.account(member)
        back = self.draw.choice((0, 1, 1, 1, 1, 2, 9)) if self.draw.random() < 0.97 else self.draw.choice((-1, -9_000))
        day = tehran_time.day_of(self.now) - timedelta(days=back)
        return self.tell_balance(member, account, product, day, revision=0)

    def correction(self, member: str) -> Iterator[Published]:
        """A balance told again with a higher, an equal or a lower revision."""
        if member in self.balances:
            told = self.draw.choice(self.balances[member][-5:])
            day = date.fromisoformat(told["date"])
            revision = max(0, told["revision"] + self.draw.choice((-1, 0, 1, 1, 1, 2)))
            yield from self.tell_balance(member, told["account"], told["product"], day, revision)

    def tell_balance(self, member: str, account: str, product: str, day: date, revision: int) -> Iterator[Published]:
        balance = self.draw.choice((-5_000, 0, 999_999, 2_000_000, 3_000_000, self.draw.randint(0, 60_000_000)))
        data: dict[str, Any] = {"account": account, "product": product, "date": day.isoformat(), "balance": balance}
        if self.draw.random() < 0.7:
            data["minimum"] = balance - self.draw.choice((0, 0, 1_000_000))
        data["revision"] = revision
        self.balances.setdefault(member, []).append(data)
        return self.event("deposit.balance.recorded", member, data, self.now if self.draw.random() < 0.8 else None)

    # Members

    def registered(self, member: str) -> Iterator[Published]:
        draw = self.draw
        data: dict[str, Any] = {"channel": draw.choice(("web", "mobile", "branch"))}
        if draw.random() < 0.6:
            data["segments"] = draw.sample(SEGMENTS, draw.randint(0, 2))
        if draw.random() < 0.6:
            data["province"] = draw.choice(PROVINCES)
        if draw.random() < 0.8:
            data["consents"] = {medium: draw.random() < 0.7 for medium in ("sms", "email", "push")}
        return self.event("member.registered", member, data)

    def profile_changed(self, member: str) -> Iterator[Published]:
        data: dict[str, Any] = {"alias": "کاربر"}
        if self.draw.random() < 0.8:
            data["segments"] = self.draw.sample(SEGMENTS, self.draw.randint(0, 2))
        if self.draw.random() < 0.5:
            data["province"] = self.draw.choice(PROVINCES)
        return self.event("member.profile.changed", member, data)

    def consent(self, member: str) -> Iterator[Published]:
        """A consent, given or taken back, in half of the cases overtaken by later ones."""
        data = {"medium": self.draw.choice(("sms", "email", "push")), "granted": self.draw.random() < 0.7}
        time = self.now - self.draw.choice((1, HOUR_MS, DAY_MS)) if self.draw.random() < 0.5 else None
        return self.event("member.consent.changed", member, data, time)

    def left(self, member: str) -> Iterator[Published]:
        return self.event("member.left", member, {})

    def erased(self, member: str) -> Iterator[Published]:
        return self.event("member.erased", member, {})

    def adjusted(self, member: str) -> Iterator[Published]:
        points = self.draw.choice((1, 15, 200, -1, -10, -40, -1_000))
        return self.event("member.points.adjusted", member, {"points": points} | OPERATOR)

    def not_executed(self, member: str) -> Iterator[Published]:
        """An event whose effect comes with later work."""
        kind, data = self.draw.choice(
            (
                ("member.festival.joined", {"festival": "autumn"}),
                ("member.festival.left", {"festival": "autumn"}),
                ("member.points.transferred", {"to": self.draw.choice(self.members), "points": 5} | OPERATOR),
                ("member.spending.blocked", OPERATOR),
                ("member.spending.unblocked", OPERATOR),
                ("member.redemption.requested", {"key": "k-1", "points": 5, "reward": "coin"}),
                ("member.redemption.captured", {"key": "k-1"}),
                ("member.redemption.released", {"key": "k-1"}),
            )
        )
        return self.event(kind, member, data)
