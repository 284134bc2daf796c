"""Lanes as the coordinator hears of them, made of plain dictionaries; and the club's boards by sorting everybody."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from agents.boards.coordinator import ClubChanges, Coordinator, loaded
from engine.calendar import at_wall, iso, jalali_day
from engine.programme.compiler import CompiledProgramme
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.partial import BoardPart, Page, Partial, PlaceReport, encode_partial
from schemas.programme_file import load
from schemas.records import OutputRecord, Record
from tables.coordinator_rows import BoardTerms
from tables.store import MemoryStore

DAY_MS = 86_400_000
HEAD = """
programme: club
version: {version}
effective: 1404-01-01
title: {{fa: باشگاه, en: Club}}
points: {{}}
rules:
  - {{id: card, event: card.purchase.settled, earn: {{points: 1, per: 100_000}}}}
"""
FESTIVALS = """
festivals:
  - id: autumn
    title: {fa: پاییز, en: Autumn}
    opens: 1405-06-01
    closes: 1405-08-01
    lateness: {hours: 1}
    indicators:
      - {id: shop, event: card.purchase.settled, earn: {points: 1}}
      - {id: bills, event: ebanking.bill.paid, earn: {points: 1}}
    categories:
      - {id: overall, title: {fa: کل}, weigh: {shop: 1, bills: 1}, then_by: bills}
      - {id: shopper, title: {fa: خرید}, weigh: {shop: 1}}
    awards:
      - {id: best, category: overall, at: close, ranks: 1-3, reward: coin}
      - {id: runners-up, category: overall, at: close, ranks: 2-5, reward: gift}
      - {id: monthly, category: shopper, at: month, ranks: 1-2, reward: coin}
rewards:
  - {id: coin, title: {fa: سکه}, kind: goods, value_rial: 1_000_000}
  - {id: gift, title: {fa: هدیه}, kind: points, points: 100}
"""
FREEZE = at_wall(jalali_day(1405, 8, 1) * DAY_MS) + 3_600_000
"""The instant of the final round of the festival `autumn`."""

AWARDS = {"best": ("coin", 1, 3, 1_000_000), "runners-up": ("gift", 2, 5, None)}
"""Of the final round of `autumn/overall`."""

Standing = tuple[int, int, int, str | None]
"""Score, then_by, reached_at, alias."""


def versions(festivals: str = FESTIVALS) -> ProgrammeVersions:
    """A club's one version."""
    return ProgrammeVersions([CompiledProgramme(load(HEAD.format(version=1) + festivals, "programme"))])


class NaiveLane:
    """One lane: its members' standings by board, what it has told, and how things stood at each transaction."""

    def __init__(self, number: int, lanes: int, top: int = 3, programme_offset: int = 0) -> None:
        self.number, self.lanes, self.top = number, lanes, top
        self.programme_offset = programme_offset
        self.boards: dict[str, dict[str, Standing]] = {}
        self.history: dict[int, dict[str, dict[str, Standing]]] = {}
        self.transactions = 0
        self.tick: int | None = None
        self.erased: list[str] = []
        self._told: dict[str, dict[str, PlaceReport]] = {}

    def stand(
        self, board: str, member: str, score: int, then_by: int = 0, at: int = 0, alias: str | None = None
    ) -> None:
        """A member of this lane stands here now; not listed with a score of 0."""
        standings = self.boards.setdefault(board, {})
        standings.pop(member, None)
        if score > 0:
            standings[member] = (score, then_by, at, alias)

    def erase(self, member: str) -> None:
        """A member leaves all boards for ever."""
        for standings in self.boards.values():
            standings.pop(member, None)
        self.erased.append(member)

    def tell(self, opened: bool = False, split: bool = False, frozen: Iterable[str] = ()) -> list[Partial]:
        """A transaction that tells of all boards that changed; `split`: a record each. `frozen` are not named."""
        self.transactions += 1
        self.history[self.transactions] = {name: dict(standings) for name, standings in self.boards.items()}
        if opened:
            self._told = {}
        parts = [
            part for name in sorted(self.boards.keys() - set(frozen)) if (part := self._part(name, opened)) is not None
        ]
        groups = [[part] for part in parts] if split and parts else [parts]
        erased, self.erased = tuple(self.erased), []
        return [
            Partial(
                lane=self.number,
                lanes=self.lanes,
                transactions=self.transactions,
                tick=self.tick,
                offsets={"bank.card": self.transactions * 10, "club.member": self.number},
                opened=opened and index == 0,
                boards=tuple(group),
                erased=erased if index == 0 else (),
                more=index < len(groups) - 1,
                programme_offset=self.programme_offset,
            )
            for index, group in enumerate(groups)
        ]

    def _part(self, name: str, opened: bool) -> BoardPart | None:
        festival, category = name.split("/")
        whole = opened or name not in self._told
        before = {} if whole else self._told[name]
        places = {place.member: place for place in places_of(self.boards[name])[: self.top]}
        changed = tuple(place for member, place in places.items() if before.get(member) != place)
        gone = tuple(member for member in before if member not in places)
        self._told[name] = places
        listed = len(self.boards[name])
        return BoardPart(festival, category, listed, self.top, whole, changed, gone)

    def pages(self, board: str, round_name: str, as_of: int, size: int) -> list[Page]:
        """The whole order of a frozen round in pages of this size, as of now."""
        festival, category = board.split("/")
        places = places_of(self.boards.get(board, {}))
        cuts = [places[i : i + size] for i in range(0, len(places), size)] or [[]]
        return [
            Page(
                lane=self.number,
                lanes=self.lanes,
                transactions=self.transactions,
                festival=festival,
                category=category,
                round=round_name,
                as_of=as_of,
                number=number,
                last=number == len(cuts) - 1,
                places=tuple(cut),
                programme_offset=self.programme_offset,
            )
            for number, cut in enumerate(cuts)
        ]


