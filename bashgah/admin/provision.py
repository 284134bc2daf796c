"""The club's topics on a broker: what each must be like, what is missing, what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agents.broker.interface import Broker, TopicDescription, TopicSpec
from agents.topics.partition_counts import COPARTITIONED, INPUT_NAMES, REMEDY, lanes_of
from schemas import topics
from schemas.records import BATCH_BYTES_MAX
from schemas.topics import COMPACTION_LAG, Topic

PARTITIONS_DEFAULT = 24
PARTITIONS_MAX = 1_000
"""A live board says of each lane how far it had come, and shares a record with that."""
GUARDS = {
    # A broker's own defaults may be smaller, bounded by size, or willing to lose what was committed.
    "max.message.bytes": str(1_048_588),
    "retention.bytes": "-1",
    "unclean.leader.election.enable": "false",
}


@dataclass(frozen=True)
class TopicPlan:
    """How the topics are to be spread. `partitions` is the club's count, which cannot grow later."""

    partitions: int = PARTITIONS_DEFAULT
    replication: int = 3
    min_insync: int = 2


class TopicDifference(NamedTuple):
    """One way in which a topic is not as planned."""

    topic: str
    setting: str
    found: str
    wanted: str
    remedy: str


def spec_of(topic: Topic, plan: TopicPlan) -> TopicSpec:
    """How the topic is created."""
    config = {**GUARDS, **topic.config(), "min.insync.replicas": str(plan.min_insync)}
    return TopicSpec(topic.name, topic.partition_count(plan.partitions), plan.replication, config)


def differences(spec: TopicSpec, found: TopicDescription) -> list[TopicDifference]:
    """Where a topic falls short of its spec. More replicas, larger messages and earlier compaction than planned are
    fine, and so are more partitions of what is no input: nothing stands in them."""
    unlike: list[TopicDifference] = []
    if found.partitions > spec.partitions and spec.name in INPUT_NAMES:
        unlike.append(TopicDifference(spec.name, "partitions", str(found.partitions), str(spec.partitions), REMEDY))
    elif found.partitions < spec.partitions:
        unlike.append(
            TopicDifference(spec.name, "partitions", str(found.partitions), str(spec.partitions), _too_few(spec))
        )
    if found.replication < spec.replication:
        remedy = "add replicas with kafka-reassign-partitions.sh; --dev allows one"
        unlike.append(
            TopicDifference(spec.name, "replication", str(found.replication), f">= {spec.replication}", remedy)
        )
    if found.config is None:
        remedy = "give the broker's user the right to DescribeConfigs on these topics; docs/RUNBOOK.md lists all"
        return [
            *unlike,
            TopicDifference(spec.name, "settings", "no right to read them", "settings that can be read", remedy),
        ]
    for name, wanted in spec.config.items():
        value = found.config.get(name, "")
        if name in ("max.message.bytes", "min.insync.replicas"):
            least = BATCH_BYTES_MAX if name == "max.message.bytes" else int(wanted)
            fits, wanted = value.isdigit() and int(value) >= least, f">= {least}"
        elif name == COMPACTION_LAG:
            fits, wanted = value.isdigit() and int(value) <= int(wanted), f"<= {wanted}"
        else:
            fits = value == wanted
        if not fits:
            remedy = f"kafka-configs.sh --alter --topic NAME --add-config {name}={spec.config[name]}"
            unlike.append(TopicDifference(spec.name, name, value or "nothing", wanted, remedy))
    return unlike


def _too_few(spec: TopicSpec) -> str:
    if spec.name in COPARTITIONED:
        return "the club's count is what its inputs have, for ever: name that one with --partitions"
    return f"kafka-topics.sh --alter --topic NAME --partitions {spec.partitions}; what the topic holds stays as it is"


async def look(broker: Broker) -> Mapping[str, TopicDescription]:
    """What exists of the club's topics."""
    return await broker.describe([topic.name for topic in topics.TOPICS])


def club_partitions(found: Mapping[str, TopicDescription]) -> int | None:
    """The club's partition count as its inputs and its changelog have it; None without any."""
    return lanes_of(found) or None


def unlike_plan(found: Mapping[str, TopicDescription], plan: TopicPlan) -> list[TopicDifference]:
    """Every difference between the existing topics and the plan."""
    specs = {topic.name: spec_of(topic, plan) for topic in topics.TOPICS}
    return [each for name, spec in specs.items() if name in found for each in differences(spec, found[name])]


async def create_missing(broker: Broker, found: Mapping[str, TopicDescription], plan: TopicPlan) -> Sequence[TopicSpec]:
    """Create the club's topics that are not in `found`; what was created."""
    missing = [spec_of(topic, plan) for topic in topics.TOPICS if topic.name not in found]
    await broker.create_topics(missing)
    return missing
