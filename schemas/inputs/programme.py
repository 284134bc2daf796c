"""`club.programme`: the versions of the club's programme, each a record of its own, kept for ever."""

from typing import Annotated

from msgspec import Meta

from schemas.envelope import Data, Event
from schemas.fields import DOCUMENT_BYTES_MAX, Name, Path, Text, Time


class Version(Data, frozen=True):
    """One version of a programme."""

    programme: Annotated[Name, Meta(description="The programme's id.")]
    version: Annotated[int, Meta(ge=1, le=1_000_000_000, description="The version's number.")]
    effective: Annotated[Time, Meta(description="The instant from which it is in force.")]
    document: Annotated[
        str,
        Meta(min_length=1, max_length=DOCUMENT_BYTES_MAX, description="The programme file; at most 512 KiB of UTF-8."),
    ]
    operator: Annotated[Text | None, Meta(description="Who published it.")] = None


class ProgrammePublished(Event, frozen=True, tag="programme.published"):
    """A version of the club's programme has been published; `subject` is `programme/version`."""

    subject: Annotated[Path, Meta(description="`programme/version`; the record's key.")]
    data: Version
