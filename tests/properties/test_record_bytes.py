"""Every record that a worker writes is bounded, at the extremes of whatever comes in: names of 128 characters of four
bytes, or of characters that JSON writes with six; references, sources and ids as long as may be; the largest numbers.

Dead letters: tests/agents/topics/test_dead_letters.py. Rows of members: tests/agents/lanes/test_row_bounds.py.
"""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.boards.final_order import PLACES_A_PAGE, PLACES_BYTES_A_PAGE
from agents.boards.reports import _records
from engine.boards.final_boards import FinalPlace as Ranked
from engine.boards.leaderboard import TOP_MAX
from engine.boards.merge import PrizePlaces
from engine.festivals.scores import SCORE_MAX
from schemas import topics
from schemas.board_outputs import RoundName, entries_of, final_board, live_board, watermarks, without_alias
from schemas.invalid import Invalid
from schemas.outputs import Emitter
from schemas.partial import BoardPart, Page, Partial, PlaceReport, encode_partial, fitting
from schemas.programmes import RECORD_BYTES_MAX, encode_programme
from schemas.records import BATCH_BYTES_MAX, OutputRecord, record_bytes
from tables.codec import ROW_BYTES_MAX
from tables.coordinator_rows import (
    AwardingRow,
    BoardTerms,
    FinalRow,
    LaneRow,
    PlaceRow,
    encode_coordinator_entry,
    encode_row,
)
from tables.journal import JournalEntry, OperatorDecision, Take, encode_entry, pairs_of
from tables.watermark import Watermark, encode_watermark
from tests.agents.boards.naive_lanes import FREEZE, versions

NAME, MEMBER = "n" * 64, "m" * 60
ROUND = RoundName(NAME, NAME, "1405-12")
OFFSET = 2**63 - 1
LANES = 1_000
ALIASES = {"emoji": "\U0001f600" * 128, "escaped": "\x01" * 128, "quotes": '"' * 128, "none": None}
WIDEST = {topic.name: OFFSET for topic in topics.INPUTS}
aliases = st.one_of(st.none(), st.sampled_from([each for each in ALIASES.values() if each]), st.text(max_size=128))


def size(topic: str, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()) -> int:
    """Of a record, as counted against the bound."""
    return record_bytes(OutputRecord(topic, 0, key, value, headers))


def board(shown: Sequence[str | None]) -> list[Ranked]:
    """Places with such names."""
    return [Ranked(at, f"{MEMBER}{at:04}", alias, SCORE_MAX, FREEZE) for at, alias in enumerate(shown, start=1)]


def places(shown: Sequence[str | None]) -> tuple[PlaceReport, ...]:
    """The same as a lane tells them."""
    return tuple(PlaceReport(f"{MEMBER}{at:04}", SCORE_MAX, SCORE_MAX, FREEZE, alias) for at, alias in enumerate(shown))


def check_boards(shown: Sequence[str | None], lanes: int) -> int:
    """A live and a final board with these names fit, as records and as a row; how many lines the final one has."""
    version, entries = versions().in_order[0], entries_of(board(shown))
    told = watermarks({lane: LaneRow(OFFSET, FREEZE, WIDEST) for lane in range(lanes)})
    live = live_board(f"{NAME}/{NAME}", version, FREEZE, OFFSET, OFFSET, entries, told, replay=True)
    assert record_bytes(live) <= BATCH_BYTES_MAX
    final = final_board(ROUND, version, FREEZE, OFFSET, entries, "f" * 64, replay=True)
    assert final.value is not None
    lines = final.value.count(b'"rank"')
    again = without_alias(str(ROUND), final.value, f"{MEMBER}0001", OFFSET)
    for each in (final, again):
        assert record_bytes(each) <= BATCH_BYTES_MAX
        row = encode_row(FinalRow(OFFSET, each.value or b""))
        assert size(topics.COORDINATOR.name, b"F" + str(ROUND).encode(), row) <= BATCH_BYTES_MAX
    return lines


@pytest.mark.parametrize(("names", "lines"), [("emoji", 1_000), ("quotes", 1_000), ("none", 1_000), ("escaped", 800)])
def test_boards_of_the_widest_names_fit(names: str, lines: int) -> None:
    assert check_boards([ALIASES[names]] * TOP_MAX, 1) >= lines
    check_boards([ALIASES[names]] * TOP_MAX, LANES)


@settings(max_examples=30, deadline=None)
@given(st.lists(aliases, min_size=1, max_size=20), st.integers(1, LANES))
def test_boards_of_any_names_fit(some: list[str | None], lanes: int) -> None:
    check_boards((some * TOP_MAX)[:TOP_MAX], lanes)


