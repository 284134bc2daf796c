"""What must be true of the topics before a lane goes on. Each refusal has its way out: `bashgah lane resume`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agents.broker.interface import TopicDescription, TopicPartition
from agents.process.exit_codes import ExitCode
from agents.task.refusal import Refused, way
from agents.topics.partition_counts import COPARTITIONED, REMEDY, lanes_of, raised
from agents.topics.programmes import PROGRAMME, ProgrammeFollower
from schemas import topics
from tables.watermark import Watermark

NEEDED = (*COPARTITIONED, topics.JOURNAL.name, topics.PROGRAMME.name)
"""The topics without which no lane opens."""


class Extents(NamedTuple):
    """First and end offsets of the inputs."""

    begins: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]


class Obstacle(NamedTuple):
    """Why a watermark does not fit its inputs."""

    place: TopicPartition
    reason: str


def check_topics(described: Mapping[str, TopicDescription], partitions: Sequence[int]) -> None:
    """Raise `Refused` unless all topics of the lanes exist, and no input has more partitions than there are lanes."""
    missing = [name for name in NEEDED if name not in described]
    if missing:
        raise Refused(", ".join(missing), "no such topic", "`bashgah topics create` makes them", ExitCode.BAD_SETTING)
    if more := raised(described):
        raise Refused("partitions", "; ".join(map(str, more)), REMEDY)
    beyond = [number for number in partitions if number >= lanes_of(described)]
    if beyond:
        raise Refused(f"lane {beyond[0]}", "there is no such partition", "see `bashgah topics describe`")


def check_count(partition: int, watermark: Watermark, lanes: int) -> None:
    """Raise `Refused` where the lane is one of another number of lanes than there seem to be now."""
    if watermark.lanes not in (None, lanes):
        reason = f"it is one of {watermark.lanes} lanes, and all inputs and the changelog have {lanes} partitions now"
        raise Refused(f"lane {partition}", reason, REMEDY)


def check_changelog(place: TopicPartition, described: TopicDescription, begin: int) -> None:
    """Raise `Refused` when records may have gone from the changelog in other ways than by compaction, `NotPermitted`
    when its settings cannot be read."""
    policy = described.settings(place.topic).get("cleanup.policy", "delete")
    if policy != "compact":
        reason = f"cleanup.policy is {policy!r}: rows that are not written for a while would be lost"
        raise Refused(place.topic, reason, "set cleanup.policy=compact; if records are gone already, restore them")
    if begin > 0:
        reason = f"the changelog begins at {begin}: records were deleted from it, and members' rows with them"
        raise Refused(f"{place.topic}/{place.partition}", reason, "restore the topic; a changelog is only compacted")


def obstacles(partition: int, watermark: Watermark, extents: Extents, ids: Mapping[str, str]) -> Iterator[Obstacle]:
    """Everything about the inputs that does not fit the watermark."""
    for topic in topics.INPUTS:
        place = TopicPartition(topic.name, partition)
        offset, begin, end = watermark.offsets.get(topic.name), extents.begins[place], extents.ends[place]
        if offset is None:
            yield Obstacle(place, "the watermark says nothing about this input")
        elif watermark.topics.get(topic.name) != ids[topic.name]:
            yield Obstacle(place, "the topic was created anew since the lane last read it")
        elif offset > end:
            yield Obstacle(place, f"the lane has read up to {offset}, the partition ends at {end}")
        elif offset < begin:
            reason = f"the lane has read up to {offset}, the partition begins at {begin}: records went unread"
            yield Obstacle(place, reason)


def check_offsets(partition: int, watermark: Watermark, extents: Extents, ids: Mapping[str, str]) -> None:
    """Raise `Refused` when the watermark does not fit the inputs."""
    found = list(obstacles(partition, watermark, extents, ids))
    if not found:
        return
    field = ", ".join(f"{each.place.topic}/{each.place.partition}" for each in found)
    reason = "; ".join(dict.fromkeys(each.reason for each in found))
    raise Refused(field, reason, f"find out why; then {begins_anew(partition)}")


def programme_obstacle(watermark: Watermark, end: int, ids: Mapping[str, str]) -> Obstacle | None:
    """What about the programme topic does not fit the watermark, if anything."""
    if watermark.topics.get(PROGRAMME.topic, ids[PROGRAMME.topic]) != ids[PROGRAMME.topic]:
        return Obstacle(PROGRAMME, "the topic was created anew since the lane last read it")
    if watermark.programme_offset > end:
        reason = f"the lane has adopted versions up to {watermark.programme_offset}, the topic ends at {end}"
        return Obstacle(PROGRAMME, reason)
    return None


async def check_programme(
    partition: int, watermark: Watermark, follower: ProgrammeFollower, ids: Mapping[str, str]
) -> None:
    """Raise `Refused` unless the programmes are known at least as far as the lane has adopted them."""
    if follower.position < watermark.programme_offset:
        await follower.catch_up()
    found = programme_obstacle(watermark, follower.position, ids)
    if found is not None:
        raise Refused(
            found.place.topic,
            found.reason,
            f"publish the versions again; then {way(partition, '--accept')}",
        )


def begins_anew(who: int | str) -> str:
    """The way out for a lane, or the `coordinator`, that can no longer read on where it was."""
    return f"{way(who, '--accept')} begins with the first record that is there now"
