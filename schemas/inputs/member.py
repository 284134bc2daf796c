"""`club.member`: what members and the back office do in the club itself."""

from typing import Annotated, Literal

from msgspec import Meta, field

from schemas.envelope import Data, Event, FieldError, Nothing
from schemas.fields import Id, Medium, Member, Name, Operator, Points, Reason, SignedPoints, Text, Token

Alias = Annotated[
    Text | None, Meta(description="The name that boards show; one that breaks the rule for names is left out.")
]
Segments = Annotated[
    Annotated[tuple[Token, ...], Meta(max_length=32)] | None,
    Meta(description="Groups that the member belongs to, e.g. `physician`; replaces those known before."),
]
Province = Annotated[Text | None, Meta(description="Where the member lives.")]
Key = Annotated[Id, Meta(description="The redemption, in the portal's words: the same key is the same redemption.")]
Festival = Annotated[Name, Meta(description="The festival's id in the programme.")]


class Consents(Data, frozen=True):
    """Which media promotional messages may use; one that is absent is not known."""

    sms: Annotated[bool | None, Meta(description="By text message.")] = None
    email: Annotated[bool | None, Meta(description="By e-mail.")] = None
    push: Annotated[bool | None, Meta(description="By the app.")] = None


class Registration(Data, frozen=True):
    """A registration."""

    channel: Annotated[Literal["web", "mobile", "branch"], Meta(description="Where the customer registered.")]
    alias: Alias = None
    segments: Segments = None
    province: Province = None
    consents: Annotated[Consents | None, Meta(description="Which media promotional messages may use.")] = None


class Profile(Data, frozen=True):
    """What changed; the absent stays."""

    alias: Alias = None
    segments: Segments = None
    province: Province = None


class Consent(Data, frozen=True):
    """Consent to promotional messages by one medium."""

    medium: Annotated[Medium, Meta(description="The medium.")]
    granted: Annotated[bool, Meta(description="Whether it may be used from now on.")]


class Entry(Data, frozen=True):
    """A festival."""

    festival: Festival


class Adjustment(Data, frozen=True):
    """Points given or taken by hand."""

    points: SignedPoints
    reason: Reason
    operator: Operator

    def __post_init__(self) -> None:
        """FieldError for 0 points."""
        if self.points == 0:
            raise FieldError("points", "Expected `int` other than 0")


class Transfer(Data, frozen=True):
    """Points moved to another member by hand."""

    to: Annotated[Member, Meta(description="The member who receives them.")]
    points: Points
    reason: Reason
    operator: Operator


class Blocking(Data, frozen=True):
    """Why, and by whom."""

    reason: Reason
    operator: Operator


class Redemption(Data, frozen=True):
    """A wish to spend points."""

    key: Key
    points: Points
    reward: Annotated[Name, Meta(description="The reward's id in the catalogue.")]
    hold_minutes: Annotated[
        Annotated[int, Meta(ge=1, le=525_600)] | None, Meta(description="How long the points are held for it.")
    ] = None


class Capture(Data, frozen=True):
    """A redemption carried out, whole or in part."""

    key: Key
    points: Annotated[Points | None, Meta(description="Part of what was reserved; the rest is released.")] = None


class Release(Data, frozen=True):
    """A redemption given up."""

    key: Key


class Registered(Event, frozen=True, tag="member.registered"):
    """The customer registered with the club, for the first time or again."""

    data: Registration


class ProfileChanged(Event, frozen=True, tag="member.profile.changed"):
    """Something that the club knows of the member changed."""

    data: Profile


class ConsentChanged(Event, frozen=True, tag="member.consent.changed"):
    """The member allowed or forbade promotional messages by a medium."""

    data: Consent


class Left(Event, frozen=True, tag="member.left"):
    """The member left the club; points stay until they expire."""

    data: Nothing = field(default_factory=Nothing)


class Erased(Event, frozen=True, tag="member.erased"):
    """The member must be forgotten."""

    data: Nothing = field(default_factory=Nothing)


class FestivalJoined(Event, frozen=True, tag="member.festival.joined"):
    """The member joined a festival."""

    data: Entry


class FestivalLeft(Event, frozen=True, tag="member.festival.left"):
    """The member left a festival."""

    data: Entry


class PointsAdjusted(Event, frozen=True, tag="member.points.adjusted"):
    """The back office gave or took points."""

    data: Adjustment


class PointsTransferred(Event, frozen=True, tag="member.points.transferred"):
    """The back office moved points to another member."""

    data: Transfer


class SpendingBlocked(Event, frozen=True, tag="member.spending.blocked"):
    """The member may spend no points until further notice."""

    data: Blocking


class SpendingUnblocked(Event, frozen=True, tag="member.spending.unblocked"):
    """The member may spend points again."""

    data: Blocking


class RedemptionRequested(Event, frozen=True, tag="member.redemption.requested"):
    """The member wants to spend points: they are reserved, or the wish is refused."""

    data: Redemption


class RedemptionCaptured(Event, frozen=True, tag="member.redemption.captured"):
    """What was reserved is spent."""

    data: Capture


class RedemptionReleased(Event, frozen=True, tag="member.redemption.released"):
    """What was reserved goes back."""

    data: Release


MemberEvent = (
    Registered
    | ProfileChanged
    | ConsentChanged
    | Left
    | Erased
    | FestivalJoined
    | FestivalLeft
    | PointsAdjusted
    | PointsTransferred
    | SpendingBlocked
    | SpendingUnblocked
    | RedemptionRequested
    | RedemptionCaptured
    | RedemptionReleased
)
