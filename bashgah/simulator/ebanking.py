"""E-banking: logins, transfers, rent, bills, top-ups, instalments, services and the profile."""

from itertools import count

from bashgah.simulator.customers import reference, trait
from bashgah.simulator.membership import Membership
from bashgah.simulator.mix import PAYMENT_REVERSED
from bashgah.simulator.rhythm import BILL_SEASON
from bashgah.simulator.world import MINUTE, SECOND, BankMessage, Maker, World, envelope, utc_stamp
from engine.calendar import day_of, jalali, month_number

SOURCE = "/core/ebanking"
CARD_TO_CARD_MAX = 100_000_000
"""A day's limit of card-to-card transfers, Rial."""
PAYA_MAX = 500_000_000
"""Above this the transfer goes by SATNA, Rial (bankavl.com, Dey 1402: SATNA only above 50 million toman)."""

EARLINESS = (
    *(0,) * 38, *(1,) * 16, *(2,) * 10, *(3,) * 8, *(5,) * 4, *(7,) * 3, *(-1,) * 8, *(-2,) * 5, *(-4,) * 4, *(-9,) * 4
)  # fmt: skip
"""Days before the due day on which an instalment is paid, one of a hundred for each customer and month."""

_BILLS = {  # Rial for an average customer, spread in hundredths
    "electricity": (2_800_000, 45),
    "gas": (1_900_000, 45),
    "water": (1_100_000, 45),
    "mobile": (1_300_000, 60),
    "phone": (600_000, 40),
    "insurance": (45_000_000, 60),
    "tax": (80_000_000, 110),
    "fine": (3_500_000, 60),
    "other": (2_500_000, 100),
}
_TOPUPS = (50_000, 100_000, 100_000, 200_000, 200_000, 500_000, 1_000_000)
_SERVICES = ("mobile_bank", "sms_alert", "internet_bank", "ussd", "standing_order")
_FIELDS = ("email", "address", "postal_code", "birth_date", "education", "occupation", "marital_status", "photo")


