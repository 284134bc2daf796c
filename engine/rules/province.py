"""`province: [tehran]`: the member lives in one of these provinces, as known when the event is evaluated."""

from dataclasses import dataclass
from typing import ClassVar

from engine.activity import MemberActivity
from engine.rules.condition import Audience, Failure, FieldNames, MemberStanding, NamesCondition, Test
from engine.rules.values import NameList
from engine.spelling import alike
from engine.words import Words, listed


def _known(standing: MemberStanding) -> tuple[str, ...]:
    return () if standing.member.province is None else (standing.member.province,)


@dataclass(frozen=True, slots=True)
class Province(NamesCondition):
    """Of whom no province is known, the condition does not hold.

    Meaning 0 had it for events that carry a field `province`, and looks at that.
    """

    key: ClassVar = "province"
    value: ClassVar = NameList("[tehran]")
    typed: ClassVar = ("استان",)
    audience: ClassVar = Audience(Words("residents of {names}", "ساکنان {names}"), _known)

    def test(self) -> Test:
        """The compiled condition."""
        names, as_seen = self.names, frozenset(map(alike, self.names))

        def test(activity: MemberActivity, standing: MemberStanding) -> bool:
            if not standing.as_seen:
                return getattr(activity.data, "province", None) in names
            province = standing.member.province
            return province is not None and alike(province) in as_seen

        return test

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """Where the member lives, as far as that is known."""
        if self.test()(activity, standing):
            return None
        found = standing.member.province if standing.as_seen else getattr(activity.data, "province", None)
        return Failure("province", found, "one of " + ", ".join(sorted(self.names)))

    def words(self, field_name: FieldNames) -> Words:
        """Province tehran."""
        return Words("province {names}", "استان {names}").filled(names=listed(sorted(self.names)))
