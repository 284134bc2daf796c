"""What the API answers, one model each: they are encoded as they stand, and `openapi` is written from them.

Instants are texts as in the events, `2026-09-23T04:30:00.000Z`; titles and reasons are in Persian and English.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from schemas.fields import Digest, Member, Name, Stamp

State = Literal["upcoming", "open", "closing", "final"]


class Answer(Struct, frozen=True, gc=False):
    """Every field is always there, null where there is nothing to say, unless it says otherwise."""


class Bilingual(Answer, frozen=True):
    """The same in Persian and English."""

    fa: str
    en: str


class Indicator(Answer, frozen=True):
    """What members collect scores by."""

    id: Name
    title: Bilingual
    earns: Annotated[Bilingual, Meta(description="What gives how much, in a sentence.")]


class Prize(Answer, frozen=True):
    """An award of a category."""

    id: Name
    title: Annotated[Bilingual, Meta(description="The reward's title.")]
    monthly: Annotated[bool, Meta(description="For each Jalali month, else at the end.")]
    ranks: Annotated[tuple[int, int] | None, Meta(description="First and last place; null: it is drawn.")]
    value_rial: int | None


class Category(Answer, frozen=True):
    """A board of a festival."""

    id: Name
    title: Bilingual
    weigh: Annotated[dict[str, int], Meta(description="Indicator -> weight in the category's score.")]
    then_by: Annotated[Name | None, Meta(description="The indicator that parts equal scores.")]
    prizes: tuple[Prize, ...]
    participants: Annotated[int | None, Meta(description="Members on the newest board; null before the first.")]


class Festival(Answer, frozen=True):
    """A festival, by the terms that hold now."""

    id: Name
    title: Bilingual
    state: Annotated[State, Meta(description="`closing`: its window has closed, its final boards are not there yet.")]
    opens: Stamp
    closes: Annotated[Stamp, Meta(description="The first instant that does not count any more.")]
    freezes: Annotated[Stamp, Meta(description="Late events and refunds count until then.")]
    joining: Literal["opt_in", "automatic"]
    segments: Annotated[
        tuple[str, ...] | None, Meta(description="It is for members of one of these segments; null: of any.")
    ]
    indicators: tuple[Indicator, ...]
    categories: tuple[Category, ...]
    province: Annotated[
        tuple[str, ...] | None, Meta(description="It is for members who live in one of these; null: anywhere.")
    ]


class Festivals(Answer, frozen=True):
    """All festivals, the open ones first, then those to come, then the others, the latest first."""

    festivals: tuple[Festival, ...]


class Place(Answer, frozen=True, kw_only=True):
    """A line of a board."""

    rank: Annotated[int, Meta(ge=1, description="The rank as shown; equal scores share it.")]
    key: Annotated[str, Meta(description="Follows the member within this festival; says nothing of who it is.")]
    name: Annotated[str, Meta(description="The alias, or the masked reference.")]
    masked: Annotated[bool, Meta(description="Whether `name` is a masked reference.")]
    member: Annotated[Member | UnsetType, Meta(description="The reference; only for keys with `boards:identify`.")] = (
        UNSET
    )
    score: Annotated[int, Meta(ge=1)]
    reached_at: Annotated[Stamp, Meta(description="When the score last changed.")]
    moved: Annotated[int | None, Meta(description="Places up since `moved_since`, negative down; null: unknown.")]
    new: Annotated[bool, Meta(description="Not among the shown places at `moved_since`.")]


class Board(Answer, frozen=True):
    """A board, live or final."""

    festival: Name
    category: Name
    round: Annotated[Name | None, Meta(description="`final`, a Jalali month as `1405-07`; null: the live board.")]
    final: bool
    version: Annotated[int, Meta(ge=-1, description="Rises with every change; -1 before the first.")]
    as_of: Annotated[
        Stamp | None,
        Meta(
            description="Everything before this instant is counted; null: no board yet. Of a final board: from this "
            "instant on it is final; what lanes took before their first tick from then on counts too."
        ),
    ]
    participants: Annotated[int, Meta(ge=0, description="Registered members with a score above 0.")]
    published: Annotated[int, Meta(ge=0, description="How many of them have a line on the board.")]
    moved_since: Annotated[Stamp | None, Meta(description="The board that `moved` compares with.")]
    entries: tuple[Place, ...]
    hash: Annotated[Digest | None, Meta(description="Of a final board: SHA-256 over its whole order.")]
    next: Annotated[str | None, Meta(description="The cursor of the next page; null: this is the last.")]


class FinalRound(Answer, frozen=True):
    """A board that does not change any more, without its lines."""

    round: Name
    category: Name
    as_of: Stamp
    participants: int
    published: int
    hash: Digest


class Rounds(Answer, frozen=True):
    """The final boards of a festival, the newest first."""

    festival: Name
    rounds: tuple[FinalRound, ...]


class Bucket(Answer, frozen=True):
    """Members with scores from `low` to `high`, both counted in."""

    low: int
    high: int
    members: int


Scale = Literal["linear", "logarithmic"]


class Distribution(Answer, frozen=True):
    """How many members have how much. Buckets follow one another without a hole; those inside may be empty."""

    festival: Name
    category: Name
    listed: Annotated[int, Meta(description="Members in all buckets.")]
    scale: Annotated[
        Scale,
        Meta(
            description="`linear`: all are equally wide. `logarithmic`: they widen with the scores, "
            "since half of the members or more would be in one of equal width."
        ),
    ]
    buckets: tuple[Bucket, ...]


class Minute(Answer, frozen=True):
    """What came in one minute."""

    begins: Stamp
    points: Annotated[int, Meta(description="Scores given less those taken back, over all indicators.")]
    changes: int


class Contribution(Answer, frozen=True):
    """What one indicator gave since `since`."""

    id: Name
    points: int
    changes: int


class Activity(Answer, frozen=True):
    """How lively a festival is, counted by this process since it has been running."""

    festival: Name
    since: Annotated[Stamp, Meta(description="Contributions are counted from here, by the club's clock.")]
    points_per_minute: Annotated[int, Meta(description="Points of the last 60 seconds.")]
    changes_per_minute: int
    minutes: Annotated[tuple[Minute, ...], Meta(description="The last 30 minutes, the oldest first.")]
    indicators: tuple[Contribution, ...]


class Near(Answer, frozen=True):
    """The nearest other score, and how many members have it."""

    score: int
    members: int


class Neighbour(Answer, frozen=True):
    """Somebody near the member on the board, or the member."""

    rank: int
    key: str
    name: str
    masked: bool
    score: int
    own: Annotated[bool, Meta(description="Whether this is the member.")]


class Share(Answer, frozen=True):
    """What an indicator adds to a category's score: `score` times `weight`."""

    id: Name
    score: int
    weight: int
    points: int


