"""What a programme file can give a condition. A closed set: whoever reads files knows how to read each of these, and a
new kind of condition takes one of them."""

from dataclasses import dataclass

from engine.words import Words


@dataclass(frozen=True, slots=True)
class Choices:
    """Any of a few words, one or a list: the places of those chosen, as a frozenset. `words.en` is what is written."""

    words: tuple[Words, ...]
    example: str


@dataclass(frozen=True, slots=True)
class OneWord:
    """Always the same word: nothing."""

    word: str


@dataclass(frozen=True, slots=True)
class NameList:
    """NameList that events carry, one or a list: a frozenset of them as written, at least one."""

    example: str


@dataclass(frozen=True, slots=True)
class LevelList:
    """Ids of the programme's own levels, one or a list: a frozenset of them."""


@dataclass(frozen=True, slots=True)
class JalaliDates:
    """`{from, until}`, one of which may be left out: two day numbers; an open side is FIRST_DAY or LAST_DAY."""


@dataclass(frozen=True, slots=True)
class HoursOfDay:
    """`{from, until}`, times in Tehran: `engine.calendar.TimesOfDay`."""


GivenValue = Choices | OneWord | NameList | LevelList | JalaliDates | HoursOfDay

FIRST_DAY, LAST_DAY = -(2**31), 2**31
"""Day numbers that no day passes: where a range of dates is open."""
