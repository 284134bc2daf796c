"""A record of an input as the merge and the core want it: decoded, or with what is wrong with it."""

import json
import logging
import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from engine.activity import MemberActivity
from engine.outcome import Reason
from schemas.events import decode, head
from schemas.fields import NAME_CHARACTERS
from schemas.invalid import Invalid
from schemas.member_names import name_of
from schemas.records import RECORD_BYTES_HELD_MAX, Record, content_bytes

_REFERENCE = re.compile(rb"%b{1,64}" % NAME_CHARACTERS.encode())

log = logging.getLogger(__name__)


class StampedRecord(NamedTuple):
    """Exactly one of `activity` and `fault` is set. The merge goes by `activity.time`; a fault passes at once."""

    record: Record
    activity: MemberActivity | None
    fault: Invalid | None


def decode_record(record: Record, bytes_max: int = RECORD_BYTES_HELD_MAX) -> StampedRecord:
    """Decode one record of at most `bytes_max` bytes; whatever is wrong with it is a value here, not an exception.

    A fault of the decoder's is one of the core's: the record becomes a dead letter, and the stream goes on.
    """
    withheld = record.withheld
    if withheld is not None and withheld.unreadable is not None:
        return StampedRecord(record, None, Invalid("unreadable", f"$: {withheld.unreadable}"))
    if withheld is not None or content_bytes(record) > bytes_max:
        # What a fault says is the same whether the record was held or not: a replay of the journal writes it again.
        fault = Invalid("too_large", f"$: has more than {bytes_max} bytes with its key and headers")
        return StampedRecord(record, None, fault)
    try:
        return StampedRecord(record, decode(record.topic, record.key, record.value or b""), None)
    except Invalid as fault:
        return StampedRecord(record, None, fault)
    except MemoryError:
        raise
    except Exception as fault:
        log.exception("the decoder failed on a record; it goes to the dead letters")
        return StampedRecord(record, None, Invalid(Reason.ENGINE_ERROR.value, type(fault).__name__))


def by_the_rule(activity: MemberActivity) -> tuple[MemberActivity, int]:
    """A naming activity with its name as `schemas.member_names` has it, and without one that is none: then the same is
    known of the member as if it had not been given. An empty one stays: it takes the name off the boards. Beside it,
    how many names were left out.

    What the activity is known by stays that of the record as it came, so it is the same event before and after.
    """
    given = activity.data.alias
    if not given or (name := name_of(given)) == given:
        return activity, 0
    return activity._replace(data=replace(activity.data, alias=name)), name is None


def spoken_of(record: Record) -> Iterator[str]:
    """The members that a record may be about, whatever is wrong with it: its key's, and the readable subject's."""
    value = record.value or b""
    for name in dict.fromkeys((record.key, head(value).key or _subject_of(value))):
        if name is not None and _REFERENCE.fullmatch(name):
            yield name.decode("ascii")


def _subject_of(value: bytes) -> bytes | None:
    """The subject of JSON that is no contract's: half a surrogate pair, or bytes that are no text, stand beside it."""
    try:
        subject = json.loads(value.decode(errors="replace"))["subject"]
        return subject.encode() if isinstance(subject, str) else None
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
