"""The engine and the auditor agree on every posting, reward, notice, dead letter and member, whatever the batches."""

from random import Random

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


def test_the_comparison_finds_one_event_that_the_engine_did_not_get() -> None:
    texts, stream = programmes(1), generate(1)
    engine, auditor = Engine(texts, True, Random(0)), Auditor([read_programme(text) for text in texts])
    hidden = False
    for topic, envelope in stream:
        if auditor.event(envelope, topic) == "scored" and not hidden:
            hidden = True
        else:
            engine.event(topic, envelope, 0)
    engine.flush()
    with pytest.raises(AssertionError, match="auditor"):
        same(engine, auditor)
