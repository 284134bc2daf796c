"""A record of an input as the merge and the core want it: decoded, or with what is wrong with it."""

from typing import NamedTuple

from agents.broker.interface import Record
from engine.activity import Activity
from schemas.events import decode
from schemas.invalid import Invalid


class Item(NamedTuple):
    """Exactly one of `activity` and `fault` is set. The merge goes by `activity.time`; a fault passes at once."""

    record: Record
    activity: Activity | None
    fault: Invalid | None


def decode_item(record: Record) -> Item:
    """Decode one record; whatever is wrong with it is a value here, not an exception."""
    try:
        return Item(record, decode(record.topic, record.key, record.value or b""), None)
    except Invalid as fault:
        return Item(record, None, fault)
