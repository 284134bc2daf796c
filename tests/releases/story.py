"""A club's story, told to whatever release the tree holds: everything of which a release may change the meaning.

The files in `recorded/` were written by running it at the last commit before a meaning changed, in a copy of that tree
with this package beside its own tests, for instance

    git worktree add ../before 5872ae1
    cp -r tests/releases ../before/tests/
    cd ../before && python -m tests.releases.story live tests/releases/recorded/meaning-0-live.jsonl

and the same with `replay`. They are never made anew from a later tree: what they hold is what that release wrote.
"""

import asyncio
import json
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from agents.boards.host import CoordinatorHost
from agents.boards.options import CoordinatorOptions
from agents.lanes.catch_up import replay
from agents.lanes.lane_driver import LaneDriver
from agents.lanes.lane_set import Fatal, LaneSet
from agents.lanes.options import LaneOptions
from bashgah.admin import dead_letters
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.lanes import resume
from bashgah.embedded.broker import EmbeddedBroker
from bashgah.embedded.log import Log
from bashgah.embedded.storage import MemoryStorage
from engine.calendar import iso
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.programme_file import load
from schemas.programmes import encode_programme
from schemas.records import OutputRecord, TopicPartition
from tables.store import MemoryStore
from tests.agents.lanes.small_club import SmallClub
from tests.releases import archive
from tests.simulation.virtual_time import run

PARTITIONS = 2
_WORK_S = 12
TEHRAN = timezone(timedelta(hours=3, minutes=30))
PARTIAL = TopicPartition(topics.PARTIAL.name, 0)
PROGRAMME = """
programme: club
version: 1
effective: 1405-06-01
title: {fa: باشگاه, en: Club}
points: {pending: {days: 1}, expiry: {months: 1}, refund: unlimited}
excluded_mcc: ["6011"]
rules:
  - {id: card, event: card.purchase.settled, earn: {points: 1, per: 100_000}, caps: {day: 40}}
  - {id: doctors, event: card.purchase.settled, when: {segments: [physician]}, earn: {points: 2}}
  - {id: members, event: ebanking.bill.paid, when: {member: registered}, earn: {points: 3}}
  - {id: welcome, event: member.registered, earn: {points: 5}, once: member}
  - {id: saving, event: deposit.balance.recorded, earn: {points: 1, per: 1_000_000, of: balance}}
rewards:
  - {id: coin, title: {fa: سکه}, kind: goods, value_rial: 1_000_000}
  - {id: gift, title: {fa: هدیه}, kind: points, points: 10}
thresholds:
  - {id: twenty, points: 20, reward: coin}
notifications:
  - {id: granted, event: reward.granted, medium: [sms, push], template: {fa: "{reward}"}}
  - {id: soon, event: points.expiring, days_before: 7, medium: [sms], template: {fa: "{points} تا {date}"}}
  - {id: early, event: points.expiring, days_before: 45, medium: [sms, push], template: {fa: "{points} تا {date}"}}
quiet_hours: {from: "22:00", until: "08:00"}
festivals:
  - id: autumn
    title: {fa: پاییز, en: Autumn}
    opens: 1405-06-15
    closes: 1405-07-10
    lateness: {hours: 2}
    indicators:
      - {id: shop, event: card.purchase.settled, earn: {points: 1, per: 100_000}}
      - {id: save, event: deposit.balance.recorded, earn: {points: 1, per: 1_000_000, of: balance}}
    categories:
      - {id: overall, title: {fa: کل}, weigh: {shop: 1, save: 1}, then_by: shop}
      - {id: shopper, title: {fa: خرید}, weigh: {shop: 1}}
    awards:
      - {id: best, category: overall, at: close, ranks: 1-2, reward: coin}
      - {id: month, category: shopper, at: month, ranks: 1, reward: gift}
"""
"""Points live a month and `early` would be told of them 45 days ahead: before they are there."""

