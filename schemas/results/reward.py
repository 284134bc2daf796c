"""`club.reward`: what members are given, for fulfilment."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.envelope import Output, Result
from schemas.fields import Name


class Gift(Result, frozen=True):
    """A reward and why."""

    reward: Annotated[Name, Meta(description="The reward's id in the programme.")]
    reason: Annotated[Literal["threshold", "rank", "draw", "redemption", "tier"], Meta(description="What it is for.")]
    festival: Annotated[Name | None, Meta(description="The festival, where it is for one.")] = None
    category: Annotated[Name | None, Meta(description="The category, where it is for one.")] = None
    round: Annotated[Name | None, Meta(description="`final`, or the Jalali month as `1405-07`.")] = None
    rank: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="The place won.")] = None
    value_rial: Annotated[int | None, Meta(description="What it is worth, in Rial.")] = None


class Granted(Output, frozen=True, tag="reward.granted"):
    """The member is given a reward."""

    data: Gift


class Revoked(Output, frozen=True, tag="reward.revoked"):
    """A reward is taken back."""

    data: Gift


class Flagged(Output, frozen=True, tag="reward.flagged"):
    """A reward waits for a person to look at it."""

    data: Gift


RewardEvent = Granted | Revoked | Flagged
