"""One member's rows while one event is decided: what is read, what will be written, what is said.

Nothing below touches the rows themselves, so an event whose decision fails leaves no trace.
"""

from typing import Any

from engine.calendar import jalali, midnight
from engine.clock import Clock
from engine.effects import Cause, Effect, Posting
from engine.member import HEAD, NEVER, Head, Lot, Lots, Rows, lots_key
from engine.shelf import Shelf


class Draft:
    """`horizon` is the instant up to which everything due must have happened; `written` holds the rows to write."""

    __slots__ = ("rows", "shelf", "clock", "horizon", "member", "head", "written", "effects", "erased", "_owned")

    def __init__(self, rows: Rows, member: str, shelf: Shelf, clock: Clock, time: int) -> None:
        self.rows = rows
        self.member = member
        self.shelf = shelf
        self.clock = clock
        self.written: dict[bytes, Any | None] = {}
        self.effects: list[Effect] = []
        self.erased = False
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

    def erase(self) -> None:
        """Nothing but the head stays of the member."""
        self.erased = True
        self.written = {HEAD: self.head}

    def post(
        self, cause: Cause, type: str, points: int, status: str, rule: str | None, expiry: int,
        *, desired: int | None = None, granted: int | None = None, debt: int = 0, forgiven: int = 0,
    ) -> None:  # fmt: skip
        """Record a posting whose change the head already shows; `expiry` NEVER stands for no lot date."""
        lot = None if expiry == NEVER else expiry
        self.effects.append(
            Posting(cause, type, points, status, rule, lot, self.head.balance(), desired, granted, debt, forgiven)
        )

    def lots(self) -> list[Lot]:
        """All active lots, by year of activation."""
        return [lot for year in self.head.lot_years for lot in self.read(lots_key(year)) or ()]

    def set_lot(self, activation: int, expiry: int, points: int) -> None:
        """Give the active lot of these days exactly this many points; 0 removes it."""
        year = jalali(activation).year
        key = lots_key(year)
        lots: Lots = self.read(key) or ()
        kept = [lot for lot in lots if lot.activation != activation or lot.expiry != expiry]
        if points:
            kept.append(Lot(activation, expiry, points))
            kept.sort()
        self.write(key, tuple(kept) or None)
        if kept and year not in self.head.lot_years:
            self.edit().lot_years = tuple(sorted((*self.head.lot_years, year)))
        elif not kept and year in self.head.lot_years:
            self.edit().lot_years = tuple(y for y in self.head.lot_years if y != year)

    def add_to_lot(self, activation: int, expiry: int, points: int) -> None:
        """Put points into the active lot of these days, which need not be there."""
        year = jalali(activation).year
        key = lots_key(year)
        lots: Lots = self.read(key) or ()
        if not lots:
            self.write(key, (Lot(activation, expiry, points),))
            if year not in self.head.lot_years:
                self.edit().lot_years = tuple(sorted((*self.head.lot_years, year)))
            return
        for i, lot in enumerate(lots):
            if lot.activation == activation and lot.expiry == expiry:
                self.write(key, (*lots[:i], Lot(activation, expiry, lot.points + points), *lots[i + 1 :]))
                return
        self.write(key, tuple(sorted((*lots, Lot(activation, expiry, points)))))

    def lot(self, activation: int, expiry: int) -> int:
        """The points of the active lot of these days."""
        for lot in self.read(lots_key(jalali(activation).year)) or ():
            if lot.activation == activation and lot.expiry == expiry:
                return int(lot.points)
        return 0

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
        for lead in self.shelf.leads:
            if (instant := midnight(expiry - lead)) > over:
                self.expect(instant)
