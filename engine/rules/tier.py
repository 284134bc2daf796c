"""`tier: [gold]`: the level that the member held at the time of the event."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.rules.condition import Failure, Standing, Test


@dataclass(frozen=True, slots=True)
class Tier:
    """`levels` are level ids of the programme."""

    levels: frozenset[str]

    def test(self) -> Test:
        """The compiled condition."""
        levels = self.levels
        return lambda activity, standing: standing.tier in levels

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """Which level the member held."""
        if standing.tier in self.levels:
            return None
        return Failure("tier", standing.tier, "one of " + ", ".join(sorted(self.levels)))
