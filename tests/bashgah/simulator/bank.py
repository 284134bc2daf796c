"""Simulated streams that several tests look at, made once, and events as the tests read them."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import msgspec

from bashgah.simulator import BankMessage, Plan, simulate
from engine.calendar import jalali_day, midnight
from schemas import topics
from schemas.events import decode

MEMBERS = 1_200
DAYS = 28
NEW_YEAR = midnight(jalali_day(1405, 1, 1))


class Seen(NamedTuple):
    """A record that kept the contract: as sent, and as the club reads it."""

    message: BankMessage
    id: str
    type: str
    member: str
    time: int
    day: int
    minute: int
    data: Any
    """The fields of the event; absent ones are None."""


def read(messages: Iterator[BankMessage] | tuple[BankMessage, ...]) -> Iterator[Seen]:
    """The messages through the club's own decoder, which raises `Invalid` for what breaks the contract."""
    for message in messages:
        activity = decode(topics.BY_SHORT_NAME[message.topic].name, message.key.encode(), message.value)
        local = activity.time
        yield Seen(
            message, activity.id, activity.type, activity.member, local, activity.day, activity.minute, activity.data
        )


def fields(message: BankMessage) -> dict[str, Any]:
    """The data of an event as plain JSON."""
    found: dict[str, Any] = msgspec.json.decode(message.value)["data"]
    return found


@cache
def a_month() -> tuple[BankMessage, ...]:
    """Four weeks of Khordad: no season, all weekdays."""
    return tuple(simulate(Plan(MEMBERS, 11, midnight(jalali_day(1405, 3, 1)), days=DAYS)))


@cache
def a_year() -> tuple[BankMessage, ...]:
    """A year and some days of a few customers."""
    return tuple(simulate(Plan(60, 5, NEW_YEAR, days=380)))


@cache
def the_month() -> tuple[Seen, ...]:
    """`a_month` as the club reads it."""
    return tuple(read(a_month()))


@cache
def the_year() -> tuple[Seen, ...]:
    """`a_year` as the club reads it."""
    return tuple(read(a_year()))
