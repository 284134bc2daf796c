"""`member: registered`: the member has joined the club when the event is evaluated."""

from dataclasses import dataclass
from typing import ClassVar

from engine.activity import MemberActivity
from engine.rules.condition import Failure, FieldNames, KeyedCondition, MemberStanding, Test
from engine.rules.values import OneWord
from engine.words import Words


@dataclass(frozen=True, slots=True)
class RegisteredOnly(KeyedCondition):
    """No parameters."""

    key: ClassVar = "member"
    value: ClassVar = OneWord("registered")

    def test(self) -> Test:
        """The compiled condition."""
        return lambda activity, standing: standing.registered

    def failure(self, activity: MemberActivity, standing: MemberStanding) -> Failure | None:
        """That the member has not joined."""
        return None if standing.registered else Failure("member", "not registered", "registered")

    def words(self, field_name: FieldNames) -> Words:
        """Registered members."""
        return Words("registered members", "اعضای ثبت‌نام‌کرده")