def places_of(standings: Mapping[str, Standing]) -> list[PlaceReport]:
    """All in board order."""
    places = [
        PlaceReport(member, score, then_by, at, alias) for member, (score, then_by, at, alias) in standings.items()
    ]
    return sorted(places, key=lambda each: (-each.score, -each.then_by, each.reached_at, each.member.encode()))


def entries_of(places: list[PlaceReport]) -> list[dict[str, Any]]:
    """Places in order as a board's record has them."""
    return [
        {
            "rank": 1 + sum(other.score > each.score for other in places),
            "member": each.member,
            "alias": each.alias,
            "score": each.score,
            "reached_at": iso(each.reached_at),
        }
        for each in places
    ]


def board_hash(places: list[PlaceReport]) -> str:
    """The hash of a final board."""
    lines = (f"{e['rank']} {e['member']} {e['score']} {e['reached_at']}\n" for e in entries_of(places))
    return sha256("".join(lines).encode()).hexdigest()


def expected_live(output: OutputRecord | Record, lanes: Mapping[int, NaiveLane]) -> tuple[int, list[dict[str, Any]]]:
    """Participants and the whole order of a published live board, from what its header says that it was made of."""
    assert output.key is not None
    name = output.key.decode()
    told = json.loads(dict(output.headers)["watermarks"])
    assert [int(lane) for lane in told] == sorted(lanes)
    everybody: dict[str, Standing] = {}
    for lane, (transactions, offsets) in told.items():
        assert offsets == {"bank.card": transactions * 10, "club.member": int(lane)}
        everybody |= lanes[int(lane)].history[transactions].get(name, {})
    return len(everybody), entries_of(places_of(everybody))


def expected_awards(places: list[PlaceReport]) -> list[tuple[str, str, int]]:
    """(award, member, place) of the final round of `autumn/overall`, in order."""
    return [
        (award, places[place - 1].member, place)
        for award, (_, first, last, _) in AWARDS.items()
        for place in range(first, min(last, len(places)) + 1)
    ]


class Driven:
    """The core on a store of its own, fed with what lanes tell. `outputs` is all that came out."""

    def __init__(self, lanes: int, restless: bool = False, **terms: int) -> None:
        self.store = MemoryStore()
        self.outputs: list[OutputRecord] = []
        self.lanes = lanes
        self.restless = restless
        self.terms = BoardTerms(**terms)
        self.versions = versions()
        self.offset = 0
        self.changes: list[ClubChanges] = []
        self.restart(None)

    def restart(self, as_of: int | None) -> None:
        """As if the process had been started anew."""
        self.core = loaded(Coordinator(self.store, self.versions, 1, lanes=self.lanes, as_of=as_of, terms=self.terms))

    def hear(self, *told: Partial | Page) -> None:
        """Take what lanes tell."""
        records = []
        for each in told:
            records.append(Record(topics.PARTIAL.name, 0, self.offset, 0, b"", encode_partial(each), ()))
            self.offset += 1
        assert self.core.take(records) == len(records)
        self.keep()

    def publish(self, now: int) -> None:
        """Publish what is due."""
        self.core.publish(now)
        self.keep()

    def work(self, commands_max: int = 1_000, slice_places: int = 2) -> None:
        """Make all final boards that can be made."""
        while self.core.working:
            while not self.core.merge(slice_places):
                pass
            self.core.work(commands_max)
            self.keep()

    def keep(self) -> None:
        """Write what changed."""
        changes = self.core.changes()
        self.changes.append(changes)
        self.store.write(changes.rows)
        self.outputs += changes.outputs
        if self.restless:
            self.restart(self.core.as_of)
