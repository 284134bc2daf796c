"""What the auditor knows of a member, and the books it writes."""

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.simulation.auditor.contract import Activity

LotKey = tuple[date, date | None]  # activation day, last day (None: never expires)
Identity = tuple[str, str]  # source, id of an event
Mark = tuple[str, ...]  # what used up a rule that pays once: an event, or an account's day


@dataclass
class Lot:
    """Points that share activation and expiry."""

    pending: int = 0
    active: int = 0


@dataclass
class Grant:
    """What one rule granted to one event, or to one account's day, and what became of it."""

    rule: str
    lot: LotKey
    once: bool
    granted: int
    reversed: int = 0
    forgiven: int = 0
    debt: int = 0


@dataclass
class FestivalGrant:
    """What one indicator granted to one event, or to one account's day, and what refunds took of it in two places.

    `rule` is the indicator's name, festival/indicator. `in_month`: it counted in the round of its month too, which was
    not frozen then.
    """

    rule: str
    month: str
    once: bool
    granted: int
    in_month: bool
    reversed: int = 0
    reversed_in_month: int = 0

    @property
    def festival(self) -> str:
        """The festival's id."""
        return self.rule.split("/")[0]


@dataclass
class Past:
    """An event that was taken, for duplicates and refunds."""

    content: tuple[Any, ...]
    mark: Mark
    amount: int | None
    day: date
    grants: list[Grant] = field(default_factory=list)
    festival_grants: list[FestivalGrant] = field(default_factory=list)
    refunded: int = 0


@dataclass
class BalanceDay:
    """One account's balance of one date: the highest revision seen, and a grant a rule."""

    revision: int
    grants: dict[str, Grant] = field(default_factory=dict)
    festival_grants: dict[str, FestivalGrant] = field(default_factory=dict)


@dataclass
class FestivalEffect:
    """What one processed event changed in festivals, by round and indicator's name; `instant` is what it counts as."""

    instant: int
    deltas: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass
class HeldAward:
    """An award that the member was told of: the command's instant, and the reward as it was published."""

    instant: int
    reward: dict[str, Any]
    flagged: bool = False


@dataclass
class Member:
    """A customer of the bank, registered or not."""

    reference: str
    status: str = "unregistered"  # registered, left, erased
    alias: str | None = None
    segments: list[str] = field(default_factory=list)
    provinces: list[str] = field(default_factory=list)  # the one that is known, if any
    consents: dict[str, bool] = field(default_factory=dict)
    lots: defaultdict[LotKey, Lot] = field(default_factory=lambda: defaultdict(Lot))
    debt: int = 0
    issued: int = 0
    reversed: int = 0
    expired: int = 0
    qualified: int = 0
    once: dict[str, Mark] = field(default_factory=dict)
    counters: defaultdict[tuple[str, str, str], int] = field(default_factory=lambda: defaultdict(int))
    events: dict[Identity, Past] = field(default_factory=dict)
    parked: dict[Identity, list[Activity]] = field(default_factory=dict)
    balances: dict[tuple[str, str], BalanceDay] = field(default_factory=dict)
    closings: dict[str, str] = field(default_factory=dict)  # date by account, of those that are closed
    told: dict[str, int] = field(default_factory=dict)  # by what an event sets: the time of the event that set it
    awarded: set[str] = field(default_factory=set)
    noticed: set[tuple[str, date]] = field(default_factory=set)
    activated: set[date] = field(default_factory=set)  # last days of points that have become active just now
    moves: dict[str, dict[int, bool]] = field(default_factory=dict)  # by festival and instant: True into it, False out
    effects: list[FestivalEffect] = field(default_factory=list)
    awards: list[HeldAward] = field(default_factory=list)
    late_refunds: set[tuple[str, str]] = field(default_factory=set)  # round, indicator's name
    horizon: int | None = None  # a member's time: up to where what was due is applied; it never goes back

    def takes(self, what: str, time: int) -> bool:
        """Whether an event of this time may set something: not if a later one has; it is remembered if so."""
        if time < self.told.get(what, time):
            return False
        self.told[what] = time
        return True

    @property
    def pending(self) -> int:
        """Points that wait for their activation."""
        return sum(lot.pending for lot in self.lots.values())

    @property
    def active(self) -> int:
        """Points that could be spent, debt aside."""
        return sum(lot.active for lot in self.lots.values())


@dataclass
class Books:
    """All that the auditor expects the club to publish, in order."""

    postings: list[dict[str, Any]] = field(default_factory=list)
    rewards: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    festival: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Decision:
    """What is being decided: for whom, because of what, and up to which instant things are due.

    `frozen` are the lane's frozen rounds, each a festival and a round.
    """

    books: Books
    member: Member
    source: str
    id: str
    time: int
    horizon: int
    frozen: Container[tuple[str, str]] = ()

    def __post_init__(self) -> None:
        """Forget the lots of which nothing is left."""
        kept = {key: held for key, held in self.member.lots.items() if held.pending or held.active}
        self.member.lots = defaultdict(Lot, kept)

    def post(
        self,
        kind: str,
        points: int,
        status: str,
        lot: date | None,
        rule: str | None = None,
        desired: int | None = None,
        granted: int | None = None,
        debt: int | None = None,
        forgiven: int | None = None,
    ) -> None:
        """Write one posting with the balance after it; zero debt and zero forgiveness are left out."""
        member = self.member
        balance = {"active": member.active, "pending": member.pending, "held": 0, "debt": member.debt}
        self.books.postings.append(
            {
                "type": kind,
                "member": member.reference,
                "points": points,
                "status": status,
                "rule": rule,
                "lot": None if lot is None else lot.isoformat(),
                "desired": desired,
                "granted": granted,
                "balance": balance,
                "debt": debt or None,
                "forgiven": forgiven or None,
                "cause_source": self.source,
                "cause_id": self.id,
                "time": self.time,
            }
        )
        assert member.issued == member.pending + member.active + member.expired + member.reversed, self
        assert min(member.pending, member.active, member.debt) >= 0, self
