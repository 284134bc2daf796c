"""`bank.ebanking`: what customers do in the mobile bank, the internet bank, by USSD and by phone."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.envelope import Data, Event
from schemas.fields import EbankingChannel, Original, Rial, Text, Token


class Transfer(Data, frozen=True):
    """Money sent to an account."""

    amount: Rial
    rail: Annotated[Literal["satna", "paya", "pol", "card", "internal"], Meta(description="How it was sent.")]
    channel: EbankingChannel
    own: Annotated[bool, Meta(description="Whether it went between the customer's own accounts.")]
    counterparty: Annotated[Text | None, Meta(description="A token of the other side.")] = None


class Bill(Data, frozen=True):
    """A bill."""

    amount: Rial
    bill: Annotated[
        Literal["electricity", "gas", "water", "phone", "mobile", "tax", "fine", "insurance", "other"],
        Meta(description="What was billed."),
    ]
    channel: EbankingChannel


class Topup(Data, frozen=True):
    """Airtime or data."""

    amount: Rial
    kind: Annotated[Literal["airtime", "data"], Meta(description="What was bought.")]
    channel: EbankingChannel


class Instalment(Data, frozen=True):
    """An instalment of a loan."""

    amount: Rial
    days_early: Annotated[
        int, Meta(ge=-1_000_000, le=1_000_000, description="Days before it was due; negative when late.")
    ]
    channel: EbankingChannel


class Login(Data, frozen=True):
    """A login."""

    channel: EbankingChannel


class Service(Data, frozen=True):
    """A service of the bank."""

    service: Annotated[
        Literal["mobile_bank", "internet_bank", "sms_alert", "ussd", "standing_order"],
        Meta(description="What was activated."),
    ]


class ProfileField(Data, frozen=True):
    """A field of the customer's profile at the bank."""

    field: Annotated[Token, Meta(description="The name of the field that was filled in.")]


class Reversal(Data, frozen=True):
    """A payment taken back, whole or in part."""

    original: Original
    amount: Rial


class TransferCompleted(Event, frozen=True, tag="ebanking.transfer.completed"):
    """A transfer has been completed."""

    data: Transfer


class BillPaid(Event, frozen=True, tag="ebanking.bill.paid"):
    """A bill has been paid."""

    data: Bill


class TopupPurchased(Event, frozen=True, tag="ebanking.topup.purchased"):
    """Airtime or data has been bought for a mobile number."""

    data: Topup


class InstalmentPaid(Event, frozen=True, tag="ebanking.instalment.paid"):
    """An instalment of a loan has been paid."""

    data: Instalment


class LoginSucceeded(Event, frozen=True, tag="ebanking.login.succeeded"):
    """The customer logged in."""

    data: Login


class ServiceActivated(Event, frozen=True, tag="ebanking.service.activated"):
    """The customer activated a service of the bank."""

    data: Service


class ProfileCompleted(Event, frozen=True, tag="ebanking.profile.completed"):
    """The customer filled in a field of the profile."""

    data: ProfileField


class PaymentReversed(Event, frozen=True, tag="ebanking.payment.reversed"):
    """A payment has been taken back, whole or in part; treated as a card refund."""

    data: Reversal


EbankingEvent = (
    TransferCompleted
    | BillPaid
    | TopupPurchased
    | InstalmentPaid
    | LoginSucceeded
    | ServiceActivated
    | ProfileCompleted
    | PaymentReversed
)
