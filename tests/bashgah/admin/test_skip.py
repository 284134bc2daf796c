"""A lane that fails on a record names it, and an operator can leave out exactly that one, and no other."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

import agents.scoring.processor
from agents.broker.errors import BadBatch
from agents.lanes.dead_letter_limit import Limit
from agents.process.exit_codes import ClubError, ExitCode
from bashgah.admin.dead_letters import letter_of
from bashgah.admin.lanes import resume
from bashgah.admin.resume import Skip
from bashgah.audit.lanes import verify
from bashgah.audit.member_history import Wanted, history
from bashgah.embedded.broker import EmbeddedReader
from engine.ledger.member import HEAD
from engine.outcome import Outcome, Reason
from schemas import topics
from schemas.dead_letter import Whole
from schemas.records import OutputRecord, Record, TopicPartition, Withheld
from tables import codec
from tables.journal import OperatorDecision, decode_entry
from tests.agents.lanes.small_club import SmallClub, in_club
from tests.agents.lanes.test_lane import feed

CARD, LETTERS = topics.CARD.name, topics.DEAD_LETTER.name
BY = ("m.karimi", "ticket 4711")


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of events on which a lane dies. Whatever the core raises makes a dead letter, so this fails around it."""
    ids: list[str] = []
    admit = agents.scoring.processor.admit

    def failing(rows: Any, activity: Any, clock: Any) -> Any:
        if activity.id in ids:
            raise ZeroDivisionError("as no core should")
        return admit(rows, activity, clock)

    monkeypatch.setattr("agents.scoring.processor.admit", failing)
    return ids


async def work(club: SmallClub, **options: Any) -> ClubError | None:
    """Run a worker until it has done all there is, or ends; what it ends with."""
    lanes, driver = await club.worker(**options)
    await feed(driver, 10)
    await lanes.stop()
    await driver.close()
    ended = club.problems[0] if club.problems else None
    club.problems.clear()
    return ended


async def skip(club: SmallClub, offset: int, topic: str = CARD) -> tuple[str, ...]:
    """Leave out a record of lane 0; what was changed."""
    return (await resume(club.broker, 0, Skip(topic, offset), *BY, wall_ms=lambda: club.now_ms)).changes


async def refused(club: SmallClub, offset: int, topic: str = CARD) -> str:
    """Why a record is not left out; nothing is written then."""
    before = await club.watermark()
    with pytest.raises(ClubError) as found:
        await skip(club, offset, topic)
    assert found.value.code == ExitCode.REFUSED
    assert await club.watermark() == before
    assert await club.records(LETTERS) == []
    return str(found.value)


@pytest.mark.parametrize("batch", [1, 2, 7, 2_000])
def test_a_lane_that_fails_on_a_record_names_it_and_goes_on_without_it(batch: int, deadly: list[str]) -> None:
    async def scenario(club: SmallClub) -> None:
        for _ in range(20):
            await club.purchase()
        deadly.extend(["e6", "e14"])
        for offset in (5, 13):
            for _ in range(2):  # a restart comes to the same record
                ended = await work(club, batch_records_max=batch)
                assert ended is not None
                assert (ended.code, ended.field) == (ExitCode.FAULT, f"{CARD}/0 offset {offset}")
                assert f"`bashgah lane resume 0 --skip {CARD}:{offset} --operator NAME --reason WHY`" in ended.remedy
                assert (await club.watermark()).offsets[CARD] == offset, "what comes before it is done"
            assert f"offset {offset} is left out" in (await skip(club, offset))[0]
        assert await work(club, batch_records_max=batch) is None
        assert await club.points() == [(f"e{n}", 1) for n in range(1, 21) if n not in (6, 14)]
        found = [letter_of(record) for record in await club.records(LETTERS)]
        assert [(each.code, each.detail, each.source_offset) for each in found] == [
            ("skipped", "m.karimi: ticket 4711", 5), ("skipped", "m.karimi: ticket 4711", 13),
        ]  # fmt: skip
        records = await club.records(CARD)
        assert [(each.key, each.value) for each in found] == [(records[n].key, records[n].value) for n in (5, 13)]
        entries = [decode_entry(each.value or b"") for each in await club.records(topics.JOURNAL.name)]
        decided = [each.decision for each in entries if each.decision is not None][1:]
        assert [(each.action, each.operator, each.reason, each.record) for each in decided] == [
            ("skip", *BY, (CARD, 5)), ("skip", *BY, (CARD, 13)),
        ]  # fmt: skip
        done = await verify(club.broker, 0)
        assert (done.records, done.decisions) == (18, 3)

    in_club(scenario)


def test_a_row_that_has_grown_too_large_is_a_records_fault_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(club: SmallClub) -> None:
        for member in ("m-1", "m-2", "m-3"):
            await club.purchase(member)
        encode = codec.encode

        def strict(key: bytes, value: Any, meaning: int) -> bytes:
            if key == HEAD and value.active + value.pending_points() > 4:
                raise codec.RowTooLarge("m", 900_000)
            return encode(key, value, meaning)

        monkeypatch.setattr(codec, "encode", strict)
        await club.purchase("m-2", amount=500_000)
        await club.purchase("m-3")
        ended = await work(club)
        assert ended is not None
        assert ended.field == f"{CARD}/0 offset 3"
        assert "RowTooLarge" in ended.reason
        await skip(club, 3)
        assert await work(club) is None
        assert await club.points() == [("e1", 1), ("e2", 1), ("e3", 1), ("e5", 1)]

    in_club(scenario)


