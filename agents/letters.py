"""A dead letter as a lane writes it, of a record that it refused or that an operator has left out."""

from agents.broker.interface import Output, Record
from engine.meaning import CURRENT
from engine.outcome import Reason
from schemas import topics
from schemas.dead_letter import headers, kept

_SAID_MAX = 1_000


def letter(record: Record, partition: int, code: Reason, detail: str, meaning: int = CURRENT) -> Output:
    """The letter of a record of this lane. Nothing of an erased member's record is kept but its key.

    From meaning 1 on it is bounded, however large the record: a record takes more room uncompressed than it did in the
    batch that it came in.
    """
    said = headers(record.topic, record.partition, record.offset, code.value, detail)
    key, value = record.key, b"" if code is Reason.ERASED else record.value
    if meaning >= 1:
        key, of_key = kept("key", key)
        value, of_value = kept("value", value)
        said = (*said, *of_key, *of_value)
    return Output(topics.DEAD_LETTER.name, partition, key, value, said)


def left_out(record: Record, partition: int, operator: str, reason: str) -> Output:
    """The letter of a record that an operator has left out, for this reason."""
    return letter(record, partition, Reason.SKIPPED, f"{operator}: {reason}"[:_SAID_MAX])
