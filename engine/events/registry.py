"""Every type of event, by its name in the contract: the one place where the engine looks a type up."""

from collections.abc import Mapping

from engine.events import commands, deposits, membership, payments, refunds
from engine.events.event_type import EventType

FAMILIES = (payments, refunds, deposits, membership, commands)

EVENT_TYPES: Mapping[str, EventType] = {
    name: event_type for family in FAMILIES for name, event_type in family.TYPES.items()
}
