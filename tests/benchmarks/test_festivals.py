"""The benchmarks of festivals and of live boards: their recount is what the engine scores, and other rows are found."""

import time

import pytest

from schemas import topics
from schemas.programme_file import load
from tables.store import MemoryStore
from tests.benchmarks.card_task import Purchase, purchases
from tests.benchmarks.core import Stages
from tests.benchmarks.festival_club import CATEGORIES, Recount, cards, festivals_of, joiners, programme, rows_of
from tests.benchmarks.festivals import Run, as_record, ratios, versions_with
from tests.benchmarks.probes import member, registrations

MEMBERS, EVENTS = 60, 900


def _stream() -> list[Purchase]:
    return list(purchases(EVENTS, time.time_ns() // 1_000_000 - EVENTS - 60_000, MEMBERS))


def _scored(festivals: int, stream: list[Purchase]) -> MemoryStore:
    store = MemoryStore()
    stages = Stages(store, versions_with(programme(festivals)))
    at = time.time_ns() // 1_000_000 - 3_600_000
    for outputs in (joiners(MEMBERS, 8, at), cards(stream)):
        stages.run([as_record(each, offset) for offset, each in enumerate(outputs)])
    return store


@pytest.mark.parametrize("festivals", [1, 8])
def test_rows_are_what_the_recount_says_and_others_are_found(festivals: int) -> None:
    stream = _stream()
    rows = list(rows_of(_scored(festivals, stream)))
    recount = Recount(stream, festivals)
    assert recount.check(rows) == len(rows) > 0
    with pytest.raises(AssertionError, match="missing"):
        recount.check(rows[1:])
    with pytest.raises(AssertionError, match="not "):
        Recount(stream[:-1], festivals).check(rows)


@pytest.mark.parametrize("festivals", [1, 8])
def test_a_purchase_counts_for_one_festival_or_for_two(festivals: int) -> None:
    assert {len(set(festivals_of(festivals)(number))) for number in range(MEMBERS)} == {min(2, festivals)}
    recount = Recount(_stream(), festivals)
    bought = sum(each.online for some in recount.by_festival.values() for each in some.values())
    assert bought == min(2, festivals) * EVENTS // 3
    boards = recount.boards()
    assert len(boards) == festivals * len(CATEGORIES)
    first = boards["f000/shopper"].first
    assert [score for _, score in first] == sorted((score for _, score in first), reverse=True)


def test_programmes_have_as_many_festivals_as_they_say() -> None:
    for festivals in (0, 1, 200):
        assert len(load(programme(festivals), "programme").festivals) == festivals


def test_a_ratio_is_to_the_runs_beside() -> None:
    run = Run(1, 100.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    many = run._replace(festivals=200, rate=60.0)
    assert ratios([run, many, run._replace(rate=140.0), many]) == [0.5, 60.0 / 140.0]


def test_probes_register_under_the_name_by_which_they_are_found() -> None:
    (record,) = registrations(7, 1, 0)
    assert record.topic == topics.MEMBER.name
    assert record.key == member(7).encode()
    assert f'"alias":"{member(7)}"'.encode() in (record.value or b"")
