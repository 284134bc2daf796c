"""Which record is it that a lane fails on? The lane takes its records again, fewer of them, until one is left.

What comes before that record is committed on the way, so it is the next of its input, and an operator can leave it out.
"""

import logging
from collections.abc import Sequence

from agents.broker.errors import BadBatch
from agents.process.exit_codes import ClubError
from agents.scoring.intake import StampedRecord
from agents.task.refusal import Fault, way
from tables.store import StoreBroken, StoreInUse
from tables.watermark import TooNew

log = logging.getLogger(__name__)

_OF_NO_RECORD = (ClubError, StoreBroken, StoreInUse, TooNew, MemoryError)


def fewer(items: Sequence[StampedRecord], error: Exception, alone: bool) -> int:
    """How many of the records that a turn failed on are to be taken instead.

    `alone`: nothing but records was in the turn. Raises the error where it is none of a record's, and `Fault`, with the
    record's place and the way out, where one record alone has failed.
    """
    if not items or (isinstance(error, _OF_NO_RECORD) and not isinstance(error, BadBatch)):
        raise error
    if len(items) == 1 and alone:
        record = items[0].record
        skip = way(record.partition, f"--skip {record.topic}:{record.offset}")
        if isinstance(error, BadBatch):
            raise BadBatch(error.field, error.reason, f"{error.remedy}; {skip} leaves all of it out", error.code)
        log.exception("a lane fails on one record")
        remedy = f"report it with the log; {skip} leaves this one out"
        where = f"{record.topic}/{record.partition} offset {record.offset}"
        raise Fault(where, f"the lane fails on this record: {type(error).__name__}", remedy) from error
    return max(1, len(items) // 2)
