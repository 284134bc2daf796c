"""When the bank does what: the mix over hours and days, dues on customers' own days, balances at night."""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from operator import mul
from typing import NamedTuple

from bashgah.simulator.customers import PERSONAS, Customers, trait
from bashgah.simulator.ebanking import EARLINESS
from bashgah.simulator.mix import HABITS, SHOPS, Habit
from bashgah.simulator.rhythm import day_share, hour_shares
from bashgah.simulator.world import DAY, HOUR, Maker
from engine.calendar import jalali, local_ms, midnight, month_end, month_number

Item = tuple[int, Maker, int]
"""An instant (ms), the maker of what happens then, and the customer."""

MONTH_DAYS = 30
OWN_DAYS = frozenset(habit.name for habit in HABITS if habit.cycle or habit.name == "balance")
"""What comes on a customer's own days, at most once: dues and balances."""
_INVERSE_OF_7 = 13  # modulo 30
NIGHT = (1, 4)
"""Tehran hours in which the core records the balances of the day before."""
SAVINGS_SHARE = 0.25
"""How often a savings account's day is recorded, beside the main account's."""


class Cell(NamedTuple):
    """A row of the mix for one persona."""

    name: str
    first: int
    size: int
    daily: float
    """Events on an average day, from all of the persona's customers."""
    hours: str
    week: str
    season: str
    purse: bool

    def on(self, day: int) -> float:
        """Events on this day."""
        return self.daily * day_share(self.week, self.season, self.purse, day)


def cells(customers: Customers, *, all_habits: bool) -> list[Cell]:
    """The mix by persona; what has its own day (dues, balances) only with `all_habits`."""
    found = []
    for index, persona in enumerate(PERSONAS):
        first, size = customers.run(index)
        for shop in SHOPS:
            daily = _daily(shop.monthly, persona.habit.get(shop.habit, 100), size)
            found.append(Cell(shop.mcc, first, size, daily, shop.hours, shop.week, shop.season, True))
        for row in HABITS:
            if all_habits or row.name not in OWN_DAYS:
                daily = _daily(row.monthly, persona.habit.get(row.habit, 100), size)
                found.append(Cell(row.name, first, size, daily, row.hours, row.week, row.season, False))
    return [cell for cell in found if cell.daily]


def expected(customers: Customers, days: range, *, own_days: bool) -> float:
    """How many events the mix has in these days: those on customers' own days (dues, balances), or all others.

    What follows from them (refunds, registrations, duplicates) is not counted.
    """
    found = [cell for cell in cells(customers, all_habits=True) if (cell.name in OWN_DAYS) == own_days]
    return sum(cell.on(day) for cell in found for day in days)


def _daily(monthly: int, habit: int, size: int) -> float:
    return monthly / 1_000 / MONTH_DAYS * habit / 100 * size


class Schedule:
    """The occurrences of a run, hour by hour. `intensity`: how many times as busy as the mix."""

    def __init__(
        self, customers: Customers, makers: Mapping[str, Maker], intensity: float, *, all_habits: bool
    ) -> None:
        self.customers = customers
        self.makers = makers
        self.intensity = intensity
        self.cells = cells(customers, all_habits=all_habits)
        self.picks = [(makers[cell.name], cell.first, cell.size) for cell in self.cells]
        """What a draw among the cells gives: maker, first customer, number of customers."""
        self._by_hour = [[hour_shares(cell.hours)[hour] for cell in self.cells] for hour in range(24)]
        self._today = (0, [0.0])
        self.dues = [habit for habit in HABITS if habit.cycle]
        balances = next(habit.monthly for habit in HABITS if habit.name == "balance")
        self.recorded = [_daily(balances, p.habit.get("saving", 100), 1) * intensity for p in PERSONAS]
        """How often a night records the main account, by persona."""

    def weights(self, day: int, hour: int) -> tuple[list[float], float]:
        """Cumulative weights of the cells in an hour of a day, and how many events they are in all."""
        if self._today[0] != day:
            self._today = day, [cell.on(day) for cell in self.cells]
        sums = list(accumulate(map(mul, self._today[1], self._by_hour[hour])))
        return sums, sums[-1] * self.intensity

    def due_on(self, day: int) -> dict[int, list[tuple[Maker, int]]]:
        """The dues of a day by hour: rent, instalments and bills, each on its customers' own day of the month."""
        found: dict[int, list[tuple[Maker, int]]] = {hour: [] for hour in range(24)}
        for salt, habit in enumerate(self.dues, 30):
            shares = tuple(accumulate(hour_shares(habit.hours)))
            for maker, number in self._payers(habit, salt, day):
                share = (trait(number, day) & 0xFFFF) / 0x1_0000
                found[min(23, sum(share >= end for end in shares))].append((maker, number))
        return found

    def _payers(self, habit: Habit, salt: int, day: int) -> Iterator[tuple[Maker, int]]:
        name = habit.name
        if name == "instalment":
            for early in sorted(set(EARLINESS)):
                month = month_number(day + early)
                for number in self._due(habit, salt, day + early):
                    if EARLINESS[trait(number, month) % len(EARLINESS)] == early:
                        yield self.makers[f"{name}:{early}"], number
        else:
            for number in self._due(habit, salt, day):
                yield self.makers[name], number

    def _due(self, habit: Habit, salt: int, day: int) -> Iterator[int]:
        """Customers whose day of the month this is; the last day of a short month is also that of those after it."""
        of_month = jalali(day).day
        last = 30 if day == month_end(day) else min(of_month, 30)
        month = month_number(day)
        for own in range(of_month, last + 1):
            for number in range((own - 1 - salt) * _INVERSE_OF_7 % MONTH_DAYS, self.customers.count, MONTH_DAYS):
                share = habit.monthly * habit.cycle * self.customers.persona(number).habit.get(habit.habit, 100) // 100
                value = trait(number, salt)
                if value % 1_000 >= share or (habit.cycle == 2 and (value >> 20) + month & 1):
                    continue
                if self.intensity >= 1 or (trait(number, day ^ salt) & 0xFFFF) / 0x1_0000 < self.intensity:
                    yield number

    def night(self, hour: int) -> range:
        """The customers whose accounts are recorded in this hour: a third in each of the night's three hours."""
        begin, end = NIGHT
        if not begin <= hour < end:
            return range(0)
        count, parts = self.customers.count, end - begin
        return range(count * (hour - begin) // parts, count * (hour - begin + 1) // parts)


class Hour(NamedTuple):
    """An hour of the Tehran clock: [begin, end) in ms since 1970 UTC, the day's number and the hour of that day."""

    begin: int
    end: int
    day: int
    of_day: int


def hours(start: int) -> Iterator[Hour]:
    """Every hour from an instant on, without end."""
    at = start
    while True:
        day, within = divmod(local_ms(at), DAY)
        end = min(at + HOUR - within % HOUR, midnight(day + 1))
        yield Hour(at, end, day, within // HOUR)
        at = end
