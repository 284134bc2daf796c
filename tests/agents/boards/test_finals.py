"""Final boards and awards: what sorting everybody gives, once, when every lane has told all of a frozen round."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.boards.coordinator import Unusable
from engine.calendar import iso
from schemas import topics
from schemas.events import decode
from schemas.kafka.partitioner import partition_of
from schemas.outputs import decode_output
from schemas.partial import Page, encode_partial
from schemas.records import OutputRecord, Record
from tables.coordinator_rows import AWARDING, PAGES, PLACES, kind_range
from tests.agents.boards.naive_lanes import (
    AWARDS,
    FESTIVALS,
    FREEZE,
    Driven,
    NaiveLane,
    board_hash,
    entries_of,
    expected_awards,
    places_of,
    versions,
)

OVERALL, SHOPPER = "autumn/overall", "autumn/shopper"
LEADERBOARD, COMMAND = topics.LEADERBOARD.name, topics.COMMAND.name

_standing = st.tuples(st.integers(1, 5), st.integers(0, 2), st.integers(0, 3), st.sampled_from((None, "a", "b")))
_lanes = st.lists(st.lists(_standing, max_size=8), min_size=1, max_size=4)


def lanes_of(standings: Sequence[Sequence[tuple[int, int, int, str | None]]]) -> list[NaiveLane]:
    """Lanes whose members stand like that on the board of the final round."""
    lanes = [NaiveLane(number, len(standings)) for number in range(len(standings))]
    for lane, members in zip(lanes, standings, strict=True):
        lane.tick = FREEZE
        for index, (score, then_by, at, alias) in enumerate(members):
            lane.stand(OVERALL, f"m-{lane.number}-{index}", score, then_by, at, alias)
    return lanes


def everybody(lanes: Sequence[NaiveLane], board: str = OVERALL) -> list[Any]:
    """All members of all lanes in order."""
    return places_of({member: at for lane in lanes for member, at in lane.boards.get(board, {}).items()})


def commands(outputs: Sequence[OutputRecord]) -> list[tuple[str, str, int]]:
    """(award, member, place) of the award commands, in order."""
    found = []
    for output in outputs:
        if output.topic == COMMAND:
            event = json.loads(output.value or b"")
            found.append((event["data"]["award"], event["subject"], event["data"]["rank"]))
    return found


def shuffled(draw: Random, told: list[list[Page]]) -> list[Page]:
    """The lanes' pages in any interleaving."""
    left = [list(pages) for pages in told]
    order = []
    while any(left):
        order.append(draw.choice([pages for pages in left if pages]).pop(0))
    return order


@settings(max_examples=150, deadline=None)
@given(_lanes, st.integers(1, 4), st.integers(1, 7), st.integers(0, 2**32))
def test_a_final_board_is_what_sorting_everybody_gives(
    standings: list[list[tuple[int, int, int, str | None]]], size: int, budget: int, seed: int
) -> None:
    lanes, draw = lanes_of(standings), Random(seed)
    driven = Driven(len(lanes), restless=True, entries=6)
    pages = shuffled(draw, [lane.pages(OVERALL, "final", FREEZE, size) for lane in lanes])
    for page in pages:
        assert not driven.core.working
        driven.hear(page)
    driven.work(budget, slice_places=draw.randint(1, 9))
    order = everybody(lanes)
    final, tombstone, *_ = driven.outputs
    data = json.loads(final.value or b"")["data"]
    assert (data["participants"], data["hash"]) == (len(order), board_hash(order))
    assert data["entries"] == entries_of(order)[:6]
    assert data["as_of"] == iso(FREEZE)
    assert (final.key, tombstone.key, tombstone.value) == (f"{OVERALL}/final".encode(), OVERALL.encode(), None)
    assert commands(driven.outputs) == expected_awards(order)
    assert len(driven.outputs) == 2 + len(expected_awards(order))
    assert max(changes.awards for changes in driven.changes) <= budget
    for kind in (PAGES, AWARDING, PLACES):
        assert not list(driven.store.scan(*kind_range(kind)))


def test_a_command_is_one_that_lanes_take() -> None:
    lanes = lanes_of([[(5, 0, 0, None)], [(4, 0, 0, None), (3, 0, 0, None)]])
    driven = Driven(2)
    for lane in lanes:
        driven.hear(*lane.pages(OVERALL, "final", FREEZE, 10))
    driven.work()
    found = [output for output in driven.outputs if output.topic == COMMAND]
    assert len(found) == 5
    for output in found:
        activity = decode(COMMAND, output.key, output.value)
        reward, first, last, value_rial = AWARDS[activity.data.award]
        assert (activity.time, activity.source) == (FREEZE, "/club/coordinator")
        assert (activity.data.reward, activity.data.value_rial) == (reward, value_rial)
        assert first <= activity.data.rank <= last
        assert output.partition == partition_of(output.key or b"", 2)
    assert decode_output(LEADERBOARD, driven.outputs[0].value or b"").data.version == 1


