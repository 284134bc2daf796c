"""Damaged records through whole lanes: no worker ends, everything is consumed, and the journal replays to the byte."""

import json
from random import Random

from agents.lanes.dead_letter_limit import Limit
from bashgah.audit.lanes import verify
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import OutputRecord
from tests.agents.lanes.small_club import NOW_MS, SmallClub, in_club
from tests.fuzz.damage import damaged
from tests.schemas.examples import EXAMPLES, event
from tests.simulation.workload_clock import rfc3339

PARTITIONS = 2
RECORDS = 1_200


def test_no_worker_ends_over_damaged_records() -> None:
    async def scenario(club: SmallClub) -> None:
        published = await _publish(club, Random("lanes"))
        lanes, driver = await club.worker(dead_letters=Limit(100, 1_000), batch_records_max=50)
        while any(lane.busy for lane in lanes.lanes.values()) or not published <= await _consumed(club):
            await driver.feed_once()
            assert club.problems == []
        await lanes.stop()
        refused = sum([len(await club.records(topics.DEAD_LETTER.name, number)) for number in range(PARTITIONS)])
        assert RECORDS // 4 < refused < RECORDS
        taken = sum([(await verify(club.broker, number)).records for number in range(PARTITIONS)])
        assert taken == RECORDS

    in_club(scenario, PARTITIONS)


async def _publish(club: SmallClub, draw: Random) -> set[tuple[str, int, int]]:
    """Damaged events of every type, one in five of them sound; where each input ends then."""
    others = [event(kind) for kind in EXAMPLES]
    for number in range(RECORDS):
        kind = draw.choice(list(EXAMPLES))
        time = rfc3339(NOW_MS - draw.randrange(1_000_000))
        envelope = event(kind, subject=f"m-{number % 9}", id=f"e{number - number % 3}", time=time)
        topic, key, value = EXAMPLES[kind].topic, f"m-{number % 9}".encode(), json.dumps(envelope).encode()
        if draw.random() > 0.2:
            record = damaged(draw, topic, envelope, others, NOW_MS, number)
            topic, key, value = record.topic, record.key or b"", record.value or b""
        await club.broker.publish([OutputRecord(topic, partition_of(key, PARTITIONS), key or None, value)])
    return {
        (name.name, number, len(await club.records(name.name, number)))
        for name in topics.INPUTS
        for number in range(PARTITIONS)
    }


async def _consumed(club: SmallClub) -> set[tuple[str, int, int]]:
    return {
        (name, number, offset)
        for number in range(PARTITIONS)
        for name, offset in (await club.watermark(number)).offsets.items()
    }
