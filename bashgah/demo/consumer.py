"""What a consumer of the club's outputs knows: it reads what was committed, as a ledger or a portal of a bank would.

It sees no row and no lane, so that its sums can be held against theirs at the end.
"""

import datetime as dt
from collections import Counter, deque
from collections.abc import Sequence
from typing import NamedTuple

from agents.broker.interface import Broker, Reader
from engine.calendar import to_ms
from schemas import topics
from schemas.events import decode
from schemas.invalid import Invalid
from schemas.member_names import kept_or_none
from schemas.outputs import decode_output
from schemas.records import Record, TopicPartition
from schemas.results.leaderboard import Updated
from schemas.results.notification import NotificationEvent, Requested
from schemas.results.points import (
    Accrued,
    Activated,
    MemberBalance,
    PointsEvent,
    Refused,
    Released,
    Reserved,
    Restored,
    Reversed,
)
from schemas.results.reward import Granted, RewardEvent

TOPICS = (topics.POINTS, topics.REWARD, topics.NOTIFICATION, topics.DEAD_LETTER, topics.LEADERBOARD, topics.MEMBER)
"""What is read; `club.member` for the names that members chose to go by."""

NEIGHBOURS_LEAST = 5
"""Lines that a board has at least before somebody in the middle of it has enough company."""

NEWS_MAX = 100
_FETCH_RECORDS_MAX = 5_000
_MOVES_NOTHING = (Activated, Reserved, Released, Refused)
"""Postings that change where points are, not how many (see `schemas.results.points`)."""
_NO_POINTS = MemberBalance(0, 0, 0, 0)


class News(NamedTuple):
    """A reward or a message that went out: when in simulated ms, `reward` or the medium, to whom, id, text."""

    instant: int
    kind: str
    member: str
    id: str
    text: str


class Ledger:
    """Sums over what the club published."""

    def __init__(self) -> None:
        self.granted: Counter[str] = Counter()
        """Points accrued, by rule."""
        self.taken: Counter[str] = Counter()
        """Points taken back by refunds, less those given back again, by rule."""
        self.moved: Counter[str] = Counter()
        """By member: the sum of all postings, which is what the member must have."""
        self.owed: Counter[str] = Counter()
        """By member: the sum of all changes of debt."""
        self.balances: dict[str, MemberBalance] = {}
        """By member: the balance after the last posting."""
        self.total = _NO_POINTS
        """The balances of all members together."""
        self.activated = 0
        self.letters: Counter[str] = Counter()
        """Dead letters, by code."""
        self.rewards: Counter[str] = Counter()
        """Rewards granted, by id."""
        self.messages = 0
        self.held_back = 0
        """Messages that were due and were not sent, for want of consent."""
        self.news: deque[News] = deque(maxlen=NEWS_MAX)
        self.aliases: dict[str, str] = {}
        self._boards: dict[bytes, bytes] = {}

    def take(self, record: Record) -> None:
        """Add one record of `TOPICS`."""
        if record.topic == topics.DEAD_LETTER.name:
            self.letters[dict(record.headers)["error"].decode()] += 1
        elif record.topic == topics.MEMBER.name:
            self._name(record)
        elif record.topic == topics.LEADERBOARD.name:
            self._boards[record.key or b""] = record.value or b""
        elif record.value is not None:
            event = decode_output(record.topic, record.value)
            if record.topic == topics.POINTS.name:
                self._post(event)
            elif record.topic == topics.REWARD.name:
                self._reward(event)
            else:
                self._message(event)

    def amid_a_board(self) -> str | None:
        """Somebody in the middle of the fullest live board, with others above and below; None before there is one."""
        live = [decode_output(topics.LEADERBOARD.name, value) for value in self._boards.values() if value]
        boards = [event.data for event in live if isinstance(event, Updated)]
        fullest = max(boards, key=lambda board: board.participants, default=None)
        if fullest is None or len(fullest.entries) < NEIGHBOURS_LEAST:
            return None
        return fullest.entries[len(fullest.entries) // 2].member

    def _post(self, event: PointsEvent) -> None:
        data, member = event.data, event.subject
        if data.rule is not None:
            if isinstance(event, Accrued):
                self.granted[data.rule] += data.points
            elif isinstance(event, Reversed | Restored):
                self.taken[data.rule] -= data.points
        if isinstance(event, Activated):
            self.activated += data.points
        if not isinstance(event, _MOVES_NOTHING):
            self.moved[member] += data.points
            self.owed[member] += data.debt
        old, new, total = self.balances.get(member, _NO_POINTS), data.balance, self.total
        self.balances[member] = new
        self.total = MemberBalance(
            total.active + new.active - old.active,
            total.pending + new.pending - old.pending,
            total.held + new.held - old.held,
            total.debt + new.debt - old.debt,
        )

    def _reward(self, event: RewardEvent) -> None:
        if isinstance(event, Granted):
            reward = event.data.reward
            self.rewards[reward] += 1
            self.news.append(News(_instant(event.time), "reward", event.subject, reward, ""))

    def _message(self, event: NotificationEvent) -> None:
        data = event.data
        if isinstance(event, Requested):
            self.messages += 1
            self.news.append(News(_instant(event.time), data.medium, event.subject, data.template, data.text))
        else:
            self.held_back += 1

    def _name(self, record: Record) -> None:
        if record.value is None:
            return
        try:
            activity = decode(record.topic, record.key, record.value)
        except Invalid:
            return
        if activity.type == "member.erased":
            self.aliases.pop(activity.member, None)
        elif name := kept_or_none(getattr(activity.data, "alias", None)):
            self.aliases[activity.member] = name


class LedgerFeed:
    """Feeds a ledger from the first record of its topics on."""

    def __init__(self, ledger: Ledger, broker: Broker, reader: Reader, places: Sequence[TopicPartition]) -> None:
        self._ledger, self._broker, self._reader, self._places = ledger, broker, reader, places

    @classmethod
    async def open(cls, ledger: Ledger, broker: Broker) -> "LedgerFeed":
        """A listener at the beginning of all partitions."""
        described = await broker.describe([topic.name for topic in TOPICS])
        places = [TopicPartition(name, p) for name, topic in described.items() for p in range(topic.partitions)]
        reader = await broker.reader()
        await reader.assign(await broker.begin_offsets(places))
        return cls(ledger, broker, reader, places)

    async def listen(self, timeout_ms: int) -> None:
        """Take in what comes next, waiting at most so long for it."""
        for records in (await self._reader.fetch(timeout_ms, _FETCH_RECORDS_MAX)).values():
            for record in records:
                self._ledger.take(record)

    async def catch_up(self) -> None:
        """Take in everything that is committed now."""
        ends = await self._broker.end_offsets(self._places)
        while any([await self._reader.position(place) < end for place, end in ends.items()]):
            await self.listen(0)

    async def close(self) -> None:
        """Stop listening."""
        await self._reader.close()


def _instant(stamp: str) -> int:
    return to_ms(dt.datetime.fromisoformat(stamp))
