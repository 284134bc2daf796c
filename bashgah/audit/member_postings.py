"""Every movement of one member's points, in order, and whether each follows from the one before.

They are read from `club.points` one fetch of records at a time: what is held does not grow with them.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from agents.broker.interface import Broker
from agents.process.exit_codes import ClubError, ExitCode
from agents.topics.cursor import Cursor
from agents.topics.partition_counts import club_lanes
from agents.topics.programmes import ProgrammeFollower
from bashgah.audit.comparison import Difference
from engine.programme.versions import ProgrammeVersions
from schemas import topics
from schemas.kafka.partitioner import partition_of
from schemas.records import TopicPartition

_WITHIN = frozenset({"points.activated", "points.reserved", "points.released", "points.refused"})
"""What moves points between pending, active and held, or none: their sum stays."""
_ROOM = 1_000


class PointsAccount:
    """Adds up the postings of a member. `points` and `debt`: what there is after the last; `opening`: what there was
    before the first, None before any was taken."""

    def __init__(self) -> None:
        self.postings = 0
        self.opening: tuple[int, int] | None = None
        self.points = self.debt = 0
        self.balance: dict[str, int] = {}

    def take(self, where: str, envelope: dict[str, Any]) -> None:
        """Take the next posting. Raises `Difference` where the balance after it does not follow from the one before."""
        data = envelope["data"]
        balance: dict[str, int] = data["balance"]
        moved = 0 if envelope["type"] in _WITHIN else data["points"]
        found = balance["active"] + balance["pending"] + balance["held"], balance["debt"]
        owed = data.get("debt", 0)
        if self.opening is None:
            self.opening = self.points, self.debt = found[0] - moved, found[1] - owed
        expected = self.points + moved, self.debt + owed
        if expected != found:
            raise Difference(f"{where}: points and debt after it", expected, found)
        self.points, self.debt = found
        self.balance = balance
        self.postings += 1


async def account(
    broker: Broker,
    member: str,
    each: Callable[[dict[str, Any], ProgrammeVersions], None],
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> PointsAccount:
    """Hand every posting of the member to `each`, the oldest first, with the versions that are published.

    Raises `Difference` where one does not follow from the one before, and at the end where the first does not follow
    from nothing though none was deleted; `ClubError` where there is none. `progress` hears of records looked through,
    and of how many."""
    place = TopicPartition(topics.POINTS.name, partition_of(member.encode(), await club_lanes(broker)))
    follower = ProgrammeFollower(broker)
    cursor = await Cursor.open(broker, place)
    found, key = PointsAccount(), member.encode()
    try:
        await follower.open()
        versions = follower.versions(follower.end)
        while (record := await cursor.next()) is not None:
            if record.offset % _ROOM == 0:
                progress(record.offset - cursor.begin, cursor.end - cursor.begin)
            if record.key != key or record.value is None:
                continue
            envelope = msgspec.json.decode(record.value)
            found.take(f"{place.topic}/{place.partition} offset {record.offset}", envelope)
            each(envelope, versions)
    finally:
        await cursor.close()
        await follower.close()
    if not found.postings:
        raise _none(member, place, cursor.begin)
    if cursor.begin == 0 and found.opening != (0, 0):
        raise Difference(f"{place.topic}/{place.partition}: points and debt before the first", (0, 0), found.opening)
    return found


def _none(member: str, place: TopicPartition, begin: int) -> ClubError:
    kept = f" from its first record kept, {begin}" if begin else ""
    reason = f"{place.topic}/{place.partition} has no posting of this member{kept}"
    remedy = f"check the reference; `bashgah member show {member}` says whether a lane knows it"
    return ClubError(member, reason, remedy, ExitCode.BAD_FILE)
