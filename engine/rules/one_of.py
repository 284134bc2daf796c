"""`field: value` or `field: [value, …]`: the event's field equals one of the values; an absent field fails."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.rules.condition import Failure, Standing, Test
from engine.spelling import alike


@dataclass(frozen=True, slots=True)
class OneOf:
    """`values` are of the field's own type: text, integer or bool."""

    field: str
    values: frozenset[str | int | bool]

    def test(self) -> Test:
        """The compiled condition."""
        field, values = self.field, self.values
        as_seen = frozenset(alike(value) for value in values if isinstance(value, str))

        def test(activity: Activity, standing: Standing) -> bool:
            found = getattr(activity.data, field, None)
            return found in values or (isinstance(found, str) and standing.as_seen and alike(found) in as_seen)

        return test

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """What the field held instead."""
        found = getattr(activity.data, self.field, None)
        if self.test()(activity, standing):
            return None
        return Failure(self.field, found, "one of " + ", ".join(sorted(str(v) for v in self.values)))
