"""The deposit core: accounts, and their end-of-day balances with corrections.

A balance is a function of the customer, the day and some noise, not a ledger of the purchases on other topics: a
salary lifts it at the month's turn and it runs down until the next.
"""

from itertools import count

from bashgah.simulator.customers import account, reference, trait
from bashgah.simulator.mix import BALANCE_CORRECTED
from bashgah.simulator.world import DAY, HOUR, BankMessage, Maker, World, envelope, tehran_stamp
from engine.calendar import day_of, gregorian, jalali

SOURCE = "/core/deposit"
_SAVINGS = ("long_term", "qard_al_hasan", "long_term")
_SERIALS_MAX = 200
_SALARY_LEFT = (
    100, 82, 74, 67, 61, 56, 52, 48, 45, 42, 39, 36, 34, 31, 29,
    27, 25, 23, 21, 19, 17, 15, 14, 12, 11, 9, 8, 7, 6, 5,
)  # fmt: skip
"""Percent of a salary still there so many days after it came."""


class Deposits:
    """Makes the events of `bank.deposit`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids = count(1)
        self._turn = -1
        self._turn_day = 0

    def makers(self) -> dict[str, Maker]:
        """A maker for each habit of this stream but the nightly balances."""
        return {"account-opened": self._opened, "account-closed": self._closed, "balance": self._balance_in_turn}

    def main_balance(self, number: int, at: int) -> BankMessage:
        """The balance of a customer's main account at the end of the day before."""
        world, day = self.world, day_of(at) - 1
        persona = world.customers.persona(number)
        income = persona.income * world.customers.purse[number] // persona.purse
        noise = 60 + int(world.rng.random() * 80)
        if persona.paydays:
            since = (jalali(day).day - persona.paydays[trait(number, 11) % len(persona.paydays)]) % 30
            balance = income * _SALARY_LEFT[since] // 100 + income * (trait(number, 12) % 60) // 100
        else:
            balance = income * (10 + trait(number, 12) % 90) // 100
        balance = balance * noise // 100 // 10_000 * 10_000
        if persona.business and noise < 64:
            balance = -balance // 4
        elif noise == 60:
            balance = 0
        return self._recorded(number, 0, _main_product(number, persona.business), at, day, balance, 0)

    def savings_balance(self, number: int, at: int) -> BankMessage | None:
        """The balance of a customer's savings account at the end of the day before; None without one."""
        serial = self.world.savings[number]
        if serial <= 0:
            return None
        income = self.world.customers.persona(number).income
        months = 1 + trait(number, 13) % 18
        balance = income * months * (96 + int(self.world.rng.random() * 8)) // 100 // 10_000 * 10_000
        return self._recorded(number, serial, _SAVINGS[serial % 3], at, day_of(at) - 1, balance, 0)

    def _recorded(
        self, number: int, serial: int, product: str, at: int, day: int, balance: int, revision: int
    ) -> BankMessage:
        world = self.world
        lowest = f',"minimum":{balance - abs(balance) // 1_000 * world.draw(0, 400)}' if trait(number, 14) % 4 else ""
        data = (
            f'"account":"{account(number, serial)}","product":"{product}","date":"{gregorian(day)}",'
            f'"balance":{balance}{lowest},"revision":{revision}'
        )
        if world.rng.random() * 10_000 < BALANCE_CORRECTED * (1 if revision == 0 else 10) and revision < 3:
            fixed = at + world.delay(3 * HOUR, 3 * DAY)
            other = balance + world.draw(-40, 60) * max(10_000, abs(balance) // 1_000)
            world.later(self._recorded(number, serial, product, fixed, day, other, revision + 1))
        return self._message("deposit.balance.recorded", number, at, data)

    def _balance_in_turn(self, number: int, at: int) -> BankMessage:
        """For a live stream: all main accounts in turn; once all had yesterday's balance, they are corrected."""
        del number
        day = day_of(at) - 1
        if day != self._turn_day:
            self._turn_day, self._turn = day, -1
        self._turn += 1
        revision, owner = divmod(self._turn, self.world.customers.count)
        persona = self.world.customers.persona(owner)
        balance = persona.income * (10 + trait(owner, self._turn) % 90) // 100
        return self._recorded(owner, 0, _main_product(owner, persona.business), at, day, balance, revision)

    def _opened(self, number: int, at: int) -> BankMessage | None:
        serial = self.world.savings[number]
        if serial > 0 or serial <= -_SERIALS_MAX:
            return None
        self.world.savings[number] = opened = 1 - serial
        return self._account("deposit.account.opened", number, opened, at)

    def _closed(self, number: int, at: int) -> BankMessage | None:
        serial = self.world.savings[number]
        if serial <= 0:
            return None
        self.world.savings[number] = -serial
        return self._account("deposit.account.closed", number, serial, at)

    def _account(self, type: str, number: int, serial: int, at: int) -> BankMessage:
        date = gregorian(day_of(at))
        data = f'"account":"{account(number, serial)}","product":"{_SAVINGS[serial % 3]}","date":"{date}"'
        return self._message(type, number, at, data)

    def _message(self, type: str, number: int, at: int, data: str) -> BankMessage:
        id, key = f"{self.world.run}-d{next(self.ids):x}", reference(number)
        return BankMessage(at, "deposit", type, key, envelope(id, SOURCE, type, key, tehran_stamp(at), data))


def _main_product(number: int, business: bool) -> str:
    return "current" if trait(number, 15) % 100 < (70 if business else 25) else "short_term"