def test_what_is_no_records_fault_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()

        def broken(self: object, budget: int) -> bool:
            raise ZeroDivisionError

        monkeypatch.setattr("agents.scoring.processor.Processor.apply_due", broken)
        ended = await work(club)
        assert ended is not None
        assert (ended.code, ended.field) == (ExitCode.FAULT, "lane 0")

    in_club(scenario)


def test_a_record_on_which_the_decoder_fails_is_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await club.purchase()
        whole = agents.scoring.intake.decode

        def failing(topic: str, key: bytes | None, value: bytes) -> Any:
            if b'"e1"' in value:
                raise ZeroDivisionError
            return whole(topic, key, value)

        monkeypatch.setattr("agents.scoring.intake.decode", failing)
        assert await work(club, dead_letters=Limit(100, 1_000)) is None
        assert [letter_of(each).code for each in await club.records(LETTERS)] == ["engine_error"]
        assert await club.points() == [("e2", 1)]

    in_club(scenario)


def test_only_the_record_that_comes_next_is_left_out() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        assert await work(club) is None
        assert "was taken already; nothing waits there" in await refused(club, 0)
        assert "there is no such record yet" in await refused(club, 1)
        producer = await club.broker.producer("bank")
        await producer.transact(
            [OutputRecord(CARD, 0, b"m-1", b"{}"), OutputRecord(CARD, 0, b"m-1", b"{}")]
        )  # 1, 2; 3 a marker
        await producer.transact([OutputRecord(CARD, 0, b"m-1", b"{}")])  # 4
        assert "was taken already; the next record there is 1" in await refused(club, 0)
        assert "others come before it: the next record there is 1" in await refused(club, 2)
        assert "others come before it" in await refused(club, 3)
        assert "others come before it" in await refused(club, 10**18)
        assert "there is no such record yet" in await refused(club, 0, topics.DEPOSIT.name)
        for topic in (topics.POINTS.name, topics.STATE.name, topics.PROGRAMME.name, "bank.unknown"):
            assert "is no input of a lane" in await refused(club, 0, topic)
        await skip(club, 1)
        await skip(club, 2)
        with pytest.raises(ClubError, match="no record stands there, but a transaction's marker"):
            await skip(club, 3)
        with pytest.raises(ClubError, match="was taken already"):
            await skip(club, 2)
        await skip(club, 4)
        assert [letter_of(each).source_offset for each in await club.records(LETTERS)] == [1, 2, 4]
        await club.purchase()
        assert await work(club) is None
        assert (await verify(club.broker, 0)).decisions == 4

    in_club(scenario)


@pytest.mark.parametrize("lost", ["made anew", "torn"])
def test_nothing_is_left_out_while_an_offset_says_nothing(lost: str) -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        assert await work(club) is None
        if lost == "made anew":
            await club.broker.delete_topics([CARD])
            await club.create(CARD)
            await club.purchase()
            await club.purchase()
            said = await refused(club, 1)
            assert "created anew" in said
        else:
            last = await club.records(topics.JOURNAL.name)
            await club.broker.publish([OutputRecord(topics.JOURNAL.name, 0, None, last[0].value)])
            await club.purchase()
            said = await refused(club, 1)
            assert "its changelog ends with transaction" in said
        assert "`bashgah lane resume 0 --accept --operator NAME --reason WHY`" in said

    in_club(scenario)


def test_a_worker_at_work_is_fenced_and_restarts_behind_the_record() -> None:
    async def scenario(club: SmallClub) -> None:
        lanes, driver = await club.worker()
        await feed(driver, 1)
        await club.purchase()
        await skip(club, 0)
        await club.purchase()
        await feed(driver, 1)
        assert [problem.code for problem in club.problems] == [ExitCode.FENCED]
        club.problems.clear()
        await lanes.stop()
        assert await work(club) is None
        assert await club.points() == [("e2", 1)]
        await verify(club.broker, 0)

    in_club(scenario)


HUGE = b"h" * 700_000


@pytest.mark.parametrize(
    ("key", "value"), [(None, None), (HUGE, b"{}"), (b"m-1", HUGE), (b"\xff\x00", b"\xfe" * 100_000), (b"", b"")]
)
def test_a_record_is_left_out_whatever_it_is(key: bytes | None, value: bytes | None) -> None:
    async def scenario(club: SmallClub) -> None:
        await club.broker.publish([OutputRecord(CARD, 0, key, value, (("topic", b"\xff"), ("topic", b"x")))])
        await club.purchase()
        await skip(club, 0)
        assert await work(club) is None
        assert [letter_of(each).code for each in await club.records(LETTERS)] == ["skipped"]
        assert (await verify(club.broker, 0)).outputs == 2

    in_club(scenario)


