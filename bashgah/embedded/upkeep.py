"""Compaction and retention of the embedded broker: explicit calls, never in the background."""

from __future__ import annotations

from agents.broker.errors import TopicRefused
from bashgah.embedded.log import Log
from bashgah.embedded.storage import StoredRecord
from schemas.records import TopicPartition


def compact(log: Log, name: str) -> int:
    """Keep the last record of each key below the last stable offset; how many records went.

    Tombstones older than the topic's `delete.retention.ms` go as well. Offsets stay, and so does the first one.
    Holds the last record of every key of a partition in memory. Raises `UnknownTopic` and `TopicRefused`.
    """
    topic = log.topic(name)
    if not topic.compacted:
        raise TopicRefused(name, "is not a compacted topic", "compact only topics of cleanup.policy compact")
    oldest_ms = log.now_ms() - int(topic.config["delete.retention.ms"])
    removed_count = 0
    for number in range(topic.partitions):
        place = TopicPartition(name, number)
        removed: list[int] = []
        latest: dict[bytes | None, StoredRecord] = {}
        for entry in log.entries(place):
            if entry.key in latest:
                removed.append(latest[entry.key].offset)
            latest[entry.key] = entry
        removed += [each.offset for each in latest.values() if each.value is None and each.timestamp < oldest_ms]
        if removed:
            log.remove(place, removed, log.partition(place).begin)
        removed_count += len(removed)
    return removed_count


def apply_retention(log: Log, now_ms: int) -> int:
    """Remove from the front of each partition what is older than its topic's `retention.ms`; how many records went."""
    removed_count = 0
    for topic in log.topics:
        if topic.retention_ms is None:
            continue
        for number in range(topic.partitions):
            place = TopicPartition(topic.name, number)
            removed: list[int] = []
            begin = log.partition(place).stable
            for entry in log.entries(place):
                if entry.timestamp >= now_ms - topic.retention_ms:
                    begin = entry.offset
                    break
                removed.append(entry.offset)
            if removed:
                log.remove(place, removed, begin)
            removed_count += len(removed)
    return removed_count
