"""What each rule, reward and indicator came to: its points, its members, and of how many a cap kept something back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from engine.programme.terms import Title
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.records import OutputRecord

_GIVEN, _TAKEN, _RETURNED = "points.accrued", "points.reversed", "points.restored"


class _Told(msgspec.Struct, gc=False):
    """What is read of a record: of `club.points` the rule and the points, of `club.festival` an indicator's change."""

    rule: str | None = None
    points: int = 0
    festival: str = ""
    indicator: str = ""
    delta: int = 0


class _Record(msgspec.Struct, gc=False):
    type: str
    data: _Told


_read = msgspec.json.Decoder(_Record).decode


@dataclass(slots=True)
class Sum:
    """Of one rule: points that it gave, points that were taken back again, who got any, and who was cut by a cap."""

    given: int = 0
    taken_back: int = 0
    members: set[str] = field(default_factory=set)
    capped: set[str] = field(default_factory=set)


class Row(NamedTuple):
    """A line of the table. `members`: who got something, or would have but for a cap; `capped` of them met a cap."""

    rule: str
    title: Title
    points: int
    taken_back: int
    members: int
    capped: int


class ByRule:
    """Adds up what records on the output topics say. Indicators are called `festival/indicator`."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, Sum] = defaultdict(Sum)

    def take(self, outputs: Iterable[OutputRecord], capped: Iterable[tuple[str, str]]) -> None:
        """Add the records of one batch, and the (rule, member) of whom a cap kept something back in it."""
        for output in outputs:
            if output.topic in (topics.POINTS.name, topics.FESTIVAL.name) and output.value is not None:
                assert output.key is not None
                self._add(output.key.decode(), _read(output.value))
        for rule, member in capped:
            self._sums[rule].capped.add(member)

    def _add(self, member: str, record: _Record) -> None:
        data = record.data
        if record.type == "festival.score.changed":
            of = self._sums[f"{data.festival}/{data.indicator}"]
            of.given += max(0, data.delta)
            of.taken_back += max(0, -data.delta)
        elif data.rule is not None and record.type in (_GIVEN, _TAKEN, _RETURNED):
            of = self._sums[data.rule]
            if record.type == _GIVEN:
                of.given += data.points
            else:
                of.taken_back -= data.points
        else:
            return
        if record.type != _TAKEN:
            of.members.add(member)

    def rows(self, versions: ProgrammeVersions) -> Iterator[Row]:
        """Every rule, reward and indicator of the versions in the order of the file, also where it gave nothing."""
        titles = _titles(versions)
        for rule in dict.fromkeys((*titles, *sorted(self._sums))):
            of = self._sums.get(rule, Sum())
            members = len(of.members | of.capped)
            yield Row(rule, titles.get(rule, {}), of.given, of.taken_back, members, len(of.capped))


def rows_json(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """The rows as `summary.json` has them."""
    return {
        row.rule: {"points": row.points, "taken_back": row.taken_back, "members": row.members, "capped": row.capped}
        for row in rows
    }


def _titles(versions: ProgrammeVersions) -> dict[str, Title]:
    """The names in the order of the latest version's file, those of older ones behind them."""
    found: dict[str, Any] = {}
    for version in reversed(versions.in_order):
        programme = version.programme
        names: list[Mapping[str, Title]] = [{rule.id: rule.title for rule in programme.rules}]
        names += [{f"{each.id}/{indicator.id}": indicator.title for indicator in each.indicators}
                  for each in programme.festivals]  # fmt: skip
        names += [{f"reward:{id}": reward.title for id, reward in programme.rewards.items() if reward.kind == "points"}]
        for each in names:
            for rule, title in each.items():
                found.setdefault(rule, title)
    return found
