"""When a festival's boards are final: its rounds, and the instants from which they change no more.

A festival has the round `final` and one for each Jalali month that its window touches (`1405-07`). A round is frozen at
the first tick at or past the end of its time plus the festival's lateness. Versions may close a festival earlier or
lengthen its lateness, so the instant is the earliest that has passed by the terms that hold at that very instant.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from engine.calendar import day_of, jalali_day, midnight, month_number
from engine.programme.terms import FestivalTerms, Programme

FINAL = "final"
_EVER = 2**62


class Freeze(NamedTuple):
    """A round of a festival is final from the instant `at` (ms) on; `terms` are those that hold then."""

    at: int
    festival: str
    round: str
    terms: FestivalTerms


class Terms:
    """A festival in all versions, as (from when on, what it says), in their order; None: it was taken out before it
    opened, so that it is not to be, unless a later version has it again."""

    def __init__(self, said: Iterable[tuple[int, FestivalTerms | None]]) -> None:
        self._said = list(said)

    def at(self, instant: int) -> FestivalTerms | None:
        """What holds at an instant: the latest that was said by then. It holds on where a version drops the festival
        after its opening."""
        held = None
        for start, festival in self._said:
            if start > instant:
                break
            held = festival
        return held

    @property
    def last(self) -> FestivalTerms | None:
        """What is said last."""
        return self._said[-1][1]

    def freezes(self) -> list[Freeze]:
        """The rounds in the order in which they end, a month before the whole."""
        found: dict[str, Freeze] = {}
        spans = pairwise([*(start for start, _ in self._said), _EVER])
        for (start, festival), (_, until) in zip(self._said, spans, strict=True):
            if festival is None:
                continue
            for name, end in ends(festival).items():
                at = max(end + festival.lateness, start)
                if at < until and (name not in found or at < found[name].at):
                    found[name] = Freeze(at, festival.id, name, festival)
        return sorted(found.values(), key=lambda freeze: (freeze.at, freeze.round == FINAL, freeze.round))


def terms_of(programmes: Iterable[Programme]) -> Mapping[str, Terms]:
    """Every festival's terms, by id in the order of their first mention; `programmes` in the order of their effect."""
    said: dict[str, list[tuple[int, FestivalTerms | None]]] = {}
    for programme in programmes:
        named = {festival.id: festival for festival in programme.festivals}
        for id, versions in said.items():
            held = versions[-1][1]
            if id not in named and held is not None and programme.effective < held.opens:
                versions.append((programme.effective, None))
        for id, festival in named.items():
            said.setdefault(id, []).append((programme.effective, festival))
    return {id: Terms(versions) for id, versions in said.items()}


def ends(festival: FestivalTerms) -> dict[str, int]:
    """The end of each round's time in ms, without lateness."""
    first, last = month_number(day_of(festival.opens)), month_number(day_of(festival.closes - 1))
    months = {month_name(number): month_ends(number) for number in range(first, last + 1)}
    return {**months, FINAL: festival.closes}


def month_name(number: int) -> str:
    """A month's round: `1405-07` for `engine.calendar.month_number` 1405 x 12 + 6."""
    return f"{number // 12}-{number % 12 + 1:02}"


def month_of(name: str) -> int:
    """The number of a month's round; 0 for the whole festival's."""
    if name == FINAL:
        return 0
    year, _, month = name.partition("-")
    return int(year) * 12 + int(month) - 1


def month_ends(number: int) -> int:
    """The instant at which a month ends, which is when the next one begins."""
    following = number + 1
    return midnight(jalali_day(following // 12, following % 12 + 1, 1))


def round_key(festival: str, round_name: str) -> str:
    """How a round is named where rounds of all festivals stand together; ids hold no `/`."""
    return f"{festival}/{round_name}"


def split_key(name: str) -> tuple[str, str]:
    """Festival and round of a name that `round_key` made."""
    festival, _, round_name = name.partition("/")
    return festival, round_name
