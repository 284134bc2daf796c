"""`club.tier`: the tier that each member holds."""

from typing import Annotated

from msgspec import Meta

from schemas.envelope import Output, Result
from schemas.fields import IsoDate, Name


class Tier(Result, frozen=True):
    """A tier held."""

    tier: Annotated[Name, Meta(description="The level's id in the programme.")]
    previous: Annotated[Name | None, Meta(description="The level before; absent the first time.")] = None
    until: Annotated[IsoDate | None, Meta(description="The last day of the hold; absent for the lowest level.")] = None


class TierChanged(Output, frozen=True, tag="tier.changed"):
    """The member holds another level."""

    data: Tier
