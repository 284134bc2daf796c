"""What a decision tells the world: postings, festival scores, rewards and notices. All immutable."""

from collections.abc import Mapping
from typing import NamedTuple


class Cause(NamedTuple):
    """What an effect goes back to: an event's source and id, or `clock` and the due instant; which version ruled."""

    source: str
    id: str
    instant: int
    programme: str
    version: int


class Posting(NamedTuple):
    """A movement of points, the only one there is.

    `type` is the contract's (`points.accrued` …), `points` signed, `status` "pending" or "active", `lot` the last
    valid day of the points or None. `debt` and `forgiven` are the signed changes of what is owed and of what was let
    go. `balance` is (active, pending, held, debt) after it. `desired` and `granted` are set where a cap cut.
    """

    cause: Cause
    type: str
    points: int
    status: str
    rule: str | None
    lot: int | None
    balance: tuple[int, int, int, int]
    desired: int | None = None
    granted: int | None = None
    debt: int = 0
    forgiven: int = 0


class ScoreChanged(NamedTuple):
    """An indicator of a member in a festival changed by `delta`; `score` is its total there afterwards.

    `listed`: whether boards list the member; None where the meaning that decides does not say it.
    """

    cause: Cause
    festival: str
    indicator: str
    delta: int
    score: int
    listed: bool | None = None


class FestivalMove(NamedTuple):
    """The member takes part in a festival from now on (`joined`), or does not any more."""

    cause: Cause
    festival: str
    joined: bool


class Won(NamedTuple):
    """What an award was won with: the festival, the category, the round, and the place in its total order from 1."""

    festival: str | None
    category: str | None
    round: str | None
    rank: int | None


class RewardGranted(NamedTuple):
    """A reward of the programme, given for a reason of the contract (`threshold` …); `won` says for which award.

    `flagged`: it was given before, and a person should look at it: what it was won with was taken back since.
    """

    cause: Cause
    reward: str
    reason: str
    value_rial: int | None
    won: Won | None = None
    flagged: bool = False


class Notice(NamedTuple):
    """A message to the member by one medium; `why` says why it was suppressed, None that it is requested."""

    cause: Cause
    template: str
    values: Mapping[str, str]
    medium: str
    locale: str
    text: str
    not_before: int
    expires_at: int | None
    why: str | None


Effect = Posting | ScoreChanged | FestivalMove | RewardGranted | Notice
