"""Customers who pay, and whose payments are refunded, reversed, charged back and given back."""

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.simulation.workload_clock import Bank, Envelope, Published

CHANNELS = ("app", "internet", "ussd", "phone", "atm")
REASONS = ("refund", "reversal", "chargeback")


class PayingBank(Bank):
    """A bank with cards and payments."""

    def __init__(self, draw: Random, members: int, effective: list[int]) -> None:
        super().__init__(draw, members, effective)
        self.payments: dict[str, list[Envelope]] = {}
        self.refunded: dict[str, list[Envelope]] = {}

    def payment(self, kind: str, member: str, data: dict[str, Any]) -> Iterator[Published]:
        for topic, envelope in self.event(kind, member, {"amount": self.amount()} | data):
            self.payments.setdefault(member, []).append(envelope)
            yield topic, envelope

    def purchase_data(self) -> dict[str, Any]:
        draw = self.draw
        data = {
            "mcc": draw.choice(("5411", "0742", "5499", "6011", "5812")),
            "merchant": f"shop-{draw.randint(1, 9)}",
            "terminal": "t-1",
            "channel": draw.choice(("pos", "web", "app", "ussd")),
        }
        return data | ({"card": "c-1"} if draw.random() < 0.5 else {})

    def purchase(self, member: str) -> Iterator[Published]:
        return self.payment("card.purchase.settled", member, self.purchase_data())

    def cash(self, member: str) -> Iterator[Published]:
        data = {"terminal": "atm-3", "channel": self.draw.choice(("atm", "pos"))}
        return self.payment("card.cash.withdrawn", member, data)

    def transfer(self, member: str) -> Iterator[Published]:
        draw = self.draw
        rail = draw.choice(("satna", "paya", "pol", "card", "internal"))
        data = {"rail": rail, "channel": draw.choice(CHANNELS), "own": draw.random() < 0.2}
        return self.payment("ebanking.transfer.completed", member, data)

    def bill(self, member: str) -> Iterator[Published]:
        data = {"bill": self.draw.choice(("water", "gas", "tax")), "channel": self.draw.choice(CHANNELS)}
        return self.payment("ebanking.bill.paid", member, data)

    def topup(self, member: str) -> Iterator[Published]:
        data = {"kind": self.draw.choice(("airtime", "data")), "channel": self.draw.choice(CHANNELS)}
        return self.payment("ebanking.topup.purchased", member, data)

    def instalment(self, member: str) -> Iterator[Published]:
        data = {"days_early": self.draw.randint(-3, 9), "channel": self.draw.choice(CHANNELS)}
        return self.payment("ebanking.instalment.paid", member, data)

    def part_of(self, amount: int) -> int:
        """What a refund takes: all, a part, or more than there was."""
        chance = self.draw.random()
        if chance < 0.35:
            return amount
        if chance < 0.85:
            return self.draw.randint(1, amount)
        return min(amount * 2, 10**15)

    def refund_event(self, member: str, original: Envelope) -> Iterator[Published]:
        data = {"original": original["id"], "amount": self.part_of(original["data"]["amount"])}
        kind = "ebanking.payment.reversed"
        if original["source"] == "/core/card":
            kind = "card.purchase.refunded"
            data["reason"] = self.draw.choice(REASONS)
        for topic, envelope in self.event(kind, member, data):
            self.refunded.setdefault(member, []).append(envelope)
            yield topic, envelope

    def refund(self, member: str) -> Iterator[Published]:
        if member not in self.payments:
            return
        original = self.draw.choice(self.payments[member][-3:])
        yield from self.refund_event(member, original)

    payment_reversed = refund

    def refund_before_purchase(self, member: str) -> Iterator[Published]:
        """One or two refunds of a payment that is published after some other events, or never."""
        published = list(self.purchase(member)) or list(self.bill(member))
        for topic, envelope in published:
            for _ in range(self.draw.randint(1, 2)):
                yield from self.refund_event(member, envelope)
            if self.draw.random() < 0.3:
                yield from self.won(member)
            if self.draw.random() < 0.9:
                self.later((topic, envelope))

    def refund_of_nothing(self, member: str) -> Iterator[Published]:
        original = self.draw.choice(("nobody-knows", f"e{self.draw.randint(1, self.count + 1)}"))
        data = {"original": original, "amount": self.amount()}
        return self.event("card.purchase.refunded", member, data | {"reason": self.draw.choice(REASONS)})

    def won(self, member: str) -> Iterator[Published]:
        """Give back a refund that went before, whole, in part, or more than it took."""
        before = [each for each in self.refunded.get(member, []) if each["type"] == "card.purchase.refunded"]
        if before:
            lost = self.draw.choice(before[-4:])["data"]
            data = {"original": lost["original"], "amount": self.part_of(lost["amount"])}
            yield from self.event("card.chargeback.won", member, data)

    # Electronic banking without money

    def login(self, member: str) -> Iterator[Published]:
        return self.event("ebanking.login.succeeded", member, {"channel": self.draw.choice(CHANNELS)})

    def service(self, member: str) -> Iterator[Published]:
        data = {"service": self.draw.choice(("mobile_bank", "mobile_bank", "ussd"))}
        return self.event("ebanking.service.activated", member, data)

    def profile_field(self, member: str) -> Iterator[Published]:
        return self.event("ebanking.profile.completed", member, {"field": "email"})
