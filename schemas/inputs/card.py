"""`bank.card`: purchases, refunds and withdrawals with the bank's cards."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.envelope import Data, Event
from schemas.fields import CardChannel, Mcc, Original, Rial, Text


class Purchase(Data, frozen=True):
    """A purchase."""

    amount: Rial
    mcc: Mcc
    merchant: Annotated[Text, Meta(description="The merchant's reference.")]
    terminal: Annotated[Text, Meta(description="The terminal's reference.")]
    channel: Annotated[CardChannel, Meta(description="Where the customer paid.")]
    card: Annotated[Text | None, Meta(description="A token of the card, never its number.")] = None


class Refund(Data, frozen=True):
    """A refund, whole or in part."""

    original: Original
    amount: Rial
    reason: Annotated[Literal["refund", "reversal", "chargeback"], Meta(description="What kind of refund.")]


class Won(Data, frozen=True):
    """A chargeback decided for the merchant."""

    original: Original
    amount: Rial


class Withdrawal(Data, frozen=True):
    """Cash taken."""

    amount: Rial
    terminal: Annotated[Text, Meta(description="The terminal's reference.")]
    channel: Annotated[Literal["atm", "pos"], Meta(description="Where the customer took it.")]


class PurchaseSettled(Event, frozen=True, tag="card.purchase.settled"):
    """A purchase has been settled."""

    data: Purchase


class PurchaseRefunded(Event, frozen=True, tag="card.purchase.refunded"):
    """A purchase has been refunded, whole or in part; several may refer to one purchase."""

    data: Refund


class ChargebackWon(Event, frozen=True, tag="card.chargeback.won"):
    """A chargeback was decided for the merchant: gives back what it took."""

    data: Won


class CashWithdrawn(Event, frozen=True, tag="card.cash.withdrawn"):
    """Cash was taken with a card."""

    data: Withdrawal


CardEvent = PurchaseSettled | PurchaseRefunded | ChargebackWon | CashWithdrawn
