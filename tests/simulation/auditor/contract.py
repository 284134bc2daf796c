"""The events as the contract describes them: which fields each type has, and what makes an event invalid."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.simulation.auditor import tehran_time

Check = Callable[[Any], bool]
MONEY_MAX = 10**15
REFUNDS = ("card.purchase.refunded", "ebanking.payment.reversed")
CHARGEBACK_WON = "card.chargeback.won"
BALANCE = "deposit.balance.recorded"
AWARD = "command.award.granted"
NOT_EXECUTED = ("member.points.transferred", "member.spending.", "member.redemption.", "command.transfer.")


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _money(value: Any) -> bool:
    return _number(value) and 1 <= value <= MONEY_MAX


def _balance(value: Any) -> bool:
    return _number(value) and -MONEY_MAX <= value <= MONEY_MAX


def _revision(value: Any) -> bool:
    return _number(value) and value >= 0


def _signed_points(value: Any) -> bool:
    return _number(value) and value != 0


def _points(value: Any) -> bool:
    return _number(value) and value > 0


def _rank(value: Any) -> bool:
    return _number(value) and 1 <= value <= 10**9


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 128


def _id(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 64


def _reference(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._~-]{1,64}", value, re.ASCII) is not None


def _mcc(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{4}", value) is not None


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 32 and all(_text(each) for each in value)


def _consents(value: Any) -> bool:
    return isinstance(value, dict) and all(_flag(value[medium]) for medium in MEDIA if medium in value)


def _date(value: Any) -> bool:
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII)):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _one_of(*values: str) -> Check:
    return lambda value: isinstance(value, str) and value in values


MEDIA = ("sms", "email", "push")
PRODUCT = _one_of("current", "short_term", "long_term", "qard_al_hasan")
CHANNEL = _one_of("app", "internet", "ussd", "phone", "atm")
RAIL = _one_of("satna", "paya", "pol", "card", "internal")
BILL = _one_of("electricity", "gas", "water", "phone", "mobile", "tax", "fine", "insurance", "other")
SERVICE = _one_of("mobile_bank", "internet_bank", "sms_alert", "ussd", "standing_order")
ACCOUNT: dict[str, Check] = {"account": _text, "product": PRODUCT, "date": _date}
BY_OPERATOR: dict[str, Check] = {"reason": _text, "operator": _text}
PROFILE: dict[str, Check] = {"alias?": _text, "segments?": _texts, "province?": _text}
AMOUNT: dict[str, Check] = {"amount": _money}
ORIGINAL: dict[str, Check] = {"original": _id, "amount": _money}

# type: topic, and per known field its check; a "?" marks an optional field.
TYPES: dict[str, tuple[str, dict[str, Check]]] = {
    "card.purchase.settled": (
        "bank.card",
        AMOUNT
        | {"mcc": _mcc, "merchant": _text, "terminal": _text, "channel": _one_of("pos", "web", "app", "ussd")}
        | {"card?": _text},
    ),
    "card.purchase.refunded": ("bank.card", ORIGINAL | {"reason": _one_of("refund", "reversal", "chargeback")}),
    "card.chargeback.won": ("bank.card", ORIGINAL),
    "card.cash.withdrawn": ("bank.card", {"amount": _money, "terminal": _text, "channel": _one_of("atm", "pos")}),
    "ebanking.transfer.completed": (
        "bank.ebanking",
        {"amount": _money, "rail": RAIL, "channel": CHANNEL, "own": _flag, "counterparty?": _text},
    ),
    "ebanking.bill.paid": ("bank.ebanking", {"amount": _money, "bill": BILL, "channel": CHANNEL}),
    "ebanking.topup.purchased": (
        "bank.ebanking",
        {"amount": _money, "kind": _one_of("airtime", "data"), "channel": CHANNEL},
    ),
    "ebanking.instalment.paid": ("bank.ebanking", {"amount": _money, "days_early": _number, "channel": CHANNEL}),
    "ebanking.login.succeeded": ("bank.ebanking", {"channel": CHANNEL}),
    "ebanking.service.activated": ("bank.ebanking", {"service": SERVICE}),
    "ebanking.profile.completed": ("bank.ebanking", {"field": _text}),
    "ebanking.payment.reversed": ("bank.ebanking", ORIGINAL),
    "deposit.account.opened": ("bank.deposit", ACCOUNT),
    "deposit.account.closed": ("bank.deposit", ACCOUNT),
    BALANCE: ("bank.deposit", ACCOUNT | {"balance": _balance, "minimum?": _balance, "revision": _revision}),
    "member.registered": (
        "club.member",
        PROFILE | {"channel": _one_of("web", "mobile", "branch"), "consents?": _consents},
    ),
    "member.profile.changed": ("club.member", PROFILE),
    "member.consent.changed": ("club.member", {"medium": _one_of(*MEDIA), "granted": _flag}),
    "member.left": ("club.member", {}),
    "member.erased": ("club.member", {}),
    "member.festival.joined": ("club.member", {"festival": _text}),
    "member.festival.left": ("club.member", {"festival": _text}),
    "member.points.adjusted": ("club.member", BY_OPERATOR | {"points": _signed_points}),
    "member.points.transferred": ("club.member", BY_OPERATOR | {"to": _reference, "points": _points}),
    "member.spending.blocked": ("club.member", BY_OPERATOR),
    "member.spending.unblocked": ("club.member", BY_OPERATOR),
    "member.redemption.requested": (
        "club.member",
        {"key": _id, "points": _points, "reward": _text, "hold_minutes?": _points},
    ),
    "member.redemption.captured": ("club.member", {"key": _id, "points?": _points}),
    "member.redemption.released": ("club.member", {"key": _id}),
    AWARD: (
        "club.command",
        {"award": _reference, "reward": _reference, "festival?": _reference, "category?": _reference}
        | {"round?": _reference, "rank?": _rank, "value_rial?": _money},
    ),
}


@dataclass(frozen=True)
class Activity:
    """One valid event. `time` is the envelope's; `moment` is what a rule calls its time."""

    source: str
    id: str
    type: str
    subject: str
    time: int
    moment: int
    data: dict[str, Any]

    @property
    def content(self) -> tuple[Any, ...]:
        """What must be equal for two events to be the same."""
        return self.type, self.time, self.subject, self.data


