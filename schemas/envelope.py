"""The envelope of every event: CloudEvents 1.0 in structured JSON, the type as the tag of one model each."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.fields import Id, Name, Path, Source, Stamp, Subject, Time


class FieldError(ValueError):
    """A limit on one field that its type cannot say; raised by a model's `__post_init__`."""

    def __init__(self, field: str, problem: str) -> None:
        """`problem` in the manner of msgspec: what was expected."""
        super().__init__(problem)
        self.field = field


class Data(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What is particular to a type. Absent optional fields are None; unknown ones are ignored.

    `omit_defaults` is part of the contract: a field added later with a default leaves old digests as they were.
    """


class Nothing(Data, frozen=True):
    """No fields."""


class Event(Struct, frozen=True, gc=False, tag_field="type"):
    """An input: one Kafka record, keyed by `subject`."""

    specversion: Annotated[Literal["1.0"], Meta(description="Version of CloudEvents.")]
    id: Id
    source: Source
    subject: Subject
    time: Time


class Output(Struct, frozen=True, gc=False, tag_field="type"):
    """What the club publishes; `source` is `/club`."""

    specversion: Annotated[Literal["1.0"], Meta(description="Version of CloudEvents.")]
    id: Annotated[Id, Meta(description="32 hexadecimal digits, the same whenever it is computed again.")]
    source: Literal["/club"]
    subject: Annotated[Path, Meta(description="The record's key.")]
    time: Annotated[Stamp, Meta(description="The instant that caused it.")]


class Cause(Struct, frozen=True, gc=False):
    """The event that caused an output; of what the clock caused, `clock` and the due instant in milliseconds."""

    source: Annotated[str, Meta(description="The `source` of the cause, or `clock`.")]
    id: Annotated[str, Meta(description="The `id` of the cause, or the due instant in milliseconds.")]


class Result(Data, frozen=True):
    """What all outputs carry."""

    activity: Annotated[Cause, Meta(description="What caused it.")]
    programme: Annotated[Name, Meta(description="The programme.")]
    version: Annotated[int, Meta(ge=1, description="Its version that decided.")]
