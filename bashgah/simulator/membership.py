"""The club's portal and back office: who registers, changes, joins, redeems, leaves."""

from itertools import count

from bashgah.simulator.customers import alias, province, reference, trait
from bashgah.simulator.world import (
    ERASED,
    LEFT,
    MINUTE,
    REGISTERED,
    SECOND,
    STRANGER,
    BankMessage,
    Maker,
    World,
    envelope,
    tehran_stamp,
)

PORTAL = "/portal/membership"
BACK_OFFICE = "/back-office/club"
_INVITED = 0.12
"""How often a customer who is no member registers after opening the app, which tells them of the club."""
_NEVER_PERCENT = 18
"""Customers who will not register."""
_MEDIA = ("sms", "email", "push")
_COMPLAINTS = ("missing points", "goodwill", "wrong merchant code", "festival correction")
_OPERATORS = ("op-amini", "op-karimi", "op-rahimi", "op-sadeghi", "op-system")
_REWARDS = ("gift-card", "gift-card", "gold-coin")


class Membership:
    """Makes the events of `club.member`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids = count(1)
        self.erased = 0
        """At most one customer in fifty, or a long stream of a small bank would fall silent."""

    def makers(self) -> dict[str, Maker]:
        """A maker for each habit of this stream."""
        return {
            "branch-registration": self._at_branch,
            "profile-change": self._profile,
            "consent": self._consent,
            "festival-join": self._join,
            "festival-leave": self._leave_festival,
            "adjustment": self._adjustment,
            "points-transfer": self._transfer,
            "redemption": self._redemption,
            "block": self._block,
            "leave": self._leave,
            "erasure": self._erasure,
        }

    def invited(self, number: int, at: int, channel: str) -> None:
        """A customer has opened the app or internet bank: some register a few minutes later."""
        if self.world.status[number] in (STRANGER, LEFT) and self.world.rng.random() < _INVITED:
            message = self._registered(number, at + self.world.delay(40 * SECOND, 6 * MINUTE), channel)
            if message is not None:
                self.world.later(message)

    def _message(self, type: str, number: int, at: int, data: str, source: str = PORTAL) -> BankMessage:
        id, key = f"{self.world.run}-m{next(self.ids):x}", reference(number)
        return BankMessage(at, "member", type, key, envelope(id, source, type, key, tehran_stamp(at), data))

    def _at_branch(self, number: int, at: int) -> BankMessage | None:
        return self._registered(number, at, "branch")

    def _registered(self, number: int, at: int, channel: str) -> BankMessage | None:
        again = self.world.status[number] == LEFT
        if self.world.status[number] not in (STRANGER, LEFT) or trait(number, 16) % 100 < _NEVER_PERCENT:
            return None
        self.world.status[number] = REGISTERED
        if again:  # registering again without segments keeps the old ones
            return self._message("member.registered", number, at, f'"channel":"{_channel(channel)}"')
        wishes = trait(number, 17)
        name = "" if wishes % 9 == 0 else f',"alias":"{alias(number)}"'
        segments = _texts(self.world.customers.persona(number).segments)
        consents = f'"sms":{_json(wishes % 10 < 7)},"email":{_json(wishes % 7 < 2)},"push":{_json(wishes % 11 < 8)}'
        data = (
            f'"channel":"{_channel(channel)}"{name},"segments":{segments},"province":"{province(number)}",'
            f'"consents":{{{consents}}}'
        )
        return self._message("member.registered", number, at, data)

    def _profile(self, number: int, at: int) -> BankMessage | None:
        if self.world.status[number] != REGISTERED:
            return None
        change = self.world.draw(0, 9)
        if change < 6:
            data = f'"alias":"{alias(number, 100 + change)}"'
        elif change < 9:
            data = f'"province":"{province(self.world.draw(0, 10_000))}"'
        else:
            data = f'"segments":{_texts((*self.world.customers.persona(number).segments, "vip"))}'
        return self._message("member.profile.changed", number, at, data)

    def _consent(self, number: int, at: int) -> BankMessage | None:
        if self.world.status[number] != REGISTERED:
            return None
        medium, granted = _MEDIA[self.world.draw(0, 2)], self.world.rng.random() < 0.55
        return self._message("member.consent.changed", number, at, f'"medium":"{medium}","granted":{_json(granted)}')

    def _join(self, number: int, at: int) -> BankMessage | None:
        festivals = self.world.festivals
        if self.world.status[number] != REGISTERED or self.world.joined[number] >= len(festivals):
            return None
        festival = festivals[self.world.joined[number]]
        self.world.joined[number] += 1
        return self._message("member.festival.joined", number, at, f'"festival":"{festival}"')

    def _leave_festival(self, number: int, at: int) -> BankMessage | None:
        if self.world.status[number] != REGISTERED or not self.world.joined[number]:
            return None
        self.world.joined[number] -= 1
        festival = self.world.festivals[self.world.joined[number]]
        return self._message("member.festival.left", number, at, f'"festival":"{festival}"')

    def _adjustment(self, number: int, at: int) -> BankMessage:
        points = self.world.draw(1, 40) * 10 * (-1 if self.world.rng.random() < 0.2 else 1)
        return self._decided("member.points.adjusted", number, at, f'"points":{points},', "")

    def _decided(self, type: str, number: int, at: int, before: str, reason: str) -> BankMessage:
        """An act of the back office, with its reason and its operator."""
        reason = reason or _COMPLAINTS[self.world.draw(0, len(_COMPLAINTS) - 1)]
        operator = _OPERATORS[self.world.draw(0, len(_OPERATORS) - 1)]
        return self._message(type, number, at, f'{before}"reason":"{reason}","operator":"{operator}"', BACK_OFFICE)

    def _transfer(self, number: int, at: int) -> BankMessage | None:
        to = self.world.draw(0, self.world.customers.count - 1)
        if self.world.status[number] != REGISTERED or to == number:
            return None
        fields = f'"to":"{reference(to)}","points":{self.world.draw(1, 50) * 10},'
        return self._decided("member.points.transferred", number, at, fields, "family gift")

    def _redemption(self, number: int, at: int) -> BankMessage | None:
        """A request; then most are fulfilled, whole or in part, some are called off, the rest lapse."""
        world = self.world
        if world.status[number] != REGISTERED:
            return None
        points, end = world.draw(1, 60) * 50, world.rng.random()
        key = f"r{world.run}{next(self.ids):x}"
        hold = f',"hold_minutes":{world.draw(2, 8) * 15}' if end < 0.5 else ""
        done = at + world.delay(MINUTE, 25 * MINUTE)
        if end < 0.8:
            part = f',"points":{points // 2}' if end < 0.1 else ""
            world.later(self._message("member.redemption.captured", number, done, f'"key":"{key}"{part}'))
        elif end < 0.93:
            world.later(self._message("member.redemption.released", number, done, f'"key":"{key}"'))
        data = f'"key":"{key}","points":{points},"reward":"{_REWARDS[world.draw(0, 2)]}"{hold}'
        return self._message("member.redemption.requested", number, at, data)

    def _block(self, number: int, at: int) -> BankMessage | None:
        if self.world.status[number] != REGISTERED:
            return None
        lifted = at + self.world.delay(20 * MINUTE, 4_000 * MINUTE)
        self.world.later(self._decided("member.spending.unblocked", number, lifted, "", "checked"))
        return self._decided("member.spending.blocked", number, at, "", "unusual use")

    def _leave(self, number: int, at: int) -> BankMessage | None:
        if self.world.status[number] != REGISTERED:
            return None
        self.world.status[number] = LEFT
        return self._message("member.left", number, at, "")

    def _erasure(self, number: int, at: int) -> BankMessage | None:
        """Asked for by members and former members; the bank sends nothing new of them, what is under way arrives."""
        if self.world.status[number] not in (REGISTERED, LEFT) or self.erased >= self.world.customers.count // 50:
            return None
        self.erased += 1
        self.world.status[number] = ERASED
        return self._message("member.erased", number, at, "", BACK_OFFICE)


def _channel(channel: str) -> str:
    """The club's word for where someone registered."""
    return {"app": "mobile", "internet": "web"}.get(channel, channel)


def _texts(values: tuple[str, ...]) -> str:
    joined = '","'.join(values)
    return f'["{joined}"]'


def _json(truth: bool) -> str:
    return "true" if truth else "false"
