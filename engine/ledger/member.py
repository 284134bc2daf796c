"""The rows that the club keeps of one member, and their keys within the member's range. Nothing here changes them.

A row is read and replaced as a whole. Every value is immutable but `Head`, which is copied before it is changed: a
`msgspec.Struct`, a plain class in C, because nothing is read and copied more often.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

NEVER = 2**31
"""Expiry day of points that never expire: later than every real day, so that it sorts last."""


class Status(IntEnum):
    """Membership. A customer accrues from the first event on; the rest needs registration."""

    CUSTOMER = 0
    REGISTERED = 1
    LEFT = 2
    ERASED = 3


class Lot(NamedTuple):
    """Points that become active and expire together."""

    activation: int  # the Tehran day number from which they can be spent
    expiry: int  # the last day on which they can, or NEVER
    points: int


class Account(NamedTuple):
    """A deposit account."""

    product: str
    opened: int | None  # Tehran day number; None where no opening was told
    closed: int | None  # the first day on which it is closed; None where no closing was told
    at: int | None = None  # time (ms) of the event that set them; None: none did, or before times were kept


class Move(NamedTuple):
    """The member joined a festival or left it."""

    instant: int  # ms
    joined: bool


class Head(Struct, array_like=True, eq=True, gc=False):
    """The member's own row. Events that earn points seldom touch more rows than this one and their own.

    The containers are replaced, never changed in place, so that `copy` need not go deep. New fields go to the end.
    """

    status: int = Status.CUSTOMER
    alias: str | None = None  # the name on boards
    segments: tuple[str, ...] = ()  # the groups of customers that the member belongs to, for conditions and audiences
    province: str | None = None
    consents: dict[str, bool] = {}  # medium -> whether notices may be sent by it
    pending: tuple[Lot, ...] = ()  # lots that are not active yet, sorted
    active: int = 0  # points that can be spent: the sum of all active lots
    held: int = 0  # points set aside for redemptions under way
    debt: int = 0  # points owed: reversed after they were spent; taken from what becomes active next
    issued: int = 0  # points ever given: active + pending + held + spent + expired + reversed
    reversed: int = 0  # points ever taken back
    expired: int = 0
    spent: int = 0
    lot_years: tuple[int, ...] = ()  # the Jalali years of activation of which lots have a row, sorted
    qualified: int = 0  # points that rules gave less those reversed: what thresholds look at
    reached: tuple[str, ...] = ()  # thresholds that were rewarded
    once: dict[str, bytes] = {}  # rule that pays once a member -> identity of the event that it paid for
    accounts: dict[str, Account] = {}  # token of a deposit account -> what is known of it
    joins: dict[str, tuple[Move, ...]] = {}  # festival -> the moves into it and out of it, sorted
    next_due: int = 0  # the earliest instant (ms) at which something is due; 0: nothing is
    settled: int = 0  # the latest midnight (ms) that the member's time has come to; it never goes back
    announced: tuple[tuple[str, int], ...] = ()  # (notification, last day of points) told of, still to come, as told
    parked: int = 0  # payments that have not come, of which refunds have
    oldest: int = 0  # the day of the oldest event's row; 0: there is none
    fresh: tuple[Lot, ...] = ()  # up to FRESH_MAX active lots; one that is in a year's row too has the points of both
    month: int = 0  # the newest Jalali month that points were counted in
    counters: Mapping[str, Mapping[int, int]] = {}  # the `Counters` of that month; older months have rows
    year: int = 0  # the newest Jalali year that points were counted in
    totals: Mapping[str, int] = {}  # the `Totals` of that year; older years have rows
    festivals: tuple[str, ...] = ()  # the festivals in which the member has a row
    status_at: int | None = None  # time (ms) of the event that set the status; None: none, or before times were kept
    alias_at: int | None = None  # the same of the alias
    segments_at: int | None = None  # the same of the segments
    province_at: int | None = None  # the same of the province
    consents_at: dict[str, int] = {}  # medium -> the same of its consent; absent where None

    def pending_points(self) -> int:
        """The points that wait for their activation."""
        return sum(lot.points for lot in self.pending)

    def balance(self) -> tuple[int, int, int, int]:
        """Active, pending, held and owed points, as every posting shows them."""
        pending = self.pending
        waiting = pending[0].points if len(pending) == 1 else sum(lot.points for lot in pending)
        return self.active, waiting, self.held, self.debt


class Grant(NamedTuple):
    """What one rule gave for one event, and what became of it."""

    rule: str
    granted: int
    taken_back: int  # of these points, by refunds and corrections in all, what was forgiven or owed included
    forgiven: int  # of what was taken back, the points that were gone and were let go
    owed: int  # of what was taken back, the points that were gone and became debt
    activation: int  # of its lot, as in `Lot`
    expiry: int
    once: bool = False  # whether the rule paid once a member when it gave this


class IndicatorScore(NamedTuple):
    """What one indicator of a festival gave for one event, and what became of it."""

    festival: str
    indicator: str
    granted: int
    taken_back: int  # `granted - taken_back` counts in the whole festival
    month: int  # the Jalali month (`engine.calendar.month_number`) whose round it counts in; 0: it was frozen by then
    in_month: int  # what counts in that round
    once: bool = False  # whether the indicator counted once a member when it gave this


class EventRow(NamedTuple):
    """An event that was taken."""

    content: bytes  # a digest of the event's content, by which a duplicate is told from another event of its id
    day: int  # the Tehran day number from which the row is kept
    amount: int | None = None  # the Rial that refunds are measured against; None where nothing can be refunded
    refunded: int = 0  # Rial, the plain sum of its refunds, which may be more than the amount
    grants: tuple[Grant, ...] = ()
    scores: tuple[IndicatorScore, ...] = ()


class BalanceDay(NamedTuple):
    """An account's balance of one date, in its latest revision."""

    revision: int
    balance: int  # Rial at the end of the day
    minimum: int | None  # the lowest of the day, Rial
    grants: tuple[Grant, ...]
    scores: tuple[IndicatorScore, ...] = ()


