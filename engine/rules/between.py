"""`field: {min: …, max: …}`: the event's integer field lies between two bounds, both inclusive; absent fails."""

from dataclasses import dataclass

from engine.activity import MemberActivity
from engine.rules.condition import Condition, Failure, FieldNames, MemberStanding, Test
from engine.words import Words, number


@dataclass(frozen=True, slots=True)
class Between(Condition):
    """At least one bound is given."""

    field: str
    minimum: int | None
    maximum: int | None

    @property
    def key(self) -> str:
        """The field."""
        return self.field

    def test(self) -> Test:
        """The compiled condition, with only the comparisons that it needs."""
        field, low, high = self.field, self.minimum, self.maximum
        if high is None:
            assert low is not None
            return lambda activity, standing: (v := getattr(activity.data, field, None)) is not None and v >= low
        if low is None:
            return lambda activity, standing: (v := getattr(activity.data, field, None)) is not None and v <= high
        return lambda activity, standing: (v := getattr(activity.data, field, None)) is not None and low <= v <= high

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """How far the field missed the nearer bound."""
        found = getattr(activity.data, self.field, None)
        wanted = f"{'' if self.minimum is None else self.minimum}..{'' if self.maximum is None else self.maximum}"
        if found is None:
            return Failure(self.field, None, wanted)
        if self.minimum is not None and found < self.minimum:
            return Failure(self.field, found, wanted, self.minimum - found)
        if self.maximum is not None and found > self.maximum:
            return Failure(self.field, found, wanted, found - self.maximum)
        return None

    def words(self, field_name: FieldNames) -> Words:
        """Amount 10 to 20, amount from 10, amount up to 20."""
        name = field_name(self.field)
        low = None if self.minimum is None else number(self.minimum)
        high = None if self.maximum is None else number(self.maximum)
        if low is not None and high is not None:
            return Words(f"{name.en} {low.en} to {high.en}", f"{name.fa} از {low.fa} تا {high.fa}")
        if low is not None:
            return Words(f"{name.en} from {low.en}", f"{name.fa} از {low.fa}")
        assert high is not None, "one of the bounds is given"
        return Words(f"{name.en} up to {high.en}", f"{name.fa} تا {high.fa}")
