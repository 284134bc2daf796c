"""The workload: drawn from its seed alone, and nasty enough."""

import pytest

from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.workload import arrivals, generate, programmes


@pytest.mark.parametrize("seed", range(8))
def test_a_workload_is_drawn_from_its_seed_alone_and_meets_every_outcome(seed: int) -> None:
    stream = generate(seed)
    assert stream == generate(seed)
    assert programmes(seed) == programmes(seed)
    assert arrivals(stream) == sorted(arrivals(stream))
    auditor = Auditor([read_programme(text) for text in programmes(seed)])
    outcomes = {auditor.event(envelope, topic) for topic, envelope in stream}
    auditor.finish()
    assert len(stream) == 500
    expected = {"scored", "no_points", "duplicate", "conflicting_duplicate", "parked", "applied", "not_executed"}
    assert expected <= outcomes
    assert {posting["type"] for posting in auditor.postings} >= {"points.accrued", "points.reversed", "points.adjusted"}
    for row in auditor.members().values():
        assert row["issued"] == row["pending"] + row["active"] + row["reversed"] + row["expired"]


def test_many_lanes_pay_what_one_pays() -> None:
    """Rules look at one member only; nothing in them may depend on the partition."""
    files = [read_programme(text) for text in programmes(3)]
    one, many = Auditor(files), Auditor(files, partitions=5)
    for topic, envelope in generate(3):
        assert one.event(envelope, topic) == many.event(envelope, topic)
    one.finish()
    many.finish()
    assert {row["issued"] for row in one.members().values()} == {row["issued"] for row in many.members().values()}
    assert one.members() == many.members()