def read(envelope: Any, topic: str) -> Activity | str:
    """The activity of an envelope with only its known data, or the path of the field that makes it invalid."""
    if not isinstance(envelope, dict):
        return "envelope"
    for field, check in (("id", _id), ("subject", _reference), ("time", _text), ("type", _text)):
        if not check(envelope.get(field)):
            return field
    source = envelope.get("source")
    if not (isinstance(source, str) and 1 <= len(source) <= 128):
        return "source"
    if envelope.get("specversion") != "1.0":
        return "specversion"
    try:
        time = tehran_time.instant_of(envelope["time"])
    except ValueError:
        return "time"
    data = known_data(envelope["type"], topic, envelope.get("data", {}))
    if isinstance(data, str):
        return data
    moment = time
    if envelope["type"] == BALANCE:
        moment = tehran_time.end_of(date.fromisoformat(data["date"])) - 1
    return Activity(source, envelope["id"], envelope["type"], envelope["subject"], time, moment, data)


def known_data(kind: str, topic: str, data: Any) -> dict[str, Any] | str:
    """The fields of `data` that the type knows, or what is wrong with them."""
    if not isinstance(data, dict):
        return "data"
    if kind == "command.transfer.credited" and topic == "club.command":
        return data
    home, fields = TYPES.get(kind, ("", {}))
    if home != topic:
        return "type"
    known = {}
    for name, check in fields.items():
        field = name.removesuffix("?")
        if name.endswith("?") and data.get(field) is None:
            continue
        if field not in data or not check(data[field]):
            return f"data.{field}"
        known[field] = data[field]
    if "consents" in known:
        known["consents"] = {medium: granted for medium, granted in known["consents"].items() if medium in MEDIA}
    return known
