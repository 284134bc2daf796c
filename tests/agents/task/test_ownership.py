"""A lane belongs to one app id: nobody writes for it under another, however close two of them come to one another."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable

import msgspec
import pytest

from agents.lanes.lane_driver import LaneDriver
from agents.lanes.lane_set import LaneSet
from agents.lanes.options import LaneOptions
from agents.process.exit_codes import ClubError, ExitCode
from agents.task.ownership import check_owners
from bashgah.admin.dead_letters import letters, replay
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.lanes import resume
from bashgah.admin.programmes import publish as publish_programme
from bashgah.admin.resume import Skip
from bashgah.admin.status import lane_status
from bashgah.audit.lanes import verify
from bashgah.embedded.broker import EmbeddedBroker
from schemas import topics
from schemas.programme_file import read_text
from schemas.records import OutputRecord, TopicPartition
from tables.journal import decode_entry
from tables.store import WATERMARK_KEY, MemoryStore
from tables.watermark import Watermark, encode_watermark
from tests.agents.lanes.small_club import PROGRAMME, SmallClub, in_club
from tests.agents.lanes.test_lane import feed


class Grouped(EmbeddedBroker):
    """An embedded broker that knows which consumer groups have read."""

    groups: Iterable[str] = ()

    async def has_read(self, group: str, partitions: Iterable[TopicPartition]) -> bool:
        assert list(partitions)
        return group in self.groups


def grouped(club: SmallClub, *groups: str) -> Grouped:
    broker = Grouped(club.log)
    broker.groups = groups
    return broker


async def opened(club: SmallClub, broker: EmbeddedBroker, app_id: str) -> tuple[LaneSet, LaneDriver]:
    """A worker of this app id with its lane open, on rows of its own."""
    options = LaneOptions(app_id=app_id)
    rows: dict[int, MemoryStore] = {}
    lanes = LaneSet(
        broker, lambda number: rows.setdefault(number, MemoryStore()), options, club.problems.append, club.told,
        lambda: club.now_ms,
    )  # fmt: skip
    await lanes.start()
    driver = LaneDriver(broker, lanes)
    try:
        await driver.open([0])
    except ClubError:
        await lanes.stop()
        raise
    return lanes, driver


async def as_of_old(club: SmallClub) -> None:
    """The lane's watermark as a release wrote it that noted no app id."""
    mark = await club.watermark()
    fields = msgspec.to_builtins(mark)[: Watermark.__struct_fields__.index("app_id")]
    old = msgspec.msgpack.encode([1, *fields[1:]])
    await club.broker.publish([OutputRecord(topics.STATE.name, 0, WATERMARK_KEY, old)])
    assert (await club.watermark()).app_id is None


async def ends(club: SmallClub) -> dict[TopicPartition, int]:
    """Where everything ends."""
    found = await club.broker.describe([topic.name for topic in topics.TOPICS])
    places = [TopicPartition(name, number) for name, each in found.items() for number in range(each.partitions)]
    return dict(await club.broker.end_offsets(places))


async def one_dead_letter(club: SmallClub) -> None:
    await club.raw(topics.CARD.name, b"m-1", b"rubbish")
    lanes, driver = await club.worker()
    await feed(driver, 2)
    await lanes.stop()
    await driver.close()


async def worker(club: SmallClub) -> None:
    await opened(club, club.broker, "other")


async def skip(club: SmallClub) -> None:
    await resume(club.broker, 0, Skip(topics.CARD.name, 0), "o", "r", LaneOptions(app_id="other"))


async def accept(club: SmallClub) -> None:
    await resume(club.broker, 0, "accept", "o", "r", LaneOptions(app_id="other"))


async def first(club: SmallClub) -> None:
    await first_watermarks(club.broker, "earliest", "other")


async def dead_letters(club: SmallClub) -> None:
    found = [letter async for letter in letters(club.broker)]
    assert found
    await replay(club.broker, found, "o", "r", now=club.now_ms, app_id="other")


async def programme(club: SmallClub) -> None:
    text = PROGRAMME.replace("version: 1", "version: 2")
    await publish_programme(
        club.broker, read_text(text, "programme"), club.now_ms, "o", backdated=True, app_id="other"
    )  # fmt: skip


@pytest.mark.parametrize("act", [worker, skip, accept, first, dead_letters, programme])
def test_whoever_has_another_app_id_refuses_before_it_writes(act: Callable[[SmallClub], Awaitable[None]]) -> None:
    async def scenario(club: SmallClub) -> None:
        await one_dead_letter(club)
        assert (await club.watermark()).app_id == "bashgah"
        before = await ends(club)
        with pytest.raises(ClubError, match="belongs to the app id 'bashgah', and this process has 'other'") as refused:
            await act(club)
        assert refused.value.code == ExitCode.REFUSED
        assert "BASHGAH_APP_ID=bashgah" in refused.value.remedy
        assert await ends(club) == before
        status = (await lane_status(club.broker, LaneOptions(app_id="other")))[0]
        assert status.obstacles == (refused.value.reason,)

    in_club(scenario)


def test_a_first_watermark_notes_whose_lane_it_is() -> None:
    async def scenario(club: SmallClub) -> None:
        await first_watermarks(club.broker, "earliest", "mine")
        assert (await club.watermark()).app_id == "mine"

    in_club(scenario, watermarks=False)


def test_of_two_that_write_a_first_watermark_at_once_one_does() -> None:
    async def scenario(club: SmallClub) -> None:
        both = [first_watermarks(club.broker, "earliest", app_id) for app_id in ("one", "two")]
        done = await asyncio.gather(*both, return_exceptions=True)
        assert sum(isinstance(each, ClubError) for each in done) == 1, done
        assert [0] in done
        entries = [decode_entry(each.value or b"") for each in await club.records(topics.JOURNAL.name)]
        assert [entry.transaction for entry in entries] == [0]

    in_club(scenario, watermarks=False)


