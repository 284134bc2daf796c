"""What every kind of condition offers, and what it may look at.

A kind is one module: a frozen class that says under which key of a `when` it stands, which value the file gives there,
when it holds, why not, and how it is said in words. `engine.rules.registry` lists the kinds; reading, wording,
comparing and explaining go by that, and know none by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from engine.activity import MemberActivity
from engine.ledger.member import Head
from engine.rules.values import FIRST_DAY, LAST_DAY, GivenValue
from engine.words import Words


class MemberStanding(NamedTuple):
    """What conditions may know of the member: as it is when the event is evaluated; the tier as of the event's time.

    `member` is all that is kept; beside it stands what many conditions ask for. `as_seen`: names are compared by
    `engine.spelling`, in which the segments are then; False as meaning 0 decides.
    """

    member: Head
    registered: bool
    segments: tuple[str, ...]
    tier: str | None
    as_seen: bool = False


class Failure(NamedTuple):
    """Why a condition does not hold: the field, what was found, what was wanted, and by how much it missed."""

    field: str
    found: Any
    wanted: str
    missing: int | None = None


Test = Callable[[MemberActivity, MemberStanding], bool]
FieldNames = Callable[[str], Words]
"""What people call a field of an event."""


class Condition(ABC):
    """One entry of a rule's `when`: a frozen value. `unit`: what a miss is counted in, where not in a field's own."""

    __slots__ = ()

    unit: ClassVar[Words | None] = None

    @property
    @abstractmethod
    def key(self) -> str:
        """What it stands under in the file: a key of its own, or the name of the event's field that it looks at."""

    @abstractmethod
    def test(self) -> Test:
        """A closure that says whether the condition holds."""

    @abstractmethod
    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """None where the condition holds, else why not."""

    @abstractmethod
    def words(self, field_name: FieldNames) -> Words:
        """What it asks for, as a part of a sentence."""

    def window(self) -> tuple[int, int]:
        """The days `[first, last)` outside of which it can never hold, whatever happens."""
        return FIRST_DAY, LAST_DAY


class KeyedCondition(Condition):
    """A condition under a key of its own, which looks at the member or the time and at no field of the event.

    `value` is what the file gives; what is read of it is what the class is made with. `typed`: what else people type
    for the key.
    """

    __slots__ = ()

    key: ClassVar[str]
    value: ClassVar[GivenValue]
    typed: ClassVar[tuple[str, ...]] = ()


Held = Callable[[MemberStanding], Sequence[str]]
"""The names that a member has, as they are compared or as they came."""


class Audience(NamedTuple):
    """How a condition on the member says for whom a festival is.

    `words` name the people, with {names}. A member has to have one of these names."""

    words: Words
    held: Held


@dataclass(frozen=True, slots=True)
class NamesCondition(KeyedCondition):
    """A condition that compares names. With an `audience`, the audience of a festival can be given by it as well."""

    names: frozenset[str]

    audience: ClassVar[Audience | None] = None
