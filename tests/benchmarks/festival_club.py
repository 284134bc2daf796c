"""A club with festivals: its programme, its members, what their purchases must come to, and whether that is what came.

All festivals have the same two indicators and five categories. Where there is one, it is everybody's. Where there are
more, the first half of them have a segment each for audience and the other half are joined by choice; each member is of
one segment and has joined one, so that of all the festivals a purchase counts for exactly two.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from agents.broker.interface import Broker
from agents.process.clock import wall_clock
from bashgah.admin.provision import TopicPlan, spec_of
from engine.calendar import day_of, iso, jalali
from engine.ledger.member import FESTIVAL
from monitoring import declared
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import OutputRecord, TopicPartition
from tables import codec
from tables.rows import FESTIVAL_PREFIX, festival_member
from tables.store import RocksStore, Store
from tests.benchmarks.card_task import INPUT, Purchase
from tests.benchmarks.site import PARTITIONS
from tests.benchmarks.throughput import PROGRAMME
from tests.integration.processes import WorkerProcess

LEADERBOARD = TopicPartition(topics.LEADERBOARD.name, 0)
RIAL_PER_POINT = 1_000_000
DAYS = 40
"""The window opens so many days ago and closes so many days from now."""
SHOWN = 100
BOARDS_S_MAX = 90.0
_CHUNK = 20_000
_TERMS = """
    indicators:
      - {id: purchases, event: card.purchase.settled, earn: {points: 1, per: 1_000_000}}
      - {id: online, event: card.purchase.settled, when: {channel: web}, earn: {points: 1}}
    categories:"""


class Category(NamedTuple):
    """A board: weights of the indicators, and which one decides between equal scores."""

    purchases: int
    online: int
    then_by: str | None = None


CATEGORIES = {
    "overall": Category(1, 5),
    "shopper": Category(1, 0, "online"),
    "online": Category(0, 1, "purchases"),
    "even": Category(1, 1),
    "double": Category(2, 1),
}


def programme(festivals: int, audience: str | None = None, *, public: bool = False) -> str:
    """The common task's rule and so many festivals; `audience`: the segment that a single one is for; `public`: all
    are everybody's."""
    text = PROGRAMME.read_text(encoding="utf-8")
    if not festivals:
        return text
    today = day_of(wall_clock())
    parts = [text, "\nfestivals:"]
    for number in range(festivals):
        parts.append(
            f"\n  - id: {name(number)}\n    title: {{fa: جشنواره}}"
            f"\n    opens: {jalali(today - DAYS)}\n    closes: {jalali(today + DAYS)}"
        )
        if audience is not None or (number < festivals // 2 and not public):
            parts.append(f"\n    audience: {{segments: [{audience or segment(number)}]}}")
        elif festivals > 1 and not public:
            parts.append("\n    joining: opt_in")
        parts.append(_TERMS)
        for id, category in CATEGORIES.items():
            weights = ", ".join(f"{each}: {getattr(category, each)}" for each in ("purchases", "online")
                                if getattr(category, each))  # fmt: skip
            then_by = f", then_by: {category.then_by}" if category.then_by else ""
            parts.append(f"\n      - {{id: {id}, title: {{fa: رده}}, weigh: {{{weights}}}{then_by}}}")
    return "".join(parts) + "\n"


def name(festival: int) -> str:
    """A festival's id."""
    return f"f{festival:03d}"


def segment(number: int) -> str:
    """A segment's name."""
    return f"s{number:03d}"


def places(member: int, festivals: int) -> tuple[int, int]:
    """The member's segment, and the festival that the member has joined, in a club of more than one."""
    half = festivals // 2
    return member % half, half + (member + member // half) % half


def festivals_of(festivals: int) -> Callable[[int], tuple[str, ...]]:
    """For a member's number the festivals that a purchase counts for."""
    if festivals == 1:
        return lambda member: (name(0),)
    return lambda member: tuple(name(each) for each in places(member, festivals))


def joiners(members: int, festivals: int, at: int) -> Iterator[OutputRecord]:
    """Everybody registers with a segment, and joins a festival: two events a member, at two instants."""
    for member in range(members):
        mine, _ = places(member, festivals)
        data = f'{{"channel":"mobile","alias":"Member {member}","segments":["{segment(mine)}"]}}'
        yield member_event("member.registered", f"r{member}", f"m{member:08d}", at, data)
    for member in range(members):
        _, joined = places(member, festivals)
        data = f'{{"festival":"{name(joined)}"}}'
        yield member_event("member.festival.joined", f"j{member}", f"m{member:08d}", at + 1_000, data)


def member_event(type: str, id: str, member: str, at: int, data: str) -> OutputRecord:
    """A record of `club.member`."""
    key = member.encode()
    value = (
        f'{{"specversion":"1.0","id":"{id}","source":"/portal","type":"{type}","subject":"{member}",'
        f'"time":"{iso(at)}","data":{data}}}'
    )
    return OutputRecord(topics.MEMBER.name, partition_of(key, PARTITIONS), key, value.encode())


async def publish(broker: Broker, outputs: Iterable[OutputRecord]) -> int:
    """Publish records in their order; how many there were."""
    rest, count = iter(outputs), 0
    while chunk := list(islice(rest, _CHUNK)):
        await broker.publish(chunk)
        count += len(chunk)
    return count


def cards(some: Iterable[Purchase]) -> Iterator[OutputRecord]:
    """Purchases as records."""
    partitions: dict[bytes, int] = {}
    for key, value in some:
        place = partitions.get(key)
        if place is None:
            place = partitions[key] = partition_of(key, PARTITIONS)
        yield OutputRecord(INPUT, place, key, value)


async def empty_cards(broker: Broker) -> None:
    """Make the topic of purchases anew; the lanes must begin anew after that."""
    await broker.delete_topics([INPUT])
    await broker.create_topics([spec_of(topics.CARD, TopicPlan(PARTITIONS, 1, 1))])


def until_ticked(worker: WorkerProcess, seconds: float = 60.0) -> None:
    """Wait for a tick of every lane."""
    deadline = time.monotonic() + seconds
    while not all(worker.metric(declared.TICKS.name, partition=str(number)) for number in range(PARTITIONS)):
        assert time.monotonic() < deadline, f"no tick within {seconds} s:\n{worker.tail()}"
        time.sleep(0.2)


# -- what must come of it


class Scores:
    """A member's scores in a festival, and when each of them last changed."""

    __slots__ = ("online", "online_at", "purchases", "purchases_at")

    def __init__(self) -> None:
        self.purchases = self.online = 0
        self.purchases_at = self.online_at = 0

    def key(self, category: Category, member: str) -> tuple[int, int, int, str]:
        """Sorts ascending into board order."""
        score = category.purchases * self.purchases + category.online * self.online
        then_by = getattr(self, category.then_by) if category.then_by else 0
        reached = max(self.purchases_at if category.purchases else 0, self.online_at if category.online else 0)
        return -score, -then_by, reached, member


class Shown(NamedTuple):
    """A live board: how many take part, and the first ones with their scores."""

    participants: int
    first: tuple[tuple[str, int], ...]


class _Amount(msgspec.Struct):
    amount: int
    channel: str


class _Event(msgspec.Struct):
    subject: str
    time: str
    data: _Amount


_event = msgspec.json.Decoder(_Event).decode


class Recount:
    """What purchases must come to in the festivals of a club."""

    def __init__(self, purchases: Iterable[Purchase], festivals: int) -> None:
        of = festivals_of(festivals)
        self.by_festival: dict[str, dict[str, Scores]] = {name(number): {} for number in range(festivals)}
        known: dict[bytes, list[Scores]] = {}
        for number, (key, value) in enumerate(purchases, 1):
            mine = known.get(key)
            if mine is None:
                member = key.decode()
                mine = known[key] = [Scores() for _ in of(int(member[1:]))]
                for festival, scores in zip(of(int(member[1:])), mine, strict=True):
                    self.by_festival[festival][member] = scores
            data = _event(value).data
            points = data.amount // RIAL_PER_POINT
            for scores in mine:
                if points:
                    scores.purchases += points
                    scores.purchases_at = number
                if data.channel == "web":
                    scores.online += 1
                    scores.online_at = number

    def boards(self) -> dict[str, Shown]:
        """Every board as it must be in the end, by `festival/category`."""
        return {
            f"{festival}/{id}": _shown(members, category)
            for festival, members in self.by_festival.items()
            for id, category in CATEGORIES.items()
        }

    def check_rows(self, folder: Path) -> int:
        """Raises AssertionError unless the lanes' rows under a worker's folder say exactly this; how many there are."""
        return self.check(row for number in range(PARTITIONS) for row in _rows(folder / "data" / "lanes" / str(number)))

    def check(self, rows: Iterable[Row]) -> int:
        """Raises AssertionError unless these are the rows in festivals, all of them; how many there are."""
        left = {(festival, member) for festival, some in self.by_festival.items() for member in some}
        count = 0
        for key, raw in rows:
            festival = key[len(FESTIVAL_PREFIX) :].partition(b"\x00")[0].decode()
            member = festival_member(key)
            found = codec.decode(FESTIVAL, raw).whole.indicators
            due = self.by_festival[festival].get(member) or Scores()
            assert (found.get("purchases", 0), found.get("online", 0)) == (due.purchases, due.online), (
                f"{festival}, {member}: {found}, not {due.purchases} and {due.online}"
            )
            left.discard((festival, member))
            count += 1
        missing = [each for each in left if self._due(*each)]
        assert not missing, f"{len(missing)} rows are missing, as of {missing[0]}"
        return count

    def _due(self, festival: str, member: str) -> bool:
        scores = self.by_festival[festival][member]
        return bool(scores.purchases or scores.online)


Row = tuple[bytes, bytes]


def rows_of(store: Store) -> Iterator[Row]:
    """All rows in festivals."""
    yield from store.scan(FESTIVAL_PREFIX, FESTIVAL_PREFIX + b"\xff")


def _rows(directory: Path) -> Iterator[Row]:
    with closing(RocksStore(directory)) as store:
        yield from rows_of(store)


def _shown(members: dict[str, Scores], category: Category) -> Shown:
    order = sorted(key for member, each in members.items() if (key := each.key(category, member))[0] < 0)
    return Shown(len(order), tuple((member, -score) for score, _, _, member in order[:SHOWN]))


class _Place(msgspec.Struct):
    member: str
    score: int


class _Board(msgspec.Struct):
    participants: int
    entries: list[_Place]


class _Record(msgspec.Struct):
    data: _Board


_record = msgspec.json.Decoder(_Record).decode


async def until_right(broker: Broker, wanted: dict[str, Shown]) -> int:
    """Wait until each of these boards was published last as it must be; how many records the topic then holds.

    Raises AssertionError when that does not come.
    """
    reader = await broker.reader()
    deadline = time.monotonic() + BOARDS_S_MAX
    newest: dict[str, bytes] = {}
    wrong = dict(wanted)
    end = 0
    try:
        await reader.assign(await broker.begin_offsets([LEADERBOARD]))
        while wrong:
            end = (await broker.end_offsets([LEADERBOARD]))[LEADERBOARD]
            while await reader.position(LEADERBOARD) < end:
                for record in (await reader.fetch(100, 2_000)).get(LEADERBOARD, ()):
                    newest[(record.key or b"").decode()] = record.value or b""
            for board, value in newest.items():
                data = _record(value).data
                found = Shown(data.participants, tuple((each.member, each.score) for each in data.entries))
                if found == wanted[board]:
                    wrong.pop(board, None)
                else:
                    wrong[board] = wanted[board]
            newest.clear()
            # A board that nobody is on is published or is not: it shows nothing either way.
            wrong = {board: due for board, due in wrong.items() if due.participants}
            assert time.monotonic() < deadline, f"{len(wrong)} boards of {len(wanted)} are not right, as {min(wrong)}"
            await asyncio.sleep(0.2 if wrong else 0)
        return end
    finally:
        await reader.close()