def test_a_month_has_the_awards_of_months_and_leaves_the_live_board() -> None:
    driven = Driven(1)
    lane = NaiveLane(0, 1)
    lane.tick = FREEZE - 1
    lane.stand(SHOPPER, "m-1", 5)
    driven.hear(*lane.tell(opened=True))
    driven.publish(FREEZE)
    driven.hear(*lane.pages(SHOPPER, "1405-06", FREEZE - 86_400_000, 10))
    driven.work()
    lane.stand(SHOPPER, "m-1", 6)
    driven.hear(*lane.tell())
    driven.publish(FREEZE + 1_000)
    assert [output.key for output in driven.outputs if output.topic == LEADERBOARD] == [
        SHOPPER.encode(),
        f"{SHOPPER}/1405-06".encode(),
        SHOPPER.encode(),
    ]
    assert commands(driven.outputs) == [("monthly", "m-1", 1)]


def test_rounds_are_finished_in_the_order_in_which_they_were_whole() -> None:
    driven = Driven(2, restless=True)
    lanes = lanes_of([[(5, 0, 0, None)], []])
    driven.hear(*lanes[0].pages(OVERALL, "final", FREEZE, 10))
    driven.hear(*lanes[0].pages(SHOPPER, "1405-06", FREEZE, 10))
    driven.hear(*lanes[1].pages(SHOPPER, "1405-06", FREEZE, 10))
    driven.hear(*lanes[1].pages(OVERALL, "final", FREEZE, 10))
    driven.work()
    assert [name for changes in driven.changes for name in changes.finals] == [f"{SHOPPER}/1405-06", f"{OVERALL}/final"]


def test_a_live_board_does_not_come_back_after_its_final() -> None:
    driven = Driven(1)
    lane = lanes_of([[(5, 0, 0, None)]])[0]
    driven.hear(*lane.tell(opened=True))
    driven.publish(FREEZE)
    driven.hear(*lane.pages(OVERALL, "final", FREEZE, 10))
    driven.work()
    before = list(driven.outputs)
    assert [output.value is None for output in before if output.topic == LEADERBOARD] == [False, False, True]
    lane.tick = FREEZE + 5_000
    driven.hear(*lane.tell())
    driven.publish(FREEZE + 60_000)
    driven.hear(*lane.tell(opened=True))
    driven.publish(FREEZE + 120_000)
    assert driven.outputs == before


def test_an_opening_lane_tells_its_pages_again_and_aliases_may_have_changed() -> None:
    driven = Driven(2)
    lanes = lanes_of([[(5, 0, 0, "a"), (4, 0, 0, None), (3, 0, 0, None)], []])
    first, second, third = lanes[0].pages(OVERALL, "final", FREEZE, 1)
    driven.hear(first, second)
    lanes[0].stand(OVERALL, "m-0-0", 5, alias="z")
    again = lanes[0].pages(OVERALL, "final", FREEZE, 1)
    driven.hear(*again)
    assert again[2] == third
    driven.hear(*lanes[1].pages(OVERALL, "final", FREEZE, 1))
    driven.work()
    before = list(driven.outputs)
    driven.hear(*again)
    assert not driven.core.working
    assert driven.outputs == before


def _refusal(driven: Driven, page: Page) -> str:
    record = Record(topics.PARTIAL.name, 0, 99, 0, b"", encode_partial(page), ())
    with pytest.raises(Unusable) as found:
        driven.core.take([record])
    return found.value.reason


@pytest.mark.parametrize("done", [False, True])
def test_another_page_in_the_place_of_one_is_refused(done: bool) -> None:
    driven = Driven(1 if done else 2)
    lane = NaiveLane(0, driven.lanes)
    lane.stand(OVERALL, "m-1", 5)
    driven.hear(*lane.pages(OVERALL, "final", FREEZE, 10))
    driven.work()
    lane.stand(OVERALL, "m-1", 6)
    [page] = lane.pages(OVERALL, "final", FREEZE, 10)
    assert "another than before" in _refusal(driven, page)


def test_a_hole_between_pages_and_a_page_behind_the_last_are_refused() -> None:
    driven = Driven(2)
    lane = lanes_of([[(5, 0, 0, None), (4, 0, 0, None)], []])[0]
    first, second = lane.pages(OVERALL, "final", FREEZE, 1)
    assert "comes after 0 pages" in _refusal(driven, second)
    driven.hear(first)
    driven.hear(second)
    lane.stand(OVERALL, "m-9", 3)
    third = lane.pages(OVERALL, "final", FREEZE, 1)[2]
    assert "comes after 2 pages" in _refusal(driven, third)


def test_pages_out_of_order_are_refused() -> None:
    driven = Driven(2)
    lane = lanes_of([[(5, 0, 0, None), (4, 0, 0, None)], []])[0]
    [page] = lane.pages(OVERALL, "final", FREEZE, 10)
    turned = Page(**{name: getattr(page, name) for name in page.__struct_fields__} | {"places": page.places[::-1]})
    assert "does not stand behind" in _refusal(driven, turned)


