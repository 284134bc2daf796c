"""The simulated bank as one endless stream of records, in the order in which they arrive.

Pure: a plan gives the same bytes every time (same Python, same C library: amounts go through `exp`). Memory is bounded
by the number of customers and by what is under way (late records, refunds to come), never by the length of the stream.
"""

from bisect import bisect_right
from collections.abc import Iterator
from heapq import heappop
from itertools import count, islice
from operator import itemgetter
from typing import NamedTuple

from bashgah.simulator.cards import CardSwitch
from bashgah.simulator.customers import Customers
from bashgah.simulator.deposits import Deposits
from bashgah.simulator.dirt import spoil
from bashgah.simulator.ebanking import EBanking
from bashgah.simulator.membership import Membership
from bashgah.simulator.mix import DUPLICATED, JITTERED, LATE
from bashgah.simulator.schedule import SAVINGS_SHARE, Item, Schedule, expected, hours
from bashgah.simulator.world import DAY, ERASED, HOUR, MINUTE, SECOND, BankMessage, World
from engine.calendar import day_of, local_ms

FESTIVALS = ("physicians-autumn-1405",)
_SLOT_EVENTS = 20_000
"""About how many events are made at a time."""
_LIVE_SLOT = 100
"""A live stream is made in slots of so many ms."""
_SKEW = 1.6
"""How unequal customers are: the busiest 1% have 1% ** (1 / 1.6) = 5.6% of the events."""

_LATE = LATE / 10_000
_JITTERED = _LATE + JITTERED / 10_000
_UNUSUAL = _JITTERED + DUPLICATED / 10_000


class Plan(NamedTuple):
    """What to simulate. Without `events` and `days` the stream has no end."""

    members: int
    seed: int
    start: int
    """The first instant, ms since 1970 UTC."""
    events: int | None = None
    """Stop after so many records."""
    days: int | None = None
    """With `events`: be as busy as it takes to need about so many days for them. Alone: stop after so many days."""
    rate: int | None = None
    """A live stream: this many records a second from `start` on, whatever the hour, instead of the mix's own pace."""
    dirt: float = 0.0
    """The share of records that break the contract."""
    festivals: tuple[str, ...] = FESTIVALS


def simulate(plan: Plan) -> Iterator[BankMessage]:
    """The records of a plan, by arrival."""
    customers, first = Customers(plan.members), day_of(plan.start)
    intensity, hasten = 1.0, 1
    if plan.rate is not None:
        hasten = max(1, int(plan.rate * DAY / SECOND / _usual(customers, range(first, first + 7)) * 7))
    elif plan.events and plan.days:
        intensity = _intensity(customers, range(first, first + plan.days), plan.events)
    world = World(customers, plan.seed, plan.start, plan.festivals, hasten)
    membership, deposits = Membership(world), Deposits(world)
    makers = CardSwitch(world).makers() | EBanking(world, membership).makers()
    makers |= deposits.makers() | membership.makers()
    schedule = Schedule(customers, makers, intensity, all_habits=plan.rate is not None)
    if plan.rate is None:
        last = None if plan.events or plan.days is None else first + plan.days
        messages = _historic(world, plan.dirt, schedule, deposits, last)
    else:
        messages = _live(world, plan.dirt, schedule, plan.rate)
    return islice(messages, plan.events) if plan.events else messages


def _usual(customers: Customers, days: range) -> float:
    return expected(customers, days, own_days=True) + expected(customers, days, own_days=False)


def _intensity(customers: Customers, days: range, events: int) -> float:
    """How busy the bank must be for so many events in these days; dues and balances come once at most."""
    own, others = (expected(customers, days, own_days=choice) for choice in (True, False))
    return events / (own + others) if events <= own + others else (events - own) / others


def _live(world: World, dirt: float, schedule: Schedule, rate: int) -> Iterator[BankMessage]:
    """Records at a steady rate: each slot makes up for what the slots before fell short of or exceeded."""
    sent, hour, sums = 0, -1, [0.0]
    for slot in count():
        begin = world.start + slot * _LIVE_SLOT
        local = local_ms(begin) // HOUR
        if local != hour:
            hour, (sums, _) = local, schedule.weights(*divmod(local, 24))
        due = rate * (slot + 1) * _LIVE_SLOT // SECOND - sent
        items = _drawn(world, schedule, sums, max(0, due), begin, _LIVE_SLOT)
        for message in _deliver(world, dirt, items, begin + _LIVE_SLOT):
            sent += 1
            yield message


