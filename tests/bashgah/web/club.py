"""A club for the tests of `bashgah web`: topics, a programme with festivals around a known instant, boards by hand."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec

from agents.broker.interface import Broker
from bashgah.admin.provision import TopicPlan, create_missing
from bashgah.brokers import open_broker
from engine.calendar import HOUR_MS, iso, jalali_day, midnight
from schemas import topics
from schemas.envelope import Cause
from schemas.programme_file import load
from schemas.programmes import encode_programme
from schemas.records import OutputRecord
from schemas.results.festival import Score, ScoreChanged
from schemas.results.leaderboard import Board, Entry, FinalBoard, Finalised, Updated

PARTITIONS = 2
NOW = midnight(jalali_day(1405, 7, 10)) + 12 * HOUR_MS
"""The club's clock at the beginning of a test: noon of 10 Mehr 1405."""

FESTIVAL = "autumn"
CATEGORY = "overall"

PROGRAMME = """
programme: club
version: {version}
effective: 1405-01-01
title: {{fa: باشگاه، en: Club}}
points: {{}}
rules:
  - {{id: bill, event: ebanking.bill.paid, earn: {{points: 10}}}}
festivals:
  - id: spring
    title: {{fa: جشنواره بهاری, en: Spring festival}}
    opens: 1405-02-01
    closes: 1405-04-01
    indicators:
      - {{id: bills, title: {{fa: قبض, en: Bills}}, event: ebanking.bill.paid, earn: {{points: 3}}}}
    categories:
      - {{id: overall, title: {{fa: کل, en: Overall}}, weigh: {{bills: 1}}}}
  - id: autumn
    title: {{fa: جشنواره پاییزی, en: Autumn festival}}
    opens: 1405-07-01
    closes: {closes}
    lateness: {{hours: 1}}
    indicators:
      - id: purchases
        title: {{fa: خرید با کارت, en: Card purchases}}
        event: card.purchase.settled
        earn: {{points: 1, per: 1_000_000}}
        caps: {{day: 50}}
      - {{id: bills, title: {{fa: پرداخت قبض, en: Bills paid}}, event: ebanking.bill.paid, earn: {{points: 3}}}}
    categories:
      - {{id: overall, title: {{fa: کل, en: Overall}}, weigh: {{purchases: 1, bills: 2}}, then_by: bills}}
      - {{id: digital, title: {{fa: بانکداری الکترونیک, en: Digital banking}}, weigh: {{bills: 1}}}}
    awards:
      - {{id: best, category: overall, at: close, ranks: 1-3, reward: coin}}
      - {{id: lucky, category: overall, at: month, draw: {{per: 5, winners: 20}}, reward: coin}}
  - id: staff
    title: {{fa: جشنواره کارکنان, en: Staff festival}}
    opens: 1405-09-01
    closes: 1405-10-01
    audience: {{segments: [staff], province: تهران}}
    joining: opt_in
    indicators:
      - {{id: bills, title: {{fa: قبض, en: Bills}}, event: ebanking.bill.paid, earn: {{points: 3}}}}
    categories:
      - {{id: overall, title: {{fa: کل, en: Overall}}, weigh: {{bills: 1}}}}
rewards:
  - {{id: coin, title: {{fa: سکه, en: Gold coin}}, kind: goods, value_rial: 1_200_000_000}}
""".replace("،", ",")


class Line:
    """A line of a board: its place among the others gives the rank."""

    def __init__(self, member: str, score: int, alias: str | None = None, reached_at: int = NOW - HOUR_MS) -> None:
        self.member = member
        self.score = score
        self.alias = alias
        self.reached_at = reached_at


def lines(count: int, first: int = 1_000) -> list[Line]:
    """So many members with falling scores; every third has an alias."""
    return [Line(f"c-{4000 + n}", first - 7 * n, f"Player {n}" if n % 3 == 0 else None) for n in range(count)]


