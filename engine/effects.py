"""What a decision tells the world: postings, rewards and notices. All immutable."""

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


class RewardGranted(NamedTuple):
    """A reward of the programme, given for a reason of the contract (`threshold` …)."""

    cause: Cause
    reward: str
    reason: str
    value_rial: int | None


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


Effect = Posting | RewardGranted | Notice
