"""The workload: drawn from its seed alone, and nasty enough."""

from collections import Counter

import pytest

from schemas.programme_file import load
from tests.simulation.auditor import Auditor, read_programme
from tests.simulation.auditor.boards import COORDINATOR, Place, finals_of
from tests.simulation.auditor.rounds import FINAL
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


def test_festivals_leave_the_rest_of_a_programme_as_it_is() -> None:
    for seed in range(8):
        plain, festive = programmes(seed), programmes(seed, festivals=True)
        assert [text.split("festivals:")[0] for text in festive] == plain
        assert all(load(text, "programme").festivals for text in festive[:1])


@pytest.mark.share
def test_streams_with_festivals_are_drawn_from_their_seed_and_meet_all_that_there_is_of_them() -> None:
    met: Counter[str] = Counter()
    for seed in range(8):
        stream = generate(seed, festivals=True)
        assert stream == generate(seed, festivals=True)
        auditor = Auditor([read_programme(text) for text in programmes(seed, festivals=True)], coordinates=True)
        for topic, envelope in stream:
            auditor.event(envelope, topic)
        auditor.finish()
        met.update(f"{entry['type']} {'down' if (entry['delta'] or 0) < 0 else 'up'}" for entry in auditor.festival)
        met.update(f"{entry['type']} {entry['reason']}" for entry in auditor.rewards)
        met.update("shared rank" for board in auditor.finals().values() if _shares_ranks(board["order"]))
        met.update(
            "final of a month" for key, board in auditor.finals().items() if key[2] != "final" and board["order"]
        )
        met.update("live board" for order in auditor.live_boards().values() if order)
        met.update("points of an award" for posting in auditor.postings if posting["cause_source"] == COORDINATOR)
        _scores_are_what_was_published(auditor)
    assert met.keys() >= {
        "festival.joined up", "festival.left up", "festival.score.changed up", "festival.score.changed down",
        "reward.granted rank", "reward.flagged rank", "shared rank", "final of a month", "live board",
        "points of an award",
    }  # fmt: skip


def _shares_ranks(order: list[Place]) -> bool:
    return len({rank for rank, *_ in order}) < len(order)


def _scores_are_what_was_published(auditor: Auditor) -> None:
    """Nothing is published of a festival after its freeze: its final adds up the last score of each indicator."""
    last = {(e["member"], f"{e['festival']}/{e['indicator']}"): e["score"] for e in auditor.festival if e["indicator"]}
    for final in finals_of(auditor.rounds, auditor.lanes):
        for _, member, _, score, _ in final.order if final.round.name == FINAL else ():
            weighed = final.category.weigh.items()
            assert score == sum(weight * last.get((member, indicator), 0) for indicator, weight in weighed)


@pytest.mark.share
@pytest.mark.parametrize("seed", range(4))
def test_many_lanes_come_to_the_finals_of_one(seed: int) -> None:
    """Members in lanes of their own, all of which tick together: boards of the whole club do not depend on that."""
    files = [read_programme(text) for text in programmes(seed, festivals=True)]
    stream = generate(seed, festivals=True)
    one, many = Auditor(files, replay=False), Auditor(files, partitions=5, replay=False)
    for (topic, envelope), now in zip(stream, arrivals(stream), strict=True):
        commands = one.award_commands()
        assert commands == many.award_commands()
        for auditor in (one, many):
            for command in commands:
                auditor.event(command, "club.command", now)
            auditor.event(envelope, topic, now)
            auditor.tick(now)
    assert one.finals() == many.finals()
    assert one.live_boards() == many.live_boards()
    assert sorted(map(str, one.rewards)) == sorted(map(str, many.rewards))
