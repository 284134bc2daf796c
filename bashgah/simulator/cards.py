"""The card switch: purchases, what comes back of them, cash."""

from itertools import count

from bashgah.simulator.customers import card, reference, trait
from bashgah.simulator.mix import REFUNDED, SHOPS, Shop
from bashgah.simulator.world import DAY, HOUR, MINUTE, SECOND, BankMessage, Maker, World, envelope, tehran_stamp

SOURCE = "/core/card-switch"
_ONLINE = ("web", "app", "app", "ussd")
_NOTES = (500_000, 1_000_000, 1_000_000, 2_000_000, 2_000_000, 3_000_000, 5_000_000)
_SHOPS_OF_A_TRADE = 3_000


class CardSwitch:
    """Makes the events of `bank.card`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids = count(1)

    def makers(self) -> dict[str, Maker]:
        """A maker for each trade, by its MCC, and for `cash`."""
        return {shop.mcc: self._purchase(shop) for shop in SHOPS} | {"cash": self._cash}

    def _purchase(self, shop: Shop) -> Maker:
        world, ids, random = self.world, self.ids, self.world.rng.random
        mcc, median, spread, step, online = shop.mcc, shop.median, shop.spread, shop.step, shop.online / 100
        refunded = REFUNDED / 10_000

        def purchase(number: int, at: int) -> BankMessage:
            amount = world.amount(number, median, spread, step)
            id = f"{world.run}-c{next(ids):x}"
            key = reference(number)
            merchant = int(_SHOPS_OF_A_TRADE * random() ** 3)  # a few shops have most of the custom
            way = random()
            if way < online:
                channel, till = _ONLINE[int(way * 4 / online)], 0
            else:
                channel, till = "pos", int(way * 4) + 1
            token = "" if way > 0.93 else f',"card":"{card(number, way < 0.2 and trait(number, 4) % 4 == 0)}"'
            data = (
                f'"amount":{amount},"mcc":"{mcc}","merchant":"m{mcc}{merchant:04d}",'
                f'"terminal":"t{mcc}{merchant:04d}{till}","channel":"{channel}"{token}'
            )
            type = "card.purchase.settled"
            value = envelope(id, SOURCE, type, key, tehran_stamp(at), data)
            arrival = self._give_back(key, id, amount, at) if random() < refunded else at
            return BankMessage(arrival, "card", type, key, value)

        return purchase

    def _give_back(self, key: str, id: str, amount: int, at: int) -> int:
        """Sends refunds of a purchase later; returns when the purchase itself arrives."""
        world = self.world
        kind = world.rng.random()
        if kind < 0.32:  # the terminal got no answer: the whole amount is reversed within minutes
            undone = at + world.delay(15 * SECOND, 3 * MINUTE)
            overtakes = kind < 0.08
            self._refund(key, id, amount, undone, "reversal", "ahead" if overtakes else "")
            return undone + world.delay(SECOND, 2 * MINUTE) if overtakes else at
        if kind < 0.42:
            disputed = self._days_later(at, 8, 40)
            self._refund(key, id, amount, disputed, "chargeback")
            if kind < 0.365:
                self._won(key, id, amount, self._days_later(disputed, 10, 45))
            return at
        if kind < 0.45:  # of a purchase made before the club began
            self._refund(key, f"{world.run}-c0-{next(self.ids):x}", amount, at + 1, "refund")
            return at
        parts = 1 if kind < 0.86 or amount < 300_000 else 2 if kind < 0.96 else 3
        left, when = amount, at
        for part in range(parts, 0, -1):
            when = self._days_later(when, 1, 9)
            back = left if part == 1 and kind < 0.95 else max(1, left // part // 10_000 * 10_000)
            self._refund(key, id, back, when, "refund")
            left -= back
        return at

    def _days_later(self, at: int, least: int, most: int) -> int:
        """At about the same time of day, some days on."""
        days = self.world.draw(least, most) * DAY
        return at + self.world.delay(days - HOUR, days + HOUR)

    def _refund(self, key: str, original: str, amount: int, at: int, reason: str, mark: str = "") -> None:
        data = f'"original":"{original}","amount":{amount},"reason":"{reason}"'
        self._send("card.purchase.refunded", key, at, data, mark)

    def _won(self, key: str, original: str, amount: int, at: int) -> None:
        self._send("card.chargeback.won", key, at, f'"original":"{original}","amount":{amount}')

    def _send(self, type: str, key: str, at: int, data: str, mark: str = "") -> None:
        id = f"{self.world.run}-c{next(self.ids):x}"
        self.world.later(
            BankMessage(at, "card", type, key, envelope(id, SOURCE, type, key, tehran_stamp(at), data), mark)
        )

    def _cash(self, number: int, at: int) -> BankMessage:
        way = self.world.rng.random()
        amount = _NOTES[int(way * len(_NOTES))]
        machine = trait(number, 5) % 900 if way < 0.7 else self.world.draw(0, 4_000)  # mostly the one nearby
        channel = "pos" if self.world.rng.random() < 0.04 else "atm"
        key, type = reference(number), "card.cash.withdrawn"
        data = f'"amount":{amount},"terminal":"{channel}{machine:05d}","channel":"{channel}"'
        id = f"{self.world.run}-c{next(self.ids):x}"
        return BankMessage(at, "card", type, key, envelope(id, SOURCE, type, key, tehran_stamp(at), data))