class EBanking:
    """Makes the events of `bank.ebanking`."""

    def __init__(self, world: World, membership: Membership) -> None:
        self.world = world
        self.membership = membership
        self.ids = count(1)

    def makers(self) -> dict[str, Maker]:
        """A maker for each habit of this stream."""
        bills = {f"bill:{bill}": self._bill(bill) for bill in _BILLS}
        instalments = {f"instalment:{early}": self._instalment(early) for early in set(EARLINESS)}
        return (
            bills
            | instalments
            | {
                "login": self._login,
                "transfer": self._transfer,
                "rent": self._rent,
                "topup": self._topup,
                "instalment": self._instalment(None),
                "service": self._service,
                "profile-field": self._profile,
            }
        )

    def _message(self, type: str, number: int, at: int, data: str) -> BankMessage:
        id, key = f"{self.world.run}-e{next(self.ids):x}", reference(number)
        return BankMessage(at, "ebanking", type, key, envelope(id, SOURCE, type, key, utc_stamp(at), data))

    def _paid(self, type: str, number: int, at: int, amount: int, data: str) -> BankMessage:
        """A payment; a few are turned down by the biller and come back, some of them before it arrives here."""
        reversed_ = self.world.rng.random() * 10_000
        if reversed_ >= PAYMENT_REVERSED:
            return self._message(type, number, at, data)
        original = f"{self.world.run}-e{next(self.ids):x}"
        key, back = reference(number), at + self.world.delay(20 * SECOND, 90 * MINUTE)
        ahead = reversed_ < PAYMENT_REVERSED / 10
        undone = self._message("ebanking.payment.reversed", number, back, f'"original":"{original}","amount":{amount}')
        self.world.later(undone._replace(mark="ahead") if ahead else undone)
        arrival = back + self.world.delay(SECOND, MINUTE) if ahead else at
        return BankMessage(arrival, "ebanking", type, key, envelope(original, SOURCE, type, key, utc_stamp(at), data))

    def _login(self, number: int, at: int) -> BankMessage:
        channel = "app" if self.world.rng.random() < 0.8 else "internet"
        self.membership.invited(number, at, channel)
        return self._message("ebanking.login.succeeded", number, at, f'"channel":"{channel}"')

    def _transfer(self, number: int, at: int) -> BankMessage:
        amount = self.world.amount(number, 12_000_000, 150, 10_000)
        way = self.world.rng.random()
        own = way < 0.13
        if own or way < 0.20:
            rail = "internal"
        elif amount <= CARD_TO_CARD_MAX and way < 0.80:
            rail = "card"
        elif amount <= PAYA_MAX:
            rail = "paya" if way < 0.93 else "pol"
        else:
            rail = "satna"
        pick = self.world.rng.random()
        channel = "app" if pick < 0.72 else "internet" if pick < 0.90 else "atm" if rail == "card" else "phone"
        known = trait(number, 20 + int(pick * 50) % 6)  # most people pay the same few
        token = "" if own else f',"counterparty":"p{known:08x}"'
        data = f'"amount":{amount},"rail":"{rail}","channel":"{channel}","own":{str(own).lower()}{token}'
        return self._message("ebanking.transfer.completed", number, at, data)

    def _rent(self, number: int, at: int) -> BankMessage:
        """The same amount to the same landlord each month, raised once a year."""
        year = month_number(day_of(at) - trait(number, 8) % 365) // 12
        base = 90_000_000 * self.world.customers.purse[number] // 100 * (70 + trait(number, 6) % 90) // 100
        amount = max(20_000_000, base * (100 + 25 * max(0, year - 1404)) // 100 // 5_000_000 * 5_000_000)
        rail = "card" if amount <= CARD_TO_CARD_MAX else "paya" if amount <= PAYA_MAX else "satna"
        data = f'"amount":{amount},"rail":"{rail}","channel":"app","own":false,"counterparty":"p{trait(number, 7):08x}"'
        return self._message("ebanking.transfer.completed", number, at, data)

    def _bill(self, bill: str) -> Maker:
        world, (median, spread), season = self.world, _BILLS[bill], BILL_SEASON.get(bill, (100,) * 12)

        def paid(number: int, at: int) -> BankMessage:
            month = jalali(day_of(at)).month
            amount = world.amount(number, median * season[month - 1] // 100, spread, 1_000)
            pick = world.rng.random()
            channel = "app" if pick < 0.66 else "internet" if pick < 0.8 else "ussd" if pick < 0.93 else "atm"
            data = f'"amount":{amount},"bill":"{bill}","channel":"{channel}"'
            return self._paid("ebanking.bill.paid", number, at, amount, data)

        return paid

    def _topup(self, number: int, at: int) -> BankMessage:
        pick = self.world.rng.random()
        if pick < 0.45:
            kind, amount = "data", self.world.amount(number, 900_000, 55, 10_000)
        else:
            kind, amount = "airtime", _TOPUPS[int((pick - 0.45) / 0.55 * len(_TOPUPS))]
        channel = "ussd" if self.world.rng.random() < 0.3 else "app"
        data = f'"amount":{amount},"kind":"{kind}","channel":"{channel}"'
        return self._paid("ebanking.topup.purchased", number, at, amount, data)

    def _instalment(self, early: int | None) -> Maker:
        """The same amount each month; `early` days before the due day, or None: as this customer does this month."""

        def paid(number: int, at: int) -> BankMessage:
            days = EARLINESS[trait(number, month_number(day_of(at))) % len(EARLINESS)] if early is None else early
            income = self.world.customers.persona(number).income
            amount = max(2_000_000, income * (8 + trait(number, 9) % 30) // 100 // 10_000 * 10_000)
            channel = "app" if trait(number, 10) % 3 else "internet"
            data = f'"amount":{amount},"days_early":{days},"channel":"{channel}"'
            return self._message("ebanking.instalment.paid", number, at, data)

        return paid

    def _service(self, number: int, at: int) -> BankMessage | None:
        """The services a customer does not have yet, one after another."""
        had = self.world.services[number]
        if had == len(_SERVICES):
            return None
        self.world.services[number] = had + 1
        return self._message("ebanking.service.activated", number, at, f'"service":"{_SERVICES[had]}"')

    def _profile(self, number: int, at: int) -> BankMessage:
        field = _FIELDS[self.world.draw(0, len(_FIELDS) - 1)]
        return self._message("ebanking.profile.completed", number, at, f'"field":"{field}"')
