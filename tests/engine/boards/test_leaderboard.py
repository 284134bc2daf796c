"""A board against naive sorting: whatever comes, every answer is what one gets by listing everyone and sorting."""

from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import engine.boards.leaderboard
from engine.boards.histogram import begin_after, begin_of
from engine.boards.leaderboard import TOP_MAX, BoardScore, Leaderboard, order_key

People = dict[str, BoardScore]
Step = tuple[str, str, BoardScore | None]

MEMBERS = [*"abcdefghij", "é", "ی", "\U0001f389", "\uffee"]
FEW = st.integers(1, 5)
"""Scores that tie all the time."""
WIDE = st.integers(1, 300) | st.integers(10**15, 10**15 + 50) | st.integers(2**63 - 3, 2**63 + 3) | st.just(10**40)


def standings(scores: st.SearchStrategy[int]) -> st.SearchStrategy[BoardScore]:
    return st.builds(BoardScore, scores, st.integers(-1, 1), st.integers(0, 2))


def histories(scores: st.SearchStrategy[int]) -> st.SearchStrategy[list[Step]]:
    change = st.tuples(st.just("change"), st.sampled_from(MEMBERS), st.none() | standings(scores))
    other = st.tuples(st.sampled_from(["tell", "touch", "refill"]), st.sampled_from(MEMBERS), st.none())
    step = change | change | change | other
    return st.lists(step, min_size=20, max_size=60) | st.lists(step, max_size=20)


def crowds(scores: st.SearchStrategy[int]) -> st.SearchStrategy[People]:
    return st.dictionaries(st.text(max_size=2), standings(scores), max_size=40) | st.fixed_dictionaries(
        {member: standings(scores) for member in MEMBERS}
    )


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Chunks and groups so small that a few members fill several."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine.boards.leaderboard, "_CHUNK_MAX", 4)
        patched.setattr(engine.boards.leaderboard, "_GROUP", 2)
        patched.setattr(engine.boards.leaderboard, "_SLICE", 3)
        yield


def in_order(people: People) -> list[tuple[str, BoardScore]]:
    """Everyone, by the order as DOMAIN.md says it: the member by bytes."""
    return sorted(people.items(), key=lambda each: (-each[1][0], -each[1][1], each[1][2], each[0].encode()))


def check(board: Leaderboard, people: People) -> None:
    """All that a board answers, but `changes`."""
    scores = [standing.score for standing in people.values()]
    assert board.listed == len(people)
    some = scores[:: 1 + len(scores) // 20]
    for score in {-5, 0, 2, 10**41, *some, *(each + 1 for each in some), *(each - 1 for each in some)}:
        assert board.above(score) == sum(each > score for each in scores)
        higher, lower = [each for each in scores if each > score], [each for each in scores if each < score]
        assert board.next_above(score) == ((min(higher), higher.count(min(higher))) if higher else None)
        assert board.next_below(score) == ((max(lower), lower.count(max(lower))) if lower else None)
    for steps in (1, 3, 20):
        ranges = board.distribution(steps)
        assert [counted for _, _, counted in ranges] == [
            sum(begin <= each <= end for each in scores) for begin, end, _ in ranges
        ]
        assert sum(counted for _, _, counted in ranges) == len(scores)
        assert len(ranges) <= steps
    ranges = board.widening()
    assert [counted for _, _, counted in ranges] == [
        sum(begin <= each <= end for each in scores) for begin, end, _ in ranges
    ]
    assert sum(counted for _, _, counted in ranges) == len(scores)
    if not board.short:
        assert board.first() == in_order(people)[: board.top]


def tell(board: Leaderboard, shown: People) -> list[str]:
    """Apply what is told; who was named."""
    changed, gone = board.changes()
    for member in gone:
        del shown[member]
    shown.update(changed)
    return [member for member, _ in changed]


def live(board: Leaderboard, steps: list[Step]) -> People:
    """Play a history, checking what is told on the way; the members after it."""
    people: People = {}
    shown: People = {}
    touched: set[str] = set()
    for kind, member, standing in steps:
        if kind == "change":
            board.change(member, people.get(member), standing)
            if standing is None:
                people.pop(member, None)
            else:
                people[member] = standing
        elif kind == "touch":
            board.touch(member)
            touched.add(member)
        if kind == "refill" or (kind == "tell" and board.short):
            board.refill(people.items())
            assert not board.short
        if kind == "tell":
            named = tell(board, shown)
            first = dict(in_order(people)[: board.top])
            assert shown == first
            assert touched & first.keys() <= set(named)
            touched.clear()
            assert board.changes() == ([], [])
        assert board.short or board.first() == in_order(people)[: board.top]
    return people


@settings(max_examples=300, phases=set(Phase) - {Phase.explain})
@given(histories(FEW) | histories(WIDE), st.integers(1, 4))
def test_every_answer_is_that_of_sorting_everyone_after_any_change(steps: list[Step], top: int) -> None:
    board = Leaderboard(top)
    check(board, live(board, steps))


@given(crowds(FEW) | crowds(WIDE), st.integers(1, 4), st.integers(0, 9))
def test_a_filled_board_is_as_one_that_was_changed_member_by_member(people: People, top: int, cut: int) -> None:
    everyone = iter(people.items())
    board = Leaderboard(top)
    board.fill(islice(everyone, cut))
    board.fill(everyone)
    check(board, people)
    shown: People = {}
    tell(board, shown)
    assert shown == dict(in_order(people)[:top])
    for member, standing in people.items():
        board.change(member, standing, None)
    check(board, {})


@given(crowds(FEW))
def test_keys_sort_as_the_order_of_a_board_does(people: People) -> None:
    assert sorted(people.items(), key=lambda each: order_key(each[1], each[0])) == in_order(people)


@pytest.mark.parametrize("spread", [40, 10**15])
def test_many_members_over_a_long_time(spread: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.boards.leaderboard, "_CHUNK_MAX", 16)
    random = Random(spread)
    people = {f"m{number}": BoardScore(random.randint(1, spread), 0, number) for number in range(2_000)}
    board, shown, refills = Leaderboard(10), People(), 0
    board.fill(people.items())
    for step in range(6_000):
        member = f"m{random.randrange(2_000 if step < 4_000 else 1 + (6_000 - step))}"
        before, after = people.pop(member, None), None
        if random.random() < (0.9 if step < 3_000 else 0.1):
            after = people[member] = BoardScore(random.randint(1, spread), random.randint(0, 1), step)
        board.change(member, before, after)
        if board.short:
            board.refill(people.items())
            refills += 1
        if step % 7 == 0:
            tell(board, shown)
            assert shown == dict(in_order(people)[:10])
        if step % 500 == 0:
            check(board, people)
    check(board, people)
    assert refills


def test_scores_that_few_still_have_take_no_more_room_than_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.boards.leaderboard, "_CHUNK_MAX", 16)
    board = Leaderboard(1)
    people = {str(score): BoardScore(score, 0, 0) for score in range(1, 1_001)}
    board.fill(people.items())
    for member, standing in people.items():
        if standing.score % 10:
            board.change(member, standing, None)
    chunks = [len(scores) for scores in board._scores._scores]
    assert sum(chunks) == 100
    assert 4 <= min(chunks) <= max(chunks) <= 16