class Club:
    """The topics of a club on a broker in memory, one a name; what is published stays when a server restarts."""

    def __init__(self, name: str) -> None:
        self.broker: Broker = open_broker(f"embedded://#{name}")
        self.now = NOW

    def clock(self) -> int:
        """The club's clock, which a test moves."""
        return self.now

    async def prepare(self) -> "Club":
        """Topics and the programme."""
        await create_missing(self.broker, {}, TopicPlan(PARTITIONS, 1, 1))
        await self.programme(1)
        return self

    async def programme(self, version: int, closes: str = "1405-08-01") -> None:
        """Publish a version."""
        text = PROGRAMME.format(version=version, closes=closes)
        read = load(text, "programme")
        key, value = encode_programme(read.id, read.version, read.effective, text, NOW, "tests")
        await self.broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])

    async def live(
        self,
        board: Sequence[Line],
        category: str = CATEGORY,
        festival: str = FESTIVAL,
        participants: int | None = None,
        as_of: int | None = None,
        replay: bool = False,
    ) -> int:
        """Publish a live board; the offset of its record."""
        count = len(board) if participants is None else participants
        data = Board(
            **_result(), festival=festival, category=category, as_of=iso(self.now if as_of is None else as_of),
            participants=count, entries=tuple(_entries(board)), replay=replay,
        )  # fmt: skip
        key = f"{festival}/{category}"
        return await self._publish(key, Updated("1.0", "0" * 32, "/club", key, data.as_of, data))

    async def final(
        self,
        board: Sequence[Line],
        round: str = "final",
        category: str = CATEGORY,
        festival: str = FESTIVAL,
        participants: int | None = None,
    ) -> int:
        """Publish a final board; the offset of its record. `participants`: more than have a line."""
        entries = tuple(_entries(board))
        whole = "".join(f"{each.rank} {each.member} {each.score} {each.reached_at}\n" for each in entries)
        data = FinalBoard(
            **_result(), festival=festival, category=category, round=round, as_of=iso(self.now),
            participants=participants or len(entries), entries=entries, hash=sha256(whole.encode()).hexdigest(),
        )  # fmt: skip
        key = f"{festival}/{category}/{round}"
        return await self._publish(key, Finalised("1.0", "0" * 32, "/club", key, data.as_of, data))

    async def erase(self, festival: str, category: str) -> None:
        """Take a live board off the topic."""
        await self.broker.publish([OutputRecord(topics.LEADERBOARD.name, 0, f"{festival}/{category}".encode(), None)])

    async def score(
        self, member: str, indicator: str, delta: int, festival: str = FESTIVAL, listed: bool | None = True
    ) -> None:
        """Publish a change of a member's indicator."""
        data = Score(**_result(), festival=festival, indicator=indicator, delta=delta, score=delta, listed=listed)
        event = ScoreChanged("1.0", "0" * 32, "/club", member, iso(self.now), data)
        await self.broker.publish([OutputRecord(topics.FESTIVAL.name, 0, member.encode(), msgspec.json.encode(event))])

    async def _publish(self, key: str, event: Updated | Finalised) -> int:
        output = OutputRecord(topics.LEADERBOARD.name, 0, key.encode(), msgspec.json.encode(event))
        await self.broker.publish([output])
        ends = await self.broker.end_offsets([(output.topic, 0)])  # type: ignore[list-item]
        return ends[output.topic, 0] - 1  # type: ignore[index]


def _result() -> dict[str, object]:
    return {"activity": Cause("clock", "0"), "programme": "club", "version": 1}


def _entries(board: Iterable[Line]) -> Iterable[Entry]:
    ordered = sorted(board, key=lambda line: (-line.score, line.reached_at, line.member))
    for line in ordered:
        rank = 1 + sum(other.score > line.score for other in ordered)
        yield Entry(rank=rank, member=line.member, alias=line.alias, score=line.score, reached_at=iso(line.reached_at))
