"""`field: value` or `field: [value, …]`: the event's field equals one of the values; an absent field fails."""

from dataclasses import dataclass

from engine.activity import Activity
from engine.rules.condition import Failure, Standing, Test


@dataclass(frozen=True, slots=True)
class OneOf:
    """`values` are of the field's own type: text, integer or bool."""

    field: str
    values: frozenset[str | int | bool]

    def test(self) -> Test:
        """The compiled condition."""
        field, values = self.field, self.values
        return lambda activity, standing: getattr(activity.data, field, None) in values

    def failure(self, activity: Activity, standing: Standing) -> Failure | None:
        """What the field held instead."""
        found = getattr(activity.data, self.field, None)
        if found in self.values:
            return None
        return Failure(self.field, found, "one of " + ", ".join(sorted(str(v) for v in self.values)))
