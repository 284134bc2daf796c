"""A benchmark's figure stands only on right outputs: what the check lets pass, and what it does not."""

from collections.abc import Sequence

from agents.broker.interface import TopicSpec
from bashgah.embedded.broker import EmbeddedBroker, wall_clock_ms
from bashgah.embedded.log import Log
from bashgah.embedded.storage import MemoryStorage
from schemas.kafka.partitioner import partition_of
from schemas.records import OutputRecord
from tests.benchmarks.card_task import (
    INPUT,
    Recount,
    Scored,
    Verdict,
    decode_triple,
    fill,
    purchases,
    verify,
)
from tests.benchmarks.goals import GOALS
from tests.benchmarks.site import PARTITIONS
from tests.benchmarks.throughput import Run, order, ratios

EVENTS, MEMBERS = 2_000, 50


def _broker() -> EmbeddedBroker:
    log = Log(MemoryStorage(), wall_clock_ms)
    log.open()
    return EmbeddedBroker(log)


async def _recount(broker: EmbeddedBroker) -> Recount:
    await broker.create_topics([TopicSpec(INPUT, PARTITIONS), TopicSpec("out", PARTITIONS)])
    await fill(broker, EVENTS, MEMBERS)
    return await Recount.of(broker)


async def _judge(broker: EmbeddedBroker, recount: Recount, outputs: Sequence[tuple[bytes, Scored]]) -> Verdict:
    values = [
        OutputRecord("out", partition_of(key, PARTITIONS), key, f'["{id}",{points},{total}]'.encode())
        for key, (id, points, total) in outputs
    ]
    await broker.publish(values)
    return await verify(broker, "out", decode_triple, recount)


def _right(recount: Recount) -> list[tuple[bytes, Scored]]:
    return [(key, each) for key, due in recount.by_member.items() for each in due]


async def test_right_outputs_pass_and_a_run_that_was_cut_is_known() -> None:
    for cut in (0, 1):
        broker = _broker()
        recount = await _recount(broker)
        outputs = _right(recount)
        verdict = await _judge(broker, recount, outputs[: len(outputs) - cut])
        assert (verdict.wrong, verdict.complete, verdict.outputs) == ([], not cut, recount.outputs - cut)


async def test_what_is_lost_doubled_or_miscounted_is_found() -> None:
    for number, spoil in enumerate((_lose, _double, _miscount)):
        broker = _broker()
        recount = await _recount(broker)
        outputs = _right(recount)
        spoil(outputs)
        assert (await _judge(broker, recount, outputs)).wrong, number


def _lose(outputs: list[tuple[bytes, Scored]]) -> None:
    del outputs[0]


def _double(outputs: list[tuple[bytes, Scored]]) -> None:
    outputs.insert(1, outputs[0])


def _miscount(outputs: list[tuple[bytes, Scored]]) -> None:
    key, scored = outputs[0]
    outputs[0] = (key, scored._replace(total=scored.total + 1))


def test_the_input_is_the_same_each_time_and_as_large_as_said() -> None:
    first, again = (list(purchases(500, 1_700_000_000_000)) for _ in range(2))
    assert first == again
    assert 270 <= sum(len(each.value) for each in first) / len(first) <= 310


def test_every_run_of_a_peer_stands_beside_ours() -> None:
    turns = order(["faust", "quix"], 2)
    assert turns == ["ours", "faust", "ours", "quix", "ours", "faust", "ours", "quix", "ours"]
    runs = [_run(name, 100.0 if name == "ours" else 50.0) for name in turns]
    assert ratios(runs, "faust", "rate") == [2.0, 2.0]


def _run(engine: str, rate: float) -> Run:
    return Run(engine, rate, 1.0, 1.0, 1.0, 1, 1.0, 1, True, 1.0)


def test_a_goal_knows_its_direction() -> None:
    assert GOALS["club.rate"].met(20_000)
    assert not GOALS["club.rate"].met(19_999)
    assert GOALS["latency.p50"].met(40)
    assert not GOALS["latency.p50"].met(41)
