"""`segments: [physician]`: the member belongs to any of these segments when the event is evaluated."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.rules.condition import Failure, Standing, Test
from engine.spelling import alike


@dataclass(frozen=True, slots=True)
class Segments:
    """One segment in common is enough."""

    any_of: frozenset[str]

    def test(self) -> Test:
        """The compiled condition."""
        any_of, as_seen = self.any_of, frozenset(map(alike, self.any_of))
        if any_of == as_seen:
            return lambda activity, standing: not any_of.isdisjoint(standing.segments)
        return lambda activity, standing: not (as_seen if standing.as_seen else any_of).isdisjoint(standing.segments)

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """Which segments the member has."""
        if self.test()(activity, standing):
            return None
        return Failure("segments", ", ".join(sorted(standing.segments)), "any of " + ", ".join(sorted(self.any_of)))