def test_erasure_publishes_finals_again_without_the_alias() -> None:
    driven = Driven(2, restless=True)
    lanes = lanes_of([[(5, 0, 0, "a"), (4, 0, 0, "b")], []])
    for lane in lanes:
        driven.hear(*lane.tell(opened=True))
        driven.hear(*lane.pages(OVERALL, "final", FREEZE, 10))
        driven.hear(*lane.pages(SHOPPER, "1405-06", FREEZE, 10))
    driven.work()
    before = [json.loads(output.value) for output in driven.outputs if output.topic == LEADERBOARD and output.value]
    driven.outputs.clear()
    lanes[0].erase("m-0-0")
    driven.hear(*lanes[0].tell(frozen=[OVERALL]))
    [output] = driven.outputs
    after = json.loads(output.value or b"")
    [final] = [each for each in before if each["subject"] == f"{OVERALL}/final"]
    assert after.pop("id") != final.pop("id")
    assert [entry["alias"] for entry in final["data"]["entries"]] == ["a", "b"]
    final["data"]["entries"][0]["alias"] = None
    assert after == final
    lanes[0].erase("m-0-0")
    driven.hear(*lanes[0].tell(frozen=[OVERALL]))
    assert len(driven.outputs) == 1
    lanes[0].erase("m-0-1")
    driven.hear(*lanes[0].tell(frozen=[OVERALL]))
    assert [entry["alias"] for entry in json.loads(driven.outputs[1].value or b"")["data"]["entries"]] == [None, None]
    ids = {json.loads(each.value or b"")["id"] for each in driven.outputs}
    assert len(ids) == 2


def test_erasure_between_a_page_and_the_final_hides_the_alias() -> None:
    driven = Driven(2, restless=True)
    lanes = lanes_of([[(5, 0, 0, "a"), (4, 0, 0, "b")], []])
    driven.hear(*lanes[0].pages(OVERALL, "final", FREEZE, 10))
    lanes[0].erase("m-0-0")
    driven.hear(*lanes[0].tell(opened=True))
    driven.hear(*lanes[1].pages(OVERALL, "final", FREEZE, 10))
    driven.work()
    data = json.loads(driven.outputs[0].value or b"")["data"]
    assert [entry["alias"] for entry in data["entries"]] == [None, "b"]
    assert data["entries"][0]["member"] == "m-0-0"


def test_lanes_that_froze_by_different_versions_have_the_later_instant() -> None:
    driven = Driven(2)
    lanes = lanes_of([[(5, 0, 0, None)], []])
    driven.hear(*lanes[0].pages(OVERALL, "final", FREEZE - 1_000, 10))
    driven.hear(*lanes[1].pages(OVERALL, "final", FREEZE, 10))
    driven.work()
    assert json.loads(driven.outputs[0].value or b"")["data"]["as_of"] == iso(FREEZE)


def test_forgetting_drops_pages_of_rounds_that_are_not_whole() -> None:
    driven = Driven(2)
    lanes = lanes_of([[(5, 0, 0, None), (4, 0, 0, None)], []])
    first, second = lanes[0].pages(OVERALL, "final", FREEZE, 1)
    driven.hear(first)
    driven.core.forget()
    driven.keep()
    assert not list(driven.store.scan(*kind_range(PAGES)))
    driven.hear(first, second)
    driven.hear(*lanes[1].pages(OVERALL, "final", FREEZE, 1))
    driven.work()
    assert commands(driven.outputs) == expected_awards(everybody(lanes))


def test_versions_adopted_during_a_merge_decide() -> None:
    driven = Driven(1)
    lane = lanes_of([[(5, 0, 0, None), (4, 0, 0, None), (3, 0, 0, None)]])[0]
    driven.hear(*lane.pages(OVERALL, "final", FREEZE, 1))
    assert not driven.core.merge(1)
    driven.core.adopt(versions(FESTIVALS.replace("ranks: 1-3", "ranks: 2")), 2)
    driven.work()
    data = json.loads(driven.outputs[0].value or b"")["data"]
    assert data["participants"] == 3
    assert commands(driven.outputs) == [("best", "m-0-1", 2), ("runners-up", "m-0-1", 2), ("runners-up", "m-0-2", 3)]


def test_awards_that_have_begun_go_on_as_they_began() -> None:
    driven = Driven(1)
    lane = lanes_of([[(5, 0, 0, None), (4, 0, 0, None), (3, 0, 0, None)]])[0]
    driven.hear(*lane.pages(OVERALL, "final", FREEZE, 1))
    assert driven.core.merge(10)
    driven.core.work(1)
    driven.keep()
    driven.core.adopt(versions(FESTIVALS.replace("ranks: 1-3", "ranks: 2")), 2)
    driven.work(1)
    assert commands(driven.outputs) == expected_awards(everybody([lane]))
