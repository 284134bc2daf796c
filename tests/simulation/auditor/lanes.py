"""Lanes and their clocks: which partition a member belongs to, when its ticks fall, and what it has frozen."""

from dataclasses import dataclass, field

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.standings import Frozen
from tests.simulation.auditor.state import Member

BEFORE_ALL = -(10**18)


@dataclass
class Lane:
    """One partition's members, its clock (the greatest time it has processed) and its last tick.

    `frozen` are its frozen rounds by festival and name.
    """

    members: dict[str, Member] = field(default_factory=dict)
    clock: int | None = None
    last_tick: int = BEFORE_ALL
    frozen: dict[tuple[str, str], Frozen] = field(default_factory=dict)


def midnights_reached(clock: int, time: int) -> list[int]:
    """Every Tehran midnight that a clock reaches or passes on its way to the time."""
    day, last = tehran_time.day_of(clock) + tehran_time.DAY, tehran_time.day_of(time)
    return [tehran_time.midnight(day + number * tehran_time.DAY) for number in range((last - day).days + 1)]


def partition_of(key: str, partitions: int) -> int:
    """Where Java's default partitioner puts a key: murmur2, made positive, modulo the partitions."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """The 32-bit hash of Austin Appleby with the seed that Kafka's clients use."""
    mask, factor = 0xFFFFFFFF, 0x5BD1E995
    value = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * factor & mask
        word = (word ^ word >> 24) * factor & mask
        value = (value * factor & mask) ^ word
    if data[whole:]:
        value = (value ^ int.from_bytes(data[whole:], "little")) * factor & mask
    value = (value ^ value >> 13) * factor & mask
    return value ^ value >> 15
