"""Every kind of condition. A new kind is its module, and its line here."""

from collections.abc import Callable, Mapping

from engine.rules.between import Between
from engine.rules.condition import Audience, Condition, KeyedCondition, NamesCondition
from engine.rules.dates import Dates
from engine.rules.hours import Hours
from engine.rules.one_of import OneOf
from engine.rules.province import Province
from engine.rules.registered import RegisteredOnly
from engine.rules.segments import Segments
from engine.rules.tier import TierLevels
from engine.rules.weekday import Weekday

KINDS: tuple[type[KeyedCondition], ...] = (Weekday, Dates, Hours, Segments, TierLevels, RegisteredOnly, Province)
"""In the order in which people are told of them."""

BY_KEY: Mapping[str, type[KeyedCondition]] = {kind.key: kind for kind in KINDS}
"""Key of a `when` -> the kind. Any other key is the name of a field of the event."""

FieldValue = str | int | bool
field_is_one_of: Callable[[str, frozenset[FieldValue]], Condition] = OneOf
field_is_between: Callable[[str, int | None, int | None], Condition] = Between
"""The conditions on a field of the event: by values, and by bounds of which one may be None."""

OF_AUDIENCES: Mapping[str, type[NamesCondition]] = {
    kind.key: kind for kind in KINDS if issubclass(kind, NamesCondition) and kind.audience is not None
}
"""The kinds by which a festival's audience can be given."""


def audience_of(condition: NamesCondition) -> Audience:
    """How a condition of a festival's audience says for whom it is."""
    assert condition.audience is not None, "only such kinds are read for audiences"
    return condition.audience
