"""Every topic of the contract, declared once: what creates, checks, reads or documents topics starts here."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Partitions = Literal["club", "one", "club_and_one"]
"""`club`: the club's partition count, the same for all of these; `one`; `club_and_one`: one more, the coordinator's."""

DAY_MS = 86_400_000
EVENT_KEYS_DAYS = 400
"""How long the keys of events are remembered, so how long an input must stay readable."""


class Topic(NamedTuple):
    """A topic. `key` says what its records are keyed by; `retention_days` None: for ever (compacted ones)."""

    name: str
    key: str
    partitions: Partitions
    compacted: bool
    retention_days: int | None
    description: str
    internal: bool = False

    @property
    def short(self) -> str:
        """The last part of the name, as in file names of recorded events: `card`, `dead-letter`."""
        return self.name.partition(".")[2]

    def partition_count(self, club: int) -> int:
        """How many partitions it has in a club of `club` partitions."""
        return {"club": club, "one": 1, "club_and_one": club + 1}[self.partitions]

    def config(self) -> dict[str, str]:
        """The broker's settings that the contract fixes."""
        if self.compacted:
            return {
                "cleanup.policy": "compact",
                "delete.retention.ms": str(TOMBSTONE_DAYS * DAY_MS),
                COMPACTION_LAG: str(COMPACTION_DAYS * DAY_MS),
            }
        kept = -1 if self.retention_days is None else self.retention_days * DAY_MS
        return {"cleanup.policy": "delete", "retention.ms": str(kept)}


TOMBSTONE_DAYS = 7
"""How long a compacted topic shows deletions: a copy of a lane's state older than half of it is thrown away."""

COMPACTION_LAG = "max.compaction.lag.ms"
COMPACTION_DAYS = 7
"""After how long at the latest a compacted topic is compacted: what a newer record of the same key replaces, as that of
an erased member does, is gone a little later. Left alone, a broker waits until half of the topic is such records."""


def _kept(name: str, key: str, partitions: Partitions, days: int, description: str, *, internal: bool = False) -> Topic:
    return Topic(name, key, partitions, False, days, description, internal)


def _compacted(name: str, key: str, partitions: Partitions, description: str, *, internal: bool = False) -> Topic:
    return Topic(name, key, partitions, True, None, description, internal)


_MEMBER = "member"

CARD = _kept("bank.card", _MEMBER, "club", EVENT_KEYS_DAYS, "Card purchases, refunds and withdrawals, from the bank.")
EBANKING = _kept(
    "bank.ebanking", _MEMBER, "club", EVENT_KEYS_DAYS, "Transfers, bills and services of e-banking, from the bank."
)
DEPOSIT = _kept("bank.deposit", _MEMBER, "club", EVENT_KEYS_DAYS, "Accounts and end-of-day balances, from the bank.")
MEMBER = _kept("club.member", _MEMBER, "club", EVENT_KEYS_DAYS, "Membership, the members' portal and the back office.")
COMMAND = _kept(
    "club.command",
    _MEMBER,
    "club",
    EVENT_KEYS_DAYS,
    "What a decision taken for the whole club changes for one member.",
    internal=True,
)
PROGRAMME = _compacted(
    "club.programme", "programme/version", "one", "The club's programme files, every version kept for ever."
)

POINTS = _kept("club.points", _MEMBER, "club", EVENT_KEYS_DAYS, "Every movement of a member's points.")
FESTIVAL = _kept("club.festival", _MEMBER, "club", EVENT_KEYS_DAYS, "A member's scores in festivals.")
LEADERBOARD = _compacted(
    "club.leaderboard", "festival/category, finals: festival/category/round", "one", "Boards, live and final."
)
REWARD = _kept("club.reward", _MEMBER, "club", EVENT_KEYS_DAYS, "Rewards granted, revoked and flagged.")
DRAW = _compacted("club.draw", "draw", "one", "Draws: what was committed, revealed or voided.")
TIER = _compacted("club.tier", _MEMBER, "club", "The tier that each member holds.")
NOTIFICATION = _kept("club.notification", _MEMBER, "club", 30, "Messages to send, and those that were suppressed.")
RECEIPT = _kept("club.receipt", _MEMBER, "club", 30, "What became of messages, from the notification services.")
DEAD_LETTER = _kept(
    "club.dead-letter", "the record's own", "club", EVENT_KEYS_DAYS, "Refused records, unchanged, and why."
)

PARTIAL = _kept("club.partial", "lane", "one", EVENT_KEYS_DAYS, "The lanes' boards for the coordinator.", internal=True)
STATE = _compacted("club.state", "row", "club", "The lanes' changelog: rows and watermark.", internal=True)
COORDINATOR = _compacted("club.coordinator", "row", "one", "The coordinator's changelog.", internal=True)
JOURNAL = _kept(
    "club.journal",
    "none",
    "club_and_one",
    EVENT_KEYS_DAYS,
    "Which records each transaction consumed, in which order; with the inputs it replays byte for byte.",
    internal=True,
)

INPUTS: tuple[Topic, ...] = (MEMBER, COMMAND, CARD, EBANKING, DEPOSIT)
"""What each lane reads, co-partitioned, in the order that breaks ties of `time`."""

OUTPUTS: tuple[Topic, ...] = (
    POINTS,
    FESTIVAL,
    LEADERBOARD,
    REWARD,
    DRAW,
    TIER,
    NOTIFICATION,
    RECEIPT,
    DEAD_LETTER,
)

TOPICS: tuple[Topic, ...] = (*INPUTS, PROGRAMME, *OUTPUTS, PARTIAL, STATE, COORDINATOR, JOURNAL)

BY_SHORT_NAME: Mapping[str, Topic] = {topic.short: topic for topic in TOPICS}
BY_NAME: Mapping[str, Topic] = {topic.name: topic for topic in TOPICS}
