"""Rounds: which definition of a festival governs at an instant, and when each of its rounds is frozen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.simulation.auditor import tehran_time
from tests.simulation.auditor.programme_reading import Festival, Version

FINAL = "final"


@dataclass(frozen=True)
class Round:
    """A whole festival (`final`) or its part in a Jalali month.

    `as_of` is the instant from which on a tick freezes it, `festival` the definition that governs then.
    """

    festival: Festival
    name: str
    as_of: int


def governing(versions: Sequence[Version], festival: str, instant: int) -> Festival | None:
    """The definition in the version in force if it has the festival, else in the last version before it that has,
    unless the next version then left it out before it opened."""
    reached = [version for version in versions if version.effective <= instant]
    left_out = None
    for version in sorted(reached, key=lambda version: (version.effective, version.version), reverse=True):
        for definition in version.festivals:
            if definition.id == festival:
                return None if left_out is not None and left_out < definition.opens else definition
        left_out = version.effective
    return None


def in_order_of_appearance(versions: Sequence[Version]) -> list[str]:
    """Every festival that a version has, in order of its first version, then of the file."""
    found: list[str] = []
    for version in sorted(versions, key=lambda version: (version.effective, version.version)):
        found += [festival.id for festival in version.festivals if festival.id not in found]
    return found


def month_of(day: date) -> str:
    """The name of the round of a Jalali month: `1405-07`."""
    year, month, _ = tehran_time.jalali(day)
    return f"{year}-{month:02}"


def rounds_of(festival: Festival) -> list[tuple[str, int]]:
    """The round of every Jalali month that touches the window, then the final: name, and the end with the lateness."""
    found = []
    day = tehran_time.day_of(festival.opens)
    while tehran_time.midnight(day) < festival.closes:
        last = tehran_time.end_of_period(day, "month")
        found.append((month_of(day), tehran_time.end_of(last) + festival.lateness))
        day = last + tehran_time.DAY
    return [*found, (FINAL, festival.closes + festival.lateness)]


def freezes(versions: Sequence[Version]) -> list[Round]:
    """Every round, frozen at the earliest instant at which its end and lateness are past by what governs then.

    In order of that instant, then of the festival's first appearance, months before a final.
    """
    definitions = [festival for version in versions for festival in version.festivals]
    instants = {version.effective for version in versions}
    instants |= {instant for festival in definitions for _, instant in rounds_of(festival)}
    found: dict[tuple[str, str], Round] = {}
    appeared = in_order_of_appearance(versions)
    for instant in sorted(instants):
        for each in appeared:
            festival = governing(versions, each, instant)
            for name, end in rounds_of(festival) if festival else ():
                if end <= instant and (each, name) not in found:
                    assert festival is not None
                    found[each, name] = Round(festival, name, instant)
    return list(found.values())
