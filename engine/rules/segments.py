"""`segments: [physician]`: the member belongs to any of these segments when the event is evaluated."""

from dataclasses import dataclass
from typing import ClassVar

from engine.activity import MemberActivity
from engine.rules.condition import Audience, Failure, FieldNames, MemberStanding, NamesCondition, Test
from engine.rules.values import NameList
from engine.spelling import alike
from engine.words import Words, listed


@dataclass(frozen=True, slots=True)
class Segments(NamesCondition):
    """One segment in common is enough."""

    key: ClassVar = "segments"
    value: ClassVar = NameList("[physician]")
    typed: ClassVar = ("گروه",)
    audience: ClassVar = Audience(Words("members of {names}", "اعضای {names}"), lambda standing: standing.segments)

    def test(self) -> Test:
        """The compiled condition."""
        names, as_seen = self.names, frozenset(map(alike, self.names))
        if names == as_seen:
            return lambda activity, standing: not names.isdisjoint(standing.segments)
        return lambda activity, standing: not (as_seen if standing.as_seen else names).isdisjoint(standing.segments)

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """Which segments the member has."""
        if self.test()(activity, standing):
            return None
        return Failure("segments", ", ".join(sorted(standing.segments)), "any of " + ", ".join(sorted(self.names)))

    def words(self, field_name: FieldNames) -> Words:
        """Segment physician."""
        return Words("segment {names}", "عضو گروه {names}").filled(names=listed(sorted(self.names)))
