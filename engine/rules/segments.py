"""`segments: [physician]`: the member belongs to any of these segments when the event is evaluated."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.rules.condition import Failure, Standing, Test


@dataclass(frozen=True, slots=True)
class Segments:
    """One segment in common is enough."""

    any_of: frozenset[str]

    def test(self) -> Test:
        """The compiled condition."""
        any_of = self.any_of
        return lambda activity, standing: not any_of.isdisjoint(standing.segments)

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """Which segments the member has."""
        if not self.any_of.isdisjoint(standing.segments):
            return None
        return Failure("segments", ", ".join(sorted(standing.segments)), "any of " + ", ".join(sorted(self.any_of)))
