"""Records of `club.programme`: how a version of the programme is published, and read back."""

import datetime as dt
from hashlib import sha256
from typing import NamedTuple

import msgspec

from engine.calendar import UTC, to_ms
from schemas.fields import DOCUMENT_BYTES_MAX
from schemas.inputs.programme import ProgrammePublished, Version
from schemas.invalid import decoded, invalid, require_unambiguous

_decode = msgspec.json.Decoder(ProgrammePublished).decode
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)


class ProgrammeRecord(NamedTuple):
    """A version as published. `time` and `effective` in ms; `document` is the programme file."""

    source: str
    id: str
    time: int
    programme: str
    version: int
    effective: int
    document: str
    operator: str | None


RECORD_BYTES_MAX = 890_000
"""What a version's record takes at most: a document counts once, its quotes, backslashes and ends of lines twice."""


def decode_programme(key: bytes | None, value: bytes | None) -> ProgrammeRecord:
    """The version that a record of `club.programme` publishes; Invalid for any other record."""
    if value is None:
        raise invalid("$", "the record has no value: versions are kept for ever")
    event = decoded(_decode, value)
    require_unambiguous(value)
    data = event.data
    if event.subject != f"{data.programme}/{data.version}":
        raise invalid("$.subject", "expected `programme/version` of its data")
    if key != event.subject.encode():
        raise invalid("$.subject", "is not the record's key")
    if len(data.document.encode()) > DOCUMENT_BYTES_MAX:
        raise invalid("$.data.document", f"expected at most {DOCUMENT_BYTES_MAX} bytes")
    return ProgrammeRecord(
        event.source,
        event.id,
        to_ms(event.time),
        data.programme,
        data.version,
        to_ms(data.effective),
        data.document,
        data.operator,
    )


def encode_programme(
    programme: str, version: int, effective: int, document: str, time: int, operator: str | None = None
) -> tuple[bytes, bytes]:
    """Key and value of the record that publishes a version; instants in ms. The id is a digest of the document.

    Invalid where the record would break the contract, so that nothing unreadable is published.
    """
    subject = f"{programme}/{version}"
    data = Version(programme, version, _datetime(effective), document, operator)
    identity = sha256(f"{subject}\0{document}".encode()).hexdigest()[:32]
    value = msgspec.json.encode(ProgrammePublished("1.0", identity, "/club", subject, _datetime(time), data))
    key = subject.encode()
    decode_programme(key, value)
    if len(value) > RECORD_BYTES_MAX:
        reason = f"takes {len(value)} bytes as a record, {RECORD_BYTES_MAX} at most: write fewer quotes and empty lines"
        raise invalid("$.data.document", reason)
    return key, value


def _datetime(instant: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(milliseconds=instant)
