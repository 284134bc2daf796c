"""From publishing an event to its posting being visible to a read_committed consumer, at 1,000 events/s.

    python -m tests.benchmarks.latency --engines ours,kafka_streams

The common task again: this process publishes purchases one by one at a steady rate and reads the output topic; what
counts is the time between handing an event to the producer and holding its output. The first seconds are not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from agents.broker.interface import Broker
from bashgah.admin.provision import TopicPlan, spec_of
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import TopicPartition
from tests.benchmarks.card_task import INPUT, MEMBERS, Purchase, purchases
from tests.benchmarks.contestants import ENGINES, Contestant, contestant, install
from tests.benchmarks.results import Results
from tests.benchmarks.sampling import Sampler, calibration_ms
from tests.benchmarks.site import PARTITIONS, Site, kafka
from tests.benchmarks.throughput import PROGRAMME, START_S_MAX

WARM_UP_S = 10.0
DRAIN_S = 10.0
_SLICE_S = 0.001
QUANTILES = (("p50", 0.50), ("p99", 0.99))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.latency", description=__doc__)
    parser.add_argument("--engines", default="ours", help="of: " + ",".join(ENGINES))
    parser.add_argument("--rate", type=int, default=1_000, help="events a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args(arguments)
    engines = [name for name in given.engines.split(",") if name]
    install(engines)
    results = Results("latency", list(arguments) if arguments is not None else None)
    with kafka("latency") as site:
        site.found_club(PROGRAMME)
        for engine in engines:
            _measure(results, site, engine, given.rate, given.seconds)
    results.save()


def _measure(results: Results, site: Site, engine: str, rate: int, seconds: float) -> None:
    site.ask(_empty_input)
    calibration = calibration_ms()
    run = contestant(engine, site, f"{engine}-latency")
    sampler = Sampler(run.start())
    sampler.start()
    try:
        delays_s = site.ask(lambda broker: _paced(broker, site, run, rate, seconds))
    finally:
        run.stop()
        sampler.finish()
    title = ENGINES[engine].title
    delays_s.sort()
    for name, quantile in QUANTILES:
        goal = f"latency.{name}" if engine == "ours" and rate == 1_000 else None
        value = 1000 * delays_s[min(len(delays_s) - 1, int(quantile * len(delays_s)))]
        results.figure(f"{title}: {name} at {rate:,} events/s", value, "ms", goal)
    results.figure(f"{title}: slowest of {len(delays_s):,}", 1000 * delays_s[-1], "ms")
    last = sampler.samples[-1].at - DRAIN_S
    cores = (sampler.cpu_s_at(last) - sampler.cpu_s_at(last - seconds)) / seconds
    results.figure(f"{title}: CPU meanwhile", cores, "cores")
    results.detail[engine] = {"calibration_ms": calibration, "events": len(delays_s)}


async def _empty_input(broker: Broker) -> None:
    await broker.delete_topics([INPUT])
    await broker.create_topics([spec_of(topics.CARD, TopicPlan(PARTITIONS, 1, 1))])


class _Clockwork:
    """What was sent and what came back; times in seconds of `time.perf_counter`."""

    def __init__(self, run: Contestant) -> None:
        self.run = run
        self.sent: dict[str, float] = {}
        self.came: dict[str, float] = {}
        self.done = False

    async def read(self, broker: Broker) -> None:
        """Note when each output can be seen."""
        reader = await broker.reader()
        try:
            await reader.assign({TopicPartition(self.run.output, number): 0 for number in range(PARTITIONS)})
            while not self.done:
                found = await reader.fetch(50, 5_000)
                now = time.perf_counter()
                for records in found.values():
                    for record in records:
                        event = self.run.decode(record.value or b"").id
                        assert event not in self.came, f"{event} came twice"
                        self.came[event] = now
        finally:
            await reader.close()

    async def send(self, producer: Any, event: int, purchase: Purchase) -> None:
        """Hand one event to the producer."""
        key, value = purchase
        self.sent[f"c{event:012d}"] = time.perf_counter()
        await producer.send(INPUT, value, key, partition=partition_of(key, PARTITIONS))


async def _paced(broker: Broker, site: Site, run: Contestant, rate: int, seconds: float) -> list[float]:
    """Send until the engine answers, then at the rate; the delays of what was sent in the measured seconds."""
    work = _Clockwork(run)
    stream = purchases(10**9, int(time.time() * 1000) - 300_000, MEMBERS)
    producer = AIOKafkaProducer(bootstrap_servers=site.bootstrap, enable_idempotence=True, linger_ms=0)
    await producer.start()
    reading = asyncio.create_task(work.read(broker))
    try:
        event = 0
        patience = time.perf_counter() + START_S_MAX
        while not work.came:
            assert run.alive(), f"it ended by itself; see {run.log}"
            assert time.perf_counter() < patience, f"no output; see {run.log}"
            await work.send(producer, event, next(stream))
            event += 1
            await asyncio.sleep(0.02)
        began, first = time.perf_counter(), event
        while (now := time.perf_counter()) < began + WARM_UP_S + seconds:
            for _ in range(first + int((now - began) * rate) - event):
                await work.send(producer, event, next(stream))
                event += 1
            await asyncio.sleep(_SLICE_S)
        await producer.flush()
        await asyncio.sleep(DRAIN_S)
    finally:
        work.done = True
        await reading
        await producer.stop()
    counted = {name: at for name, at in work.sent.items() if at >= began + WARM_UP_S}
    delays = [work.came[name] - at for name, at in counted.items() if name in work.came]
    # A purchase below one point has no output: 0.18% of them.
    assert len(delays) > 0.99 * len(counted), f"{len(delays)} outputs of {len(counted)} events"
    return delays


if __name__ == "__main__":
    main()
