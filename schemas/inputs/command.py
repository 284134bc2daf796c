"""`club.command`: internal. What a decision taken for the whole club changes for one member.

A lane drops a repeated id, so a coordinator may send a command again. The fields are the least that carries the
decision; nobody outside the club may build on them.
"""

from typing import Annotated

from msgspec import Meta

from schemas.envelope import Data, Event
from schemas.fields import Id, Member, Name, Points, Rial


class Award(Data, frozen=True):
    """An award of a festival."""

    award: Annotated[Name, Meta(description="The award's id in the programme.")]
    reward: Annotated[Name, Meta(description="What is given.")]
    festival: Annotated[Name | None, Meta(description="The festival.")] = None
    category: Annotated[Name | None, Meta(description="The category.")] = None
    round: Annotated[Name | None, Meta(description="`final`, or the Jalali month as `1405-07`.")] = None
    rank: Annotated[Annotated[int, Meta(ge=1, le=1_000_000_000)] | None, Meta(description="The place won.")] = None
    value_rial: Annotated[Rial | None, Meta(description="What it is worth, in Rial.")] = None


class Credit(Data, frozen=True):
    """Points that another member gave."""

    transfer: Annotated[Id, Meta(description="The id of the transfer that took them.")]
    sender: Annotated[Member, Meta(description="Who gave them.")]
    points: Points


class AwardGranted(Event, frozen=True, tag="command.award.granted"):
    """The member won an award by rank or draw."""

    data: Award


class TransferCredited(Event, frozen=True, tag="command.transfer.credited"):
    """The member receives the points of a transfer."""

    data: Credit


CommandEvent = AwardGranted | TransferCredited
