"""One record of every input type: with all its fields, and which of them are optional."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

SUBJECT = "c-4711"


class Example(NamedTuple):
    topic: str
    data: Mapping[str, Any]
    optional: tuple[str, ...] = ()


ACCOUNT = {"account": "a-1", "product": "short_term", "date": "2026-09-22"}
BLOCKING = {"reason": "called in", "operator": "op-7"}

EXAMPLES: Mapping[str, Example] = {
    "card.purchase.settled": Example(
        "bank.card",
        {"amount": 1250000, "mcc": "0742", "merchant": "m-88", "terminal": "t-1203", "channel": "pos", "card": "tok"},
        ("card",),
    ),
    "card.purchase.refunded": Example("bank.card", {"original": "p-1", "amount": 5, "reason": "chargeback"}),
    "card.chargeback.won": Example("bank.card", {"original": "p-1", "amount": 5}),
    "card.cash.withdrawn": Example("bank.card", {"amount": 10**15, "terminal": "", "channel": "atm"}),
    "ebanking.transfer.completed": Example(
        "bank.ebanking",
        {"amount": 1, "rail": "satna", "channel": "internet", "own": False, "counterparty": "تهران"},
        ("counterparty",),
    ),
    "ebanking.bill.paid": Example("bank.ebanking", {"amount": 1, "bill": "water", "channel": "app"}),
    "ebanking.topup.purchased": Example("bank.ebanking", {"amount": 1, "kind": "data", "channel": "ussd"}),
    "ebanking.instalment.paid": Example("bank.ebanking", {"amount": 1, "days_early": -3, "channel": "phone"}),
    "ebanking.login.succeeded": Example("bank.ebanking", {"channel": "atm"}),
    "ebanking.service.activated": Example("bank.ebanking", {"service": "standing_order"}),
    "ebanking.profile.completed": Example("bank.ebanking", {"field": "province"}),
    "ebanking.payment.reversed": Example("bank.ebanking", {"original": "p-1", "amount": 5}),
    "deposit.account.opened": Example("bank.deposit", ACCOUNT),
    "deposit.account.closed": Example("bank.deposit", ACCOUNT),
    "deposit.balance.recorded": Example(
        "bank.deposit", {**ACCOUNT, "balance": 0, "minimum": -(10**15), "revision": 0}, ("minimum",)
    ),
    "member.registered": Example(
        "club.member",
        {
            "channel": "mobile",
            "alias": 'عضو "۷"',
            "segments": ["physician", "staff"],
            "province": "یزد",
            "consents": {"sms": True, "email": False, "push": True},
        },
        ("alias", "segments", "province", "consents"),
    ),
    "member.profile.changed": Example(
        "club.member", {"alias": "", "segments": [], "province": "قم"}, ("alias", "segments", "province")
    ),
    "member.consent.changed": Example("club.member", {"medium": "push", "granted": True}),
    "member.left": Example("club.member", {}),
    "member.erased": Example("club.member", {}),
    "member.festival.joined": Example("club.member", {"festival": "autumn-1405"}),
    "member.festival.left": Example("club.member", {"festival": "autumn-1405"}),
    "member.points.adjusted": Example("club.member", {"points": -5, **BLOCKING}),
    "member.points.transferred": Example("club.member", {"to": "c-2", "points": 5, **BLOCKING}),
    "member.spending.blocked": Example("club.member", BLOCKING),
    "member.spending.unblocked": Example("club.member", BLOCKING),
    "member.redemption.requested": Example(
        "club.member", {"key": "k 1", "points": 5, "reward": "gold-coin", "hold_minutes": 30}, ("hold_minutes",)
    ),
    "member.redemption.captured": Example("club.member", {"key": "k 1", "points": 3}, ("points",)),
    "member.redemption.released": Example("club.member", {"key": "k 1"}),
    "command.award.granted": Example(
        "club.command",
        {
            "award": "best-ten",
            "reward": "gold-coin",
            "festival": "autumn-1405",
            "category": "overall",
            "round": "1405-07",
            "rank": 1,
            "value_rial": 5,
        },
        ("festival", "category", "round", "rank", "value_rial"),
    ),
    "command.transfer.credited": Example("club.command", {"transfer": "x-1", "sender": "c-2", "points": 5}),
}


def event(type: str, data: Mapping[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    """An event of a type; `data` instead of the example's, and envelope fields instead of the usual ones."""
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/core/card-switch",
        "type": type,
        "subject": SUBJECT,
        "time": "2026-09-23T08:00:00.250+03:30",
        "data": EXAMPLES[type].data if data is None else data,
    } | envelope


def written(event: Mapping[str, Any]) -> bytes:
    """As a publisher writes it."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
