"""What a family declares of each type of its events. Everything that asks about a type asks here, by no name."""

from collections.abc import Callable
from typing import NamedTuple

from engine.activity import MemberActivity
from engine.effects import EffectCause
from engine.ledger.draft import Draft
from engine.ledger.member import Grant, IndicatorScore
from engine.outcome import Outcome, Reason
from engine.programme.compiler import CompiledProgramme

Result = tuple[Outcome, Reason]

Apply = Callable[[Draft, MemberActivity, CompiledProgramme, EffectCause], Result]
"""What an event does under the version in force at its moment, which answers for it as the cause."""

NO_PROGRAMME: Result = (Outcome.NO_PROGRAMME, Reason.NONE)


class Basis(NamedTuple):
    """What an explanation of an event starts from.

    `grants` and `scores`: what the same thing was given before, as a balance by its earlier revisions. `original`: the
    row of the payment that it takes back or gives back; None where it does neither.
    """

    grants: tuple[Grant, ...] = ()
    scores: tuple[IndicatorScore, ...] = ()
    original: bytes | None = None


def _does_nothing(draft: Draft, activity: MemberActivity) -> Result:
    return NO_PROGRAMME


def _nothing_before(draft: Draft, activity: MemberActivity) -> Basis:
    return Basis()


def _never(draft: Draft, activity: MemberActivity) -> bool:
    return False


class EventType(NamedTuple):
    """One type of event. It is known again by its row, which is written before `apply` unless it `writes_its_row`."""

    apply: Apply
    without_programme: Callable[[Draft, MemberActivity], Result] = _does_nothing
    """What it does where no version was in force at its moment."""
    writes_its_row: bool = False
    """It writes its row itself, with what it was given, for refunds to find; or leaves none."""
    prefetch: Callable[[MemberActivity], bytes] | None = None
    """The member's row that it will most likely look at, besides the head and its own."""
    explain: Callable[[Draft, MemberActivity], Basis] = _nothing_before
    """Bring the draft to where the rules look at it, and say what the explanation starts from."""
    earns_nothing: Callable[[Draft, MemberActivity], bool] = _never
    """Whether no rule gives anything for it, whatever it says, because of what it is about."""
    stands_at_end_of_date: bool = False
    """It stands, for the rules, at the end of the day `data.date` in Tehran; every other one at its time."""
