"""`field: value` or `field: [value, …]`: the event's field equals one of the values; an absent field fails."""

from dataclasses import dataclass

from engine.activity import MemberActivity
from engine.rules.condition import Condition, Failure, FieldNames, MemberStanding, Test
from engine.spelling import alike
from engine.words import Words, listed, number, same


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """`values` are of the field's own type: text, integer or bool."""

    field: str
    values: frozenset[str | int | bool]

    @property
    def key(self) -> str:
        """The field."""
        return self.field

    def test(self) -> Test:
        """The compiled condition."""
        field, values = self.field, self.values
        as_seen = frozenset(alike(value) for value in values if isinstance(value, str))

        def test(activity: MemberActivity, standing: MemberStanding) -> bool:
            found = getattr(activity.data, field, None)
            return found in values or (isinstance(found, str) and standing.as_seen and alike(found) in as_seen)

        return test

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """What the field held instead."""
        found = getattr(activity.data, self.field, None)
        if self.test()(activity, standing):
            return None
        return Failure(self.field, found, "one of " + ", ".join(sorted(str(v) for v in self.values)))

    def words(self, field_name: FieldNames) -> Words:
        """Channel web, app; own account; not own account."""
        name = field_name(self.field)
        if self.values == {True}:
            return name
        if self.values == {False}:
            return Words(f"not {name.en}", f"نه {name.fa}")
        values = listed(_said(value) for value in sorted(self.values, key=lambda v: (str(type(v)), v)))
        return Words(f"{name.en} {values.en}", f"{name.fa} {values.fa}")


def _said(value: str | int | bool) -> Words:
    return number(value) if isinstance(value, int) and not isinstance(value, bool) else same(str(value))
