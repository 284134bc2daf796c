"""The boards of the whole club out of the lanes' parts: live boards, final boards, and who wins an award by rank.

No member is in two lanes, so the club's first ones are among the first of each lane, and the whole order is a merge.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from heapq import merge
from itertools import islice
from typing import NamedTuple

from engine.boards.final_boards import FinalPlace, awards_of, line, ranked
from engine.boards.leaderboard import BoardScore
from engine.programme.terms import FestivalTerms, Reward

Key = tuple[int, int, int, str, str | None]
"""A listed member as (-score, -then_by, reached_at, member, alias): sorts ascending into board order. No two members
are equal, so no alias is ever compared."""


class BrokenReport(Exception):
    """What a lane tells does not follow from what it told before. The argument says why."""


def key_of(member: str, score: int, then_by: int, reached_at: int, alias: str | None) -> Key:
    """The key of a listed member; `reached_at` in ms."""
    return -score, -then_by, reached_at, member, alias


def places_of(order: Iterable[Key]) -> Iterator[FinalPlace]:
    """Keys in board order with the ranks that are shown."""
    return ranked((BoardScore(-key[0], -key[1], key[2]), key[3], key[4]) for key in order)


class LanePart:
    """One lane's part of a live board: it lists `listed` members, of whom the first `top` are known by name."""

    __slots__ = ("_order", "listed", "places", "top")

    def __init__(self, listed: int = 0, top: int = 0) -> None:
        self.listed = listed
        self.top = top
        self.places: dict[str, Key] = {}
        self._order: list[Key] | None = None

    def change(
        self, listed: int, top: int, whole: bool, places: Iterable[Key], gone: Iterable[str]
    ) -> tuple[list[Key], list[str]]:
        """Bring the part to what a lane tells; who stands anew or elsewhere, and who left. Raises `BrokenReport`.

        `whole`: `places` are all of them, and what was known is void.
        """
        told = {key[3]: key for key in places}
        if whole:
            moved = [key for member, key in told.items() if self.places.get(member) != key]
            left = [member for member in self.places if member not in told]
            self.places = told
        else:
            moved, left = list(told.values()), list(gone)
            for member in left:
                if self.places.pop(member, None) is None:
                    raise BrokenReport(f"{member} leaves a part that is not known to hold it")
            self.places.update(told)
        self.listed, self.top, self._order = listed, top, None
        if len(self.places) != min(listed, top):
            raise BrokenReport(f"{len(self.places)} places are known of the first {top} of {listed}")
        return moved, left

    def restore(self, key: Key) -> None:
        """Put a member back who was there before a restart."""
        self.places[key[3]] = key

    def order(self) -> list[Key]:
        """The known members in board order."""
        if self._order is None:
            self._order = sorted(self.places.values())
        return self._order


class LiveBoard:
    """The parts of one live board by lane; a lane without one lists nobody."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: dict[int, LanePart] = {}

    @property
    def participants(self) -> int:
        """Listed members of the whole club."""
        return sum(part.listed for part in self.parts.values())

    def first(self, count: int) -> list[FinalPlace]:
        """Exactly the first `count` of the club; fewer where a lane that lists more knows fewer by name."""
        known = [part.top for part in self.parts.values() if part.listed > part.top]
        order = merge(*(part.order() for part in self.parts.values()))
        return list(islice(places_of(order), min([count, *known])))


class WholeOrder:
    """Merges the lanes' whole orders of a frozen round into one, slice by slice.

    `participants`: merged so far; `entries`: the first `entries_max` places; `winners`: the first `winners_max`
    members.
    """

    def __init__(self, orders: Iterable[Iterable[Key]], entries_max: int, winners_max: int) -> None:
        self.participants = 0
        self.entries: list[FinalPlace] = []
        self.winners: list[str] = []
        self._entries_max = entries_max
        self._winners_max = winners_max
        self._digest = sha256()
        self._order = merge(*orders)
        self._rank = self._score = 0

    def step(self, count: int) -> bool:
        """Merge at most `count` > 0 places more; True when there are no more."""
        lines: list[str] = []
        some = list(islice(self._order, count))
        for lower, _, reached_at, member, alias in some:
            self.participants += 1
            if -lower != self._score:
                self._rank, self._score = self.participants, -lower
            lines.append(line(self._rank, member, self._score, reached_at))
            if len(self.entries) < self._entries_max:
                self.entries.append(FinalPlace(self._rank, member, alias, self._score, reached_at))
        self._digest.update("".join(lines).encode())
        self.winners += [key[3] for key in some[: self._winners_max - len(self.winners)]]
        return len(some) < count

    @property
    def hash(self) -> str:
        """SHA-256 in hexadecimal over the lines of what was merged."""
        return self._digest.hexdigest()


class PrizePlaces(NamedTuple):
    """What the members at places `first`..`last` (from 1, inclusive) of a total order win. `value_rial` in Rial."""

    award: str
    reward: str
    first: int
    last: int
    value_rial: int | None


class Win(NamedTuple):
    """A member's prize. `place`: in the total order, from 1."""

    prize: PrizePlaces
    place: int
    member: str


def prizes_of(
    terms: FestivalTerms | None, category: str, round_name: str, rewards: Mapping[str, Reward]
) -> tuple[PrizePlaces, ...]:
    """The awards by rank of a category's round in the order of the file. `rewards`: of the version in force then."""
    prizes = []
    for award in awards_of(terms, category, round_name) if terms is not None else ():
        assert award.ranks is not None
        reward = rewards.get(award.reward)
        prizes.append(
            PrizePlaces(award.id, award.reward, *award.ranks, reward.value_rial if reward is not None else None)
        )
    return tuple(prizes)


def winners_needed(prizes: Iterable[PrizePlaces]) -> int:
    """How many of the first members must be known to give these."""
    return max((prize.last for prize in prizes), default=0)


def wins(prizes: Iterable[PrizePlaces], winners: Sequence[str], skip: int, count: int) -> list[Win]:
    """Who wins what, prize by prize, place by place: `count` of them behind the first `skip`."""
    found: list[Win] = []
    for prize in prizes:
        places = range(prize.first, min(prize.last, len(winners)) + 1)
        some = places[skip : skip + count - len(found)]
        found += [Win(prize, place, winners[place - 1]) for place in some]
        skip = max(0, skip - len(places))
    return found
