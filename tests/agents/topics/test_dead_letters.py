"""A dead letter is bounded, however large the record that was refused: it must never be what stops the lane."""

from hashlib import sha256
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.lanes.dead_letter_limit import Limit
from agents.topics.dead_letters import left_out, letter
from bashgah.admin.dead_letters import letter_of
from bashgah.audit.lanes import verify
from engine.outcome import Reason
from schemas import topics
from schemas.dead_letter import CODES, WHOLE_BYTES_MAX, Whole
from schemas.records import BATCH_BYTES_MAX, OutputRecord, Record, record_bytes
from tables.store import MemoryStore
from tests.agents.lanes.small_club import SmallClub, in_club
from tests.agents.lanes.test_lane import feed

CARD, LETTERS = topics.CARD.name, topics.DEAD_LETTER.name


async def publish_what_a_broker_takes(club: SmallClub, key: bytes | None, value: bytes | None) -> None:
    """Brokers take more than the club's own records have: 1 MiB, and that compressed."""
    with patch("bashgah.embedded.log.BATCH_BYTES_MAX", 2**31):
        await club.broker.publish([OutputRecord(CARD, 0, key, value)])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"m-1", b'{"x":"' + b"A" * 950_000 + b'"}'),
        (b"m-1", b"\xff" * 5_000_000),
        (b"k" * 950_000, b"{}"),
        (b"k" * 700_000, b"\x00" * 700_000),
        (None, b"x" * 950_000),
        (b"m-1", None),
        (None, None),
    ],
    ids=["json", "5 MB", "key", "both", "no key", "no value", "nothing"],
)
def test_a_refused_record_of_any_size_is_a_letter_and_the_lane_goes_on(key: bytes | None, value: bytes | None) -> None:
    async def scenario(club: SmallClub) -> None:
        await publish_what_a_broker_takes(club, key, value)
        await club.purchase()
        lanes, driver = await club.worker(dead_letters=Limit(100, 1_000))
        await feed(driver, 2)
        await lanes.stop()
        assert not club.problems, club.problems
        assert await club.points() == [("e1", 1)]
        [record] = await club.records(LETTERS)
        assert record_bytes(OutputRecord(*record[:2], *record[4:7])) < BATCH_BYTES_MAX
        found = letter_of(record)
        for content, held, whole in ((key, record.key, found.whole_key), (value, record.value, found.whole_value)):
            if content is None or len(content) <= WHOLE_BYTES_MAX:
                assert (held, whole) == (content, None)
            else:
                assert (held, whole) == (
                    content[:WHOLE_BYTES_MAX], Whole(len(content), sha256(content).hexdigest())
                )  # fmt: skip
        assert (await verify(club.broker, 0)).outputs == 2

    in_club(scenario)


@given(
    st.one_of(st.none(), st.integers(0, 200_000)), st.one_of(st.none(), st.integers(0, 2_000_000)),
    st.sampled_from([reason for reason in Reason if reason.value in CODES]), st.text(max_size=300),
)  # fmt: skip
def test_every_letter_fits_a_record(key: int | None, value: int | None, code: Reason, detail: str) -> None:
    parts = [None if length is None else b"\xd8" * length for length in (key, value)]
    record = Record(CARD, 7, 2**62, 0, *parts, ())
    assert record_bytes(letter(record, 0, code, detail)) < 150_000
    assert record_bytes(left_out(record, 0, "م" * 200_000, "ک" * 200_000, MemoryStore())) < 150_000


def test_letters_of_before_were_whole_whatever_their_size() -> None:
    value = b"x" * (WHOLE_BYTES_MAX + 1)
    record = Record(CARD, 0, 4, 0, b"m-1", value, ())
    before = letter(record, 0, Reason.INVALID, "why", meaning=0)
    assert (before.key, before.value, len(before.headers)) == (b"m-1", value, 5)


def test_nothing_of_an_erased_members_record_is_kept() -> None:
    secret = b"secret" * 20_000
    kept = letter(Record(CARD, 0, 4, 0, b"m-1", secret, ()), 0, Reason.ERASED, "why")
    assert kept.value == b""
    assert Whole.of(secret).sha256.encode() not in dict(kept.headers).values()
