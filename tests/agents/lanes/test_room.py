"""A backlog larger than what a lane may hold: its inputs are paused and resumed, and it never stands still."""

import asyncio
import json

from agents.lanes.catch_up import last_tick
from agents.lanes.lane_driver import LaneDriver
from agents.lanes.lane_set import LaneSet
from agents.lanes.options import LaneOptions
from agents.lanes.spec import inputs_of
from agents.process.exit_codes import ClubError
from agents.topics.changelog import last_watermark
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.provision import TopicPlan, create_missing
from bashgah.embedded.broker import EmbeddedBroker
from bashgah.embedded.log import Log
from bashgah.embedded.storage import MemoryStorage
from schemas import topics
from schemas.records import OutputRecord
from tables.store import MemoryStore

EVENTS = 24


async def test_an_input_that_runs_empty_while_the_others_fill_the_lane_is_read_on() -> None:
    log = Log(MemoryStorage(), lambda: 1_790_000_000_000)
    log.open()
    broker = EmbeddedBroker(log)
    await create_missing(broker, {}, TopicPlan(1, 1, 1))
    await first_watermarks(broker, "earliest")
    # All of e-banking and most of the deposits lie behind all of the cards, so the cards run out again and again.
    for minute in range(EVENTS):
        card = {"amount": 1, "terminal": "t", "channel": "atm"}
        login, account = {"channel": "app"}, {"account": "a", "product": "current", "date": "2026-09-23"}
        await broker.publish(
            [
                _output(topics.CARD.name, "card.cash.withdrawn", minute, 8, card),
                _output(topics.EBANKING.name, "ebanking.login.succeeded", minute, 10, login),
                _output(topics.DEPOSIT.name, "deposit.account.opened", minute, 12, account),
            ]
        )
    problems: list[ClubError] = []
    options = LaneOptions(replay=True, merge_wait_ms=None, queue_records_max=10, batch_records_max=5)
    lanes = LaneSet(broker, lambda _: MemoryStore(), options, problems.append)
    await lanes.start()
    until = dict(await broker.end_offsets(inputs_of([0])))
    driver = LaneDriver(broker, lanes, until, records_max=4)  # every input comes in pieces
    async with asyncio.timeout(20):
        await driver.open([0])
        lanes.fix_ends(until)
        while not driver.arrived:
            await driver.feed_once()
        await last_tick(lanes)
    await driver.close()
    await lanes.stop()
    watermark = await last_watermark(broker, 0)
    assert watermark is not None
    assert [watermark.offsets[topic.name] for topic in (topics.CARD, topics.EBANKING, topics.DEPOSIT)] == [EVENTS] * 3
    assert problems == []


def _output(topic: str, kind: str, minute: int, hour: int, data: dict[str, object]) -> OutputRecord:
    time = f"2026-09-23T{hour:02d}:{minute:02d}:00+03:30"
    event = {"specversion": "1.0", "id": f"{kind}-{minute}", "source": "/bank", "type": kind, "subject": "m-1"}
    return OutputRecord(topic, 0, b"m-1", json.dumps({**event, "time": time, "data": data}).encode())
