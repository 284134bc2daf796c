"""The engine and the auditor agree on every posting, reward, notice, dead letter and member, whatever the batches."""

import copy
from random import Random
from typing import Any

import pytest

from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.comparison import Engine, compare, same
from tests.simulation.seeds import seeds
from tests.simulation.workload import arrivals, generate, programmes


@pytest.mark.parametrize("seed", seeds())
def test_on_a_replay_clock(seed: int) -> None:
    compare(programmes(seed), generate(seed), seed)


@pytest.mark.parametrize("seed", seeds())
def test_on_a_wall_clock(seed: int) -> None:
    stream = generate(seed)
    compare(programmes(seed), stream, seed, arrivals(stream))


def test_the_comparison_finds_a_point_too_many() -> None:
    stream = generate(1)
    purchase = next(e for topic, e in stream if e["type"] == "card.purchase.settled" and e["data"]["amount"] > 10**6)
    forged = copy.deepcopy(stream)
    next(e for _, e in forged if e["id"] == purchase["id"])["data"]["amount"] *= 1_000
    with pytest.raises(AssertionError, match="engine|members"):
        _crossed(programmes(1), stream, forged)


def _crossed(texts: list[str], one: list[Any], other: list[Any]) -> None:
    engine, auditor = Engine(texts, True, Random(0)), Auditor([read_programme(text) for text in texts])
    for (topic, envelope), (_, twisted) in zip(one, other, strict=True):
        engine.event(topic, envelope, 0)
        auditor.event(twisted, topic)
    engine.flush()
    same(engine, auditor)
