"""A live board is exactly what its header says that it was made of, whatever lanes tell and in whatever order."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.boards.coordinator import Unusable
from agents.boards.options import CoordinatorOptions
from agents.lanes.options import LaneOptions
from agents.process.exit_codes import ClubError
from agents.process.settings import load
from engine.boards.leaderboard import TOP_MAX
from engine.calendar import iso
from schemas import topics
from schemas.outputs import decode_output
from schemas.partial import BoardPart, Partial, encode_partial
from schemas.records import Record
from tables.coordinator_rows import PARTS, PLACES, kind_range
from tests.agents.boards.naive_lanes import FESTIVALS, FREEZE, Driven, NaiveLane, expected_live, versions

LANES = 3
OVERALL, SHOPPER = "autumn/overall", "autumn/shopper"
LEADERBOARD = topics.LEADERBOARD.name
START = FREEZE - 10 * 86_400_000

_lane = st.integers(0, LANES - 1)
_stand = st.tuples(
    st.just("stand"), _lane, st.sampled_from((OVERALL, SHOPPER)), st.integers(0, 7), st.integers(0, 4),
    st.integers(0, 2), st.integers(0, 3), st.sampled_from((None, "a", "b")),
)  # fmt: skip
_tell = st.tuples(st.just("tell"), _lane, st.booleans())
_tick = st.tuples(st.just("tick"), _lane, st.integers(1, 5_000))
_open = st.tuples(st.just("open"), _lane, st.booleans(), st.booleans())
_publish = st.tuples(st.just("publish"), st.sampled_from((1, 100, 250, 3_000, -200)))
_steps = st.lists(st.one_of(_stand, _stand, _tell, _tick, _open, _publish), max_size=60)


def play(driven: Driven, steps: list[tuple[Any, ...]]) -> dict[int, NaiveLane]:
    """Let lanes do all that; each has told its first at the start."""
    lanes = {number: NaiveLane(number, LANES) for number in range(LANES)}
    now = START
    for lane in lanes.values():
        lane.tick = START
        driven.hear(*lane.tell(opened=True))
    for step in steps:
        match step:
            case "stand", number, board, member, score, then_by, at, alias:
                lanes[number].stand(board, f"m-{number}-{member}", score, then_by, at, alias)
            case "tell", number, split:
                for each in lanes[number].tell(split=split):
                    driven.hear(each)
                    now += 300
                    driven.publish(now)
            case "open", number, split, drop:
                if drop:
                    lanes[number].boards.pop(OVERALL, None)
                driven.hear(*lanes[number].tell(opened=True, split=split))
            case "tick", number, ms:
                lanes[number].tick = (lanes[number].tick or 0) + ms
            case "publish", ms:
                now += ms
                driven.publish(now)
    return lanes


@settings(max_examples=150, deadline=None)
@given(_steps)
def test_a_board_is_what_sorting_everybody_gives_at_its_watermarks(steps: list[tuple[Any, ...]]) -> None:
    driven = Driven(LANES, entries=5)
    lanes = play(driven, steps)
    for output in driven.outputs:
        assert output.topic == LEADERBOARD
        board = decode_output(output.topic, output.value or b"")
        participants, order = expected_live(output, lanes)
        assert board.data.participants == participants
        entries = json.loads(output.value or b"")["data"]["entries"]
        assert entries == order[: len(entries)]
        # Each lane tells of its first three: so many are known for certain, unless fewer are there.
        assert len(entries) >= min(3, participants)
    ids = [json.loads(output.value or b"")["id"] for output in driven.outputs]
    assert len(set(ids)) == len(ids)


@settings(max_examples=100, deadline=None)
@given(_steps)
def test_as_of_never_goes_back_and_is_the_lowest_tick(steps: list[tuple[Any, ...]]) -> None:
    driven = Driven(LANES)
    lanes = play(driven, steps)
    told = [json.loads(output.value or b"")["data"]["as_of"] for output in driven.outputs]
    assert all(before <= after for before, after in pairwise(told))
    for lane in lanes.values():
        driven.hear(*lane.tell())
    assert driven.core.as_of == min(lane.tick or 0 for lane in lanes.values())


@settings(max_examples=100, deadline=None)
@given(_steps)
def test_a_restart_after_each_step_changes_no_byte(steps: list[tuple[Any, ...]]) -> None:
    steady, restless = Driven(LANES), Driven(LANES, restless=True)
    play(steady, steps)
    play(restless, steps)
    assert steady.outputs == restless.outputs
    assert dict(steady.store.snapshot()) == dict(restless.store.snapshot())


def test_nothing_is_published_before_every_lane_has_been_heard_of_with_a_tick() -> None:
    driven = Driven(2)
    first, second = NaiveLane(0, 2), NaiveLane(1, 2)
    first.stand(OVERALL, "m-1", 5)
    first.tick = START
    driven.hear(*first.tell(opened=True))
    driven.publish(START)
    driven.hear(*second.tell(opened=True))
    driven.publish(START + 1_000)
    assert not driven.outputs
    assert driven.core.due_at(START) is None
    second.tick = START - 5_000
    driven.hear(*second.tell())
    assert driven.core.due_at(START) == START
    driven.publish(START + 2_000)
    [output] = driven.outputs
    assert decode_output(output.topic, output.value or b"").data.as_of == iso(START - 5_000)


def test_as_of_stays_where_it_was_when_a_lane_is_made_anew() -> None:
    driven = Driven(1)
    lane = _one_lane(driven)
    lane.tick = START - 60_000
    lane.stand(OVERALL, "m-1", 6)
    driven.hear(*lane.tell(opened=True))
    driven.publish(START + 1_000)
    assert [json.loads(each.value or b"")["data"]["as_of"] for each in driven.outputs] == [iso(START)] * 2


def test_no_place_is_shown_that_a_lane_might_have_another_member_before() -> None:
    driven = Driven(2, entries=5)
    lanes = [NaiveLane(0, 2, top=2), NaiveLane(1, 2, top=2)]
    for lane in lanes:
        lane.tick = START
    for score in (9, 8, 7):
        lanes[0].stand(OVERALL, f"m-0-{score}", score)
    lanes[1].stand(OVERALL, "m-1-1", 1)
    for lane in lanes:
        driven.hear(*lane.tell(opened=True))
    driven.publish(START)
    data = json.loads(driven.outputs[0].value or b"")["data"]
    assert data["participants"] == 4
    assert [entry["score"] for entry in data["entries"]] == [9, 8]


def test_a_transaction_of_which_more_is_to_come_holds_boards_back() -> None:
    driven = Driven(1)
    lane = NaiveLane(0, 1)
    lane.tick = START
    lane.stand(OVERALL, "m-1", 5)
    lane.stand(SHOPPER, "m-2", 5)
    first, second = lane.tell(opened=True, split=True)
    driven.hear(first)
    driven.publish(START)
    assert not driven.outputs
    driven.hear(second)
    driven.publish(START)
    assert [output.key for output in driven.outputs] == [OVERALL.encode(), SHOPPER.encode()]


def _one_lane(driven: Driven) -> NaiveLane:
    lane = NaiveLane(0, 1)
    lane.tick = START
    lane.stand(OVERALL, "m-1", 5)
    driven.hear(*lane.tell(opened=True))
    driven.publish(START)
    assert len(driven.outputs) == 1
    return lane


def test_a_board_that_changes_is_published_at_most_every_interval() -> None:
    driven = Driven(1)
    lane = _one_lane(driven)
    lane.stand(OVERALL, "m-1", 6)
    driven.hear(*lane.tell())
    assert driven.core.due_at(START) == START + 150
    driven.publish(START + 149)
    assert len(driven.outputs) == 1
    driven.publish(START + 150)
    assert len(driven.outputs) == 2


def test_a_board_that_does_not_change_is_published_seldom_and_only_when_time_has_passed() -> None:
    driven = Driven(1)
    lane = _one_lane(driven)
    driven.hear(*lane.tell())
    driven.publish(START + 60_000)
    assert len(driven.outputs) == 1  # told again, but of nothing new, and the clock stands
    lane.tick = START + 5_000
    driven.hear(*lane.tell())
    driven.publish(START + 9_999)
    assert len(driven.outputs) == 1
    driven.publish(START + 10_000)
    assert len(driven.outputs) == 2
    assert driven.core.due_at(START + 10_000) is None


def test_a_wall_clock_that_goes_back_holds_no_board_up() -> None:
    driven = Driven(1)
    lane = _one_lane(driven)
    lane.stand(OVERALL, "m-1", 6)
    driven.hear(*lane.tell())
    driven.publish(START - 3_600_000)
    assert len(driven.outputs) == 2
    driven.publish(START - 3_600_000)
    assert len(driven.outputs) == 2
    assert driven.core.due_at(START - 3_700_000) is None
    lane.tick = START + 5_000
    driven.hear(*lane.tell())
    driven.publish(START - 3_700_000)
    assert len(driven.outputs) == 3


def test_those_that_waited_longest_come_first_when_there_are_too_many() -> None:
    driven = Driven(1, boards_max=1)
    lane = NaiveLane(0, 1)
    lane.tick = START
    for board in (SHOPPER, OVERALL):
        lane.stand(board, "m-1", 5)
    driven.hear(*lane.tell(opened=True))
    for ms in range(4):
        driven.publish(START + ms)
        for board in (OVERALL, SHOPPER):
            lane.stand(board, "m-1", 10 + ms)
        driven.hear(*lane.tell())
    driven.publish(START + 200)
    driven.publish(START + 251)
    keys = [output.key for output in driven.outputs]
    assert keys == [OVERALL.encode(), SHOPPER.encode()] * 2


def test_a_lane_that_opens_names_all_boards_that_it_has_not_frozen() -> None:
    driven = Driven(2)
    lanes = [NaiveLane(0, 2), NaiveLane(1, 2)]
    for lane in lanes:
        lane.tick = FREEZE - 1
        lane.stand(OVERALL, f"m-{lane.number}", 5)
        driven.hear(*lane.tell(opened=True))
    driven.publish(FREEZE)
    lanes[0].tick = FREEZE
    driven.hear(*lanes[0].tell(opened=True, frozen=[OVERALL]))
    driven.publish(FREEZE + 20_000)
    driven.hear(*lanes[1].tell(opened=True, frozen=[OVERALL]))  # not frozen: it lists nobody any more
    driven.publish(FREEZE + 40_000)
    counts = [decode_output(each.topic, each.value or b"").data.participants for each in driven.outputs]
    assert counts == [2, 1]


def test_a_board_that_no_lane_names_any_more_is_shown_empty_also_after_a_restart() -> None:
    driven = Driven(1, restless=True)
    lane = _one_lane(driven)
    lane.boards.clear()
    driven.hear(*lane.tell(opened=True))
    driven.publish(START + 1_000)
    assert len(driven.outputs) == 2
    assert decode_output(LEADERBOARD, driven.outputs[1].value or b"").data.entries == ()


def _unusable(driven: Driven, told: Partial) -> Unusable:
    record = Record(topics.PARTIAL.name, 0, 99, 0, b"", encode_partial(told), ())
    with pytest.raises(Unusable) as found:
        driven.core.take([record])
    return found.value


def _partial(transactions: int, opened: bool, *parts: BoardPart, lane: int = 0) -> Partial:
    return Partial(lane=lane, lanes=1, transactions=transactions, tick=START, offsets={}, opened=opened, boards=parts)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (_partial(0, False), "comes after transaction 1"),
        (_partial(2, False, BoardPart("autumn", "overall", 0, 3, False, (), ("m-9",))), "m-9 leaves"),
        (_partial(2, False, BoardPart("autumn", "overall", 5, 3, False, (), ())), "1 places are known"),
        (_partial(2, False, BoardPart("autumn", "shopper", 0, 3, False, (), ())), "not known"),
        (_partial(2, True, BoardPart("autumn", "overall", 1, 3, False, (), ())), "not whole"),
        (_partial(2, False, lane=1), "lane 1 of 1"),
    ],
)
def test_what_does_not_follow_from_what_was_told_is_not_taken(told: Partial, reason: str) -> None:
    driven = Driven(1)
    _one_lane(driven)
    assert reason in _unusable(driven, told).reason


def test_what_a_lane_tells_before_it_is_known_from_the_beginning_does_not_count() -> None:
    driven = Driven(1)
    lane = NaiveLane(0, 1)
    lane.tick = START
    lane.stand(OVERALL, "m-1", 5)
    lane.tell(opened=True)  # nobody hears of it
    lane.stand(OVERALL, "m-2", 6)
    driven.hear(*lane.tell())
    driven.publish(START)
    assert not driven.outputs
    driven.hear(*lane.tell(opened=True))
    driven.publish(START)
    assert len(driven.outputs) == 1


def test_forgetting_leaves_no_row_of_what_was_told() -> None:
    driven = Driven(1)
    lane = _one_lane(driven)
    driven.core.forget()
    driven.keep()
    assert not [*driven.store.scan(*kind_range(PARTS)), *driven.store.scan(*kind_range(PLACES))]
    lane.tick = START + 60_000
    driven.hear(*lane.tell())
    driven.publish(START + 60_000)
    assert len(driven.outputs) == 1
    driven.hear(*lane.tell(opened=True))
    driven.publish(START + 60_000)
    assert len(driven.outputs) == 2


def test_a_board_that_no_version_has_any_more_is_withdrawn_and_comes_back_with_it() -> None:
    driven = Driven(1)
    lane = _one_lane(driven)
    driven.hear(*lane.tell(opened=True))
    driven.publish(START + 1_000)
    count = len(driven.outputs)
    driven.core.adopt(versions(FESTIVALS.replace("overall", "all")), 2)
    driven.publish(START + 2_000)
    assert [(each.key, each.value) for each in driven.outputs[count:]] == [(OVERALL.encode(), None)]
    assert driven.core.due_at(START + 60_000) is None
    driven.core.adopt(versions(FESTIVALS), 3)
    driven.publish(START + 3_000)
    again = driven.outputs[-1]
    assert again.key == OVERALL.encode()
    assert again.value is not None


@pytest.mark.parametrize(("given", "places"), [({}, 100), ({"BASHGAH_BOARD_ENTRIES_MAX": "1000"}, TOP_MAX)])
def test_boards_are_as_long_as_the_setting_says(given: dict[str, str], places: int) -> None:
    """A lane names so many of its first, and the coordinator publishes so many."""
    lanes = LaneOptions.of(load(given))
    assert (lanes.board_entries, CoordinatorOptions.of(lanes).boards.entries) == (places, places)
    with pytest.raises(ClubError, match="1000"):
        load({"BASHGAH_BOARD_ENTRIES_MAX": str(TOP_MAX + 1)})
