"""The engine and the auditor agree on every posting, score, reward, notice, dead letter and member, whatever the
batches, and `score` on every board.
"""

from pathlib import Path
from random import Random

import pytest

from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.comparison import Engine, compare, same
from tests.simulation.comparison_boards import compare_score
from tests.simulation.seeds import seeds
from tests.simulation.workload import arrivals, generate, programmes


@pytest.mark.parametrize("seed", seeds())
def test_on_a_replay_clock(seed: int) -> None:
    compare(programmes(seed), generate(seed), seed)


@pytest.mark.parametrize("seed", seeds())
def test_on_a_wall_clock(seed: int) -> None:
    stream = generate(seed)
    compare(programmes(seed), stream, seed, arrivals(stream))


@pytest.mark.parametrize("seed", seeds(1 / 3))
def test_with_festivals_on_a_replay_clock(seed: int) -> None:
    compare(programmes(seed, festivals=True), generate(seed, festivals=True), seed, festivals=True)


@pytest.mark.parametrize("seed", seeds(1 / 3))
def test_with_festivals_on_a_wall_clock(seed: int) -> None:
    stream = generate(seed, festivals=True)
    compare(programmes(seed, festivals=True), stream, seed, arrivals(stream), festivals=True)


@pytest.mark.parametrize("seed", seeds(1 / 3))
def test_score_makes_the_boards_and_gives_the_awards(seed: int, tmp_path: Path) -> None:
    compare_score(programmes(seed, festivals=True), generate(seed, festivals=True), tmp_path)


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
