"""Records over the limit: a dead letter by length and digest, the same whether the record was held or not."""

from collections.abc import Mapping
from hashlib import sha256
from unittest.mock import patch

import msgspec
import pytest

from agents.lanes.dead_letter_limit import Limit
from agents.process.exit_codes import ClubError
from agents.scoring.batch import Limits
from agents.scoring.intake import decode_record
from agents.topics.dead_letters import left_out, letter
from bashgah.admin.dead_letters import letter_of
from bashgah.audit.lanes import verify
from bashgah.embedded.broker import EmbeddedReader
from engine.outcome import Reason
from schemas import topics
from schemas.dead_letter import WHOLE_BYTES_MAX, Whole
from schemas.records import HEADER_HELD_BYTES, Headers, OutputRecord, Record, TopicPartition, Withheld
from tables.journal import decode_entry, encode_entry
from tables.store import MemoryStore
from tests.agents.lanes.small_club import SmallClub, in_club
from tests.agents.lanes.test_lane import feed

CARD, LETTERS = topics.CARD.name, topics.DEAD_LETTER.name
LIMIT = 100_000
LIMITS = Limits(record_bytes_max=LIMIT)
EVERYTHING_DEAD = Limit(100, 1_000)


def withheld(record: Record) -> Record:
    """The record as a reader gives it that did not hold it."""
    key, value = record.key or b"", record.value or b""
    cut = Whole.of(key) if len(key) > WHOLE_BYTES_MAX else None
    start = None if record.key is None else key[:WHOLE_BYTES_MAX]
    return record._replace(key=start, value=None, headers=(), withheld=Withheld(Whole.of(value), cut))