def _historic(
    world: World, dirt: float, schedule: Schedule, deposits: Deposits, last: int | None
) -> Iterator[BankMessage]:
    """Records at the mix's own pace, made an hour or a part of it at a time; until the day `last`, or without end."""
    random = world.rng.random
    today, dues = -1, schedule.due_on(day_of(world.start))
    for begin, end, day, hour in hours(world.start):
        if day == last:
            return
        if day != today:
            today, dues = day, schedule.due_on(day)
        sums, events = schedule.weights(day, hour)
        night = schedule.night(hour) if day > day_of(world.start) else range(0)
        parts = 1 + int(events + len(night)) // _SLOT_EVENTS
        length = (end - begin) // parts
        for part in range(parts):
            first = begin + length * part
            items = _drawn(world, schedule, sums, int(events / parts + random()), first, length)
            items += [(first + int(random() * length), make, number) for make, number in dues[hour][part::parts]]
            run = night[len(night) * part // parts : len(night) * (part + 1) // parts]
            items += _balances(world, schedule, deposits, run, first, length)
            items.sort(key=itemgetter(0))
            yield from _deliver(world, dirt, items, first + length)


def _drawn(world: World, schedule: Schedule, sums: list[float], events: int, begin: int, length: int) -> list[Item]:
    """So many occurrences drawn from the mix, spread over a time, in order."""
    random = world.rng.random
    picks = world.rng.choices(schedule.picks, cum_weights=sums, k=events)
    items = [
        (begin + int(random() * length), make, first + int(size * random() ** _SKEW)) for make, first, size in picks
    ]
    items.sort(key=itemgetter(0))
    return items


def _balances(
    world: World, schedule: Schedule, deposits: Deposits, run: range, begin: int, length: int
) -> Iterator[Item]:
    """The balances of a run of customers, one account after another."""
    random = world.rng.random
    for index, number in enumerate(run):
        at = begin + int(length * (index + random()) / len(run))
        recorded = schedule.recorded[bisect_right(world.customers.bounds, number)]
        if random() < recorded:
            yield at, deposits.main_balance, number
        if world.savings[number] > 0 and random() < recorded * SAVINGS_SHARE:
            yield at, deposits.savings_balance, number


def _deliver(world: World, dirt: float, items: list[Item], end: int) -> Iterator[BankMessage]:
    """Makes the events of a slot and lets each arrive in time, late, overtaken or twice; and what is due by its end."""
    random, pending, status = world.rng.random, world.pending, world.status
    for at, make, number in items:
        while pending and pending[0][0] <= at:
            yield heappop(pending)[2]
        message = make(number, at) if status[number] != ERASED else None
        if message is None:
            continue
        fate = random()
        if fate < _UNUSUAL:
            message = _unusual(world, message, fate)
        if dirt and random() < dirt:
            message, *others = spoil(message, world.rng)
            for other in others:
                world.later(other)
        if message.at > at:
            world.later(message)
        else:
            yield message
    while pending and pending[0][0] < end:
        yield heappop(pending)[2]


def _unusual(world: World, message: BankMessage, fate: float) -> BankMessage:
    """A message that comes late or a little late; or in time, with its repetition to follow."""
    if fate >= _JITTERED:
        again = message.at + world.delay(50, 2 * HOUR)
        world.later(message._replace(at=again, mark="duplicate"))
        return message
    if fate >= _LATE:
        return message._replace(at=message.at + world.delay(200, 20 * SECOND))
    how_late = world.rng.random()
    if how_late < 0.6:
        delay = world.delay(2 * MINUTE, 90 * MINUTE)
    elif how_late < 0.88:
        delay = world.delay(2 * HOUR, 20 * HOUR)
    else:
        delay = world.delay(DAY, 9 * DAY)
    return message._replace(at=message.at + delay, mark="late")
