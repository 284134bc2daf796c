"""A lane as a task: the partition of its number in every input, in the changelog and in the journal."""

from collections.abc import Iterable, Mapping, Sequence

from agents.broker.interface import TopicDescription
from agents.task.checks import check_present
from agents.task.refusal import TaskRefused
from agents.task.spec import TaskSpec
from agents.topics.changelog import changelog_of
from agents.topics.partition_counts import COPARTITIONED, INPUT_NAMES, lanes_of
from schemas import topics
from schemas.records import TopicPartition
from tables.journal import decode_entry, encode_entry

NEEDED = (*COPARTITIONED, topics.JOURNAL.name, topics.PROGRAMME.name)
"""The topics without which no lane opens."""


def lane_spec(partition: int) -> TaskSpec:
    """The lane of this partition number."""
    return TaskSpec(
        name=str(partition),
        changelog=changelog_of(partition),
        journal=TopicPartition(topics.JOURNAL.name, partition),
        inputs=tuple(inputs_of([partition])),
        encode_entry=encode_entry,
        decode_entry=decode_entry,
    )


def inputs_of(partitions: Iterable[int]) -> list[TopicPartition]:
    """All inputs of these partition numbers."""
    return [TopicPartition(name, number) for number in partitions for name in INPUT_NAMES]


def check_topics(described: Mapping[str, TopicDescription], partitions: Sequence[int]) -> None:
    """Raise `TaskRefused` unless all topics of the lanes exist, and no input has more partitions than there are
    lanes."""
    check_present(described, NEEDED)
    beyond = [number for number in partitions if number >= lanes_of(described)]
    if beyond:
        raise TaskRefused(f"lane {beyond[0]}", "there is no such partition", "see `bashgah topics describe`")


def no_watermark(partition: int) -> TaskRefused:
    """The refusal of a lane whose changelog does not say where to go on."""
    reason = "the lane's changelog has no watermark, so nobody knows where its inputs are to be read from"
    remedy = "`bashgah topics create --from earliest|latest|DATE` writes each lane's first"
    return TaskRefused(f"{topics.STATE.name}/{partition}", reason, remedy)
