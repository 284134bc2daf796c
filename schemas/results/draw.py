"""`club.draw`: draws that anyone can verify. First the commitment, then what it came to."""

from typing import Annotated

from msgspec import Meta

from schemas.envelope import Output, Result
from schemas.fields import Digest, Member, Text


class Commitment(Result, frozen=True):
    """Published before the beacon is known."""

    seed_hash: Annotated[Digest, Meta(description="SHA-256 of the seed.")]
    roster_hash: Annotated[Digest, Meta(description="SHA-256 of the sorted lines `member:chances`.")]
    winners: Annotated[int, Meta(ge=1, description="How many are drawn.")]
    beacon_round: Annotated[int, Meta(ge=1, description="The future round of the public beacon.")]


class Revelation(Result, frozen=True):
    """Published when the beacon is known."""

    seed: Annotated[Digest, Meta(description="The seed, in hexadecimal.")]
    beacon: Annotated[str, Meta(description="The beacon's value, in hexadecimal.")]
    winners: Annotated[tuple[Member, ...], Meta(description="Who won, in the order drawn.")]


class Voiding(Result, frozen=True):
    """Why there is no result."""

    reason: Annotated[Text, Meta(description="Why.")]


class Committed(Output, frozen=True, tag="draw.committed"):
    """A draw will be held."""

    data: Commitment


class Revealed(Output, frozen=True, tag="draw.revealed"):
    """A draw was held."""

    data: Revelation


class Voided(Output, frozen=True, tag="draw.voided"):
    """A draw has no result."""

    data: Voiding


DrawEvent = Committed | Revealed | Voided