SECOND = PROGRAMME.replace("version: 1\neffective: 1405-06-01", "version: 2\neffective: 1405-07-20").replace(
    "pending: {days: 1}", "pending: {days: 0}"
).replace("days_before: 7", "days_before: 10")  # fmt: skip
SHOP = {"mcc": "5411", "merchant": "shop", "terminal": "t", "channel": "pos"}


def at(text: str) -> int:
    """The instant of a Gregorian date and a time of day in Tehran, `2026-09-05 10:00`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=TEHRAN).timestamp() * 1000)


class StoryClub(SmallClub):
    """Lanes with the coordinator beside them. A step of the story sets the clock, publishes, and lets them work."""

    def __init__(self, on_replay: bool = False, log: Log | None = None) -> None:
        super().__init__(PARTITIONS)
        self.on_replay = on_replay
        self.disk = MemoryStore()
        if log is not None:
            self.log = log
            self.broker = EmbeddedBroker(log)

    @classmethod
    def opened(cls, path: Path, on_replay: bool, now: int) -> "StoryClub":
        """A club as it was recorded, at a later instant of the wall clock."""
        club = cls(on_replay, archive.load(path, lambda: club.now_ms))
        club.now_ms = now
        return club

    async def version(self, text: str) -> None:
        """Publish a version of the programme."""
        found = load(text, "programme")
        key, value = encode_programme(found.id, found.version, found.effective, text, self.now_ms)
        await self.broker.publish([OutputRecord(topics.PROGRAMME.name, 0, key, value)])

    async def happens(self, what: str, member: str, time: str, id: str = "", source: str = "", **data: Any) -> None:
        """Publish an event of a type; its time is of Tehran."""
        topic = {"card": topics.CARD, "ebanking": topics.EBANKING, "deposit": topics.DEPOSIT, "member": topics.MEMBER}[
            what.partition(".")[0]
        ]
        self._ids += 1
        envelope = {
            "specversion": "1.0", "id": id or f"e{self._ids}", "source": source or "/" + topic.name, "type": what,
            "subject": member, "time": iso(at(time)), "data": data,
        }  # fmt: skip
        await self.raw(topic.name, member.encode(), json.dumps(envelope, ensure_ascii=False).encode())

    async def buys(self, member: str, time: str, amount: int = 1_000_000, id: str = "", **more: Any) -> None:
        """A purchase."""
        await self.happens("card.purchase.settled", member, time, id, **{**SHOP, "amount": amount, **more})

    async def holds(self, member: str, time: str, date: str, balance: int, revision: int = 0, **more: Any) -> None:
        """A day's balance of the account a-1."""
        data = {"account": "a-1", "product": "current", "date": date, "balance": balance, "revision": revision}
        await self.happens("deposit.balance.recorded", member, time, **{**data, **more})

    async def account(self, what: str, member: str, time: str, date: str, account: str = "a-1") -> None:
        """An account is `opened` or `closed`."""
        data = {"account": account, "product": "current", "date": date}
        await self.happens(f"deposit.account.{what}", member, time, **data)

    async def consents(self, member: str, time: str, medium: str, granted: bool) -> None:
        """A consent, given or refused."""
        await self.happens("member.consent.changed", member, time, medium=medium, granted=granted)

    # -- workers

    async def until(self, time: str, version: str | None = None) -> None:
        """Let the clock show a time, and workers do all that there is by then. A version is published meanwhile."""
        self.now_ms = max(self.now_ms, at(time))
        await (self._replayed(version) if self.on_replay else self._worked(version))
        assert not self.problems, self.problems

    def _lanes(self) -> LaneSet:
        options = LaneOptions(
            replay=self.on_replay, merge_wait_ms=None if self.on_replay else 5_000, ends_age_ms=0, board_interval_ms=0,
            batch_records_max=20,
        )  # fmt: skip

        def coordinator(fatal: Fatal) -> CoordinatorHost:
            return CoordinatorHost(
                self.broker, lanes.follower, lambda: self.disk, CoordinatorOptions.of(options), fatal,
                wall_ms=lambda: self.now_ms,
            )  # fmt: skip

        lanes = LaneSet(
            self.broker, lambda partition: self.stores.setdefault(partition, MemoryStore()), options,
            self.problems.append, self.told, lambda: self.now_ms, coordinator,
        )  # fmt: skip
        return lanes

    async def _worked(self, version: str | None) -> None:
        lanes = self._lanes()
        await lanes.start()
        driver = LaneDriver(self.broker, lanes)
        await driver.open(range(self.partitions))
        feeding = asyncio.ensure_future(driver.feed())
        await asyncio.sleep(_WORK_S)
        if version is not None:
            await self.version(version)
            await asyncio.sleep(_WORK_S)
            for member in ("sara", "kian"):  # so that both lanes have something to commit it with
                await self.buys(member, "2026-10-20 09:55", 200_000)
            await asyncio.sleep(_WORK_S)
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
        await lanes.stop()
        await driver.close()

    async def _replayed(self, version: str | None) -> None:
        if version is not None:
            await self.version(version)
        lanes = self._lanes()
        await lanes.start()
        await replay(self.broker, lanes)
        await lanes.stop()