def test_first_places_are_refused_until_they_are_looked_up() -> None:
    people = {f"m{number}": BoardScore(100 - number, 0, 0) for number in range(10)}
    board = Leaderboard(2)
    board.fill(people.items())
    for number in range(3):
        assert not board.short
        board.change(f"m{number}", people.pop(f"m{number}"), None)
    assert board.short
    with pytest.raises(AssertionError, match="refill"):
        board.first()
    board.refill(people.items())
    assert [member for member, _ in board.first()] == ["m3", "m4"]


def test_who_falls_behind_those_who_are_kept_and_comes_back_is_kept_again() -> None:
    people = {f"m{number}": BoardScore(100 - number, 0, 0) for number in range(10)}
    board = Leaderboard(2)
    board.fill(people.items())
    board.change("m0", people["m0"], BoardScore(1, 0, 1))
    board.change("m0", BoardScore(1, 0, 1), BoardScore(200, 0, 2))
    assert board.first() == [("m0", BoardScore(200, 0, 2)), ("m1", people["m1"])]


def test_a_new_name_is_told_of_only_among_the_first() -> None:
    board = Leaderboard(1)
    board.fill([("a", BoardScore(2, 0, 0)), ("b", BoardScore(1, 0, 0))])
    assert board.changes() == ([("a", BoardScore(2, 0, 0))], [])
    board.touch("b")
    assert board.changes() == ([], [])
    board.touch("a")
    assert board.changes() == ([("a", BoardScore(2, 0, 0))], [])


def test_ranges_are_round_and_leave_no_hole() -> None:
    board = Leaderboard(1)
    assert board.distribution(10) == []
    board.fill((str(score), BoardScore(score, 0, 0)) for score in (7, 12, 13, 38))
    assert board.distribution(10) == [(start, start + 4, count) for start, count in
                                      [(5, 1), (10, 2), (15, 0), (20, 0), (25, 0), (30, 0), (35, 1)]]  # fmt: skip
    assert board.distribution(4) == [(0, 9, 1), (10, 19, 2), (20, 29, 0), (30, 39, 1)]
    assert board.distribution(3) == [(0, 49, 4)]


def test_ranges_widen_with_the_scores_and_finer_ones_fit_into_coarser_ones() -> None:
    begins = [1]
    while begins[-1] < 1_000:
        begins.append(begin_after(begins[-1], 0))
    assert begins == [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000]
    for score in (*range(1, 200), 10**15 + 1, 10**40):
        for scale in range(6):
            begin = begin_of(score, scale)
            assert begin <= score < begin_after(begin, scale)
            assert begin_of(begin_of(score, scale), scale + 1) == begin_of(score, scale + 1)


def test_a_board_is_told_nothing_false() -> None:
    board = Leaderboard(1)
    board.change("a", None, BoardScore(5, 0, 0))
    for before, after in [
        (BoardScore(4, 0, 0), None), (BoardScore(5, 1, 0), None), (None, BoardScore(0, 0, 0)),
        (BoardScore(-1, 0, 0), None),
    ]:  # fmt: skip
        with pytest.raises(AssertionError):
            board.change("a", before, after)
    for top in (0, TOP_MAX + 1):
        with pytest.raises(AssertionError):
            Leaderboard(top)
