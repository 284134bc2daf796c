"""The bank publishes its story once, record by record, goes on in the right place, and does not run away."""

import asyncio
import time

import pytest

from agents.broker.interface import TopicSpec
from bashgah.brokers import open_broker
from bashgah.demo.bank import AHEAD_EVENTS_MAX, DIRT, Bank
from bashgah.demo.folder import Story
from bashgah.demo.pulse import Pulse
from bashgah.simulator import Plan, simulate
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import TopicPartition
from tests.bashgah.simulator.bank import NEW_YEAR

STORY = Story(200, 9, NEW_YEAR)
PLACES = [TopicPartition(topic.name, number) for topic in topics.INPUTS for number in range(2)]


async def _published(name: str, published: int, events: int | None, rate: int, seconds: float = 30) -> list[bytes]:
    """What a bank has published when it is done, or after so long; nothing of it is ever processed."""
    broker = open_broker(f"embedded://#{name}")
    await broker.create_topics([TopicSpec(topic.name, 2) for topic in topics.INPUTS])
    bank = Bank(broker, STORY, 2, published, events)
    work = asyncio.create_task(bank.publish(rate, lambda: published))
    await asyncio.wait([work], timeout=seconds)
    assert bank.done is work.done()
    work.cancel()
    reader = await broker.reader()
    await reader.assign(await broker.begin_offsets(PLACES))
    values = []
    while found := await reader.fetch(0, 10_000):
        for place, records in found.items():
            assert all(partition_of(record.key, 2) == place.partition for record in records if record.key is not None)
            values += [record.value or b"" for record in records]
    assert bank.published == published + len(values)
    return values


@pytest.mark.parametrize("published", [0, 2_345])
def test_it_goes_on_behind_what_was_published(published: int) -> None:
    values = asyncio.run(_published(f"bank-{published}", published, 700, 1_000_000))
    plan = Plan(STORY.members, STORY.seed, STORY.start, published + 700, dirt=DIRT)
    assert sorted(values) == sorted(each.value for each in list(simulate(plan))[published:])


def test_it_waits_for_the_club() -> None:
    values = asyncio.run(_published("bank-ahead", 0, None, 1_000_000, seconds=1.5))
    assert AHEAD_EVENTS_MAX < len(values) <= AHEAD_EVENTS_MAX + 500


def test_it_keeps_to_its_rate() -> None:
    began = time.monotonic()
    assert len(asyncio.run(_published("bank-rate", 0, 300, 300))) == 300
    assert time.monotonic() - began > 0.9


def test_the_pulse_is_of_the_last_seconds() -> None:
    pulse = Pulse()
    for now_s, processed in enumerate([0, 1_000, 1_000, 4_000]):
        pulse.sample(now_s, processed)
        pulse.sample(now_s + 0.5, processed + 999)  # in between: passed over
    assert list(pulse.history) == [1_000, 0, 3_000]
    assert pulse.rate == 1_333
    for now_s in range(4, 20):
        pulse.sample(now_s, 4_000)
    assert pulse.rate == 0