async def join(club: StoryClub) -> None:
    """Members come, with consents and profiles that are told out of order and names that should not be shown."""
    yes = {"sms": True, "push": True}
    await club.happens("member.registered", "sara", "2026-09-01 10:00", channel="web", consents=yes, alias="سارا")
    await club.happens("member.registered", "nima", "2026-09-01 10:00", channel="web", segments=["physician"])
    await club.happens("member.registered", "mina", "2026-09-01 10:05", channel="mobile", consents={"sms": False})
    await club.happens("member.registered", "pari", "2026-09-01 10:05", channel="web", alias="پری", province="یزد")
    await club.until("2026-09-01 10:10")
    for number, alias in enumerate(
        ("\u202egnp.exe", "\x1b]52;c;aGk=\x07", "\u200b\u2060\ufeff", "a\r\nb", "ك‌ي", "😀" * 32)
    ):
        await club.happens("member.registered", f"odd-{number}", "2026-09-01 11:00", channel="web", alias=alias)
    await club.consents("sara", "2026-09-02 10:00", "sms", False)
    await club.consents("sara", "2026-09-02 09:00", "sms", True)  # older, and comes later: the SMS goes out
    await club.happens("member.left", "mina", "2026-09-02 12:00")
    await club.happens("member.registered", "mina", "2026-09-02 11:00", channel="web", consents={"push": True})
    await club.happens("member.profile.changed", "nima", "2026-09-02 12:00", alias="نیما", segments=[], province="قم")
    await club.happens("member.profile.changed", "nima", "2026-09-02 11:00", alias="N", segments=["physician"])
    await club.until("2026-09-02 13:00")
    await club.happens("member.left", "reza", "2026-09-02 08:00")
    await club.happens("member.festival.joined", "reza", "2026-09-03 10:00", festival="autumn")
    await club.until("2026-09-03 13:00")