@settings(max_examples=30, deadline=None)
@given(st.lists(aliases, min_size=1, max_size=20))
def test_pages_of_any_names_fit_a_row(some: list[str | None]) -> None:
    told = places((some * PLACES_A_PAGE)[:PLACES_A_PAGE])
    count = fitting(told, PLACES_BYTES_A_PAGE)
    assert count > TOP_MAX
    page = Page(
        lane=2**31, lanes=2**31, transactions=OFFSET, festival=NAME, category=NAME, round=NAME, as_of=OFFSET,
        number=2**31, last=True, places=told[:count], programme_offset=OFFSET, first=OFFSET,
    )  # fmt: skip
    assert len(encode_partial(page)) < ROW_BYTES_MAX


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, TOP_MAX), st.integers(0, TOP_MAX), aliases), max_size=12),
    st.integers(0, 20_000),
)
def test_live_parts_fit_whoever_comes_and_goes(boards: list[tuple[int, int, str | None]], erased: int) -> None:
    gone = tuple(f"{MEMBER}{at:04}" for at in range(TOP_MAX))
    parts = [
        BoardPart(NAME, NAME, OFFSET, TOP_MAX, True, places([alias] * come), gone[:go]) for come, go, alias in boards
    ]
    forgotten = tuple(f"{MEMBER}{at:04}" for at in range(erased))
    records = list(_records(parts, forgotten))
    assert [part for some, _ in records for part in some] == parts
    assert tuple(name for _, names in records for name in names) == forgotten
    for some, names in records:
        told = Partial(
            lane=2**31, lanes=2**31, transactions=OFFSET, tick=OFFSET, offsets=WIDEST, opened=True, boards=some,
            erased=names, more=True, programme_offset=OFFSET,
        )  # fmt: skip
        assert size(topics.PARTIAL.name, b"2147483648", encode_partial(told)) <= BATCH_BYTES_MAX


def test_ten_thousand_boards_of_which_nothing_changes_but_the_number_fit() -> None:
    parts = [BoardPart(NAME, NAME, OFFSET, TOP_MAX, False, (), ())] * 10_000
    assert max(sum(160 for _ in some) for some, _ in _records(parts, ())) <= BATCH_BYTES_MAX


def test_what_a_transaction_keeps_of_itself_fits() -> None:
    steps = [Take(topic.name, 0, OFFSET) for topic in topics.INPUTS] * 4_000  # a record each, of as many as may be set
    text = "\U0001f600" * 500
    decision = OperatorDecision("accept", text, text, WIDEST, OFFSET, ("bank.ebanking", OFFSET))
    entry = JournalEntry(
        transaction=OFFSET, now=OFFSET, replay=True, ahead_ms_max=OFFSET, behind_ms_max=OFFSET, starts=WIDEST,
        steps=pairs_of(WIDEST, steps), decision=decision, published=(f"{NAME}/1405-12",), meaning=1,
        record_bytes_max=OFFSET, passed=(("bank.ebanking", OFFSET),) * 20_000,
    )  # fmt: skip
    assert size(topics.JOURNAL.name, None, encode_entry(entry)) <= BATCH_BYTES_MAX
    assert size(topics.JOURNAL.name, None, encode_coordinator_entry(entry, BoardTerms())) <= BATCH_BYTES_MAX
    ids = dict.fromkeys([*WIDEST, topics.PROGRAMME.name], "i" * 64)
    mark = Watermark(
        offsets=WIDEST, topics=ids, last_tick=OFFSET, clock=OFFSET, programme_offset=OFFSET, replay=True,
        transactions=OFFSET, lineage=OFFSET, accepted=WIDEST, app_id="a" * 249, lanes=OFFSET,
    )  # fmt: skip
    assert size(topics.STATE.name, b"\0", encode_watermark(mark)) <= 4_000


def test_rows_of_the_coordinator_fit() -> None:
    prizes = tuple(PrizePlaces(NAME, NAME, 1, 100_000, 10**15) for _ in range(500))
    for row in (
        LaneRow(OFFSET, OFFSET, WIDEST, True),
        PlaceRow(-SCORE_MAX, -SCORE_MAX, OFFSET, ALIASES["emoji"]),
        AwardingRow(prizes, 100_000),
    ):
        assert size(topics.COORDINATOR.name, b"k" * 300, encode_row(row)) <= 200_000


@pytest.mark.parametrize("names", [name for name in ALIASES if name != "none"])
def test_outputs_of_the_widest_causes_fit(names: str) -> None:
    wide = ALIASES[names] or ""
    emitter = Emitter("s" * 128, wide[:64], FREEZE, NAME, 10**9)
    many = 10**24  # what a cap left of it is bounded, what it would have been is not
    told = [
        emitter.posting("points.accrued", MEMBER, many, "active", NAME, None, many, many, (many, many, many, many)),
        emitter.posting("points.adjusted", MEMBER, 1, "active", None, None, None, None, (1, 1, 1, 1), reason=wide),
        emitter.score(MEMBER, NAME, NAME, SCORE_MAX, SCORE_MAX, True),
        emitter.reward("reward.granted", MEMBER, NAME, "rank", NAME, NAME, NAME, 100_000, 10**15),
        emitter.notification(
            "notification.requested", MEMBER, NAME, {"alias": wide, "points": wide}, "sms", "fa", wide * 125, 0, 0
        ),
    ]
    assert max(size(each.topic, each.key, each.value) for each in told) <= 110_000


@pytest.mark.parametrize(("characters", "fits"), [("\n", False), ('"', False), ("\\", False), ("آ", True), ("x", True)])
def test_a_programme_is_published_where_it_fits_a_record_and_else_refused(characters: str, fits: bool) -> None:
    document = characters * (512 * 1024 // len(characters.encode()))
    if fits:
        key, value = encode_programme("p" * 64, 10**9, FREEZE, document, FREEZE, "\x01" * 128)
        assert size(topics.PROGRAMME.name, key, value) <= BATCH_BYTES_MAX
    else:
        with pytest.raises(Invalid, match=f"{RECORD_BYTES_MAX} at most"):
            encode_programme("p" * 64, 10**9, FREEZE, document, FREEZE)
