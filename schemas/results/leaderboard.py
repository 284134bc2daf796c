"""`club.leaderboard`: boards, live and final. Competition ranking on score: 1, 2, 2, 4."""

from typing import Annotated

from msgspec import Meta, Struct

from schemas.envelope import Output, Result
from schemas.fields import Digest, Member, Name, Stamp, Text


class Entry(Struct, frozen=True, gc=False, kw_only=True):
    """A place on a board."""

    rank: Annotated[int, Meta(ge=1, description="The rank as shown; equal scores share it.")]
    member: Member
    alias: Annotated[Text | None, Meta(description="The name to show.")] = None
    score: Annotated[int, Meta(ge=1, description="The score.")]
    reached_at: Annotated[Stamp, Meta(description="When the score last changed.")]


Entries = Annotated[
    tuple[Entry, ...],
    Meta(
        max_length=1_000,
        description="The first of the order; 100 by default, at most 1,000, and no more than a record holds.",
    ),
]


class Board(Result, frozen=True, kw_only=True):
    """A board as it is now."""

    festival: Annotated[Name, Meta(description="The festival.")]
    category: Annotated[Name, Meta(description="The category.")]
    round: Annotated[Name | None, Meta(description="The Jalali month as `1405-07`, on the board of a month.")] = None
    as_of: Annotated[Stamp, Meta(description="Everything before this instant is counted.")]
    participants: Annotated[int, Meta(ge=0, description="Registered members with a score above 0.")]
    entries: Entries
    replay: Annotated[
        bool, Meta(description="Of a replay clock: its newest `as_of` says what time it is in the club. Else absent.")
    ] = False


class FinalBoard(Result, frozen=True):
    """A board that does not change any more."""

    festival: Annotated[Name, Meta(description="The festival.")]
    category: Annotated[Name, Meta(description="The category.")]
    round: Annotated[Name, Meta(description="`final`, or the Jalali month as `1405-07`.")]
    as_of: Annotated[
        Stamp,
        Meta(
            description="The instant from which on the round is final. A lane freezes it at its first tick from then "
            "on, so `reached_at` may be later: of a refund that came before that tick."
        ),
    ]
    participants: Annotated[int, Meta(ge=0, description="Registered members with a score above 0.")]
    entries: Entries
    hash: Annotated[
        Digest,
        Meta(
            description="SHA-256 in hexadecimal over the UTF-8 lines `rank member score reached_at` of the whole "
            "order: rank as shown, one space between, a newline after each."
        ),
    ]
    replay: Annotated[
        bool, Meta(description="Of a replay clock: its newest `as_of` says what time it is in the club. Else absent.")
    ] = False


class Updated(Output, frozen=True, tag="leaderboard.updated"):
    """A live board; the key is `festival/category`."""

    data: Board


class Finalised(Output, frozen=True, tag="leaderboard.finalised"):
    """A final board; the key is `festival/category/round`."""

    data: FinalBoard


LeaderboardEvent = Updated | Finalised
