"""`club.points`: every movement of a member's points, with the balance after it.

Conservation, for each member: the sum of `points` over all types but activated, reserved, released and refused is
active + pending + held of the last `balance`, and the sum of `debt` is its debt.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.envelope import Output, Result
from schemas.fields import IsoDate, Text


class MemberBalance(Struct, frozen=True, gc=False):
    """A member's points after a movement."""

    active: Annotated[int, Meta(description="Active points; those less the debt can be spent.")]
    pending: Annotated[int, Meta(description="Points not yet activated.")]
    held: Annotated[int, Meta(description="Points reserved for redemptions.")]
    debt: Annotated[int, Meta(description="Points owed; later activations pay it first.")]


class Movement(Result, frozen=True, kw_only=True):
    """A movement of points within one lot."""

    points: Annotated[int, Meta(description="Points moved, negative where they are taken; in refused those asked for.")]
    status: Annotated[
        Literal["pending", "active"] | None, Meta(description="Where the points are, or were taken from.")
    ] = None
    rule: Annotated[Text | None, Meta(description="The rule that gave them, or `reward:ID`.")] = None
    lot: Annotated[IsoDate | None, Meta(description="The lot's expiry date; null where it never expires, or is none.")]
    desired: Annotated[int | None, Meta(description="What the rule came to, where a cap cut it.")] = None
    granted: Annotated[int | None, Meta(description="What the caps left of it.")] = None
    balance: Annotated[MemberBalance, Meta(description="The member's points after it.")]
    debt: Annotated[int, Meta(description="Change of the member's debt; 0 where absent.")] = 0
    forgiven: Annotated[
        int, Meta(description="Points that a refund should have taken and the club gave up; 0 where absent.")
    ] = 0
    key: Annotated[Text | None, Meta(description="The redemption, in its four movements and its refusal.")] = None
    reason: Annotated[
        Text | None, Meta(description="In released: `requested` `lapsed` `partial`; in refused: why.")
    ] = None


class Accrued(Output, frozen=True, tag="points.accrued"):
    """A rule or a reward gave points."""

    data: Movement


class Activated(Output, frozen=True, tag="points.activated"):
    """Pending points became active."""

    data: Movement


class Reversed(Output, frozen=True, tag="points.reversed"):
    """A refund or debt took points."""

    data: Movement


class Restored(Output, frozen=True, tag="points.restored"):
    """A chargeback that was won gave back what it took."""

    data: Movement


class Expired(Output, frozen=True, tag="points.expired"):
    """Points lapsed, or the member was erased."""

    data: Movement


class Adjusted(Output, frozen=True, tag="points.adjusted"):
    """The back office gave or took points."""

    data: Movement


class Transferred(Output, frozen=True, tag="points.transferred"):
    """Points went to, or came from, another member."""

    data: Movement


class Reserved(Output, frozen=True, tag="points.reserved"):
    """Points are held for a redemption."""

    data: Movement


class Captured(Output, frozen=True, tag="points.captured"):
    """Points that were held are spent."""

    data: Movement


class Released(Output, frozen=True, tag="points.released"):
    """Points that were held can be spent again."""

    data: Movement


class Refused(Output, frozen=True, tag="points.refused"):
    """A redemption was refused; no points moved."""

    data: Movement


PointsEvent = (
    Accrued
    | Activated
    | Reversed
    | Restored
    | Expired
    | Adjusted
    | Transferred
    | Reserved
    | Captured
    | Released
    | Refused
)
