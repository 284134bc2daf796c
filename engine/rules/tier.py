"""`tier: [gold]`: the level that the member held at the time of the event."""

from dataclasses import dataclass
from typing import ClassVar

from engine.activity import MemberActivity
from engine.rules.condition import Failure, FieldNames, MemberStanding, NamesCondition, Test
from engine.rules.values import LevelList
from engine.words import Words, listed


@dataclass(frozen=True, slots=True)
class TierLevels(NamesCondition):
    """`names` are level ids of the programme."""

    key: ClassVar = "tier"
    value: ClassVar = LevelList()

    def test(self) -> Test:
        """The compiled condition."""
        levels = self.names
        return lambda activity, standing: standing.tier in levels

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """Which level the member held."""
        if standing.tier in self.names:
            return None
        return Failure("tier", standing.tier, "one of " + ", ".join(sorted(self.names)))

    def words(self, field_name: FieldNames) -> Words:
        """Tier gold."""
        return Words("tier {names}", "سطح {names}").filled(names=listed(sorted(self.names)))
