"""Standings: a member's place in one round, and a round as one lane froze it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulation.auditor.festivals import score_of
from tests.simulation.auditor.participation import is_away
from tests.simulation.auditor.programme_reading import Category, Festival
from tests.simulation.auditor.rounds import Round
from tests.simulation.auditor.state import Member


@dataclass(frozen=True)
class Standing:
    """What decides a member's place on one board; `reached_at` is an instant."""

    member: str
    alias: str | None
    score: int
    then_by: int
    reached_at: int


@dataclass(frozen=True)
class Frozen:
    """A round that a lane has frozen at a tick, by the definition that governed then: its own listed members."""

    round: Round
    tick: int
    standings: dict[str, list[Standing]]  # by category


def freeze(members: Iterable[Member], round: Round, tick: int) -> Frozen:
    """Keep the scores and who is listed as they are now."""
    listed = list(members)
    categories = round.festival.categories
    return Frozen(round, tick, {each.id: standings_of(listed, round.festival, each, round.name) for each in categories})


def standings_of(members: Iterable[Member], festival: Festival, category: Category, round: str) -> list[Standing]:
    """Every listed member's standing: who is registered, not away, and has a score above 0."""
    standings = []
    for member in members:
        if member.status != "registered" or is_away(member, festival.id):
            continue
        score = sum(weight * score_of(member, round, indicator) for indicator, weight in category.weigh.items())
        if score > 0:
            then_by = score_of(member, round, category.then_by) if category.then_by else 0
            reached = reached_at(member, category, round)
            standings.append(Standing(member.reference, member.alias, score, then_by, reached))
    return standings


def reached_at(member: Member, category: Category, round: str) -> int:
    """The instant of the last processed event that, all in all, changed the category's score in the round."""
    for effect in reversed(member.effects):
        if sum(weight * effect.deltas.get((round, indicator), 0) for indicator, weight in category.weigh.items()):
            return effect.instant
    raise AssertionError(f"{member.reference} has a score that no event gave")
