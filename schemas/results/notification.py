"""`club.notification`: messages for the notification services, one event a medium."""

from typing import Annotated

from msgspec import Meta

from schemas.envelope import Output, Result
from schemas.fields import Medium, Name, Stamp, Text


class Message(Result, frozen=True):
    """A message to one member by one medium."""

    template: Annotated[Name, Meta(description="The notification's id in the programme.")]
    values: Annotated[dict[str, str | int], Meta(description="What was put into the template.")]
    medium: Annotated[Medium, Meta(description="How to send it.")]
    locale: Annotated[Text, Meta(description="Language of the text.")]
    text: Annotated[str, Meta(description="The text to send.")]
    not_before: Annotated[Stamp | None, Meta(description="Quiet hours: when it may go at the earliest.")] = None
    expires_at: Annotated[Stamp | None, Meta(description="When it is too late to send it.")] = None


class SuppressedMessage(Message, frozen=True, kw_only=True):
    """A message that does not go out."""

    why: Annotated[Text, Meta(description="Why it does not go out.")]


class Requested(Output, frozen=True, tag="notification.requested"):
    """A message is to be sent."""

    data: Message


class Suppressed(Output, frozen=True, tag="notification.suppressed"):
    """A message was due and is not sent."""

    data: SuppressedMessage


NotificationEvent = Requested | Suppressed