async def spend(club: StoryClub) -> None:
    """Purchases with their refunds, bills, what operators give; records that are refused."""
    for day in (4, 7):
        for member, amount in (("sara", 1_500_000), ("nima", 1_800_000), ("mina", 700_000), ("kian", 2_000_000)):
            await club.buys(member, f"2026-09-0{day} 12:00", amount, id=f"p-{member}-{day}")
    for number in range(4):
        await club.buys(f"odd-{number}", f"2026-09-07 1{number}:00", 300_000 + 100_000 * number)
    refund: dict[str, Any] = {"original": "p-sara-7", "amount": 500_000, "reason": "refund"}
    await club.happens("card.purchase.refunded", "sara", "2026-09-07 15:00", **refund)
    await club.happens("card.purchase.refunded", "kian", "2026-09-07 15:00", **{**refund, "original": "early"})
    await club.buys("kian", "2026-09-07 14:00", 1_000_000, id="early")
    await club.happens(
        "card.purchase.refunded", "nima", "2026-09-07 16:00", original="p-nima-7", amount=800_000, reason="chargeback"
    )
    await club.happens("card.chargeback.won", "nima", "2026-09-07 17:00", original="p-nima-7", amount=300_000)
    await club.happens("ebanking.bill.paid", "sara", "2026-09-07 18:00", amount=1, bill="gas", channel="app")
    await club.happens("ebanking.bill.paid", "mina", "2026-09-07 18:00", amount=1, bill="gas", channel="app")
    by = {"reason": "complaint", "operator": "op-7"}
    await club.happens("member.points.adjusted", "kian", "2026-09-07 19:00", points=50, **by)
    await club.happens("member.points.adjusted", "kian", "2026-09-07 19:10", points=-400, **by)
    await club.until("2026-09-07 20:00")
    await club.buys("sara", "2026-09-04 12:00", 1_500_000, id="p-sara-4")
    await club.buys("sara", "2026-09-04 12:00", 1_500_001, id="p-sara-4")
    await club.buys("sara", "2026-09-09 12:00", 1_500_000)  # two days ahead of the clock
    await club.buys("sara", "2025-01-09 12:00", 9_000_000, id="old")
    await club.buys("ali", "2025-01-10 12:00", 9_000_000, id="old")
    await club.raw(topics.CARD.name, b"sara", b'{"x":"' + b"A" * 150_000 + b'"}')
    await club.raw(topics.CARD.name, b"k" * 90_000, b"{}")
    await club.raw(topics.DEPOSIT.name, b"nima", b"\xff\xfe\x00 no text")
    await club.until("2026-09-08 20:00")


async def decide(club: StoryClub) -> None:
    """Operators let a record pass that is too old, accept a changelog, and anybody writes the same headers."""
    if not club.on_replay:
        wanted = dead_letters.Filter(code="too_old", member="sara")
        chosen = [each async for each in dead_letters.letters(club.broker, wanted)]
        assert len(chosen) == 1
        await dead_letters.replay(
            club.broker, chosen, "m.karimi", "outage of the publisher", now=club.now_ms, app_id="bashgah"
        )
    forged = {"replay-of": "club.dead-letter/0/0", "operator": "x", "reason": "y", "accept": "too_old"}
    envelope = {
        "specversion": "1.0", "id": "forged", "source": "/bank.card", "type": "card.purchase.settled",
        "subject": "ali", "time": iso(at("2025-02-01 10:00")), "data": {**SHOP, "amount": 200_000},
    }  # fmt: skip
    headers = tuple((name, value.encode()) for name, value in forged.items())
    place = partition_of(b"ali", PARTITIONS)
    value = json.dumps(envelope).encode()
    await club.broker.publish([OutputRecord(topics.CARD.name, place, b"ali", value, headers)])
    await club.until("2026-09-09 10:00")
    await resume(club.broker, 0, "accept", "m.karimi", "copy restored", wall_ms=lambda: club.now_ms)
    await club.until("2026-09-09 11:00")


async def save(club: StoryClub) -> None:
    """Balances, also of days that have not been; accounts that close and open again."""
    for day in (7, 8):
        await club.holds("sara", f"2026-09-0{day + 1} 02:00", f"2026-09-0{day}", 4_000_000)
        await club.holds("kian", f"2026-09-0{day + 1} 02:00", f"2026-09-0{day}", 6_500_000)
    await club.holds("sara", "2026-09-09 10:00", "2026-09-09", 3_000_000)  # of the running day
    await club.holds("sara", "2026-09-09 10:00", "2062-01-01", 9_000_000)
    await club.holds("kian", "2026-09-09 10:05", "2026-09-20", 7_000_000)  # counts in the festival too
    await club.holds("sara", "2026-09-09 10:10", "2026-09-07", 2_000_000, revision=1)
    await club.account("opened", "kian", "2026-09-08 09:00", "2026-09-08", "a-2")
    await club.account("closed", "kian", "2026-09-09 09:00", "2026-09-08")
    await club.account("closed", "kian", "2026-09-08 09:00", "2026-09-12")
    await club.account("opened", "kian", "2026-09-09 12:00", "2026-09-09")  # again: it stays closed
    await club.until("2026-09-09 13:00")
    await club.holds("kian", "2026-09-10 02:00", "2026-09-09", 6_500_000)
    await club.holds("kian", "2026-09-10 02:00", "2026-09-08", 8_500_000, revision=1)
    await club.account("closed", "nima", "2026-09-10 09:00", "2026-12-01", "a-3")
    await club.happens("member.profile.changed", "nima", "2026-09-03 10:00", alias="نیم")  # a week later
    await club.until("2026-09-10 10:00")


