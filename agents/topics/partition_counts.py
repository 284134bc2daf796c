"""How many lanes a club has, and which of its topics have another number of partitions than that.

The count is for ever: with another one a member's events go to another lane than the member's points. A topic of Kafka
can grow and never shrink, so the club's count is the least that its inputs and its changelog have. A changelog, journal
or output that has more is harmless, since nothing is written there; what is published to an input's further partitions
is read by nobody.
"""

from collections.abc import Mapping
from typing import NamedTuple

from agents.broker.interface import Broker, TopicDescription
from agents.process.exit_codes import ClubError, ExitCode
from schemas import topics

INPUT_NAMES = tuple(topic.name for topic in topics.INPUTS)
COPARTITIONED = (*INPUT_NAMES, topics.STATE.name)
"""The topics of which a lane has one partition each."""

REMEDY = (
    "keep every topic as it is and stop whoever publishes to it;"
    " docs/RUNBOOK.md says how to go on under `A partition count that was raised`"
)


class Raised(NamedTuple):
    """An input with more partitions than the club has lanes."""

    topic: str
    found: int
    lanes: int

    def __str__(self) -> str:
        beyond = str(self.lanes) if self.found == self.lanes + 1 else f"{self.lanes} to {self.found - 1}"
        return f"{self.topic} has {self.found} partitions, the club has {self.lanes}: nobody reads {beyond}"


def lanes_of(described: Mapping[str, TopicDescription]) -> int:
    """The club's number of lanes, by what is described of inputs and changelog; 0 without any."""
    return min((described[name].partitions for name in COPARTITIONED if name in described), default=0)


async def club_lanes(broker: Broker) -> int:
    """The club's number of lanes. Raises `ClubError` where it has no topics."""
    described = await broker.describe(COPARTITIONED)
    for name in COPARTITIONED:
        if name not in described:
            raise ClubError(name, "no such topic", "`bashgah topics create` makes it", ExitCode.BAD_SETTING)
    return lanes_of(described)


def raised(described: Mapping[str, TopicDescription]) -> list[Raised]:
    """The inputs that have more partitions than the club has lanes."""
    lanes = lanes_of(described)
    counts = {name: described[name].partitions for name in INPUT_NAMES if name in described}
    return [Raised(name, count, lanes) for name, count in counts.items() if count > lanes]
