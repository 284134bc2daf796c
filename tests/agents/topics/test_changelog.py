"""Several changelog partitions through one reader: each part gets its own records, all of them, once, in order."""

import asyncio
from random import Random

import pytest

from agents.broker.interface import Broker, TopicSpec
from agents.topics.changelog import SharedPart, SharedReader
from bashgah.brokers import open_broker
from schemas.records import OutputRecord, TopicPartition

TOPIC = "shared"
SIZES = {0: 2_500, 1: 0, 2: 700, 3: 1}


async def read_on(part: SharedPart, begin: int, end: int, choice: Random) -> list[tuple[bytes, bytes | None]]:
    """As recovery reads."""
    await part.seek(begin)
    seen: list[tuple[bytes, bytes | None]] = []
    while await part.position() < end:
        before = await part.position()
        records = await part.fetch()
        assert await part.position() >= before + len(records)
        seen += [(each.key, each.value) for each in records]
        await asyncio.sleep(choice.random() * 0.002)
    return seen


async def written(broker: Broker) -> None:
    await broker.create_topics([TopicSpec(TOPIC, len(SIZES))])
    producer = await broker.producer("writer")
    for begin in range(0, max(SIZES.values()), 300):
        outputs = [
            OutputRecord(TOPIC, number, b"k%d" % index, b"%d" % number)
            for number, size in SIZES.items()
            for index in range(begin, min(begin + 300, size))
        ]
        await producer.transact(outputs)
    await producer.close()


@pytest.mark.parametrize("seed", range(5))
def test_parts_read_at_once_get_what_a_reader_of_their_own_would(seed: int) -> None:
    async def scenario() -> None:
        broker = open_broker(f"embedded://#shared-{seed}")
        await written(broker)
        places = [TopicPartition(TOPIC, number) for number in SIZES]
        ends, begins = await broker.end_offsets(places), await broker.begin_offsets(places)
        reader = await broker.reader()
        shared = SharedReader(reader, begins)
        await shared.open()
        choice = Random(seed)
        starts = {place: choice.choice([0, ends[place] // 2, ends[place]]) for place in places}
        found = await asyncio.gather(
            *(read_on(shared.part(place), starts[place], ends[place], choice) for place in places)
        )
        for place, seen in zip(places, found, strict=True):
            alone = await broker.reader()
            await alone.assign({place: starts[place]})
            wanted: list[tuple[bytes | None, bytes | None]] = []
            while await alone.position(place) < ends[place]:
                wanted += [(each.key, each.value) for each in (await alone.fetch(50, 10_000)).get(place, [])]
            assert seen == wanted, f"partition {place.partition}, seed {seed}"
            await alone.close()
        again = shared.part(places[0])
        assert len(await read_on(again, 0, ends[places[0]], choice)) == SIZES[0]
        await reader.close()
        await broker.close()

    asyncio.run(scenario())
