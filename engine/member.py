"""What the club keeps of one member: rows, their keys within the member's range, and nothing that changes them.

A row is read and replaced as a whole. Values are immutable, but for `Head`, which is copied before it is changed.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

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
    """A deposit account; days are Tehran day numbers, None where unknown."""

    product: str
    opened: int | None
    closed: int | None


class Head:
    """The member's own row: status, profile, what is pending, totals, marks, and when something is due next.

    `pending` is sorted; active lots are in rows of their own, by the Jalali year of their activation (`lot_years`).
    `once` maps a rule to the identity of the event that used it up, `joins` a festival to the instant of joining,
    `reached` names the thresholds already rewarded. `next_due` is the earliest instant
    in ms at which something is due, 0 for none, and `settled` the latest one that was worked off.
    `announced` are the (notification, last day) told of and still to come.
    `qualified` is rule-granted points less reversals, which thresholds look at. `oldest` is the day of the oldest
    event row, 0 for none.
    """

    __slots__ = (
        "status", "alias", "segments", "province", "consents", "pending", "active", "held", "debt", "issued",
        "reversed", "expired", "spent", "lot_years", "qualified", "reached", "once", "accounts", "joins",
        "next_due", "settled", "announced", "oldest",
    )  # fmt: skip

    status: int
    alias: str | None
    segments: tuple[str, ...]
    province: str | None
    consents: Mapping[str, bool]
    pending: tuple[Lot, ...]
    active: int
    held: int
    debt: int
    issued: int
    reversed: int
    expired: int
    spent: int
    lot_years: tuple[int, ...]
    qualified: int
    reached: tuple[str, ...]
    once: Mapping[str, bytes]
    accounts: Mapping[str, Account]
    joins: Mapping[str, int]
    next_due: int
    settled: int
    announced: tuple[tuple[str, int], ...]
    oldest: int

    def __init__(self, *fields: Any) -> None:
        """All fields in the order of `__slots__`."""
        (
            self.status, self.alias, self.segments, self.province, self.consents, self.pending, self.active, self.held,
            self.debt, self.issued, self.reversed, self.expired, self.spent, self.lot_years, self.qualified,
            self.reached, self.once, self.accounts, self.joins, self.next_due,
            self.settled, self.announced, self.oldest,
        ) = fields  # fmt: skip

    def fields(self) -> tuple[Any, ...]:
        """All fields in the order of `__slots__`."""
        return (
            self.status, self.alias, self.segments, self.province, self.consents, self.pending, self.active, self.held,
            self.debt, self.issued, self.reversed, self.expired, self.spent, self.lot_years, self.qualified,
            self.reached, self.once, self.accounts, self.joins, self.next_due,
            self.settled, self.announced, self.oldest,
        )  # fmt: skip

    def copy(self) -> "Head":
        """A copy to change; the containers in it are replaced, never changed in place."""
        return Head(*self.fields())

    @classmethod
    def new(cls) -> "Head":
        """A customer nobody has heard of."""
        return cls(0, None, (), None, {}, (), 0, 0, 0, 0, 0, 0, 0, (), 0, (), {}, {}, {}, 0, 0, (), 0)

    def pending_points(self) -> int:
        """The points that wait for their activation."""
        return sum(lot.points for lot in self.pending)

    def balance(self) -> tuple[int, int, int, int]:
        """Active, pending, held and owed points, as every posting shows them."""
        pending = self.pending
        waiting = pending[0].points if len(pending) == 1 else sum(lot.points for lot in pending)
        return self.active, waiting, self.held, self.debt

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Head) and self.fields() == other.fields()

    __hash__ = None  # type: ignore[assignment]  # mutable: never a key


class Grant(NamedTuple):
    """What one rule gave for one event, and what became of it.

    `taken_back` counts whole reversals, the `forgiven` and the `owed` (booked as debt) part included.
    """

    rule: str
    granted: int
    taken_back: int
    forgiven: int
    owed: int
    activation: int
    expiry: int


class EventRow(NamedTuple):
    """That an event was taken, its content's digest, its day, and what it granted.

    `amount` is the Rial that refunds are measured against (None where it has none) and `refunded` their plain sum.
    """

    content: bytes
    day: int
    amount: int | None = None
    refunded: int = 0
    grants: tuple[Grant, ...] = ()


class BalanceDay(NamedTuple):
    """An account's recorded balance of one date in its latest revision, and what it granted."""

    revision: int
    balance: int
    minimum: int | None
    grants: tuple[Grant, ...]


class Parked(NamedTuple):
    """A refund or a won chargeback that came ahead of its purchase."""

    type: str
    source: str
    id: str
    time: int
    amount: int


Counters = Mapping[str, Mapping[int, int]]
"""Points granted in one Jalali month: rule -> {0: the whole month, 1..31: that day}."""

Totals = Mapping[str, int]
"""Points granted in one Jalali year, or ever: rule -> points."""

Lots = tuple[Lot, ...]
"""Active lots that were activated in one Jalali year, sorted by activation and expiry."""

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


def balances_key(account: str, month: int) -> bytes:
    """An account's balances of a Jalali month: day of the month -> `BalanceDay`."""
    return b"b" + month.to_bytes(3, "big") + account.encode()


class Rows(Protocol):
    """A member's rows as they stand before an event."""

    def get(self, key: bytes) -> Any | None:
        """The row under a key within the member's range, or None."""
        ...

    def range(self, prefix: bytes) -> Iterable[tuple[bytes, Any]]:
        """The rows whose keys begin with a prefix; a rare, slow look."""
        ...
