"""`club.receipt`: what became of messages. The notification services write it, so the envelope is theirs."""

from typing import Annotated

from msgspec import Meta

from schemas.envelope import Data, Event
from schemas.fields import Id, Medium, Text


class Delivery(Data, frozen=True):
    """What became of a message."""

    notification: Annotated[Id, Meta(description="The `id` of the `notification.requested`.")]
    medium: Annotated[Medium, Meta(description="How it was sent.")]
    reason: Annotated[Text | None, Meta(description="Why it failed.")] = None


class Delivered(Event, frozen=True, tag="notification.delivered"):
    """The message arrived."""

    data: Delivery


class Failed(Event, frozen=True, tag="notification.failed"):
    """The message did not arrive, and will not be tried again."""

    data: Delivery


ReceiptEvent = Delivered | Failed