def test_of_two_workers_that_opened_one_lane_one_posts() -> None:
    """Both have read the lane while its watermark noted nobody, so that both may go on."""

    async def scenario(club: SmallClub) -> None:
        await as_of_old(club)
        broker = grouped(club, "one", "two")
        await club.purchase()
        (one, feeds_one), (two, feeds_two) = await asyncio.gather(
            opened(club, broker, "one"), opened(club, broker, "two")
        )
        await feed(feeds_one, 2)
        await feed(feeds_two, 2)
        assert [each.code for each in club.problems] == [ExitCode.FENCED]
        assert "nothing of this transaction was committed" in club.problems[0].reason
        assert await club.points() == [("e1", 1)]
        for lanes, driver in ((one, feeds_one), (two, feeds_two)):
            await lanes.stop()
            await driver.close()
        owner = (await club.watermark()).app_id
        assert owner in ("one", "two")
        with pytest.raises(ClubError, match=f"belongs to the app id '{owner}'"):
            await opened(club, broker, "two" if owner == "one" else "one")
        lanes, driver = await opened(club, broker, owner)
        await club.purchase()
        await feed(driver, 2)
        await lanes.stop()
        assert await club.points() == [("e1", 1), ("e2", 1)]
        await verify(club.broker, 0)

    in_club(scenario)


def test_an_old_watermark_goes_to_the_id_whose_group_has_read_the_inputs() -> None:
    async def scenario(club: SmallClub) -> None:
        await as_of_old(club)
        broker = grouped(club, "bashgah")
        with pytest.raises(ClubError, match="the consumer group 'other' has never read") as refused:
            await opened(club, broker, "other")
        assert "lane resume 0 --accept" in refused.value.remedy
        await club.purchase()
        lanes, driver = await opened(club, broker, "bashgah")
        await feed(driver, 2)
        await lanes.stop()
        assert (await club.watermark()).app_id == "bashgah"
        with pytest.raises(ClubError, match="belongs to"):
            await opened(club, grouped(club, "bashgah", "other"), "other")

    in_club(scenario)


def test_an_operator_says_whose_an_old_lane_is_and_decides_nothing_else_by_it() -> None:
    async def scenario(club: SmallClub) -> None:
        await as_of_old(club)
        broker, options = grouped(club), LaneOptions(app_id="mine")
        with pytest.raises(ClubError, match="use --accept first"):
            await resume(broker, 0, Skip(topics.CARD.name, 0), "o", "r", options)
        before = await club.watermark()
        done = await resume(broker, 0, "accept", "m.karimi", "ticket 4711", options)
        assert done.changes == ("lane 0 belongs to the app id 'mine' from now on",)
        assert done.after == msgspec.structs.replace(before, app_id="mine", transactions=before.transactions + 1)
        decision = decode_entry((await club.records(topics.JOURNAL.name))[-1].value or b"").decision
        assert decision is not None
        assert (decision.action, decision.operator, decision.reason) == ("accept", "m.karimi", "ticket 4711")
        assert (await lane_status(broker, options))[0].obstacles == ()
        await club.purchase()
        lanes, driver = await opened(club, broker, "mine")
        await feed(driver, 2)
        await lanes.stop()
        assert await club.points() == [("e1", 1)]
        await verify(club.broker, 0)

    in_club(scenario)


def test_of_two_that_publish_a_programme_at_once_none_overlooks_the_other() -> None:
    async def scenario(club: SmallClub) -> None:
        async def one(app_id: str) -> None:
            text = PROGRAMME.replace("version: 1", "version: 2").replace("points: {}", f"points: {{}}  # {app_id}")
            reading = read_text(text, "programme")
            await publish_programme(club.broker, reading, club.now_ms, "o", backdated=True, app_id=app_id)

        done = await asyncio.gather(one("one"), one("two"), return_exceptions=True)
        assert sum(isinstance(each, ClubError) for each in done) == 1, done
        versions = [json.loads(each.value or b"")["data"]["version"] for each in await club.records("club.programme")]
        assert versions == [1, 2]

    in_club(scenario, watermarks=False)


def test_lanes_of_two_app_ids_go_to_the_one_that_has_lane_0() -> None:
    """Two that begin at once on lanes that note nobody may each get some of them."""

    async def scenario(club: SmallClub) -> None:
        for number, app_id in ((0, "one"), (1, "two"), (2, None)):
            mark = msgspec.structs.replace(await club.watermark(number), app_id=app_id)
            value = encode_watermark(mark)
            await club.broker.publish([OutputRecord(topics.STATE.name, number, WATERMARK_KEY, value)])
        broker = grouped(club, "one", "two")
        one, two = LaneOptions(app_id="one"), LaneOptions(app_id="two")
        with pytest.raises(ClubError, match="has 'one', as lane 0 has; `bashgah lane resume 1 --accept --operator"):
            await check_owners(broker, {str(number): await club.watermark(number) for number in range(3)}, "one")
        for number in (0, 2):
            with pytest.raises(ClubError, match="belongs to the app id 'one', and this process has 'two'; set"):
                await resume(broker, number, "accept", "o", "r", two)
        done = await resume(broker, 1, "accept", "o", "r", one)
        assert done.changes == ("lane 1 belongs to the app id 'one' from now on",)
        await check_owners(broker, {str(number): await club.watermark(number) for number in range(3)}, "one")
        with pytest.raises(ClubError, match="belongs to the app id 'one'"):
            await resume(broker, 1, "accept", "o", "r", two)

    in_club(scenario, partitions=3)
