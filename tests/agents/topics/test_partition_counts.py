"""A number of partitions that was raised: who says so, how soon, and that nothing is begun where no points can be."""

from collections.abc import Iterable, Mapping

import pytest
from prometheus_client import CollectorRegistry

from agents.boards.spec import coordinator_topics
from agents.broker.interface import TopicDescription
from agents.lanes.lane_driver import LaneDriver
from agents.lanes.lane_set import LaneSet
from agents.lanes.options import LaneOptions
from agents.observers import WorkerObserver
from agents.task.refusal import TaskRefused
from agents.topics.partition_counts import COPARTITIONED, REMEDY, lanes_of, raised
from bashgah.admin.first_watermarks import first_watermarks
from bashgah.admin.provision import TopicPlan, club_partitions, differences, spec_of
from bashgah.audit.lanes import verify
from bashgah.embedded.broker import EmbeddedBroker
from bashgah.embedded.log import Log
from monitoring.health import WorkerHealth
from monitoring.metrics import Metrics
from schemas import topics
from tables.store import MemoryStore
from tests.agents.lanes.small_club import SmallClub, in_club
from tests.agents.lanes.test_lane import feed

CARD, STATE, JOURNAL = topics.CARD.name, topics.STATE.name, topics.JOURNAL.name


class Grown(EmbeddedBroker):
    """A broker some of whose topics have been given more partitions."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.counts: dict[str, int] = {}

    async def describe(self, topics: Iterable[str]) -> Mapping[str, TopicDescription]:
        """See `Broker.describe`."""
        found = await super().describe(topics)
        return {
            name: TopicDescription(each.id, self.counts.get(name, each.partitions), each.replication, each.config)
            for name, each in found.items()
        }


def test_a_worker_that_runs_says_at_once_what_nobody_reads_and_goes_on() -> None:
    async def scenario(club: SmallClub) -> None:
        broker, health = Grown(club.log), WorkerHealth()
        observer = WorkerObserver(Metrics(CollectorRegistry()), health)
        wall_ms = lambda: club.now_ms  # noqa: E731
        lanes = LaneSet(
            broker, lambda _: MemoryStore(), LaneOptions(), club.problems.append, observer, wall_ms
        )  # fmt: skip
        health.assigned(frozenset({0, 1}))
        await lanes.start()
        driver = LaneDriver(broker, lanes)
        await driver.open(range(2))
        await feed(driver, 1)
        assert health.ready().ok
        broker.counts[CARD] = 5
        await club.purchase()
        await feed(driver, 15)
        assert health.ready() == (False, ("bank.card has 5 partitions, the club has 2: nobody reads 2 to 4",))
        assert health.live().ok
        await club.purchase()
        await feed(driver, 5)
        assert len(await club.points(lanes.lanes[0].partition) + await club.points(1)) == 2
        broker.counts.clear()
        await feed(driver, 15)
        assert health.ready().ok
        await lanes.stop()
        assert not club.problems

    in_club(scenario, partitions=2)


def test_a_worker_that_starts_names_the_topic_and_both_counts() -> None:
    async def scenario(club: SmallClub) -> None:
        broker = Grown(club.log)
        broker.counts[CARD] = 3
        lanes = club.lanes(broker)
        await lanes.start()
        with pytest.raises(TaskRefused) as refused:
            await LaneDriver(broker, lanes).open(range(2))
        assert refused.value.reason == "bank.card has 3 partitions, the club has 2: nobody reads 2"
        with pytest.raises(TaskRefused) as uneven:  # as a group assigns topics that differ
            await lanes.open_all([(CARD, 0), (CARD, 1), (CARD, 2)], 7)
        assert uneven.value.reason == refused.value.reason
        with pytest.raises(TaskRefused, match="bank.card has 3 partitions"):
            await coordinator_topics(broker)
        await lanes.stop()

    in_club(scenario, partitions=2)


def test_a_changelog_and_a_journal_with_more_partitions_harm_nobody() -> None:
    async def scenario(club: SmallClub) -> None:
        for name, count in ((STATE, 5), (JOURNAL, 9), (topics.POINTS.name, 4)):
            await club.broker.delete_topics([name])
            await club.create(name, partitions=count)
        assert await first_watermarks(club.broker, "earliest", wall_ms=lambda: club.now_ms) == [0, 1]
        lanes, driver = await club.worker()
        await club.purchase()
        await feed(driver, 5)
        await lanes.stop()
        assert not club.problems
        assert [(await verify(club.broker, number)).name for number in (0, 1)] == ["0", "1"]
        described = await coordinator_topics(club.broker)
        assert lanes_of(described) == 2
        plan = TopicPlan(2, 1, 1)
        for name in (STATE, JOURNAL, topics.POINTS.name):
            assert "partitions" not in {
                each.setting for each in differences(spec_of(topics.BY_NAME[name], plan), _as(described, name, 9))
            }

    in_club(scenario, partitions=2, watermarks=False)


def _as(described: Mapping[str, TopicDescription], name: str, partitions: int) -> TopicDescription:
    known = described.get(name)
    return TopicDescription("id", partitions, 1, known.config if known else {})


def test_lanes_that_were_raised_all_together_are_not_begun() -> None:
    async def scenario(club: SmallClub) -> None:
        broker = Grown(club.log)
        broker.counts = dict.fromkeys(COPARTITIONED, 2)
        assert await first_watermarks(broker, "earliest", wall_ms=lambda: club.now_ms) == [0, 1]
        broker.counts.clear()
        with pytest.raises(TaskRefused) as unbegun:
            await first_watermarks(broker, "earliest", wall_ms=lambda: club.now_ms)
        lanes = club.lanes(broker)
        await lanes.start()
        with pytest.raises(TaskRefused) as unopened:
            await LaneDriver(broker, lanes).open(range(2))
        await lanes.stop()
        for refused in (unbegun.value, unopened.value):
            assert refused.field == "lane 0"
            assert refused.reason == "it is one of 2 lanes, and all inputs and the changelog have 3 partitions now"
        assert await club.records(STATE, 2) == []

    in_club(scenario, partitions=3, watermarks=False)


def test_what_is_counted() -> None:
    described = {name: TopicDescription("id", 24, 3, {}) for name in COPARTITIONED}
    assert (lanes_of(described), raised(described), club_partitions(described)) == (24, [], 24)
    described[CARD] = TopicDescription("id", 30, 3, {})
    assert list(map(str, raised(described))) == ["bank.card has 30 partitions, the club has 24: nobody reads 24 to 29"]
    [found] = [
        each
        for each in differences(spec_of(topics.CARD, TopicPlan(24)), described[CARD])
        if each.setting == "partitions"
    ]
    assert (found.found, found.wanted, found.remedy) == ("30", "24", REMEDY)
    assert (lanes_of({}), club_partitions({})) == (0, None)
