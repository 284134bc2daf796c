"""A dead letter as a lane writes it, of a record that it refused or that an operator has left out."""

from agents.scoring.intake import spoken_of
from engine.ledger.member import HEAD, Status
from engine.meaning import CURRENT
from engine.outcome import Reason
from schemas import topics
from schemas.dead_letter import Whole, cut_headers, headers, kept
from schemas.records import OutputRecord, Record
from tables import codec
from tables.overlay import RowReader
from tables.rows import member_prefix

_SAID_MAX = 1_000

DETAILS = {
    Reason.CONFLICTING_DUPLICATE: "id: the same source and id came before with other content",
    Reason.ERASED: "subject: the member was erased",
}
"""What a letter of an event says that the core refused."""


def letter(record: Record, partition: int, code: Reason, detail: str, meaning: int = CURRENT) -> OutputRecord:
    """The letter of a record of this lane. Nothing of an erased member's record is kept but its key.

    From meaning 1 on it is bounded, however large the record: a record takes more room uncompressed than it did in the
    batch that it came in. Of a value that is too large, or was not held, there are length and digest alone.
    """
    said = headers(record.topic, record.partition, record.offset, code.value, detail)
    key, value = record.key, b"" if code is Reason.ERASED else record.value
    if meaning >= 1:
        withheld = record.withheld
        key, of_key = kept("key", key)
        value, of_value = kept("value", value)
        if code is not Reason.ERASED and (withheld is not None or code is Reason.TOO_LARGE):
            whole = Whole.of(record.value or b"") if withheld is None else withheld.value
            value, of_value = b"", cut_headers("value", whole)
        if withheld is not None and withheld.key is not None:
            of_key = cut_headers("key", withheld.key)
        said = (*said, *of_key, *of_value)
    return OutputRecord(topics.DEAD_LETTER.name, partition, key, value, said)


def left_out(record: Record, partition: int, operator: str, reason: str, rows: RowReader) -> OutputRecord:
    """The letter of a record that an operator has left out, for this reason; `rows` as the lane had them then."""
    heads = rows.get_many([member_prefix(member) + HEAD for member in spoken_of(record)])
    erased = any(raw is not None and codec.decode(HEAD, raw).status == Status.ERASED for raw in heads)
    code = Reason.ERASED if erased else Reason.SKIPPED
    detail = f"{operator}: {reason}"[:_SAID_MAX]
    if last_left_out(record) != record.offset:
        detail += f" (offsets {record.offset} to {last_left_out(record)})"
    return letter(record, partition, code, detail)


def last_left_out(record: Record) -> int:
    """The offset up to which this is left out: its own, unless it stands for a batch that is not read."""
    last = None if record.withheld is None else record.withheld.last
    return record.offset if last is None else last
