"""A worker on a replay clock comes to what `score` comes to, byte for byte."""

import json
from pathlib import Path
from random import Random

import pytest

from agents.lanes.catch_up import replay
from agents.lanes.lane_set import LaneSet
from agents.lanes.options import LaneOptions
from agents.process.exit_codes import ClubError, ExitCode
from agents.scoring.batch import Limits
from bashgah.audit.lanes import verify
from bashgah.offline.members_table import COLUMNS, member_rows
from bashgah.offline.programmes import versions_of_files
from bashgah.offline.recorded import merged
from bashgah.offline.score import score
from schemas import topics
from schemas.records import TopicPartition
from tables.journal import Adopt, decode_entry, steps_of
from tables.store import MemoryStore
from tests.agents.lanes.small_club import SmallClub, in_club
from tests.agents.lanes.test_lane import feed
from tests.simulation.club_world import ClubWorld
from tests.simulation.virtual_time import run

OUTPUTS = {topics.POINTS: "points.jsonl", topics.REWARD: "reward.jsonl", topics.NOTIFICATION: "notification.jsonl"}


async def replayed(world: ClubWorld, **options: object) -> MemoryStore:
    """Score the world's stream through one partition."""
    await world.prepare()
    await world.publish_all(lambda: 0.0)
    store = MemoryStore()
    problems: list[ClubError] = []
    given = LaneOptions(replay=True, merge_wait_ms=None, **options)  # type: ignore[arg-type]
    lanes = LaneSet(world.broker, lambda _: store, given, problems.append, wall_ms=world.wall_ms)
    await lanes.start()
    await replay(world.broker, lanes)
    await lanes.stop()
    assert problems == []
    return store


@pytest.mark.parametrize("seed", range(6))
def test_equals_score(seed: int, tmp_path: Path) -> None:
    world, draw = ClubWorld(seed, 1, 400), Random(seed)
    store = run(
        replayed(
            world,
            batch_records_max=draw.choice((1, 7, 1_000)),
            limits=Limits(members_max=draw.choice((1, 1_000)), outputs_max=draw.choice((1, 1_000))),
        )
    )
    paths = []
    for number, text in enumerate(world.texts):
        paths.append(tmp_path / f"{number}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    events = tmp_path / "events"
    events.mkdir()
    for topic in topics.INPUTS:
        lines = [json.dumps(envelope, ensure_ascii=False) for name, envelope in world.stream if name == topic.name]
        (events / f"{topic.short}.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    versions = versions_of_files(paths)
    score(versions, merged(events, lambda _: None), tmp_path / "out", None)
    for topic, name in OUTPUTS.items():
        records, _ = world.log.read(TopicPartition(topic.name, 0), 0, 1_000_000)
        assert b"".join((each.value or b"") + b"\n" for each in records) == (tmp_path / "out" / name).read_bytes()
    found = [",".join(map(str, row)) for row in ([*COLUMNS], *member_rows(store, None))]
    expected = (tmp_path / "out" / "members.csv").read_text(encoding="utf-8").splitlines()
    tier = COLUMNS.index("tier")
    assert [_without(line, tier) for line in found] == [_without(line, tier) for line in expected]


def _without(line: str, column: int) -> list[str]:
    fields = line.split(",")
    return fields[:column] + fields[column + 1 :]


def test_reads_to_the_end_that_it_found_and_goes_on_the_next_time() -> None:
    async def scenario(club: SmallClub) -> None:
        await club.purchase()
        for number in (1, 2):
            lanes = club.lanes(replay=True, merge_wait_ms=None)
            await lanes.start()
            await replay(club.broker, lanes)
            await lanes.stop()
            assert len(await club.points()) == number
            await club.purchase()
        watermark = await club.watermark()
        assert watermark.last_tick == watermark.clock == club.now_ms
        assert watermark.replay is True

    in_club(scenario)


def test_a_lane_that_is_idle_writes_down_the_versions_that_it_adopts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.lanes.transaction.STEPS_MAX", 4)

    async def scenario(club: SmallClub) -> None:
        lanes, driver = await club.worker(replay=True, merge_wait_ms=None)
        for version in range(2, 12):
            await club.programme(version)
            await feed(driver, 1)
        await club.purchase()
        await feed(driver, 1)
        await lanes.stop()
        assert not club.problems
        entries = [decode_entry(each.value or b"") for each in await club.records(topics.JOURNAL.name)]
        steps = [step for entry in entries for step in steps_of(entry)]
        assert [step.offset for step in steps if isinstance(step, Adopt)] == list(range(1, 12))
        assert max(len(entry.steps) for entry in entries) <= 5
        assert len(entries) > 3
        await verify(club.broker, 0)

    in_club(scenario)


def test_a_refusal_comes_out_of_it() -> None:
    async def scenario(club: SmallClub) -> None:
        lanes = club.lanes(replay=True, merge_wait_ms=None)
        await lanes.start()
        with pytest.raises(ClubError) as found:
            await replay(club.broker, lanes)
        assert found.value.code == ExitCode.REFUSED
        await lanes.stop()

    in_club(scenario, watermarks=False)
