"""What rules can look at: the event types that may earn points and the fields of each, taken from the event models."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple, cast, get_args

from msgspec import inspect

from engine.units import RIAL_MAX
from engine.words import Words, same
from schemas.envelope import Event
from schemas.fields import Mcc
from schemas.inputs.card import CardEvent
from schemas.inputs.deposit import DepositEvent
from schemas.inputs.ebanking import EbankingEvent
from schemas.inputs.member import ConsentChanged, ProfileChanged, Registered


class FieldKind(Enum):
    """What a field holds, which decides how a condition compares it."""

    MONEY = auto()  # an integer number of Rial
    NUMBER = auto()  # any other integer
    TEXT = auto()
    WORD = auto()  # one of a few words
    FLAG = auto()
    MCC = auto()
    DATE = auto()  # compared with the condition `dates`, not by itself
    OTHER = auto()  # lists and objects: nothing to compare

    @property
    def numeric(self) -> bool:
        """Whether min, max and `of` make sense."""
        return self in (FieldKind.MONEY, FieldKind.NUMBER)


class Field(NamedTuple):
    """A field of an event's data; `words` are the values that a WORD can have."""

    kind: FieldKind
    words: tuple[str, ...] = ()


MONTH_CLOSED = "deposit.month.closed"
"""The engine's own activity for each account at the close of a Jalali month."""

CORRECTING: Mapping[str, str] = {
    "card.purchase.refunded": "card.purchase.settled",
    "card.chargeback.won": "card.purchase.settled",
    "ebanking.payment.reversed": "ebanking.bill.paid",
}
"""Event types that only correct others, and the type of which they take points back."""


def _of(event: type[Event]) -> tuple[str, dict[str, Field]]:
    """An event type and the fields of its data, from its model."""
    model = cast(inspect.StructType, inspect.type_info(event))
    data = cast(inspect.StructType, next(field.type for field in model.fields if field.name == "data"))
    return str(model.tag), {field.name: _field(field.type) for field in data.fields}


def _field(type_: inspect.Type) -> Field:
    """What a model's field is for a rule."""
    match type_:
        case inspect.Metadata(type=inner):
            return _field(inner)
        case inspect.UnionType(types=types):
            return _field(next(each for each in types if not isinstance(each, inspect.NoneType)))
        case inspect.LiteralType(values=values):
            return Field(FieldKind.WORD, tuple(map(str, values)))
        case inspect.IntType(le=highest):
            return Field(FieldKind.MONEY if highest == RIAL_MAX else FieldKind.NUMBER)
        case inspect.StrType(pattern=pattern):
            return Field(FieldKind.MCC if pattern == _MCC.pattern else FieldKind.TEXT)
        case inspect.BoolType():
            return Field(FieldKind.FLAG)
        case inspect.DateType():
            return Field(FieldKind.DATE)
        case _:
            return Field(FieldKind.OTHER)


def _inputs() -> dict[str, dict[str, Field]]:
    """What customers do at the bank, and what they say of themselves to the club."""
    bank = [event for union in (CardEvent, EbankingEvent, DepositEvent) for event in get_args(union)]
    return dict(_of(event) for event in (*bank, Registered, ProfileChanged, ConsentChanged))


def _plain(type_: inspect.Type) -> inspect.Type:
    return type_.type if isinstance(type_, inspect.Metadata) else type_


_MCC = cast(inspect.StrType, _plain(inspect.type_info(Mcc)))
_INPUTS = _inputs()
_BALANCE = _INPUTS["deposit.balance.recorded"]

EARNING: Mapping[str, Mapping[str, Field]] = {
    **{event: fields for event, fields in _INPUTS.items() if event not in CORRECTING},
    MONTH_CLOSED: {
        "account": _BALANCE["account"],
        "product": _BALANCE["product"],
        "average_balance": Field(FieldKind.MONEY),
        "minimum_balance": Field(FieldKind.MONEY),
    },
}
"""Event type -> its fields, for the types that rules and indicators may name."""

AT_WILL = frozenset({"member.registered", "member.profile.changed", "member.consent.changed"})
"""Event types that members can bring about again and again: what these earn should be earned once."""

FIELD_NAMES: Mapping[str, Words] = {
    "amount": Words("amount", "مبلغ"),
    "mcc": Words("MCC", "کد صنف"),
    "merchant": Words("merchant", "پذیرنده"),
    "terminal": Words("terminal", "پایانه"),
    "channel": Words("channel", "کانال"),
    "card": Words("card", "کارت"),
    "rail": Words("rail", "سامانه"),
    "own": Words("own account", "حساب خود"),
    "counterparty": Words("counterparty", "طرف مقابل"),
    "bill": Words("bill", "قبض"),
    "kind": Words("kind", "نوع"),
    "days_early": Words("days early", "روز زودتر"),
    "service": Words("service", "خدمت"),
    "field": Words("field", "قلم"),
    "account": Words("account", "حساب"),
    "product": Words("product", "نوع سپرده"),
    "balance": Words("end-of-day balance", "ماندهٔ پایان روز"),
    "minimum": Words("day's minimum balance", "کمینهٔ ماندهٔ روز"),
    "revision": Words("revision", "ویرایش"),
    "average_balance": Words("month's average balance", "میانگین ماندهٔ ماه"),
    "minimum_balance": Words("month's minimum balance", "کمینهٔ ماندهٔ ماه"),
    "alias": Words("alias", "نام نمایشی"),
    "province": Words("province", "استان"),
    "medium": Words("medium", "رسانه"),
    "granted": Words("consent", "رضایت"),
}

EVENT_NAMES: Mapping[str, Words] = {
    "card.purchase.settled": Words("card purchase", "خرید با کارت"),
    "card.cash.withdrawn": Words("cash withdrawal", "برداشت نقدی"),
    "ebanking.transfer.completed": Words("transfer", "انتقال وجه"),
    "ebanking.bill.paid": Words("bill payment", "پرداخت قبض"),
    "ebanking.topup.purchased": Words("top-up", "خرید شارژ"),
    "ebanking.instalment.paid": Words("loan instalment", "پرداخت قسط"),
    "ebanking.login.succeeded": Words("login", "ورود به بانکداری الکترونیک"),
    "ebanking.service.activated": Words("service activation", "فعال‌سازی خدمت"),
    "ebanking.profile.completed": Words("profile completion", "تکمیل مشخصات"),
    "deposit.account.opened": Words("account opening", "افتتاح حساب"),
    "deposit.account.closed": Words("account closing", "بستن حساب"),
    "deposit.balance.recorded": Words("daily balance", "ماندهٔ روزانه"),
    MONTH_CLOSED: Words("month's close", "پایان ماه"),
    "member.registered": Words("registration", "ثبت‌نام در باشگاه"),
    "member.profile.changed": Words("profile change", "تغییر مشخصات عضو"),
    "member.consent.changed": Words("consent change", "تغییر رضایت‌نامه"),
}


def field_name(field: str) -> Words:
    """What people call a field."""
    return FIELD_NAMES.get(field, same(field))