class RoundScores(NamedTuple):
    """A member's scores in one round of a festival."""

    indicators: Mapping[str, int] = {}  # indicator -> score
    reached: Mapping[str, int] = {}  # category -> the instant (ms) at which its score last changed


class MemberAward(NamedTuple):
    """An award that the member won in a festival."""

    award: str
    category: str  # "" where it is for none
    round: str  # "" where it is for none
    reward: str
    rank: int | None
    value_rial: int | None
    flagged: bool = False  # what it was won with was taken back since: somebody should look at it


class FestivalRow(NamedTuple):
    """A member in a festival: scores, and how boards show the member."""

    whole: RoundScores = RoundScores()  # in the whole festival
    months: Mapping[int, RoundScores] = {}  # Jalali month (`engine.calendar.month_number`) -> in its round
    listed: bool = False  # whether boards list the member: registered, and not away from the festival
    alias: str | None = None  # the name on its boards
    shown_then: Mapping[str, tuple[bool, str | None]] = {}  # frozen round -> (listed, alias) then, where it differs now
    awards: tuple[MemberAward, ...] = ()
    taken_late: tuple[tuple[str, str], ...] = ()  # (round, indicator) of refunds after the freeze; they flag awards


class Parked(NamedTuple):
    """A refund or a won chargeback that waits for its payment."""

    type: str
    source: str
    id: str
    time: int  # ms
    amount: int  # Rial
    kept_from: int = 0  # the Tehran day on which an operator let it pass in spite of its age: it waits from then; or 0


Counters = Mapping[str, Mapping[int, int]]
"""Points granted in one Jalali month: rule -> {0: the whole month, 1..31: that day}."""

Totals = Mapping[str, int]
"""Points granted in one Jalali year, or ever: rule -> points."""

Lots = tuple[Lot, ...]
"""Active lots that were activated in one Jalali year, sorted by activation and expiry."""

FRESH_MAX = 8
"""Active lots that a head holds before they move to rows of their own."""

ACCOUNTS_MAX = 500
"""Accounts that are known of one member."""

MOVES_MAX = 2_000
"""Joinings and leavings of festivals that are known of one member."""

WAITING_MAX = 500
"""Refunds that wait for one payment."""


class Overgrown(Exception):
    """An event would make a member's row grow beyond its bound; it is refused whole. Arguments: of what, the bound."""

    def __str__(self) -> str:
        what, bound = self.args
        return f"more than {bound} {what}"


HEAD = b"m"


def event_key(identity: bytes) -> bytes:
    """The row of an event, by its identity."""
    return b"e" + identity


def parked_key(identity: bytes) -> bytes:
    """What waits for the event of this identity."""
    return b"p" + identity


def month_key(month: int) -> bytes:
    """The counters of a Jalali month (`engine.calendar.month_number`)."""
    return b"c" + month.to_bytes(3, "big")


def year_key(year: int) -> bytes:
    """The totals of a Jalali year."""
    return b"y" + year.to_bytes(2, "big")


EVER_KEY = b"y"
"""The totals over all time."""


def lots_key(year: int) -> bytes:
    """The active lots of a Jalali year of activation."""
    return b"l" + year.to_bytes(2, "big")


def festival_key(festival: str) -> bytes:
    """The member's row in a festival. It stands with the festival, not within the member's range (`tables.rows`)."""
    return FESTIVAL + festival.encode("ascii")


FESTIVAL = b"f"
"""What the keys of rows in festivals begin with."""


def balances_key(account: str, month: int) -> bytes:
    """An account's balances of a Jalali month: day of the month -> `BalanceDay`."""
    return b"b" + month.to_bytes(3, "big") + account.encode()


def active_lots(head: Head, read: Callable[[bytes], Any | None]) -> list[Lot]:
    """All active lots, one for each pair of activation and last day; `read` gives the member's row under a key."""
    points: dict[tuple[int, int], int] = {}
    kept: list[Lot] = [lot for year in head.lot_years for lot in read(lots_key(year)) or ()]
    for activation, expiry, part in (*kept, *head.fresh):
        points[activation, expiry] = points.get((activation, expiry), 0) + part
    return [Lot(*days, part) for days, part in points.items()]


class MemberRowReader(Protocol):
    """A member's rows as they stand before an event."""

    def get(self, key: bytes) -> Any | None:
        """The row under a key within the member's range, or None."""
        ...

    def range(self, prefix: bytes) -> Iterable[tuple[bytes, Any]]:
        """The rows whose keys begin with a prefix; a rare, slow look."""
        ...
