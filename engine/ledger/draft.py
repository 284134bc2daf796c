"""One member's rows while one event is decided: what is read, what will be written, what is said.

Nothing below touches the rows themselves, so an event whose decision fails leaves no trace.
"""

from typing import Any

from engine.calendar import jalali, midnight
from engine.clock import Clock
from engine.effects import Effect, EffectCause, Posting
from engine.ledger.member import (
    FRESH_MAX,
    HEAD,
    NEVER,
    Counters,
    Head,
    Lot,
    Lots,
    MemberRowReader,
    Totals,
    active_lots,
    lots_key,
    month_key,
    year_key,
)
from engine.programme.versions import ProgrammeVersions


class Draft:
    """`horizon` is the instant up to which everything due must have happened; `written` holds the rows to write."""

    __slots__ = (
        "rows", "versions", "clock", "horizon", "member", "head", "written", "effects", "erased", "capped", "activated",
        "_owned",
    )  # fmt: skip

    def __init__(
        self, rows: MemberRowReader, member: str, versions: ProgrammeVersions, clock: Clock, time: int
    ) -> None:
        self.rows = rows
        self.member = member
        self.versions = versions
        self.clock = clock
        self.written: dict[bytes, Any | None] = {}
        self.effects: list[Effect] = []
        self.erased = False
        self.capped: tuple[str, ...] = ()
        """The rules of which a cap kept something back."""
        self.activated: set[int] = set()
        """Last days of points that have become active, of which it may be too late to announce them ahead."""
        head = rows.get(HEAD)
        self._owned = head is None
        self.head: Head = Head() if head is None else head
        """To look at; `edit` gives the one to change."""
        self.horizon = max(clock.horizon(time), self.head.settled)  # a member's time never goes back
        if self._owned:
            self.written[HEAD] = self.head

    def edit(self) -> Head:
        """The member's head, to change."""
        if not self._owned:
            # What copy.copy would call, at a third of its time.
            self.head = self.written[HEAD] = self.head.__copy__()  # type: ignore[attr-defined]
            self._owned = True
        return self.head

    def read(self, key: bytes) -> Any | None:
        """A row as it stands in this draft."""
        if key in self.written:
            return self.written[key]
        return self.rows.get(key)

    def write(self, key: bytes, value: Any | None) -> None:
        """Replace a row; None deletes it."""
        self.written[key] = value

    def range(self, prefix: bytes) -> list[tuple[bytes, Any]]:
        """The rows whose keys begin with a prefix, in order of their keys, with these keys."""
        found = dict(self.rows.range(prefix))
        found.update((key, value) for key, value in self.written.items() if key.startswith(prefix))
        return [(key, found[key]) for key in sorted(found) if found[key] is not None]

    def erase(self, head: Head) -> None:
        """Let this head be all that stays of the member, but for rows in festivals."""
        self.head, self._owned, self.erased = head, True, True
        self.written = {HEAD: head}

    def post(
        self, cause: EffectCause, type: str, points: int, status: str, rule: str | None, expiry: int,
        desired: int | None = None, granted: int | None = None, *, debt: int = 0, forgiven: int = 0,
    ) -> None:  # fmt: skip
        """Record a posting whose change the head already shows; `expiry` NEVER stands for no lot date."""
        lot = None if expiry == NEVER else expiry
        self.effects.append(
            Posting(cause, type, points, status, rule, lot, self.head.balance(), desired, granted, debt, forgiven)
        )

    def lots(self) -> list[Lot]:
        """All active lots, one for each pair of activation and last day."""
        return active_lots(self.head, self.read)

    def lot(self, activation: int, expiry: int) -> int:
        """The points of the active lot of these days."""
        year = jalali(activation).year
        kept: Lots = self.read(lots_key(year)) or () if year in self.head.lot_years else ()
        return sum(lot.points for lot in (*kept, *self.head.fresh) if lot[:2] == (activation, expiry))

    def set_lot(self, activation: int, expiry: int, points: int) -> None:
        """Give the active lot of these days exactly this many points; 0 removes it."""
        days = (activation, expiry)
        self.edit().fresh = tuple(lot for lot in self.head.fresh if lot[:2] != days)
        year = jalali(activation).year
        if year in self.head.lot_years:
            stored: Lots = self.read(lots_key(year)) or ()
            kept = [lot for lot in stored if lot[:2] != days]
            if len(kept) < len(stored):
                self._keep_lots(year, kept)
        if points:
            self.add_to_lot(activation, expiry, points)

    def add_to_lot(self, activation: int, expiry: int, points: int) -> None:
        """Put points into the active lot of these days, which need not be there."""
        head = self.edit()
        fresh = head.fresh
        for i, lot in enumerate(fresh):
            if lot.activation == activation and lot.expiry == expiry:
                head.fresh = (*fresh[:i], Lot(activation, expiry, lot.points + points), *fresh[i + 1 :])
                return
        head.fresh = (*fresh, Lot(activation, expiry, points))
        if len(fresh) == FRESH_MAX:
            self._store_lots()

    def _store_lots(self) -> None:
        """Move all lots to the rows of their years."""
        by_year: dict[int, list[Lot]] = {}
        for lot in self.lots():
            by_year.setdefault(jalali(lot.activation).year, []).append(lot)
        self.edit().fresh = ()
        for year, lots in by_year.items():
            self._keep_lots(year, lots)

    def _keep_lots(self, year: int, lots: list[Lot]) -> None:
        """Let the row of a year hold these lots and no others."""
        lots.sort()
        self.write(lots_key(year), tuple(lots) or None)
        years = {*self.head.lot_years, year} if lots else {*self.head.lot_years} - {year}
        self.edit().lot_years = tuple(sorted(years))

    def counters(self, month: int) -> Counters:
        """The points that rules granted in a Jalali month."""
        head = self.head
        if month < head.month:
            return self.read(month_key(month)) or {}
        return head.counters if month == head.month else {}

    def count(self, month: int, counters: Counters) -> None:
        """Replace a month's counters. The newest month stands in the head."""
        head = self.edit()
        if month < head.month:
            self.write(month_key(month), counters)
            return
        if month > head.month and head.counters:
            self.write(month_key(head.month), head.counters)
        head.month, head.counters = month, counters

    def totals(self, year: int) -> Totals:
        """The points that rules with a yearly cap granted in a Jalali year."""
        head = self.head
        if year < head.year:
            return self.read(year_key(year)) or {}
        return head.totals if year == head.year else {}

    def total(self, year: int, totals: Totals) -> None:
        """Replace a year's totals. The newest year stands in the head."""
        head = self.edit()
        if year < head.year:
            self.write(year_key(year), totals)
            return
        if year > head.year and head.totals:
            self.write(year_key(head.year), head.totals)
        head.year, head.totals = year, totals

    def expect(self, instant: int) -> None:
        """Something is due at the instant: keep the earliest."""
        if not self.head.next_due or instant < self.head.next_due:
            self.edit().next_due = instant

    def expect_expiry(self, expiry: int) -> None:
        """Active points with this last day exist: their expiry is due, and the notices ahead of it that are to come."""
        if expiry == NEVER:
            return
        self.expect(midnight(expiry + 1))
        over = max(self.horizon, self.head.settled)
        for lead in self.versions.leads:
            if (instant := midnight(expiry - lead)) > over:
                self.expect(instant)
