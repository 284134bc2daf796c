"""A club whose lanes are played by the test, with a real coordinator on the embedded broker and virtual time."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from itertools import pairwise
from typing import Any

from agents.boards.host import CoordinatorHost
from agents.boards.observer import CoordinatorCommitted, CoordinatorObserver
from agents.boards.options import CoordinatorOptions
from agents.process.exit_codes import ClubError
from agents.topics.programmes import ProgrammeFollower
from bashgah.audit.coordinator import verify_coordinator
from bashgah.audit.verify import Verified
from bashgah.embedded.broker import EmbeddedBroker
from schemas import topics
from schemas.partial import Page, Partial, encode_partial
from schemas.records import OutputRecord, Record
from tables.store import MemoryStore, Store
from tests.agents.boards.naive_lanes import FESTIVALS, NaiveLane, expected_live
from tests.agents.lanes.small_club import SmallClub
from tests.simulation.virtual_time import run

PARTIAL, LEADERBOARD, COMMAND = topics.PARTIAL.name, topics.LEADERBOARD.name, topics.COMMAND.name


class Told(CoordinatorObserver):
    """Remembers what the coordinator told."""

    def __init__(self) -> None:
        self.batches: list[CoordinatorCommitted] = []
        self.discarded: list[str] = []
        self.codes: list[int] = []

    def committed(self, batch: CoordinatorCommitted) -> None:
        self.batches.append(batch)

    def copy_discarded(self, reason: str) -> None:
        self.discarded.append(reason)

    def failed(self, code: int) -> None:
        self.codes.append(code)


class CoordinatedClub(SmallClub):
    """See the module. The wall clock goes with the event loop's."""

    def __init__(self, partitions: int = 2) -> None:
        super().__init__(partitions)
        self.naive = {number: NaiveLane(number, partitions) for number in range(partitions)}
        self.disk = MemoryStore()
        self.seen = Told()
        self.ended: list[ClubError] = []

    async def programme(self, version: int, more: str = "") -> None:
        """Publish a version; with the festivals unless something else is asked for."""
        await super().programme(version, more or FESTIVALS)

    def wall_ms(self) -> int:
        """The wall clock."""
        return self.now_ms + int(asyncio.get_running_loop().time() * 1000)

    async def tell(self, *told: Partial | Page) -> None:
        """Publish what lanes tell."""
        outputs = [OutputRecord(PARTIAL, 0, str(each.lane).encode(), encode_partial(each)) for each in told]
        await self.broker.publish(outputs)

    async def host(
        self, broker: EmbeddedBroker | None = None, store: Callable[[], Store] | None = None, **options: Any
    ) -> CoordinatorHost:
        """A coordinator that has been opened and started."""
        broker = broker or self.broker
        follower = ProgrammeFollower(broker)
        await follower.open()
        host = CoordinatorHost(
            broker,
            follower,
            store or (lambda: self.disk),
            CoordinatorOptions(**options),
            self.ended.append,
            self.seen,
            self.wall_ms,
        )
        await host.open()
        host.start()
        return host

    async def work(self, seconds: float = 2, **options: Any) -> None:
        """Let a coordinator work for a while."""
        host = await self.host(**options)
        await asyncio.sleep(seconds)
        await host.close()
        assert not self.ended, self.ended

    async def boards(self) -> list[Record]:
        """The live boards that were published."""
        return [
            each for each in await self.records(LEADERBOARD) if each.value and (each.key or b"").count(b"/") == 1
        ]  # fmt: skip

    async def finals(self) -> list[Record]:
        """The final boards that were published."""
        return [each for each in await self.records(LEADERBOARD) if (each.key or b"").count(b"/") == 2]

    async def awards(self) -> list[tuple[str, str, int]]:
        """(award, member, place) of all commands, sorted."""
        found = []
        for number in range(self.partitions):
            for each in await self.records(COMMAND, number):
                event = json.loads(each.value or b"")
                found.append((event["data"]["award"], event["subject"], event["data"]["rank"]))
        return sorted(found)

    async def check_boards(self) -> None:
        """Every live board is what its header says, and none goes back."""
        last: dict[bytes | None, str] = {}
        for record in await self.boards():
            data = json.loads(record.value or b"")["data"]
            participants, order = expected_live(record, self.naive)
            assert (data["participants"], data["entries"]) == (participants, order[: len(data["entries"])])
            assert last.get(record.key, "") <= data["as_of"]
            last[record.key] = data["as_of"]
        ids = [json.loads(each.value)["id"] for each in await self.records(LEADERBOARD) if each.value]
        assert len(set(ids)) == len(ids)

    async def verify(self) -> Verified:
        """Replay the journal."""
        return await verify_coordinator(self.broker)


def transactions_rise(batches: Sequence[CoordinatorCommitted]) -> bool:
    """Whether each transaction has the number after the one before."""
    return all(after.watermark.transactions == before.watermark.transactions + 1 for before, after in pairwise(batches))


def in_club(scenario: Callable[[CoordinatedClub], Coroutine[Any, Any, None]], partitions: int = 2) -> None:
    """Run a scenario in a prepared club, on virtual time."""

    async def whole() -> None:
        club = CoordinatedClub(partitions)
        await club.prepare(watermarks=False)
        await scenario(club)

    run(whole())
