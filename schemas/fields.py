"""The kinds of fields that events are made of, each with its limits and what it means.

Every limit of the contract on a single value stands here, so that decoding is one call and the documentation and the
JSON Schemas are generated from it.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from msgspec import Meta

from engine.units import RIAL_MAX

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Instants and dates outside these Gregorian years are invalid: no customer acts there, and calendars end."""
YEARS = f"Expected a year from {FIRST_YEAR} to {LAST_YEAR}"

DOCUMENT_BYTES_MAX = 512 * 1024
"""A programme file is at most this long in UTF-8."""


def _matching(pattern: str, most: int | None, description: str, **schema: Any) -> Meta:
    r"""Text that matches as a whole: `\Z`, as Python's `$` lets a newline pass (`schemas.export` writes `$` for it)."""
    return Meta(
        pattern=rf"^{pattern}\Z",
        min_length=1,
        max_length=most,
        description=description,
        extra_json_schema=schema or None,
    )


_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
NAME_CHARACTERS = r"[A-Za-z0-9._~-]"
SOURCE_PATTERN = r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"

Name = Annotated[str, _matching(f"{NAME_CHARACTERS}+", 64, "1–64 of `A-Z a-z 0-9 . _ ~ -`.")]
Member = Annotated[str, _matching(f"{NAME_CHARACTERS}+", 64, "The member's opaque reference.")]
Path = Annotated[str, _matching(f"{NAME_CHARACTERS}+(?:/{NAME_CHARACTERS}+)*", 200, "Names joined by `/`.")]
Id = Annotated[str, Meta(min_length=1, max_length=64, description="An id, unique within its `source`.")]
Text = Annotated[str, Meta(max_length=128)]
Token = Annotated[str, Meta(min_length=1, max_length=128)]
Mcc = Annotated[str, _matching("[0-9]{4}", None, "Merchant category code, four digits.")]
Digest = Annotated[str, _matching("[0-9a-f]{64}", None, "SHA-256 in hexadecimal.")]

# `schemas.events` looks at the characters of these two itself: a pattern each would cost a tenth of decoding.
Subject = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="The customer's opaque reference, 1–64 of `A-Z a-z 0-9 . _ ~ -`; the record's key.",
        extra_json_schema={"pattern": f"^{NAME_CHARACTERS}+$"},
    ),
]
Source = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description="URI reference of who recorded it, e.g. `/core/card-switch`.",
        extra_json_schema={"format": "uri-reference", "pattern": f"^{SOURCE_PATTERN}$"},
    ),
]
Time = Annotated[
    dt.datetime,
    Meta(
        tz=True,
        description="When it happened: RFC 3339 with offset (read without its colon too), kept in milliseconds.",
    ),
]
Stamp = Annotated[
    str,
    _matching(
        rf"{_DATE}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{3}}Z",
        None,
        "An instant in UTC with milliseconds.",
        format="date-time",
    ),
]
IsoDate = Annotated[str, _matching(_DATE, None, "A Gregorian date.", format="date")]

Rial = Annotated[int, Meta(ge=1, le=RIAL_MAX, description="Amount of money in Rial.")]
Balance = Annotated[int, Meta(ge=-RIAL_MAX, le=RIAL_MAX)]
Points = Annotated[int, Meta(ge=1, le=RIAL_MAX, description="A number of points.")]
SignedPoints = Annotated[
    int,
    Meta(
        ge=-RIAL_MAX,
        le=RIAL_MAX,
        description="Points to add, or to take when negative; not 0.",
        extra_json_schema={"not": {"const": 0}},
    ),
]
Original = Annotated[Id, Meta(description="The `id` of the payment that it refers to, of the same `source`.")]
Reason = Annotated[Token, Meta(description="Why, in the operator's words.")]
Operator = Annotated[Token, Meta(description="Who did it.")]

CardChannel = Literal["pos", "web", "app", "ussd"]
EbankingChannel = Annotated[
    Literal["app", "internet", "ussd", "phone", "atm"], Meta(description="Where the customer did it.")
]
Medium = Literal["sms", "email", "push"]