class Standing(Answer, frozen=True):
    """Where a member stands on one live board."""

    category: Name
    listed: Annotated[bool, Meta(description="Registered, takes part, and has a score above 0.")]
    score: int
    reached_at: Stamp | None
    rank: Annotated[
        int | None,
        Meta(description="Exact, over all members; null: not listed, or a final board is being made."),
    ]
    participants: Annotated[int | None, Meta(description="Listed members; null where the member is not listed.")]
    gap: Annotated[int | None, Meta(description="Points to the next higher score; null at the top.")]
    above: Annotated[Near | None, Meta(description="The next higher score.")]
    below: Annotated[Near | None, Meta(description="The next lower score; null: none, or not known here.")]
    neighbours: Annotated[tuple[Neighbour, ...], Meta(description="Only inside the published places.")]
    as_of: Stamp
    earned: tuple[Share, ...]


class Finish(Answer, frozen=True):
    """Where a member ended on a final board."""

    round: Name
    category: Name
    as_of: Stamp
    participants: int
    rank: Annotated[int | None, Meta(description="Exact, over all members; null: the board does not list the member.")]
    score: int | None
    gap: Annotated[int | None, Meta(description="Points to the next higher score; null at the top.")]
    above: Annotated[Near | None, Meta(description="The next higher score.")]
    below: Annotated[Near | None, Meta(description="The next lower score; null: none, or not known here.")]


class Participation(Answer, frozen=True):
    """A member in one festival."""

    festival: Name
    title: Bilingual
    state: State
    key: Annotated[str, Meta(description="The member's own key on this festival's boards.")]
    listed: bool
    standings: tuple[Standing, ...]
    finals: tuple[Finish, ...]


class MemberStandings(Answer, frozen=True):
    """A member's exact rank on every board."""

    name: Annotated[str, Meta(description="The alias, or the masked reference.")]
    masked: bool
    registered: Annotated[bool, Meta(description="Whether the member may see scores: `festivals` is empty if not.")]
    festivals: tuple[Participation, ...]


class TokenRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For whom a token is wanted."""

    member: Member
    lifetime_ms: Annotated[int, Meta(ge=1_000, le=86_400_000)] | None = None


class Token(Answer, frozen=True):
    """A token of a member's page."""

    token: str
    member: Member
    scope: Literal["member:read"]
    expires_at: Stamp


class Health(Answer, frozen=True):
    """Whether the process does what it is for."""

    ok: bool
    reasons: tuple[str, ...]


class Problem(Answer, frozen=True):
    """An error, after RFC 9457, with what it is about, why it is refused and what to do, in both languages."""

    type: Annotated[str, Meta(description="`urn:bashgah:problem:` and the code.")]
    title: str
    status: int
    detail: Annotated[str, Meta(description="Reason and remedy in English, for readers that know only RFC 9457.")]
    code: str
    field: Annotated[str, Meta(description="What it is about.")]
    reason: Bilingual
    remedy: Bilingual


class Hello(Answer, frozen=True):
    """Opens a stream, and comes again as `beat`. `now` is the club's clock."""

    now: Stamp
    beat_ms: Annotated[int, Meta(description="How often a beat comes; a longer silence is a lost connection.")]


class States(Answer, frozen=True):
    """Festivals have another state, or other terms: ask again."""

    states: dict[str, State]