def test_nothing_is_kept_of_what_an_erased_member_left_behind() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.registration()
        await club.publish(topics.MEMBER.name, "member.erased", "m-1", club.now_ms, {})
        assert await work(club) is None
        await club.purchase("m-1", amount=123_456)
        await skip(club, 0)
        [record] = await club.records(LETTERS)
        found = letter_of(record)
        assert (found.code, found.value, found.detail) == ("erased", b"", "m.karimi: ticket 4711")
        await verify(club.broker, 0)

    in_club(scenario)


def test_what_was_left_out_does_not_count_towards_the_limit_of_dead_letters() -> None:
    async def scenario(club: SmallClub) -> None:
        for _ in range(3):
            await club.raw(CARD, b"m-1", b"rubbish")
        limit = Limit(1, 100)
        ended = await work(club, dead_letters=limit)
        assert ended is not None
        assert ended.field == f"{CARD}/0 offset 1"
        await skip(club, 1)
        await skip(club, 2)
        await club.purchase()
        assert await work(club, dead_letters=limit) is None
        assert await club.points() == [("e1", 1)]
        assert (await club.watermark()).window.dead == 1
        await verify(club.broker, 0)

    in_club(scenario)


def test_verify_finds_a_letter_that_was_written_in_place_of_another() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        await skip(club, 0)
        assert await work(club) is None
        [record] = await club.records(LETTERS)

        async def instead(change: Callable[[bytes], bytes]) -> str:
            await club.broker.delete_topics([LETTERS])
            await club.create(LETTERS)
            await club.broker.publish(
                [OutputRecord(LETTERS, 0, record.key, change(record.value or b""), record.headers)]
            )
            with pytest.raises(Exception, match=f"{LETTERS}/0") as found:
                await verify(club.broker, 0)
            return str(found.value)

        assert "value" in await instead(lambda value: value.replace(b"100000", b"900000"))
        place = TopicPartition(LETTERS, 0)
        await club.broker.delete_topics([LETTERS])
        await club.create(LETTERS)
        assert (await club.broker.end_offsets([place]))[place] == 0
        with pytest.raises(Exception, match="a record is missing"):
            await verify(club.broker, 0)

    in_club(scenario)


def test_an_event_that_was_left_out_is_explained_as_that() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.registration()
        await club.purchase()
        await skip(club, 0)
        assert await work(club) is None
        found = await history(club.broker, Wanted("m-1", "/test", "e2"), lambda done, of: None)
        [once] = found.occurrences
        assert (once.outcome, once.reason, once.detail) == (
            Outcome.DEAD_LETTER, Reason.SKIPPED, "m.karimi: ticket 4711"
        )  # fmt: skip
        assert json.loads(once.record.value or b"")["id"] == "e2"

    in_club(scenario)


def test_a_batch_that_is_not_read_stops_a_lane_behind_what_is_sound_and_is_left_out_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(club: SmallClub) -> None:
        for _ in range(20):
            await club.purchase()
        damaged = (13, 16)
        whole = EmbeddedReader.fetch

        async def fetch(self: EmbeddedReader, timeout_ms: int, count_max: int) -> Mapping[TopicPartition, list[Record]]:
            return {
                place: list(bad_batch(records, *damaged)) if place.topic == CARD else records
                for place, records in (await whole(self, timeout_ms, count_max)).items()
            }

        monkeypatch.setattr(EmbeddedReader, "fetch", fetch)
        for _ in range(2):
            ended = await work(club)
            assert ended is not None
            assert (ended.code, ended.field) == (ExitCode.UNREACHABLE, f"{CARD}/0 offset 13")
            assert "checksum" in ended.reason
            way_out = f"`bashgah lane resume 0 --skip {CARD}:13 --operator NAME --reason WHY` leaves all of it out"
            assert way_out in ended.remedy
            assert (await club.watermark()).offsets[CARD] == 13, "what comes before it is done"
        assert "offset 13 to 16, a batch, is left out" in (await skip(club, 13))[0]
        assert await work(club) is None
        assert await club.points() == [(f"e{n}", 1) for n in range(1, 21) if n not in (14, 15, 16, 17)]
        [found] = [letter_of(record) for record in await club.records(LETTERS)]
        assert (found.code, found.detail, found.source_offset) == (
            "skipped", "m.karimi: ticket 4711 (offsets 13 to 16)", 13
        )  # fmt: skip
        assert (await verify(club.broker, 0)).records == 16

    in_club(scenario)


def bad_batch(records: Iterable[Record], first: int, last: int) -> Iterator[Record]:
    """The records as a reader gives them where those from `first` to `last` are a batch of a wrong checksum."""
    told = False
    for record in records:
        if first <= record.offset <= last:
            if not told:
                told = True
                why = BadBatch(f"{CARD}/0 offset {record.offset}", "no checksum", "restart", ExitCode.UNREACHABLE)
                withheld = Withheld(Whole.of(b"batch"), None, "not read", why, last)
                yield record._replace(key=None, value=None, headers=(), withheld=withheld)
        else:
            yield record


def test_a_decision_of_before_named_no_record() -> None:
    assert OperatorDecision("skip", "o", "r", {}, 0).record is None
