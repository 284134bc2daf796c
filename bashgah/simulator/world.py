"""What all parts of the simulated bank share: the random numbers, who is a member, what is still to arrive."""

from array import array
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from heapq import heappush
from itertools import count
from math import exp
from random import Random
from typing import NamedTuple

from bashgah.simulator.customers import Customers, trait
from engine.calendar import gregorian, local_ms

SECOND = 1_000
MINUTE = 60_000
HOUR = 3_600_000
DAY = 86_400_000

STRANGER, REGISTERED, LEFT, ERASED = range(4)
"""What a customer is to the club."""

_HALF_HOUR = HOUR // 2
_SAVERS_PERCENT = 22
"""Customers who have a savings account when the stream begins."""
_AMOUNT_MAX = 500_000_000_000
_CLOCK = tuple(f"{minute:02d}:{second:02d}" for minute in range(60) for second in range(60))


class BankMessage(NamedTuple):
    """One record on its way to a topic."""

    at: int
    """When it arrives, ms since 1970 UTC; its own `time` is earlier where it is late."""
    topic: str
    """`member`, `card`, `ebanking` or `deposit`."""
    type: str
    key: str
    value: bytes
    mark: str = ""
    """Why it is out of the ordinary: `late`, `duplicate`, `ahead` (of what it refers to) or `invalid`."""


Maker = Callable[[int, int], BankMessage | None]
"""Makes the event of a customer (number) at an instant (ms), or None where it makes no sense for them now."""


class World:
    """The state of a run. `hasten`: how many times faster than life follow-ups come (a live stream is denser)."""

    def __init__(self, customers: Customers, seed: int, start: int, festivals: tuple[str, ...], hasten: int) -> None:
        self.customers = customers
        self.rng = Random(seed)
        self.festivals = festivals
        self.hasten = hasten
        self.start = start
        self.run = blake2b(f"{seed} {customers.count} {start}".encode(), digest_size=4).hexdigest()
        """Begins every id, so that the events of two runs never share one."""
        self.status = bytearray(customers.count)
        self.joined = bytearray(customers.count)
        self.services = bytearray(customers.count)
        self.savings = array("h", (trait(number, 18) % 100 < _SAVERS_PERCENT for number in range(customers.count)))
        """Serial of a customer's savings account; negative when it is closed, 0 before the first."""
        self.pending: list[tuple[int, int, BankMessage]] = []
        """A heap of what arrives later, by arrival and order of creation."""
        self._order = count()

    def later(self, message: BankMessage) -> None:
        """Deliver a message when it is due."""
        heappush(self.pending, (message.at, next(self._order), message))

    def delay(self, least: int, most: int) -> int:
        """A duration in ms between two, at the pace of the run; at least one ms."""
        return max(1, int(least + (most - least) * self.rng.random()) // self.hasten)

    def draw(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + int(self.rng.random() * (high - low + 1))

    def amount(self, number: int, median: int, spread: int, step: int) -> int:
        """A lognormal amount of Rial, a multiple of `step`, after a customer's purse."""
        drawn = median * self.customers.purse[number] * exp(self.rng.gauss(0.0, 1.0) * spread / 100) / 100
        return max(step, min(_AMOUNT_MAX, int(drawn)) // step * step)


def envelope(id: str, source: str, type: str, subject: str, time: str, data: str) -> bytes:
    """An event as bytes; `data` are the fields of the object, already JSON. No text in it needs escaping."""
    return (
        f'{{"specversion":"1.0","id":"{id}","source":"{source}","type":"{type}","subject":"{subject}",'
        f'"time":"{time}","data":{{{data}}}}}'
    ).encode()


def tehran_stamp(instant: int) -> str:
    """An instant in RFC 3339 with Tehran's offset and milliseconds."""
    half, rest = divmod(instant, _HALF_HOUR)
    hour, offset, base = _tehran_half_hour(half)
    second, ms = divmod(rest, 1_000)
    return f"{hour}{_CLOCK[base + second]}.{ms:03d}{offset}"


def utc_stamp(instant: int) -> str:
    """An instant in RFC 3339 in UTC with milliseconds."""
    hour, rest = divmod(instant, HOUR)
    second, ms = divmod(rest, 1_000)
    return f"{_utc_hour(hour)}{_CLOCK[second]}.{ms:03d}Z"


@lru_cache(maxsize=4_096)
def _tehran_half_hour(half: int) -> tuple[str, str, int]:
    """Date and hour, offset, and the second of that hour at which a half hour since 1970 begins."""
    local = local_ms(half * _HALF_HOUR)
    day, within = divmod(local, DAY)
    hour, base = divmod(within // SECOND, 3_600)
    minutes = (local - half * _HALF_HOUR) // MINUTE
    return f"{gregorian(day)}T{hour:02d}:", f"+{minutes // 60:02d}:{minutes % 60:02d}", base


@lru_cache(maxsize=4_096)
def _utc_hour(hour: int) -> str:
    return f"{gregorian(hour // 24)}T{hour % 24:02d}:"
