"""What must be true of the topics before a task goes on. Each refusal has its way out: `bashgah lane resume`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from agents.broker.interface import Broker, TopicDescription
from agents.process.exit_codes import ExitCode
from agents.task.refusal import TaskRefused, way
from agents.task.spec import TaskSpec, shown
from agents.topics.partition_counts import REMEDY, raised
from agents.topics.programmes import PROGRAMME, ProgrammeFollower
from schemas.records import TopicPartition
from tables.watermark import Watermark

_ANEW = "the topic was created anew since it was last read"


class Extents(NamedTuple):
    """First and end offsets of the inputs."""

    begins: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]

    @classmethod
    async def of(cls, broker: Broker, places: Iterable[TopicPartition]) -> "Extents":
        """Those of these partitions, as the broker tells them."""
        wanted = list(places)
        return cls(await broker.begin_offsets(wanted), await broker.end_offsets(wanted))


class Obstacle(NamedTuple):
    """Why a watermark does not fit its inputs."""

    place: TopicPartition
    reason: str

    @property
    def where(self) -> str:
        """The partition, as messages name it."""
        return shown(self.place)

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


def ids_of(described: Mapping[str, TopicDescription]) -> dict[str, str]:
    """The id of each topic, by its name."""
    return {name: each.id for name, each in described.items()}


def check_present(described: Mapping[str, TopicDescription], names: Iterable[str]) -> None:
    """Raise `TaskRefused` unless all these topics exist, and no input has more partitions than there are lanes."""
    missing = [name for name in names if name not in described]
    if missing:
        raise TaskRefused(
            ", ".join(missing), "no such topic", "`bashgah topics create` makes them", ExitCode.BAD_SETTING
        )
    if more := raised(described):
        raise TaskRefused("partitions", "; ".join(map(str, more)), REMEDY)


def check_changelog(place: TopicPartition, described: TopicDescription, begin: int) -> None:
    """Raise `TaskRefused` when records may have gone from the changelog in other ways than by compaction,
    `NotPermitted` when its settings cannot be read."""
    policy = described.settings(place.topic).get("cleanup.policy", "delete")
    if policy != "compact":
        reason = f"cleanup.policy is {policy!r}: rows that are not written for a while would be lost"
        raise TaskRefused(place.topic, reason, "set cleanup.policy=compact; if records are gone already, restore them")
    if begin > 0:
        reason = f"the changelog begins at {begin}: records were deleted from it, and members' rows with them"
        raise TaskRefused(
            f"{place.topic}/{place.partition}", reason, "restore the topic; a changelog is only compacted"
        )


def check_count(spec: TaskSpec, watermark: Watermark, lanes: int) -> None:
    """Raise `TaskRefused` where the task is one of another number of lanes than there seem to be now."""
    if watermark.lanes not in (None, lanes):
        reason = f"it is one of {watermark.lanes} lanes, and all inputs and the changelog have {lanes} partitions now"
        raise TaskRefused(spec.title, reason, REMEDY)


def check_clock(spec: TaskSpec, watermark: Watermark, replay: bool) -> None:
    """Raise `TaskRefused` where the task's state was made on the other clock."""
    if watermark.replay not in (None, replay):
        kinds = {True: "on a replay clock", False: "on the wall clock"}
        reason = f"its state was made {kinds[not replay]}, this worker runs {kinds[replay]}"
        raise TaskRefused(spec.title, reason, "run the worker with the --clock that the state was made with")


def obstacles(spec: TaskSpec, watermark: Watermark, extents: Extents, ids: Mapping[str, str]) -> Iterator[Obstacle]:
    """Everything about the inputs that does not fit the watermark."""
    for place in spec.inputs:
        offset, begin, end = watermark.offsets.get(place.topic), extents.begins[place], extents.ends[place]
        if offset is None:
            yield Obstacle(place, "the watermark says nothing about this input")
        elif watermark.topics.get(place.topic) != ids[place.topic]:
            yield Obstacle(place, _ANEW)
        elif offset > end:
            yield Obstacle(place, f"it was read up to {offset}, it ends at {end}")
        elif offset < begin:
            yield Obstacle(place, f"it was read up to {offset}, it begins at {begin}: records went unread")


def check_inputs(spec: TaskSpec, watermark: Watermark, extents: Extents, ids: Mapping[str, str]) -> None:
    """Raise `TaskRefused` when the watermark does not fit the inputs."""
    found = list(obstacles(spec, watermark, extents, ids))
    if not found:
        return
    field = ", ".join(each.where for each in found)
    reason = "; ".join(dict.fromkeys(each.reason for each in found))
    remedy = f"find out why; then {way(spec.name, '--accept')} begins with the first record that is there now"
    raise TaskRefused(field, reason, remedy)


def programme_obstacle(watermark: Watermark, end: int, ids: Mapping[str, str]) -> Obstacle | None:
    """What about the programme topic, which ends here, does not fit the watermark, if anything."""
    if watermark.topics.get(PROGRAMME.topic, ids[PROGRAMME.topic]) != ids[PROGRAMME.topic]:
        return Obstacle(PROGRAMME, _ANEW)
    if watermark.programme_offset > end:
        reason = f"versions up to {watermark.programme_offset} are in use, the topic ends at {end}"
        return Obstacle(PROGRAMME, reason)
    return None


def check_programme(spec: TaskSpec, watermark: Watermark, end: int, ids: Mapping[str, str]) -> None:
    """Raise `TaskRefused` unless the programme topic, which ends here, holds the versions that the task has adopted."""
    found = programme_obstacle(watermark, end, ids)
    if found is not None:
        raise TaskRefused(found.where, found.reason, f"publish the versions again; then {way(spec.name, '--accept')}")


async def known_programmes(follower: ProgrammeFollower, watermark: Watermark) -> int:
    """How far the programme topic has been read, once that is as far as the watermark, or all there is."""
    if follower.position < watermark.programme_offset:
        await follower.catch_up()
    return follower.position
