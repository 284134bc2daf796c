"""What a decision tells the world: postings, festival scores, rewards and notices. All immutable."""

from collections.abc import Mapping
from typing import NamedTuple


class EffectCause(NamedTuple):
    """What an effect goes back to: an event, or the clock."""

    source: str  # the event's; or "clock"
    id: str  # the event's; or the due instant
    instant: int  # the event's time, or the due instant (ms)
    programme: str  # whose version ruled
    version: int


class Posting(NamedTuple):
    """A movement of points. There is no other."""

    cause: EffectCause
    type: str  # the contract's: `points.accrued` …
    points: int  # signed
    status: str  # "pending" or "active"
    rule: str | None
    lot: int | None  # the last day of the points; None where they have none
    balance: tuple[int, int, int, int]  # active, pending, held and owed points after it
    desired: int | None = None  # where a cap cut: the points before it …
    granted: int | None = None  # … and after it
    debt: int = 0  # by how much it changes what is owed
    forgiven: int = 0  # by how much it changes what was let go


class ScoreChange(NamedTuple):
    """An indicator of a member in a festival changed by `delta`; `score` is its total there afterwards.

    `listed`: whether boards list the member; None where the meaning that decides does not say it.
    """

    cause: EffectCause
    festival: str
    indicator: str
    delta: int
    score: int
    listed: bool | None = None


class FestivalMove(NamedTuple):
    """The member takes part in a festival from now on (`joined`), or does not any more."""

    cause: EffectCause
    festival: str
    joined: bool


class AwardPlace(NamedTuple):
    """What an award was won with: the festival, the category, the round, and the place in its total order from 1."""

    festival: str | None
    category: str | None
    round: str | None
    rank: int | None


class RewardGranted(NamedTuple):
    """A reward of the programme, given for a reason of the contract (`threshold` …); `won` says for which award.

    `flagged`: a person should look at a reward that was given before, because what it was won with was taken back.
    """

    cause: EffectCause
    reward: str
    reason: str
    value_rial: int | None
    won: AwardPlace | None = None
    flagged: bool = False


class Notice(NamedTuple):
    """A message to the member by one medium; `why` says why it was suppressed, None that it is requested."""

    cause: EffectCause
    template: str
    values: Mapping[str, str]
    medium: str
    locale: str
    text: str
    not_before: int
    expires_at: int | None
    why: str | None


Effect = Posting | ScoreChange | FestivalMove | RewardGranted | Notice