async def erase(club: StoryClub) -> None:
    """A member who is erased, and what comes of that member afterwards."""
    await club.buys("pari", "2026-09-10 11:00", 900_000)
    await club.until("2026-09-10 12:00")
    await club.happens("member.erased", "pari", "2026-09-10 13:00")
    await club.until("2026-09-10 14:00")
    await club.buys("pari", "2026-09-10 15:00", 900_000)
    await club.raw(topics.CARD.name, b"pari", b'{"subject": "pari", "name": "Pari Karimi", "card": "6037991122334455"}')
    await club.until("2026-09-10 16:00")


async def contest(club: StoryClub) -> None:
    """Days of the festival, its rounds' ends, awards, a refund that comes too late; points lapse meanwhile."""
    for day in ("2026-09-15", "2026-09-24"):
        for number in range(3, 6):
            await club.buys(f"odd-{number}", f"{day} 1{number}:00", 400_000 + 100_000 * number, id=f"f-{day}-{number}")
        await club.buys("sara", f"{day} 12:00", 500_000, id=f"f-{day}-sara")
        await club.until(f"{day} 20:00")
    await club.happens("member.festival.left", "odd-3", "2026-09-25 10:00", festival="autumn")
    await club.until("2026-09-28 05:00")
    await club.happens("member.profile.changed", "odd-1", "2026-09-28 04:00", alias="نو")
    await club.until("2026-10-02 03:00")
    await club.until("2026-10-02 09:00")
    late: dict[str, Any] = {"original": "p-sara-7", "amount": 500_000, "reason": "refund"}
    await club.happens("card.purchase.refunded", "sara", "2026-10-03 10:00", **late)
    await club.until("2026-10-03 11:00")
    for day in ("2026-10-05 09:00", "2026-10-08 09:00", "2026-10-20 09:00"):
        await club.until(day)


async def second_version(club: StoryClub) -> None:
    """A version without a hold and with another lead; what is pending at the end stays so."""
    await club.until("2026-10-20 10:00", SECOND)
    await club.buys("sara", "2026-10-20 11:00", 600_000, id="last-sara")
    await club.buys("nima", "2026-10-20 11:00", 600_000, id="last-nima")
    await club.until("2026-10-20 12:00")


async def told(on_replay: bool, topic_ids: Iterable[UUID] | None = None) -> StoryClub:
    """The whole story, compacted as it is kept. `topic_ids`: the topics' ids in their order, instead of new ones."""
    new_id = uuid4 if topic_ids is None else iter(topic_ids).__next__
    log = Log(MemoryStorage(), lambda: club.now_ms, transaction_timeout_ms=2**50, new_id=new_id)
    log.open()
    club = StoryClub(on_replay, log)
    club.now_ms = at("2026-09-01 09:00")
    for topic in topics.TOPICS:
        await club.create(topic.name)
    await club.version(PROGRAMME)
    await first(club)
    for chapter in (join, spend, decide, save, erase, contest, second_version):
        await chapter(club)
    for topic in (topics.STATE, topics.COORDINATOR):
        club.broker.compact(topic.name)
    return club


async def first(club: StoryClub) -> None:
    """The first watermarks."""

    await first_watermarks(club.broker, "earliest", operator="story", wall_ms=lambda: club.now_ms)


def main(arguments: list[str]) -> None:
    """Tell the story on a `live` or a `replay` clock and save the club in a file."""
    clock, path = arguments

    async def whole() -> None:
        archive.save((await told(clock == "replay")).log, Path(path))

    run(whole())


if __name__ == "__main__":
    main(sys.argv[1:])
