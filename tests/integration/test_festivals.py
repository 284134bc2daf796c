"""A festival closes on real Kafka while workers are killed, the coordinator's among them, and over an outage of all."""

import json
import time
from pathlib import Path
from random import Random

import pytest

from agents.broker.interface import Broker
from agents.process.clock import wall_clock
from engine.calendar import day_of, jalali, midnight
from schemas import topics
from tests.integration.audit import read_all, recount
from tests.integration.club import Club
from tests.integration.rounds import ROUNDS, SEED, WITHOUT_END
from tests.kafka.broker import Cluster
from tests.simulation.auditor.boards import live_boards_of

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class Closing(Club):
    """A club whose public festival ended at the last midnight and is frozen at `frozen_at`, a little from now."""

    def __init__(self, bootstrap: str, folder: Path, seconds: int, **settings: object) -> None:
        super().__init__(bootstrap, folder, **settings)  # type: ignore[arg-type]
        now = wall_clock()
        self.closes = midnight(day_of(now))
        minutes = (now + seconds * 1000 - self.closes) // MINUTE_MS + 1
        self.frozen_at = self.closes + minutes * MINUTE_MS
        text = self.programme
        for old, new in (
            ("opens: 1405-07-01", f"opens: {jalali(day_of(now) - 40)}"),
            ("closes: 1405-10-01", f"closes: {jalali(day_of(now))}"),
            ("lateness: {hours: 1}", f"lateness: {{minutes: {minutes}}}"),
            ("audience: {segments: [physician]}", "audience: public"),
            ("joining: opt_in", "joining: automatic"),
        ):
            assert old in text, old
            text = text.replace(old, new)
        self.programme = text

    def until_frozen(self) -> None:
        """Wait until the festival is frozen, and ticks have had time to say so."""
        time.sleep(max(0.0, (self.frozen_at - wall_clock()) / 1000) + 6)

    def finals(self) -> int:
        """How many final boards are published for good."""

        async def count(broker: Broker) -> int:
            found = await read_all(broker, topics.LEADERBOARD.name, 0)
            return len({record.key for record in found if (record.key or b"").endswith(b"/final")})

        return self._ask(count)

    def shown(self) -> dict[str, tuple[int, list[tuple[str, int]]]]:
        """The finals by category: how many take part, and the first ones with their scores."""

        async def read(broker: Broker) -> dict[str, tuple[int, list[tuple[str, int]]]]:
            boards = [
                json.loads(each.value or b"")
                for each in await read_all(broker, topics.LEADERBOARD.name, 0)
                if each.value
            ]
            finals = [each["data"] for each in boards if each["type"] == "leaderboard.finalised"]
            return {
                each["category"]: (each["participants"], [(one["member"], one["score"]) for one in each["entries"]])
                for each in finals
                if each["round"] == "final"
            }

        return self._ask(read)

    def unfrozen(self) -> dict[str, tuple[int, list[tuple[str, int]]]]:
        """The same if no tick had frozen anything."""

        async def count(broker: Broker) -> dict[str, tuple[int, list[tuple[str, int]]]]:
            auditors = [
                (await recount(broker, partition, self.programme, ticks=False))[1]
                for partition in range(self.partitions)
            ]
            lanes = [lane for auditor in auditors for lane in auditor.lanes]
            boards = live_boards_of(auditors[0].versions, lanes, self.frozen_at)
            return {
                category: (len(order), [(member, score) for _, member, _, score, _ in order[:100]])
                for (_, category), order in boards.items()
            }

        return self._ask(count)

    def until_final(self, boards: int, seconds: float = 60.0) -> None:
        """Wait until so many finals are there."""
        deadline = time.monotonic() + seconds
        while (found := self.finals()) < boards:
            assert time.monotonic() < deadline, f"{found} finals of {boards}"
            self._keep_up(revive=True)
            time.sleep(0.5)


def test_a_festival_closes_under_kills_of_any_worker(cluster: Cluster, tmp_path: Path) -> None:
    choice = Random(f"closing {SEED}")
    with Closing(cluster.bootstrap, tmp_path, 25, batch_events_max=200) as club:
        workers = [club.worker("one").start(), club.worker("two").start()]
        for worker in workers:
            worker.until_ready()
        club.load(WITHOUT_END, 150, SEED, start_ms=club.closes - 3 * HOUR_MS)
        while wall_clock() < club.frozen_at + 5_000 or sum(len(worker.exits) for worker in workers) < ROUNDS:
            worker = choice.choice(workers)
            time.sleep(choice.uniform(0.5, 4.0))
            worker.kill()
            worker.start()
        for load in club.loads:
            load.end()
        club.until_final(3)
        club.settle()
        assert club.reckon() > 1_000


def test_an_outage_over_the_close_takes_nothing_from_the_final(cluster: Cluster, tmp_path: Path) -> None:
    with Closing(cluster.bootstrap, tmp_path, 20) as club:
        worker = club.worker().start().until_ready()
        load = club.load(3_000, 600, SEED, start_ms=club.closes - 3 * HOUR_MS)
        time.sleep(3)
        worker.kill()
        load.finish()
        assert wall_clock() < club.frozen_at, "the backlog was not there in time; the test needs a faster machine"
        club.until_frozen()
        worker.start().until_ready()
        club.until_final(3)
        club.settle()
        club.reckon()
        assert club.shown() == club.unfrozen()
