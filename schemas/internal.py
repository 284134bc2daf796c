"""What only workers know: a member's scores, and how many members stand above a score. Asked on internal addresses.

Every request carries `Authorization: Bearer SECRET` with the setting `internal_secret`; a worker answers others 401.

    GET /internal/members/{member}
        404: the member's partition is not among those that this worker runs.
        200, also for a member it has never heard of (then not registered, no alias, no festivals):
        {"member": "c-4711", "registered": true, "alias": "Sima" or null,
         "festivals": [{"festival": "nowruz", "listed": true, "indicators": {"purchases": 120},
                        "categories": [{"category": "overall", "score": 120, "then_by": 0,
                                        "reached_at_ms": 1790000000000 or null}],
                        "finals": [{"round": "1405-01", "category": "overall", "score": 80}]}]}
        Festivals in which the member has a score or takes part, with every category of the terms that hold now.
        `listed`: registered, not away; a category lists the member if its score is above 0 too. `finals`: the boards of
        frozen rounds that list the member, as they were frozen.

    GET /internal/boards/{festival}/{category}?score=S
        404: this worker runs no partition.
        200: {"partitions": {"of": 24, "mine": [0, 3]}, "above": 17, "listed": 5210,
         "next_above": [125, 3] or null, "next_below": [119, 1] or null,
         "distribution": [[from, to, members], …], "widening": [[from, to, members], …]}
        All of it about the listed members of the worker's own partitions, at one moment. `above`: how many have more
        than S. `next_above`, `next_below`: the nearest other score and how many have exactly it. `distribution` as
        `engine.boards.leaderboard.Leaderboard.distribution` gives it, of one lane after the other; `widening` likewise.
        `mine` names the partitions whose lanes run now, not those that are still opening. A board nobody is
        on: zeros and nulls.

    GET /internal/finals/{festival}/{category}/{round}?score=S
        404: this worker runs no partition.
        200: as above, about the board as it was frozen, without distributions. `mine` names the partitions that have
        frozen it. The first question takes a while where many took part: it is counted then.

Sums are exact only over every partition once. Where workers together do not have each partition exactly once, which is
so during a rebalance, there is no answer but `RanksUnavailable`: never a wrong rank.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from schemas.fields import Name

_RETRY_AFTER_S = 2

BUCKETS_MAX = 40
"""How many ranges tell a distribution at most."""

Count = Annotated[int, Meta(ge=0)]

Range = tuple[int, int, int]
"""Lowest and highest score, and how many members have one of these."""


class RanksUnavailable(Exception):
    """Not every member can be counted now. `reason` says why, for the log; asking again soon helps."""

    retry_after_s = _RETRY_AFTER_S

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CategoryScore(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A member's score in a category; `reached_at_ms` is None before the first."""

    category: Name
    score: int
    then_by: int = 0
    reached_at_ms: int | None = None


class FinalScore(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """With what a member stands on the board of a frozen round."""

    round: Name
    category: Name
    score: int


class FestivalScores(msgspec.Struct, frozen=True, kw_only=True):
    """A member's scores in a festival."""

    festival: Name
    listed: bool
    indicators: dict[str, int]
    categories: tuple[CategoryScore, ...]
    finals: tuple[FinalScore, ...] = ()


class MemberScores(msgspec.Struct, frozen=True, kw_only=True):
    """What the lane of a member knows of festivals."""

    member: str
    registered: bool
    alias: str | None
    festivals: tuple[FestivalScores, ...]


class Partitions(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which of how many partitions are counted."""

    of: Annotated[int, Meta(ge=1)]
    mine: tuple[Count, ...]


class Counts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who stands where around a score, in some partitions."""

    partitions: Partitions
    above: Count
    listed: Count
    next_above: tuple[int, Count] | None
    next_below: tuple[int, Count] | None
    distribution: tuple[Range, ...]
    widening: tuple[Range, ...]


class Workers(Protocol):
    """Whoever knows members' scores: workers over HTTP, or the lanes of this process."""

    async def member(self, member: str) -> MemberScores:
        """A member's scores. Raises `RanksUnavailable`."""
        ...

    async def counts(self, festival: str, category: str, score: int) -> Counts:
        """Counts over all members of the club. Raises `RanksUnavailable`."""
        ...

    async def final_counts(self, festival: str, category: str, round: str, score: int) -> Counts:
        """The same over the board of a frozen round. Raises `RanksUnavailable`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def summed(parts: Iterable[Counts]) -> Counts:
    """The counts of all workers as one. Raises `RanksUnavailable` unless every partition is in exactly one."""
    found = list(parts)
    of = {part.partitions.of for part in found}
    mine = sorted(partition for part in found for partition in part.partitions.mine)
    if len(of) != 1 or mine != list(range(max(of))):
        raise RanksUnavailable(f"the workers have the partitions {mine} of {sorted(of)}")
    return together(found)


def together(found: Sequence[Counts]) -> Counts:
    """The counts of some partitions, at least one, as one."""
    mine = sorted(partition for part in found for partition in part.partitions.mine)
    return Counts(
        partitions=Partitions(of=found[0].partitions.of, mine=tuple(mine)),
        above=sum(part.above for part in found),
        listed=sum(part.listed for part in found),
        next_above=_nearest([part.next_above for part in found], lowest=True),
        next_below=_nearest([part.next_below for part in found], lowest=False),
        distribution=tuple(each for part in found for each in part.distribution),
        widening=tuple(each for part in found for each in part.widening),
    )


def _nearest(found: Iterable[tuple[int, int] | None], *, lowest: bool) -> tuple[int, int] | None:
    scores = [each for each in found if each is not None]
    if not scores:
        return None
    score = min(scores)[0] if lowest else max(scores)[0]
    return score, sum(members for each, members in scores if each == score)
