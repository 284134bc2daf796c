"""What the club keeps of one member: rows, their keys within the member's range, and nothing that changes them.

A row is read and replaced as a whole. Values are immutable, but for `Head`, which is copied before it is changed. It is
a `msgspec.Struct`, a plain class in C: nothing is read and copied more often.
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
    """Points that share activation and expiry. Days are Tehran day numbers; `expiry` is the last valid day or NEVER."""

    activation: int
    expiry: int
    points: int


class Account(NamedTuple):
    """A deposit account; days are Tehran day numbers, None where unknown.

    `at` is the time (ms) of the opening or closing that says so; None where there was none, or before times were kept.
    """

    product: str
    opened: int | None
    closed: int | None
    at: int | None = None


class Move(NamedTuple):
    """The member joined a festival, or left it, at an instant (ms)."""

    instant: int
    joined: bool


class Head(Struct, array_like=True, eq=True, gc=False):
    """The member's own row: status, profile, what is pending, totals, marks, and when something is due next.

    `pending` is sorted. Active lots come into `fresh`, and move to the rows of their Jalali years of activation
    (`lot_years`) when there are more than `FRESH_MAX`; a lot may stand in both, and then has the points of both.
    `counters` are those of the newest `month` that anything was counted in, `totals` those of the newest `year`; older
    ones have rows of their own. So an event that earns points seldom touches more rows than this one and its own.
    `once` maps a rule to the identity of the event that used it up, `joins` a festival to the moves into and out of it,
    `festivals` names those in which the member has a row. `reached` names the thresholds already rewarded. `qualified`
    is rule-granted points less reversals, which thresholds look at.
    `next_due` is the earliest instant in ms at which something is due, 0 for none, and `settled` the latest
    midnight that the member's time has come to. `announced` are the (notification, last day) told of and still to
    come, in the order in which they were told, at most `engine.ledger.notifications.ANNOUNCED_MAX`.
    `parked` counts the payments whose refunds came first, `oldest` is the day of the oldest event row (0 for none).
    `status_at`, `alias_at`, `segments_at`, `province_at` and `consents_at` (by medium) are the times (ms) of the events
    that set these; None, or absent, where nothing did, or before times were kept.

    The containers are replaced, never changed in place, so that `copy` need not go deep. New fields go to the end.
    """

    status: int = Status.CUSTOMER
    alias: str | None = None
    segments: tuple[str, ...] = ()
    province: str | None = None
    consents: dict[str, bool] = {}
    pending: tuple[Lot, ...] = ()
    active: int = 0
    held: int = 0
    debt: int = 0
    issued: int = 0
    reversed: int = 0
    expired: int = 0
    spent: int = 0
    lot_years: tuple[int, ...] = ()
    qualified: int = 0
    reached: tuple[str, ...] = ()
    once: dict[str, bytes] = {}
    accounts: dict[str, Account] = {}
    joins: dict[str, tuple[Move, ...]] = {}
    next_due: int = 0
    settled: int = 0
    announced: tuple[tuple[str, int], ...] = ()
    parked: int = 0
    oldest: int = 0
    fresh: tuple[Lot, ...] = ()
    month: int = 0
    counters: Mapping[str, Mapping[int, int]] = {}
    year: int = 0
    totals: Mapping[str, int] = {}
    festivals: tuple[str, ...] = ()
    status_at: int | None = None
    alias_at: int | None = None
    segments_at: int | None = None
    province_at: int | None = None
    consents_at: dict[str, int] = {}

    def pending_points(self) -> int:
        """The points that wait for their activation."""
        return sum(lot.points for lot in self.pending)

    def balance(self) -> tuple[int, int, int, int]:
        """Active, pending, held and owed points, as every posting shows them."""
        pending = self.pending
        waiting = pending[0].points if len(pending) == 1 else sum(lot.points for lot in pending)
        return self.active, waiting, self.held, self.debt


class Grant(NamedTuple):
    """What one rule gave for one event, and what became of it.

    `taken_back` counts whole reversals, the `forgiven` and the `owed` (booked as debt) part included. `once` says that
    the rule paid once a member when it gave this.
    """

    rule: str
    granted: int
    taken_back: int
    forgiven: int
    owed: int
    activation: int
    expiry: int
    once: bool = False


class Score(NamedTuple):
    """What one indicator of a festival gave for one event, and what became of it.

    It counts `granted - taken_back` in the festival, and `in_month` in the round of the Jalali month of this number
    (`engine.calendar.month_number`; 0: in none, because that round was frozen). `once` as in a `Grant`.
    """

    festival: str
    indicator: str
    granted: int
    taken_back: int
    month: int
    in_month: int
    once: bool = False


class EventRow(NamedTuple):
    """That an event was taken, its content's digest, its day, and what it granted and scored.

    `amount` is the Rial that refunds are measured against (None where it has none) and `refunded` their plain sum.
    """

    content: bytes
    day: int
    amount: int | None = None
    refunded: int = 0
    grants: tuple[Grant, ...] = ()
    scores: tuple[Score, ...] = ()


class BalanceDay(NamedTuple):
    """An account's recorded balance of one date in its latest revision, and what it granted and scored."""

    revision: int
    balance: int
    minimum: int | None
    grants: tuple[Grant, ...]
    scores: tuple[Score, ...] = ()


class RoundScores(NamedTuple):
    """A member's scores in one round: indicator -> score, and category -> instant at which its score last changed."""

    indicators: Mapping[str, int] = {}
    reached: Mapping[str, int] = {}


class Award(NamedTuple):
    """An award that the member won in a festival's round. `flagged`: what it was won with was taken back since."""

    award: str
    category: str
    round: str
    reward: str
    rank: int | None
    value_rial: int | None
    flagged: bool = False


class FestivalRow(NamedTuple):
    """A member in a festival: scores in the whole of it and in each Jalali month, and how boards show the member.

    `listed`: registered and not away. `shown_then` says what (listed, alias) were when a round was frozen, where they
    have changed since, so that a frozen round stays as it was however late its boards are read. `taken_late` are the
    (round, indicator) of refunds that came after their round was frozen; such flag awards.
    """

    whole: RoundScores = RoundScores()
    months: Mapping[int, RoundScores] = {}
    listed: bool = False
    alias: str | None = None
    shown_then: Mapping[str, tuple[bool, str | None]] = {}
    awards: tuple[Award, ...] = ()
    taken_late: tuple[tuple[str, str], ...] = ()


class Parked(NamedTuple):
    """A refund or a won chargeback that came ahead of its purchase. `kept_from` is the Tehran day on which it was let
    pass in spite of its age, from which it waits; 0 for every other one, which waits from the day of its time."""

    type: str
    source: str
    id: str
    time: int
    amount: int
    kept_from: int = 0


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


class Rows(Protocol):
    """A member's rows as they stand before an event."""

    def get(self, key: bytes) -> Any | None:
        """The row under a key within the member's range, or None."""
        ...

    def range(self, prefix: bytes) -> Iterable[tuple[bytes, Any]]:
        """The rows whose keys begin with a prefix; a rare, slow look."""
        ...
