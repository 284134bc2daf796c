"""The coordinator as a task: what lanes tell is its only input, and the journal's last partition is its own."""

from collections.abc import Mapping

from agents.broker.interface import Broker, TopicDescription
from agents.task.checks import check_present
from agents.task.refusal import TaskRefused, way
from agents.task.spec import TaskSpec
from agents.topics.partition_counts import lanes_of
from schemas import topics
from schemas.records import TopicPartition
from tables.coordinator_rows import BoardTerms, decode_coordinator_entry, encode_coordinator_entry
from tables.journal import JournalEntry

NAME = "coordinator"
PARTIAL = TopicPartition(topics.PARTIAL.name, 0)
CHANGELOG = TopicPartition(topics.COORDINATOR.name, 0)
ACCEPT = way(NAME, "--accept")
"""The command that lets it go on with what is there."""
_TOPICS = (
    topics.PARTIAL, topics.COORDINATOR, topics.JOURNAL, topics.STATE, topics.LEADERBOARD, topics.PROGRAMME,
    *topics.INPUTS,
)  # fmt: skip


def coordinator_spec(lanes: int) -> TaskSpec:
    """The coordinator of a club of so many lanes."""
    return TaskSpec(
        name=NAME,
        changelog=CHANGELOG,
        journal=TopicPartition(topics.JOURNAL.name, lanes),
        inputs=(PARTIAL,),
        encode_entry=_encoded,
        decode_entry=_entry,
    )


async def coordinator_topics(broker: Broker) -> Mapping[str, TopicDescription]:
    """The topics that it needs. Raises `TaskRefused` unless all are there and as they must be."""
    described = await broker.describe([topic.name for topic in _TOPICS])
    check_present(described, [topic.name for topic in _TOPICS])
    lanes = lanes_of(described)
    for topic in _TOPICS:
        found, wanted = described[topic.name].partitions, topic.partition_count(lanes)
        if found < wanted:
            remedy = "add the missing ones with kafka-topics.sh --alter, nothing stands in them yet"
            raise TaskRefused(topic.name, f"has {found} partitions, a club of {lanes} lanes needs {wanted}", remedy)
    return described


def _encoded(entry: JournalEntry) -> bytes:
    """A decision goes by no terms."""
    return encode_coordinator_entry(entry, BoardTerms())


def _entry(value: bytes) -> JournalEntry:
    return decode_coordinator_entry(value).entry