@pytest.mark.parametrize(
    ("key", "value", "headers"),
    [
        (b"m-1", b"v" * LIMIT, ()),
        (b"k" * LIMIT, b"v", ()),
        (b"m-1", None, (("h", b"x" * LIMIT),)),
        (None, b"{}", (("", b""),) * (LIMIT // HEADER_HELD_BYTES + 1)),
    ],
    ids=["value", "key", "header", "headers"],
)
def test_the_letter_is_the_same_whether_the_record_was_held_or_not(
    key: bytes | None, value: bytes | None, headers: Headers
) -> None:
    held = Record(CARD, 0, 7, 0, key, value, headers)
    letters = []
    for record in (held, withheld(held)):
        item = decode_record(record, LIMIT)
        assert item.fault is not None
        assert item.fault.code == "too_large"
        letters.append(letter(record, 0, Reason(item.fault.code), item.fault.detail))
    assert letters[0] == letters[1]
    assert letters[0].value == b""
    assert (letters[0].key or b"") == (key or b"")[:WHOLE_BYTES_MAX]
    assert Whole.of(value or b"") == letter_of(Record(LETTERS, 0, 0, 0, *letters[0][2:])).whole_value


def test_what_fits_the_limit_exactly_is_decoded() -> None:
    fits = Record(CARD, 0, 7, 0, b"m-1", b"v" * (LIMIT - 3), ())
    fault = decode_record(fits, LIMIT).fault
    assert fault is not None
    assert fault.code == "invalid"


def test_nothing_of_an_erased_member_is_told_by_a_letter() -> None:
    record = withheld(Record(CARD, 0, 7, 0, b"m-1", b"v" * LIMIT, ()))
    assert not any(name.startswith("value") for name, _ in letter(record, 0, Reason.ERASED, "subject").headers)


def test_a_record_that_was_not_held_can_be_left_out() -> None:
    found = left_out(withheld(Record(CARD, 0, 7, 0, b"m-1", b"v" * LIMIT, ())), 0, "o", "r", MemoryStore())
    assert dict(found.headers)["value-sha256"] == sha256(b"v" * LIMIT).hexdigest().encode()


async def with_a_large_event(club: SmallClub) -> None:
    """A valid event, then one with spaces behind it, and another."""
    await club.purchase()
    padding = b" " * LIMIT
    publish = club.raw

    async def padded(topic: str, key: bytes, value: bytes) -> None:
        await publish(topic, key, value + padding)

    with patch.object(club, "raw", padded):
        await club.purchase()
    await club.purchase()


def test_the_events_beside_it_count_and_verify_holds_under_another_limit_too() -> None:
    async def scenario(club: SmallClub) -> None:
        await with_a_large_event(club)
        lanes, driver = await club.worker(limits=LIMITS, dead_letters=EVERYTHING_DEAD)
        await feed(driver, 3)
        await lanes.stop()
        assert await club.points() == [("e1", 1), ("e3", 1)]
        found = letter_of((await club.records(LETTERS))[0])
        assert (found.code, found.source_offset, found.value) == ("too_large", 1, b"")
        await with_a_large_event(club)  # the limit was raised: the same bytes are an event now
        lanes, driver = await club.worker(dead_letters=EVERYTHING_DEAD)
        await feed(driver, 3)
        await lanes.stop()
        assert [id for id, _ in await club.points()] == ["e1", "e3", "e4", "e5", "e6"]
        assert (await verify(club.broker, 0)).outputs == 6

    in_club(scenario)


def test_verify_holds_when_the_reader_did_not_hold_the_record() -> None:
    async def scenario(club: SmallClub) -> None:
        await with_a_large_event(club)
        lanes, driver = await club.worker(limits=LIMITS, dead_letters=EVERYTHING_DEAD)
        await feed(driver, 3)
        await lanes.stop()
        fetch = EmbeddedReader.fetch

        async def bounded(
            self: EmbeddedReader, timeout_ms: int, max_records: int
        ) -> Mapping[TopicPartition, list[Record]]:
            found = await fetch(self, timeout_ms, max_records)
            return {
                place: [withheld(each) if len(each.value or b"") > LIMIT else each for each in records]
                for place, records in found.items()
            }

        with patch.object(EmbeddedReader, "fetch", bounded):
            assert (await verify(club.broker, 0)).outputs == 3

    in_club(scenario)


def test_an_entry_of_before_has_no_limit_and_a_record_that_cannot_be_held_is_named() -> None:
    async def scenario(club: SmallClub) -> None:
        await with_a_large_event(club)
        lanes, driver = await club.worker()
        await feed(driver, 3)
        await lanes.stop()
        place = topics.JOURNAL.name
        assert all(
            decode_entry(each.value or b"").record_bytes_max == Limits().record_bytes_max
            for each in (await club.records(place))[1:]
        )
        fetch = EmbeddedReader.fetch

        async def before(
            self: EmbeddedReader, timeout_ms: int, max_records: int
        ) -> Mapping[TopicPartition, list[Record]]:
            found = dict(await fetch(self, timeout_ms, max_records))
            for name, records in found.items():
                if name.topic == place:
                    found[name] = [
                        each._replace(
                            value=encode_entry(
                                msgspec.structs.replace(decode_entry(each.value or b""), record_bytes_max=0)
                            )
                        )
                        for each in records
                    ]
                elif name.topic == CARD and hide:
                    found[name] = [withheld(each) if len(each.value or b"") > LIMIT else each for each in records]
            return found

        with patch.object(EmbeddedReader, "fetch", before):
            hide = False
            assert (await verify(club.broker, 0)).outputs == 3
            hide = True
            with pytest.raises(ClubError, match="its record 1 was taken by a release that held records of any size"):
                await verify(club.broker, 0)

    in_club(scenario)


def test_a_queue_counts_the_bytes_of_keys_and_headers_too() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.broker.publish([OutputRecord(CARD, 0, b"k" * 500_000, b"", (("h", b"x" * 300_000),))])
        lanes, driver = await club.worker()
        await driver.feed_once()
        (lane,) = lanes.lanes.values()
        assert lane.queued_bytes > 800_000
        await lanes.stop()

    in_club(scenario)
