"""`club.festival`: a member's scores in festivals, which are apart from the club's points."""

from typing import Annotated

from msgspec import Meta

from schemas.envelope import Output, Result
from schemas.fields import Name

Festival = Annotated[Name, Meta(description="The festival's id in the programme.")]


class Score(Result, frozen=True):
    """A change of one indicator."""

    festival: Festival
    indicator: Annotated[Name, Meta(description="The indicator's id.")]
    delta: Annotated[int, Meta(description="By how much its score changed.")]
    score: Annotated[int, Meta(description="The indicator's score after it.")]
    listed: Annotated[
        bool | None,
        Meta(description="Whether boards list the member: registered, and not away from the festival."),
    ] = None


class Entry(Result, frozen=True):
    """A festival."""

    festival: Festival


class ScoreChanged(Output, frozen=True, tag="festival.score.changed"):
    """An indicator of the member changed."""

    data: Score


class Joined(Output, frozen=True, tag="festival.joined"):
    """The member takes part."""

    data: Entry


class Left(Output, frozen=True, tag="festival.left"):
    """The member left the boards of the festival; the score stays."""

    data: Entry


FestivalEvent = ScoreChanged | Joined | Left
