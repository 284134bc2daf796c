"""`member: registered`: the member has joined the club when the event is evaluated."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.rules.condition import Failure, Standing, Test


@dataclass(frozen=True, slots=True)
class Registered:
    """No parameters."""

    def test(self) -> Test:
        """The compiled condition."""
        return lambda activity, standing: standing.registered

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """That the member has not joined."""
        return None if standing.registered else Failure("member", "not registered", "registered")
